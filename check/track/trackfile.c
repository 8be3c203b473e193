/* SPDX-License-Identifier: ISC */
#include "check/track/trackfile.h"

#include "lib/clock.h"
#include "lib/descriptor.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define USEC_PER_MSEC (NSEC_PER_MSEC / NSEC_PER_USEC)

/* Of a folder.  What is being written is not news: its end is. */
#define FOLDER_NEWS                                                                         \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB | \
		IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define FOLDER_GONE (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)

/* What tells a file from another, or from what it was. */
struct signature {
	bool exists;
	dev_t device;
	ino_t number;
	off_t size;
	struct timespec modified, changed;
};

struct trackfile {
	LIST_ENTRY(trackfile) others;
	struct trackfile_watch *watch;
	char *path, *folder, *name;
	trackfile_told told;
	void *context;
	int news; /* inotify's number of the folder, -1: none */
	dev_t folder_device;
	ino_t folder_number;
	struct signature read; /* what was read last */
	struct signature seen; /* at the last look */
	bool known;
	int32_t value;
	enum valuefile_result result;
};

struct trackfile_watch {
	sd_event_source *look;
	sd_event_source *inotify;
	int fd;
	LIST_HEAD(, trackfile) files;
};

static struct signature sign(const char *path)
{
	struct signature signature = {0};
	struct stat status;

	if (stat(path, &status) < 0)
		return signature;
	signature.exists = true;
	signature.device = status.st_dev;
	signature.number = status.st_ino;
	signature.size = status.st_size;
	signature.modified = status.st_mtim;
	signature.changed = status.st_ctim;
	return signature;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same(const struct signature *a, const struct signature *b)
{
	return a->exists == b->exists && a->device == b->device && a->number == b->number &&
	       a->size == b->size && same_time(&a->modified, &b->modified) &&
	       same_time(&a->changed, &b->changed);
}

static void read_file(struct trackfile *file)
{
	int32_t value = file->value;
	enum valuefile_result result;

	file->read = file->seen = sign(file->path);
	result = valuefile_read(file->path, &value);
	if (file->known && file->value == value && file->result == result)
		return;
	file->known = true;
	file->value = value;
	file->result = result;
	file->told(file->context, value, result);
}

/* Other files may be in the same folder. */
static void stop_news(struct trackfile *file)
{
	const struct trackfile *each;
	int news = file->news;

	file->news = -1;
	if (news < 0)
		return;
	LIST_FOREACH (each, &file->watch->files, others)
		if (each->news == news)
			return;
	inotify_rm_watch(file->watch->fd, news);
}

/* Has news of the folder that has the name now.  True if it is another one than before. */
static bool follow_folder(struct trackfile *file)
{
	struct stat status;

	if (stat(file->folder, &status) < 0) {
		stop_news(file);
		return false;
	}
	if (file->news >= 0 && file->folder_device == status.st_dev &&
		file->folder_number == status.st_ino)
		return false;
	stop_news(file);
	file->folder_device = status.st_dev;
	file->folder_number = status.st_ino;
	file->news = inotify_add_watch(file->watch->fd, file->folder, FOLDER_NEWS);
	return file->news >= 0;
}

static void look(struct trackfile *file)
{
	struct signature now;

	if (follow_folder(file) || !file->known) {
		read_file(file);
		return;
	}
	now = sign(file->path);
	if (!same(&now, &file->read) && same(&now, &file->seen))
		read_file(file);
	file->seen = now;
}

static int on_look(sd_event_source *source, uint64_t usec, void *context)
{
	struct trackfile_watch *watch = context;
	struct trackfile *file;

	LIST_FOREACH (file, &watch->files, others)
		look(file);
	sd_event_source_set_time_relative(source, TRACKFILE_LOOK_MS * USEC_PER_MSEC);
	return sd_event_source_set_enabled(
		source, LIST_EMPTY(&watch->files) ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* A new file is read when it has been written, unless it is a new name of one that is. */
static bool is_complete(const struct trackfile *file)
{
	struct stat status;

	return lstat(file->path, &status) == 0 && (S_ISLNK(status.st_mode) || status.st_nlink > 1);
}

static void take_news(struct trackfile_watch *watch, const struct inotify_event *news)
{
	struct trackfile *file;

	LIST_FOREACH (file, &watch->files, others) {
		if (news->mask & IN_Q_OVERFLOW) {
			read_file(file);
		} else if (file->news != news->wd) {
			continue;
		} else if (news->mask & FOLDER_GONE) {
			/* A number that has been given back is not to be given back again. */
			if (news->mask & IN_IGNORED)
				file->news = -1;
			else
				stop_news(file);
			if (follow_folder(file))
				read_file(file);
		} else if (news->len && strcmp(news->name, file->name) == 0 &&
			   (!(news->mask & IN_CREATE) || is_complete(file))) {
			read_file(file);
		}
	}
}

static int on_inotify(sd_event_source *source, int fd, uint32_t events, void *context)
{
	_Alignas(struct inotify_event) char buffer[8192];
	ssize_t got = read(fd, buffer, sizeof(buffer));

	for (ssize_t at = 0; at < got;) {
		const struct inotify_event *news = (const void *)(buffer + at);

		take_news(context, news);
		at += (ssize_t)(sizeof(*news) + news->len);
	}
	return 0;
}

struct trackfile_watch *trackfile_watch_create(sd_event *loop)
{
	struct trackfile_watch *watch = calloc(1, sizeof(*watch));
	int error;

	if (!watch)
		return NULL;
	LIST_INIT(&watch->files);
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	error = watch->fd < 0 ? -errno
			      : sd_event_add_io(loop, &watch->inotify, watch->fd, EPOLLIN,
					on_inotify, watch);
	if (error >= 0)
		error = sd_event_add_time_relative(
			loop, &watch->look, CLOCK_MONOTONIC, 0, 0, on_look, watch);
	if (error >= 0)
		return watch;
	trackfile_watch_free(watch);
	errno = -error;
	return NULL;
}

struct trackfile_watch *trackfile_watch_free(struct trackfile_watch *watch)
{
	if (!watch)
		return NULL;
	while (!LIST_EMPTY(&watch->files))
		trackfile_untrack(LIST_FIRST(&watch->files));
	sd_event_source_disable_unref(watch->look);
	sd_event_source_disable_unref(watch->inotify);
	descriptor_close(watch->fd);
	free(watch);
	return NULL;
}

static void forget(struct trackfile *file)
{
	free(file->path);
	free(file->folder);
	free(file->name);
	free(file);
}

/* Both library functions may write to what they are given. */
static bool split(struct trackfile *file, const char *path)
{
	char *copy = strdup(path);

	file->path = strdup(path);
	if (copy && file->path) {
		file->folder = strdup(dirname(copy));
		strcpy(copy, path);
		file->name = strdup(basename(copy));
	}
	free(copy);
	return file->folder && file->name;
}

struct trackfile *trackfile_track(
	struct trackfile_watch *watch, const char *path, trackfile_told told, void *context)
{
	struct trackfile *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	if (!split(file, path)) {
		forget(file);
		return NULL;
	}
	file->watch = watch;
	file->told = told;
	file->context = context;
	file->news = -1;
	LIST_INSERT_HEAD(&watch->files, file, others);
	sd_event_source_set_time_relative(watch->look, 0);
	sd_event_source_set_enabled(watch->look, SD_EVENT_ONESHOT);
	return file;
}

struct trackfile *trackfile_untrack(struct trackfile *file)
{
	if (!file)
		return NULL;
	LIST_REMOVE(file, others);
	stop_news(file);
	forget(file);
	return NULL;
}

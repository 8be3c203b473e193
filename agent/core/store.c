/* SPDX-License-Identifier: ISC */
#include "agent/core/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/descriptor.h"
#include "lib/fullio.h"
#include "lib/lifeline.h"

#define OVERLAY	     "overlay.conf"
#define OVERLAY_NEW  "overlay.conf.new"
#define PREVIOUS     "overlay.previous"
#define PREVIOUS_NEW "overlay.previous.new"
#define FIRST_LINE   "# vrrp-agent overlay, transaction "
#define LAST_LINE    "# end of overlay\n"
#define BYTES_MAX    (256l << 20)
#define PATIENCE_MS  30000 /* what a write asks the supervisor for: disks may take their time */

/* So often, and with such pauses, a folder that another process has is tried. */
#define LOCK_TRIES    150
#define LOCK_PAUSE_NS 20000000l

struct content {
	char *text; /* NULL: not known */
	size_t length;
	uint64_t transaction;
	enum store_outcome outcome;
};

struct store {
	int folder;
	int lifeline;
	char *path;
	struct content now;
	struct content previous;
	bool kept; /* PREVIOUS is what the last transaction replaced */
	char problem[512];
};

static const char *const outcome_words[] = {
	[STORE_NOTHING] = "none",
	[STORE_APPLIED] = "applied",
	[STORE_UNDONE] = "undone",
};

static void content_clear(struct content *content)
{
	free(content->text);
	*content = (struct content){0};
}

__attribute__((format(printf, 2, 3))) static void describe(
	struct store *store, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(store->problem, sizeof(store->problem), format, arguments);
	va_end(arguments);
}

/* The name of a folder that was just made outlives a power cut: it stands in its parent. */
static int sync_name(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int parent = folder < 0 ? -1 : openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = parent < 0 || fsync(parent) < 0 ? -errno : 0;

	descriptor_close(parent);
	descriptor_close(folder);
	return error;
}

/* One that is there already is as good. */
static int make_one(const char *path, mode_t mode)
{
	if (mkdir(path, mode) == 0)
		return sync_name(path);
	return errno == EEXIST ? 0 : -errno;
}

/* The parents as anybody makes folders; the last one is for root alone: it holds what decides who
 * is active. */
static int make_folder(const char *path)
{
	char *copy = strdup(path);
	int error = 0;

	if (!copy)
		return -ENOMEM;
	for (char *slash = strchr(copy + 1, '/'); slash && !error; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		error = make_one(copy, 0755);
		*slash = '/';
	}
	if (!error)
		error = make_one(copy, 0700);
	free(copy);
	return error;
}

/* All of it, or -EIO. */
static int read_bytes(int fd, char *bytes, size_t size)
{
	ssize_t got = fullio_read(fd, bytes, size);

	if (got < 0)
		return (int)got;
	return (size_t)got == size ? 0 : -EIO;
}

/* The file's bytes, terminated, the caller's.  0, or a negative errno. */
static int read_file(int folder, const char *name, char **bytes, size_t *size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat status;
	int error = 0;

	*bytes = NULL;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		error = -errno;
	else if (!S_ISREG(status.st_mode) || status.st_size > BYTES_MAX)
		error = -EBADMSG;
	if (!error) {
		*size = (size_t)status.st_size;
		*bytes = malloc(*size + 1);
		error = *bytes ? read_bytes(fd, *bytes, *size) : -ENOMEM;
	}
	close(fd);
	if (error) {
		free(*bytes);
		*bytes = NULL;
		return error;
	}
	(*bytes)[*size] = '\0';
	return 0;
}

/* Reads the first line; what follows it, or NULL. */
static const char *parse_first_line(const char *bytes, struct content *content)
{
	char *end;

	if (strncmp(bytes, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return NULL;
	bytes += strlen(FIRST_LINE);
	if (*bytes < '0' || *bytes > '9')
		return NULL;
	errno = 0;
	content->transaction = strtoull(bytes, &end, 10);
	if (errno || strncmp(end, ", ", 2) != 0)
		return NULL;
	end += 2;
	for (enum store_outcome outcome = 0; outcome <= STORE_UNDONE; outcome++) {
		size_t length = strlen(outcome_words[outcome]);

		content->outcome = outcome;
		if (strncmp(end, outcome_words[outcome], length) == 0 && end[length] == '\n')
			return end + length + 1;
	}
	return NULL;
}

static int parse(const char *bytes, size_t size, struct content *content)
{
	const char *text = memchr(bytes, '\0', size) ? NULL : parse_first_line(bytes, content);
	size_t last = strlen(LAST_LINE);
	size_t left = text ? size - (size_t)(text - bytes) : 0;

	if (left < last || memcmp(text + left - last, LAST_LINE, last) != 0 ||
		(left > last && text[left - last - 1] != '\n'))
		return -EBADMSG;
	content->length = left - last;
	content->text = strndup(text, content->length);
	return content->text ? 0 : -ENOMEM;
}

static int load(struct store *store, const char *name, struct content *content)
{
	size_t size = 0;
	char *bytes;
	int error = read_file(store->folder, name, &bytes, &size);

	if (!error)
		error = parse(bytes, size, content);
	free(bytes);
	return error;
}

static int load_overlay(struct store *store)
{
	int error = load(store, OVERLAY, &store->now);

	if (error == -ENOENT) {
		store->now.text = strdup("");
		error = store->now.text ? 0 : -ENOMEM;
	}
	if (error == -EBADMSG)
		describe(store,
			"%s is damaged: it must begin with a line '" FIRST_LINE
			"N, applied' and end with the line '# end of overlay'. It holds what SNMP "
			"and "
			"vrrpctl changed: restore it, or move it away to do without those changes",
			store->path);
	else if (error)
		describe(store, "cannot read %s: %s", store->path, strerror(-error));
	return error;
}

/* Nothing rests on it but an undo across a restart, so trouble with it is no trouble. */
static void load_previous(struct store *store)
{
	bool same;

	if (load(store, PREVIOUS, &store->previous) < 0)
		content_clear(&store->previous);
	same = store->previous.transaction == store->now.transaction &&
	       store->previous.outcome == store->now.outcome;
	if (same || store->now.outcome != STORE_APPLIED)
		content_clear(&store->previous);
	store->kept = store->previous.text;
}

/* A core whose program was killed ends by itself, but perhaps not before its last write has. */
static bool lock_folder(int folder)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_NS};

	for (int i = 0; flock(folder, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK; i++) {
		if (i == LOCK_TRIES)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Two agents with one folder would each write over what the other was told to keep. */
static int open_folder(struct store *store, const char *state_dir)
{
	int error = make_folder(state_dir);

	if (!error) {
		store->folder = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		error = store->folder < 0 ? -errno : 0;
	}
	if (error) {
		describe(store,
			"cannot use the state directory %s: %s; is its file system mounted? "
			"--state-dir names another",
			state_dir, strerror(-error));
		return error;
	}
	if (lock_folder(store->folder))
		return 0;
	describe(store,
		"another vrrp-agent uses the state directory %s: stop it, or give this one a "
		"directory of its own with --state-dir",
		state_dir);
	return -EBUSY;
}

int store_open(const char *state_dir, int lifeline, struct store **result)
{
	struct store *store = calloc(1, sizeof(*store));
	int error;

	*result = store;
	if (!store)
		return -ENOMEM;
	store->lifeline = lifeline;
	store->folder = -1;
	if (asprintf(&store->path, "%s/" OVERLAY, state_dir) < 0) {
		store->path = NULL;
		*result = store_close(store);
		return -ENOMEM;
	}
	error = open_folder(store, state_dir);
	if (!error)
		error = load_overlay(store);
	if (!error)
		load_previous(store);
	return error;
}

struct store *store_close(struct store *store)
{
	if (!store)
		return NULL;
	descriptor_close(store->folder);
	content_clear(&store->now);
	content_clear(&store->previous);
	free(store->path);
	free(store);
	return NULL;
}

const char *store_path(const struct store *store)
{
	return store->path;
}

const char *store_text(const struct store *store, size_t *length)
{
	*length = store->now.length;
	return store->now.text;
}

const char *store_previous(const struct store *store, size_t *length)
{
	*length = store->previous.length;
	return store->previous.text;
}

uint64_t store_transaction(const struct store *store)
{
	return store->now.transaction;
}

enum store_outcome store_last_outcome(const struct store *store)
{
	return store->now.outcome;
}

const char *store_problem(const struct store *store)
{
	return store->problem;
}

static int write_content(int fd, const struct content *content)
{
	char first[128];
	int length = snprintf(first, sizeof(first), FIRST_LINE "%" PRIu64 ", %s\n",
		content->transaction, outcome_words[content->outcome]);
	int error = fullio_write(fd, first, (size_t)length);

	if (!error)
		error = fullio_write(fd, content->text, content->length);
	if (!error)
		error = fullio_write(fd, LAST_LINE, strlen(LAST_LINE));
	if (!error && fsync(fd) < 0)
		error = -errno;
	return error;
}

/* Complete and on the disk under another name, so that the rename can't bring half of it. */
static int write_new(const struct store *store, const char *name, const struct content *content)
{
	int fd = openat(
		store->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = write_content(fd, content);
	if (close(fd) < 0 && !error)
		error = -errno;
	if (error)
		unlinkat(store->folder, name, 0);
	return error;
}

static int sync_folder(const struct store *store)
{
	return fsync(store->folder) < 0 ? -errno : 0;
}

/* A second name for the file that is about to be replaced; a second file where there are no second
 * names, as on FAT. */
static int name_twice(const struct store *store)
{
	if (linkat(store->folder, OVERLAY, store->folder, PREVIOUS_NEW, 0) == 0)
		return 0;
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
		return -errno;
	return write_new(store, PREVIOUS_NEW, &store->now);
}

/* The rename is without effect, and leaves its source, if both names are the same file already. */
static int keep_previous(const struct store *store)
{
	int error;

	unlinkat(store->folder, PREVIOUS_NEW, 0);
	error = name_twice(store);
	if (!error && renameat(store->folder, PREVIOUS_NEW, store->folder, PREVIOUS) < 0)
		error = -errno;
	unlinkat(store->folder, PREVIOUS_NEW, 0);
	return error;
}

/* The first write of all: what it replaces becomes a file too, so that it can be put back. */
static int begin_file(struct store *store)
{
	int error;

	if (faccessat(store->folder, OVERLAY, F_OK, 0) == 0)
		return 0;
	if (errno != ENOENT)
		return -errno;
	error = write_new(store, OVERLAY_NEW, &store->now);
	if (!error && renameat(store->folder, OVERLAY_NEW, store->folder, OVERLAY) < 0)
		error = -errno;
	return error;
}

/* What was written under another name becomes the overlay; what that was is kept. */
static int put_in_place(struct store *store)
{
	int error;

	store->kept = false;
	error = keep_previous(store);
	if (!error && renameat(store->folder, OVERLAY_NEW, store->folder, OVERLAY) < 0)
		error = -errno;
	if (error) {
		unlinkat(store->folder, OVERLAY_NEW, 0);
		return error;
	}
	error = sync_folder(store);
	if (!error) {
		store->kept = true;
		return 0;
	}
	renameat(store->folder, PREVIOUS, store->folder, OVERLAY);
	sync_folder(store);
	return error;
}

static int replace(struct store *store, const struct content *content)
{
	int error = begin_file(store);

	if (!error)
		error = write_new(store, OVERLAY_NEW, content);
	return error ? error : put_in_place(store);
}

/* A disk that has no room for the content again still has the file itself.  Its first line names
 * the transaction before: what that one was is in force again, and all that is lost is that a
 * process which is started later can say so of this one. */
static int replace_back(struct store *store, const struct content *content)
{
	int error = write_new(store, OVERLAY_NEW, content);

	if (!error)
		return put_in_place(store);
	if (!store->kept)
		return error;
	store->kept = false;
	if (renameat(store->folder, PREVIOUS, store->folder, OVERLAY) < 0)
		return error;
	sync_folder(store); /* whoever reads finds it already */
	return 0;
}

/* It becomes the store's if it could be written. */
static int put(struct store *store, struct content *content,
	int (*how)(struct store *store, const struct content *content))
{
	int error = content->text ? 0 : -ENOMEM;

	lifeline_promise(store->lifeline, PATIENCE_MS);
	if (!error)
		error = how(store, content);
	if (error) {
		describe(store, "cannot write %s: %s", store->path, strerror(-error));
		content_clear(content);
		return error;
	}
	store->problem[0] = '\0';
	content_clear(&store->previous);
	store->previous = store->now;
	store->now = *content;
	return 0;
}

int store_write(struct store *store, uint64_t transaction, const char *text, size_t length)
{
	struct content content = {
		.text = strndup(text, length),
		.length = length,
		.transaction = transaction,
		.outcome = STORE_APPLIED,
	};

	assert(length == 0 || text[length - 1] == '\n');
	return put(store, &content, replace);
}

int store_take_back(struct store *store, uint64_t transaction)
{
	struct content content = {
		.length = store->previous.length,
		.transaction = transaction,
		.outcome = STORE_UNDONE,
	};
	int error;

	if (!store->previous.text) {
		describe(store, "%s: what it was before is not known", store->path);
		return -ENODATA;
	}
	content.text = strndup(store->previous.text, content.length);
	error = put(store, &content, replace_back);
	if (!error)
		content_clear(&store->previous);
	return error;
}

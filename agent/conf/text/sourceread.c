/* SPDX-License-Identifier: ISC */
/* Reads a configuration and all that it includes: what is included is known by reading. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/conf/text/brace.h"
#include "agent/conf/text/lexer.h"
#include "agent/conf/text/source.h"
#include "agent/conf/text/stream.h"

#define TEXTS_MAX 65536

struct file_id {
	dev_t device;
	ino_t inode;
};

struct reader {
	struct conf_loader loader;
	struct conf_source *source;
	struct file_id *ids; /* of the texts */
	size_t bytes;
};

static int read_descriptor(int fd, size_t room, char **text, size_t *length)
{
	size_t size = 16384, used = 0;
	char *buffer = malloc(size), *grown;
	ssize_t got;

	for (;;) {
		if (!buffer)
			return -ENOMEM;
		got = read(fd, buffer + used, size - used - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		used += (size_t)got;
		if (used > room) {
			free(buffer);
			return -EFBIG;
		}
		if (size - used > 1)
			continue;
		size *= 2;
		grown = realloc(buffer, size);
		if (!grown)
			free(buffer);
		buffer = grown;
	}
	if (got < 0) {
		int error = -errno;

		free(buffer);
		return error;
	}
	buffer[used] = '\0';
	*text = buffer;
	*length = used;
	return 0;
}

/* Whether it is open above the place where it would be included: a file can't include itself. */
static bool is_open(
	const struct reader *reader, const struct conf_stream *stream, const struct stat *status)
{
	for (unsigned i = 0; stream && i < stream->depth; i++) {
		const struct conf_frame *frame = &stream->frames[i];

		if (frame->kind == FRAME_TEXT &&
			reader->ids[frame->text.number].device == status->st_dev &&
			reader->ids[frame->text.number].inode == status->st_ino)
			return true;
	}
	return false;
}

static bool is_too_deep(const struct conf_stream *stream)
{
	unsigned texts = 0;

	for (unsigned i = 0; stream && i < stream->depth; i++)
		texts += stream->frames[i].kind == FRAME_TEXT;
	return texts >= CONF_INCLUDE_DEPTH_MAX;
}

/* O_NONBLOCK: a FIFO must not hold us up. */
static int open_file(const struct reader *reader, const struct conf_stream *stream,
	const char *path, struct file_id *id)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
	struct stat status;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		error = -errno;
	else if (S_ISDIR(status.st_mode))
		error = -EISDIR;
	else if (!S_ISREG(status.st_mode))
		error = -EINVAL;
	else if (is_too_deep(stream) || is_open(reader, stream, &status))
		error = -ELOOP;
	if (error < 0) {
		close(fd);
		return error;
	}
	*id = (struct file_id){status.st_dev, status.st_ino};
	return fd;
}

/* The folder of a file, absolute; NULL when that can't be told. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder =
		slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	char *whole = folder ? realpath(folder, NULL) : NULL;

	free(folder);
	return whole;
}

static int keep_id(struct reader *reader, size_t number, const struct file_id *id)
{
	struct file_id *grown = reallocarray(reader->ids, number + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	reader->ids = grown;
	reader->ids[number] = *id;
	return 0;
}

/* Returns the number of the text, or a negative errno: -ENOMEM is the only fatal one. */
static int read_file(struct reader *reader, const struct conf_stream *stream, const char *path)
{
	struct file_id id;
	char *text = NULL, *folder;
	size_t length = 0;
	int fd, number, result;

	if (reader->source->text_count >= TEXTS_MAX)
		return -EMFILE;
	fd = open_file(reader, stream, path, &id);
	if (fd < 0)
		return fd;
	result = read_descriptor(fd, CONF_SOURCE_BYTES_MAX - reader->bytes, &text, &length);
	close(fd);
	if (result < 0)
		return result;
	reader->bytes += length;
	folder = folder_of(path);
	number = conf_source_add(reader->source, path, text, length, folder);
	free(folder);
	if (number >= 0 && keep_id(reader, (size_t)number, &id) < 0)
		return -ENOMEM;
	return number;
}

/* The pattern as seen from the folder of the including file; NULL: out of memory. */
static char *resolve(const char *parent, const char *pattern, size_t length)
{
	const char *slash = strrchr(parent, '/');
	size_t folder = slash && length > 0 && pattern[0] != '/' ? (size_t)(slash - parent) + 1 : 0;
	char *path = malloc(folder + length + 1);

	if (!path)
		return NULL;
	memcpy(path, parent, folder);
	memcpy(path + folder, pattern, length);
	path[folder + length] = '\0';
	return path;
}

/* Remember the first thing that went wrong with an include line. */
static int include_failed(struct conf_include *include, int error, const char *path)
{
	/* what is there and can't be read says more than what is not there */
	if (include->error == 0 || include->error == -ENOENT) {
		free(include->failed);
		include->failed = strdup(path);
		if (!include->failed)
			return -ENOMEM;
		include->error = error;
	}
	return 0;
}

static int include_matches(struct reader *reader, const struct conf_stream *stream,
	struct conf_include *include, const glob_t *matches, uint32_t *numbers)
{
	for (size_t i = 0; i < matches->gl_pathc; i++) {
		int number = read_file(reader, stream, matches->gl_pathv[i]);

		if (number == -ENOMEM)
			return number;
		if (number >= 0)
			numbers[include->count++] = (uint32_t)number;
		else if (include_failed(include, number, matches->gl_pathv[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Takes over include->failed, also when it fails. */
static int add_include(
	struct conf_source *source, struct conf_include *include, const uint32_t *numbers)
{
	struct conf_include *includes =
		reallocarray(source->includes, source->include_count + 1, sizeof(*includes));
	uint32_t *children;

	if (!includes) {
		free(include->failed);
		return -ENOMEM;
	}
	source->includes = includes;
	include->first = (uint32_t)source->child_count;
	source->includes[source->include_count++] = *include;
	if (include->count == 0)
		return 0;
	children = reallocarray(
		source->children, source->child_count + include->count, sizeof(*children));
	if (!children)
		return -ENOMEM;
	source->children = children;
	memcpy(children + source->child_count, numbers, include->count * sizeof(*numbers));
	source->child_count += include->count;
	return 0;
}

/* An alternative in braces that brings nothing, though others do. */
static int note_missing(struct conf_include *include, const char *pattern)
{
	char *missing;
	int result = conf_brace_missing(pattern, &missing);

	if (result == 0 && missing)
		result = include_failed(include, -ENOENT, missing);
	free(missing);
	return result;
}

static int load(struct conf_loader *loader, const struct conf_stream *stream, uint32_t parent,
	const struct conf_token *token)
{
	struct reader *reader = (struct reader *)loader;
	struct conf_include include = {.parent = parent, .line = token->place.line};
	const char *name = reader->source->texts[parent].name;
	char *pattern = resolve(name, token->argument, token->argument_length);
	glob_t matches = {0};
	uint32_t *numbers = NULL;
	int result = -ENOMEM, found;

	if (!pattern)
		return -ENOMEM;
	found = token->argument_length ? glob(pattern, GLOB_BRACE, NULL, &matches) : GLOB_NOMATCH;
	if (found == 0) {
		numbers = calloc(matches.gl_pathc, sizeof(*numbers));
		if (numbers)
			result = note_missing(&include, pattern);
		if (result == 0)
			result = include_matches(reader, stream, &include, &matches, numbers);
	} else if (found == GLOB_NOMATCH) {
		result = include_failed(&include, -ENOENT, pattern);
	} else if (found == GLOB_ABORTED) {
		result = include_failed(&include, -EIO, pattern);
	}
	globfree(&matches);
	free(pattern);
	if (result == 0)
		result = add_include(reader->source, &include, numbers);
	else
		free(include.failed);
	free(numbers);
	return result;
}

/* Each text is read through once: what it includes may depend on what stands before that. */
static int read_includes(struct reader *reader)
{
	struct conf_stream stream;
	int result = conf_stream_init(&stream, reader->source, NULL, &reader->loader);

	while (result == 0 && conf_stream_next(&stream).kind != TOKEN_END)
		continue;
	if (result == 0 && stream.out_of_memory)
		result = -ENOMEM;
	conf_stream_free(&stream);
	return result;
}

/* The same on this host for as long as it is installed: a reload must not change numbers. */
static uint64_t host_seed(void)
{
	uint64_t hash = 0xcbf29ce484222325;
	char id[64];
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, id, sizeof(id));

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)id[i]) * 0x100000001b3;
	return hash;
}

static struct conf_source *new_source(const char *config_id)
{
	struct conf_source *source;
	struct utsname names;

	if (!config_id && uname(&names) == 0) {
		names.nodename[strcspn(names.nodename, ".")] = '\0';
		config_id = names.nodename;
	}
	source = conf_source_new(config_id ? config_id : "");
	if (source)
		source->seed = host_seed();
	return source;
}

int conf_source_read(const char *path, const char *config_id, struct conf_source **source)
{
	struct reader reader = {.loader = {load}, .source = new_source(config_id)};
	int result = reader.source ? read_file(&reader, NULL, path) : -ENOMEM;

	if (result >= 0)
		result = read_includes(&reader);
	free(reader.ids);
	if (result < 0) {
		conf_source_free(reader.source);
		return result;
	}
	*source = reader.source;
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* Reads a configuration and all that it includes. */
#include "agent/conf/source.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/conf/lexer.h"

#define TEXTS_MAX 65536

struct file_id {
	dev_t device;
	ino_t inode;
};

/* The files that are open above the one being read: a file can't include itself. */
struct reader {
	struct conf_source *source;
	struct file_id stack[CONF_INCLUDE_DEPTH_MAX];
	unsigned depth;
	size_t bytes;
};

const char *conf_source_problem(int error)
{
	switch (error) {
	case -EINVAL:
		return "it is not a regular file";
	case -EACCES:
		return "permission denied; the service reads as root, but without root's power to "
		       "ignore permissions: let it belong to root";
	case -EFBIG:
		return "the configuration would be larger than 256 MiB";
	default:
		return strerror(-error);
	}
}

struct conf_source *conf_source_free(struct conf_source *source)
{
	if (!source)
		return NULL;
	for (size_t i = 0; i < source->text_count; i++) {
		free(source->texts[i].name);
		free(source->texts[i].text);
	}
	for (size_t i = 0; i < source->include_count; i++)
		free(source->includes[i].failed);
	free(source->texts);
	free(source->includes);
	free(source->children);
	free(source);
	return NULL;
}

/* Takes over `text`, also when it fails. Returns the number of the text or -ENOMEM. */
static int add_text(struct conf_source *source, const char *name, char *text, size_t length)
{
	struct conf_text *grown;
	char *copy = strdup(name);

	grown = reallocarray(source->texts, source->text_count + 1, sizeof(*grown));
	if (grown)
		source->texts = grown;
	if (!grown || !copy) {
		free(copy);
		free(text);
		return -ENOMEM;
	}
	source->texts[source->text_count] = (struct conf_text){copy, text, length};
	return (int)source->text_count++;
}

int conf_source_from_text(
	const char *name, const char *text, size_t length, struct conf_source **source)
{
	struct conf_source *made;
	char *copy;
	int number;

	if (length > CONF_SOURCE_BYTES_MAX)
		return -EFBIG;
	made = calloc(1, sizeof(*made));
	copy = malloc(length + 1);
	if (!made || !copy) {
		free(made);
		free(copy);
		return -ENOMEM;
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	number = add_text(made, name, copy, length);
	if (number < 0) {
		conf_source_free(made);
		return number;
	}
	*source = made;
	return 0;
}

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

static bool is_open(const struct reader *reader, const struct stat *status)
{
	for (unsigned i = 0; i < reader->depth; i++)
		if (reader->stack[i].device == status->st_dev &&
			reader->stack[i].inode == status->st_ino)
			return true;
	return false;
}

/* Opens a file to be pushed on the stack. O_NONBLOCK: a FIFO must not hold us up. */
static int open_file(const struct reader *reader, const char *path, struct file_id *id)
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
	else if (reader->depth == CONF_INCLUDE_DEPTH_MAX || is_open(reader, &status))
		error = -ELOOP;
	if (error < 0) {
		close(fd);
		return error;
	}
	*id = (struct file_id){status.st_dev, status.st_ino};
	return fd;
}

static int read_includes(struct reader *reader, uint32_t parent);

/* Returns the number of the text, or a negative errno: -ENOMEM is the only fatal one. */
static int read_file(struct reader *reader, const char *path)
{
	struct file_id id;
	char *text = NULL;
	size_t length = 0;
	int fd, number, result;

	if (reader->source->text_count >= TEXTS_MAX)
		return -EMFILE;
	fd = open_file(reader, path, &id);
	if (fd < 0)
		return fd;
	result = read_descriptor(fd, CONF_SOURCE_BYTES_MAX - reader->bytes, &text, &length);
	close(fd);
	if (result < 0)
		return result;
	reader->bytes += length;
	number = add_text(reader->source, path, text, length);
	if (number < 0)
		return number;
	reader->stack[reader->depth++] = id;
	result = read_includes(reader, (uint32_t)number);
	reader->depth--;
	return result < 0 ? result : number;
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
	if (include->error == 0) {
		include->failed = strdup(path);
		if (!include->failed)
			return -ENOMEM;
		include->error = error;
	}
	return 0;
}

/* The children of a line are collected apart, as theirs are numbered before them. */
static int include_matches(struct reader *reader, struct conf_include *include,
	const glob_t *matches, uint32_t *numbers)
{
	for (size_t i = 0; i < matches->gl_pathc; i++) {
		int number = read_file(reader, matches->gl_pathv[i]);

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

static int read_include(struct reader *reader, uint32_t parent, const struct conf_token *token)
{
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
			result = include_matches(reader, &include, &matches, numbers);
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

static int read_includes(struct reader *reader, uint32_t parent)
{
	const struct conf_text *text = &reader->source->texts[parent];
	struct conf_token token;
	struct conf_lexer lexer;
	int result;

	conf_lexer_init(&lexer, text->name, text->text, text->length);
	do {
		token = conf_lexer_next(&lexer);
		if (token.kind != TOKEN_INCLUDE)
			continue;
		result = read_include(reader, parent, &token);
		if (result < 0)
			return result;
	} while (token.kind != TOKEN_END);
	return 0;
}

static int compare_includes(const void *a, const void *b)
{
	const struct conf_include *left = a, *right = b;

	if (left->parent != right->parent)
		return left->parent < right->parent ? -1 : 1;
	return left->line < right->line ? -1 : left->line > right->line;
}

int conf_source_read(const char *path, struct conf_source **source)
{
	struct reader reader = {.source = calloc(1, sizeof(struct conf_source))};
	int result;

	if (!reader.source)
		return -ENOMEM;
	result = read_file(&reader, path);
	if (result < 0) {
		conf_source_free(reader.source);
		return result;
	}
	if (reader.source->include_count > 1)
		qsort(reader.source->includes, reader.source->include_count,
			sizeof(struct conf_include), compare_includes);
	*source = reader.source;
	return 0;
}

const struct conf_include *conf_source_include(
	const struct conf_source *source, uint32_t parent, uint32_t line)
{
	const struct conf_include wanted = {.parent = parent, .line = line};

	if (source->include_count == 0)
		return NULL;
	return bsearch(
		&wanted, source->includes, source->include_count, sizeof(wanted), compare_includes);
}

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_SOURCE_H
#define AGENT_CONF_TEXT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The text of a configuration: the file and all that it includes, read once.
 * Parsing works on this and never on the disk, so that a process that is
 * restarted keeps to the text that was accepted.
 */

#define CONF_INCLUDE_DEPTH_MAX 32
#define CONF_SOURCE_BYTES_MAX  (256u << 20)

struct conf_text {
	char *name; /* as messages show it */
	char *text; /* terminated, may hold other zero octets */
	size_t length;
	char *folder; /* of the file, absolute; NULL: it is not a file */
};

/* One include line each time it is read: the texts it brought, or why it brought none. */
struct conf_include {
	uint32_t parent; /* number of the text that has the line */
	uint32_t line;	 /* from 1 */
	uint32_t first;	 /* index into children */
	uint32_t count;
	int error;    /* 0 or a negative errno */
	char *failed; /* the path the error is about, or NULL */
};

struct conf_source {
	struct conf_text *texts; /* 0 is the main file */
	size_t text_count;
	struct conf_include *includes; /* in the order in which they are read */
	size_t include_count;
	uint32_t *children;
	size_t child_count;
	char *config_id; /* what @ID conditions are compared with */
	uint64_t seed;	 /* of ${_RANDOM} */
};

/*
 * Read a file and its includes. `config_id` NULL: the name of this host up to its first dot.
 * Returns 0 and a source, or a negative errno when the main file can't be read. Trouble with an
 * included file is kept in the source and reported by the parser. May block on the disk.
 */
int conf_source_read(const char *path, const char *config_id, struct conf_source **source);

/* Why a file can't be read, in words, for the negative errno of it. */
const char *conf_source_problem(int error);

/* A source of one text; includes in it are errors, and no @ID is true. 0, -ENOMEM, -EFBIG. */
int conf_source_from_text(
	const char *name, const char *text, size_t length, struct conf_source **source);

/* Write to / read from a descriptor (a memfd), from its start. 0 or negative errno; -EBADMSG. */
int conf_source_save(const struct conf_source *source, int fd);
int conf_source_restore(int fd, struct conf_source **source);

/* For sourceread.c: a source without texts, and one more text. Takes over `text`, also when it
 * fails; `folder` is copied. The number of the text, -ENOMEM. */
struct conf_source *conf_source_new(const char *config_id);
int conf_source_add(struct conf_source *source, const char *name, char *text, size_t length,
	const char *folder);

/* Takes NULL; returns NULL. */
struct conf_source *conf_source_free(struct conf_source *source);

#endif

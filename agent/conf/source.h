/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_SOURCE_H
#define AGENT_CONF_SOURCE_H

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
};

/* One include line: the texts it brought, in order, or why it brought none. */
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
	struct conf_include *includes; /* ordered by parent, line */
	size_t include_count;
	uint32_t *children;
	size_t child_count;
};

/*
 * Read a file and its includes. Returns 0 and a source, or a negative errno when
 * the main file can't be read. Trouble with an included file is kept in the source
 * and reported by the parser. May block on the disk.
 */
int conf_source_read(const char *path, struct conf_source **source);

/* Why a file can't be read, in words, for the negative errno of it. */
const char *conf_source_problem(int error);

/* A source of one text; includes in it are errors. 0, -ENOMEM, -EFBIG. */
int conf_source_from_text(
	const char *name, const char *text, size_t length, struct conf_source **source);

/* Write to / read from a descriptor (a memfd), from its start. 0 or negative errno; -EBADMSG. */
int conf_source_save(const struct conf_source *source, int fd);
int conf_source_restore(int fd, struct conf_source **source);

/* The include at a line of a text, or NULL. */
const struct conf_include *conf_source_include(
	const struct conf_source *source, uint32_t parent, uint32_t line);

/* Takes NULL; returns NULL. */
struct conf_source *conf_source_free(struct conf_source *source);

#endif

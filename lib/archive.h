/* SPDX-License-Identifier: ISC */
#ifndef LIB_ARCHIVE_H
#define LIB_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

/* What one program leaves to its successor, perhaps of another version: a sealed document of
 * sections, each an array of records, whose fields are known by name.  A field that the reader does
 * not know is left out; one that the writer did not know stays zero; one that has another size is
 * cut off or filled up with zeros (numbers are little-endian).  Any thread. */

#define ARCHIVE_NAME 32

struct archive_field {
	const char *name; /* shorter than ARCHIVE_NAME */
	size_t offset;	  /* in the program's own structure */
	size_t size;
};

/* A member of struct `type`, under its own name. */
#define ARCHIVE_FIELD(type, member)                                       \
	{                                                                 \
		.name = #member, .offset = offsetof(struct type, member), \
		.size = sizeof(((struct type *)0)->member)                \
	}

/* One section as its owner has it in memory: record i begins at records[i]. */
struct archive_section {
	const char *name; /* shorter than ARCHIVE_NAME */
	const struct archive_field *fields;
	size_t field_count;
	const void *const *records;
	size_t record_count;
};

/* Writes them into a new document.  Its descriptor, the caller's, or a negative errno. */
int archive_write(const struct archive_section *sections, size_t count);

struct archive;

/* Maps and checks the document; `fd` stays the caller's.  NULL: errno says why: EPERM it is not
 * sealed, EBADMSG it is no archive. */
struct archive *archive_open(int fd);

struct archive *archive_close(struct archive *archive);

/* How many records the section has; 0 also if there is none of that name. */
size_t archive_count(const struct archive *archive, const char *section);

/* A section read by a program's own fields: what is copied from where is worked out once. */
struct archive_reader;

/* NULL: out of memory.  Lives as long as the archive at most. */
struct archive_reader *archive_reader_new(const struct archive *archive, const char *section,
	const struct archive_field *fields, size_t count);

struct archive_reader *archive_reader_free(struct archive_reader *reader);

/* Zeroes the fields in `record` and copies what the archive has of them.  `index` is below
 * archive_count(). */
void archive_read(const struct archive_reader *reader, size_t index, void *record);

#endif

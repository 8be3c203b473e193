/* SPDX-License-Identifier: ISC */
#include "lib/archive.h"

#include "lib/sharedmem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARCHIVE_MAGIC 0x3148435241505256ull /* "VRPARCH1" */
#define SECTIONS_MAX  64
#define FIELDS_MAX    1024
#define RECORDS_MAX   (1u << 24)
#define RECORD_MAX    (1u << 16)

struct header {
	uint64_t magic;
	uint64_t size;
	uint32_t sections;
	uint32_t fields;
};

struct section {
	char name[ARCHIVE_NAME];
	uint32_t first_field;
	uint32_t field_count;
	uint32_t record_size;
	uint32_t record_count;
	uint64_t offset; /* of the first record, from the document's begin */
};

struct field {
	char name[ARCHIVE_NAME];
	uint32_t offset; /* in the record */
	uint32_t size;
};

struct archive {
	const char *bytes;
	size_t size;
	const struct header *header;
	const struct section *sections;
	const struct field *fields;
};

struct move {
	size_t from, to, size;
};

struct archive_reader {
	const struct archive *archive;
	const struct section *section;
	const struct archive_field *fields;
	size_t field_count;
	size_t move_count;
	struct move moves[];
};

/* ---- Writing ---- */

static size_t record_size(const struct archive_section *section)
{
	size_t size = 0;

	for (size_t i = 0; i < section->field_count; i++)
		size += section->fields[i].size;
	return size;
}

static void lay_out(
	const struct archive_section *from, size_t count, struct header *header, struct section *to)
{
	uint64_t offset;

	*header = (struct header){.magic = ARCHIVE_MAGIC, .sections = (uint32_t)count};
	for (size_t i = 0; i < count; i++)
		header->fields += (uint32_t)from[i].field_count;
	offset = sizeof(*header) + count * sizeof(*to) + header->fields * sizeof(struct field);
	for (size_t i = 0, first = 0; i < count; first += from[i++].field_count) {
		to[i] = (struct section){.first_field = (uint32_t)first,
			.field_count = (uint32_t)from[i].field_count,
			.record_size = (uint32_t)record_size(&from[i]),
			.record_count = (uint32_t)from[i].record_count,
			.offset = offset};
		strncpy(to[i].name, from[i].name, sizeof(to[i].name) - 1);
		offset += (uint64_t)to[i].record_size * to[i].record_count;
	}
	header->size = offset;
}

static void write_fields(const struct archive_section *section, struct field *fields)
{
	uint32_t offset = 0;

	for (size_t i = 0; i < section->field_count; i++) {
		strncpy(fields[i].name, section->fields[i].name, sizeof(fields[i].name) - 1);
		fields[i].offset = offset;
		fields[i].size = (uint32_t)section->fields[i].size;
		offset += fields[i].size;
	}
}

static void write_records(const struct archive_section *section, char *at)
{
	for (size_t record = 0; record < section->record_count; record++) {
		const char *from = section->records[record];

		for (size_t i = 0; i < section->field_count; i++) {
			const struct archive_field *field = &section->fields[i];

			memcpy(at, from + field->offset, field->size);
			at += field->size;
		}
	}
}

int archive_write(const struct archive_section *sections, size_t count)
{
	struct section places[SECTIONS_MAX];
	struct header header;
	struct field *fields;
	char *bytes;
	int fd;

	if (count > SECTIONS_MAX)
		return -EINVAL;
	lay_out(sections, count, &header, places);
	bytes = calloc(1, header.size);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), places, count * sizeof(*places));
	fields = (void *)(bytes + sizeof(header) + count * sizeof(*places));
	for (size_t i = 0; i < count; i++) {
		write_fields(&sections[i], fields + places[i].first_field);
		write_records(&sections[i], bytes + places[i].offset);
	}
	fd = sharedmem_document("vrrp-archive", bytes, header.size);
	free(bytes);
	return fd;
}

/* ---- Reading ---- */

static bool field_ok(const struct field *field, const struct section *section)
{
	return memchr(field->name, '\0', sizeof(field->name)) &&
	       field->offset <= section->record_size &&
	       field->size <= section->record_size - field->offset;
}

static bool section_ok(const struct archive *archive, const struct section *section)
{
	uint64_t length = (uint64_t)section->record_size * section->record_count;

	if (!memchr(section->name, '\0', sizeof(section->name)) ||
		section->first_field > archive->header->fields ||
		section->field_count > archive->header->fields - section->first_field ||
		section->record_size > RECORD_MAX || section->record_count > RECORDS_MAX ||
		section->offset > archive->size || length > archive->size - section->offset)
		return false;
	for (uint32_t i = 0; i < section->field_count; i++) {
		if (!field_ok(&archive->fields[section->first_field + i], section))
			return false;
	}
	return true;
}

static bool archive_ok(struct archive *archive)
{
	const struct header *header = archive->header;

	if (header->magic != ARCHIVE_MAGIC || header->size != archive->size ||
		header->sections > SECTIONS_MAX || header->fields > FIELDS_MAX ||
		sizeof(*header) + header->sections * sizeof(struct section) +
				header->fields * sizeof(struct field) >
			archive->size)
		return false;
	archive->sections = (const void *)(archive->bytes + sizeof(*header));
	archive->fields = (const void *)(archive->sections + header->sections);
	for (uint32_t i = 0; i < header->sections; i++) {
		if (!section_ok(archive, &archive->sections[i]))
			return false;
	}
	return true;
}

struct archive *archive_open(int fd)
{
	struct archive *archive;
	const void *bytes;
	size_t size;
	int error = sharedmem_check_sealed(fd);

	if (!error)
		error = sharedmem_map(fd, sizeof(struct header), &bytes, &size);
	if (error) {
		errno = error == -EINVAL ? EBADMSG : -error;
		return NULL;
	}
	archive = calloc(1, sizeof(*archive));
	if (!archive) {
		munmap((void *)bytes, size);
		return NULL;
	}
	*archive = (struct archive){.bytes = bytes, .size = size, .header = bytes};
	if (archive_ok(archive))
		return archive;
	archive_close(archive);
	errno = EBADMSG;
	return NULL;
}

struct archive *archive_close(struct archive *archive)
{
	if (archive)
		munmap((void *)archive->bytes, archive->size);
	free(archive);
	return NULL;
}

static const struct section *find_section(const struct archive *archive, const char *name)
{
	for (uint32_t i = 0; i < archive->header->sections; i++) {
		if (strcmp(archive->sections[i].name, name) == 0)
			return &archive->sections[i];
	}
	return NULL;
}

size_t archive_count(const struct archive *archive, const char *name)
{
	const struct section *section = find_section(archive, name);

	return section ? section->record_count : 0;
}

static const struct field *find_field(
	const struct archive *archive, const struct section *section, const char *name)
{
	for (uint32_t i = 0; i < section->field_count; i++) {
		const struct field *field = &archive->fields[section->first_field + i];

		if (strcmp(field->name, name) == 0)
			return field;
	}
	return NULL;
}

struct archive_reader *archive_reader_new(const struct archive *archive, const char *name,
	const struct archive_field *fields, size_t count)
{
	struct archive_reader *reader =
		calloc(1, sizeof(*reader) + count * sizeof(reader->moves[0]));

	if (!reader)
		return NULL;
	reader->archive = archive;
	reader->section = find_section(archive, name);
	reader->fields = fields;
	reader->field_count = count;
	for (size_t i = 0; reader->section && i < count; i++) {
		const struct field *from = find_field(archive, reader->section, fields[i].name);

		if (!from)
			continue;
		reader->moves[reader->move_count++] = (struct move){.from = from->offset,
			.to = fields[i].offset,
			.size = from->size < fields[i].size ? from->size : fields[i].size};
	}
	return reader;
}

struct archive_reader *archive_reader_free(struct archive_reader *reader)
{
	free(reader);
	return NULL;
}

void archive_read(const struct archive_reader *reader, size_t index, void *record)
{
	const struct section *section = reader->section;
	const char *from = reader->archive->bytes + section->offset + index * section->record_size;

	for (size_t i = 0; i < reader->field_count; i++)
		memset((char *)record + reader->fields[i].offset, 0, reader->fields[i].size);
	for (size_t i = 0; i < reader->move_count; i++) {
		const struct move *move = &reader->moves[i];

		memcpy((char *)record + move->to, from + move->from, move->size);
	}
}

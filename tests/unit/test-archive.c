/* SPDX-License-Identifier: ISC */
/* Archives: what one program writes another reads, also if they know different fields. */
#include "lib/archive.h"

#include "lib/sharedmem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct old {
	uint16_t number;
	char name[8];
	uint64_t values[2];
	uint32_t forgotten;
};

struct new
{
	uint64_t values[3];
	uint64_t added;
	uint32_t number;
	char name[8];
	uint32_t own; /* no field: the reader's */
};

#define FIELD(type, member)                                                  \
	{                                                                    \
#member, offsetof(type, member), sizeof(((type *)0)->member) \
	}

static const struct archive_field old_fields[] = {
	FIELD(struct old, number),
	FIELD(struct old, name),
	FIELD(struct old, values),
	FIELD(struct old, forgotten),
};

static const struct archive_field new_fields[] = {
	FIELD(struct new, values),
	FIELD(struct new, added),
	FIELD(struct new, number),
	FIELD(struct new, name),
};

static const struct old things[] = {
	{7, "seven", {70, 71}, 1},
	{8, "eight", {80, 81}, 1},
};

static int write_things(void)
{
	const void *const records[] = {&things[0], &things[1]};
	const struct archive_section sections[] = {
		{"empty", NULL, 0, NULL, 0},
		{"things", old_fields, 4, records, 2},
		{"more", old_fields, 1, records, 1},
	};

	return archive_write(sections, 3);
}

static void test_by_name(void **state)
{
	int fd = write_things();
	struct archive *archive = archive_open(fd);
	struct archive_reader *reader;

	assert_non_null(archive);
	assert_int_equal(archive_count(archive, "things"), 2);
	assert_int_equal(archive_count(archive, "more"), 1);
	assert_int_equal(archive_count(archive, "empty"), 0);
	assert_int_equal(archive_count(archive, "missing"), 0);
	reader = archive_reader_new(archive, "things", new_fields, 4);
	assert_non_null(reader);
	for (size_t i = 0; i < 2; i++) {
		struct new thing;

		memset(&thing, 0xff, sizeof(thing));
		archive_read(reader, i, &thing);
		assert_int_equal(thing.number, things[i].number);
		assert_string_equal(thing.name, things[i].name);
		assert_int_equal(thing.values[0], things[i].values[0]);
		assert_int_equal(thing.values[1], things[i].values[1]);
		assert_int_equal(thing.values[2], 0);
		assert_int_equal(thing.added, 0);
		assert_int_equal(thing.own, UINT32_MAX);
	}
	archive_reader_free(reader);
	archive_close(archive);
	close(fd);
}

/* Every octet of the tables overwritten in turn: refused or read, never beyond the end. */
static void test_damaged(void **state)
{
	int good = write_things();
	const void *map;
	size_t size;
	unsigned int refused = 0;

	assert_int_equal(sharedmem_map(good, 1, &map, &size), 0);
	for (size_t i = 0; i < size; i++) {
		uint8_t copy[4096];
		struct archive *archive;
		int fd;

		assert_true(size <= sizeof(copy));
		memcpy(copy, map, size);
		copy[i] ^= 0xff;
		fd = sharedmem_document("damaged", copy, size);
		archive = archive_open(fd);
		if (!archive) {
			assert_int_equal(errno, EBADMSG);
			refused++;
		}
		for (size_t k = 0; archive && k < archive_count(archive, "things"); k++) {
			struct archive_reader *reader =
				archive_reader_new(archive, "things", new_fields, 4);
			struct new thing;

			archive_read(reader, k, &thing);
			archive_reader_free(reader);
		}
		archive_close(archive);
		close(fd);
	}
	assert_true(refused > 50);
	munmap((void *)map, size);
	close(good);
}

static void test_refused(void **state)
{
	int open = memfd_create("open", MFD_CLOEXEC);
	int other = sharedmem_document("other", "something else", 14);

	assert_null(archive_open(open));
	assert_int_equal(errno, EPERM);
	assert_null(archive_open(other));
	assert_int_equal(errno, EBADMSG);
	close(open);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

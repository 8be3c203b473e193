/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "vrrp/applier/journal.h"

#define IDENTITY "11111111-2222-3333-4444-555555555555 4:4026531840"
#define OTHER	 "11111111-2222-3333-4444-555555555555 4:4026531841"

/* What a test says holds, for a journal that is written anew. */
struct holding {
	struct journal_record records[8];
	size_t count;
};

struct fixture {
	char folder[64];
	char path[128];
	struct holding holding;
};

static void describe(void *context, struct journal *journal)
{
	struct holding *holding = context;

	for (size_t i = 0; i < holding->count; i++)
		journal_add(journal, &holding->records[i]);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->folder, "/tmp/test-journal-XXXXXX");
	if (!mkdtemp(fixture->folder))
		return -1;
	snprintf(fixture->path, sizeof(fixture->path), "%s/applied.journal", fixture->folder);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static struct journal_record address(uint32_t index, uint8_t last, uint8_t prefix_length)
{
	const uint8_t octets[] = {192, 0, 2, last};
	struct journal_record record = {.kind = JOURNAL_ADDRESS,
		.index = index,
		.address = vrrp_address_make(VRRP_IPV4, octets),
		.prefix_length = prefix_length};

	strcpy(record.interface, "eth0");
	return record;
}

static struct journal *open_journal(struct fixture *fixture, const char *identity)
{
	struct journal *journal =
		journal_open(fixture->folder, identity, -1, describe, &fixture->holding);

	assert_non_null(journal);
	return journal;
}

/* As a crash leaves it: what was written stays. */
static void abandon(struct fixture *fixture, struct journal *journal)
{
	char copy[160];

	snprintf(copy, sizeof(copy), "%s.copy", fixture->path);
	assert_int_equal(link(fixture->path, copy), 0);
	fixture->holding.count = 0;
	journal_close(journal);
	assert_int_equal(rename(copy, fixture->path), 0);
}

static void write_file(const struct fixture *fixture, const char *text)
{
	FILE *file = fopen(fixture->path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static size_t count_left(struct fixture *fixture, const char *identity)
{
	struct journal *journal = open_journal(fixture, identity);
	size_t count;

	journal_left(journal, &count);
	journal_close(journal);
	return count;
}

static bool is_left(const struct journal *journal, const struct journal_record *record)
{
	size_t count;
	const struct journal_record *left = journal_left(journal, &count);

	for (; count; count--, left++)
		if (left->kind == record->kind && left->index == record->index &&
			strcmp(left->interface, record->interface) == 0 &&
			left->prefix_length == record->prefix_length &&
			vrrp_address_equal(&left->address, &record->address))
			return true;
	return false;
}

static void no_file_is_an_empty_journal(void **state)
{
	assert_int_equal(count_left(*state, IDENTITY), 0);
}

static void what_was_flushed_is_left(void **state)
{
	struct fixture *fixture = *state;
	struct journal_record first = address(3, 1, 24), second = address(3, 2, 32);
	struct journal_record local = {
		.kind = JOURNAL_SETTING, .index = 4, .interface = "eth1", .setting = 8, .value = 2};
	struct journal_record six = {.kind = JOURNAL_ADDRESS,
		.index = 3,
		.interface = "eth0",
		.prefix_length = 128,
		.address = {.family = VRRP_IPV6, .bytes = {0xfe, 0x80, [15] = 9}}};
	struct journal *journal = open_journal(fixture, IDENTITY);
	size_t count;

	assert_int_equal(journal_rewrite(journal), 0);
	journal_add(journal, &first);
	journal_add(journal, &second);
	journal_add(journal, &local);
	journal_add(journal, &six);
	assert_int_equal(journal_flush(journal), 0);
	journal_strike(journal, &second);
	assert_int_equal(journal_flush(journal), 0);
	abandon(fixture, journal);

	journal = open_journal(fixture, IDENTITY);
	journal_left(journal, &count);
	assert_int_equal(count, 3);
	assert_true(is_left(journal, &first));
	assert_true(is_left(journal, &six));
	assert_true(is_left(journal, &local));
	journal_close(journal);
}

static void the_last_word_counts(void **state)
{
	write_file(*state, "vrrp-agent journal 1 " IDENTITY "\n"
			   "+a 3 eth0 192.0.2.1/24\n"
			   "-a 3 eth0 192.0.2.1/24\n"
			   "+a 3 eth0 192.0.2.2/24\n"
			   "-a 3 renamed0 192.0.2.2/24\n"
			   "+a 3 eth0 192.0.2.1/24\n"
			   "-a 4 eth1 192.0.2.1/24\n"
			   "-a 3 eth0 192.0.2.1/32\n");
	assert_int_equal(count_left(*state, IDENTITY), 1);
}

static void a_torn_line_does_not_count(void **state)
{
	static const char *const torn[] = {"+a 3 eth0 192.0.2.2/2", "+a 3 eth0 192.0.2.2/24", "+a",
		"+", "-a 3 eth0 192.0.2.1/24"};

	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			"vrrp-agent journal 1 " IDENTITY "\n+a 3 eth0 192.0.2.1/24\n%s", torn[i]);
		write_file(*state, text);
		assert_int_equal(count_left(*state, IDENTITY), 1);
	}
}

static void what_is_no_record_does_not_count(void **state)
{
	write_file(*state, "vrrp-agent journal 1 " IDENTITY "\n"
			   "\n"
			   "nonsense\n"
			   "+x 3 eth0 192.0.2.1/24\n"
			   "*a 3 eth0 192.0.2.1/24\n"
			   "+a 0 eth0 192.0.2.1/24\n"
			   "+a 3 eth0 192.0.2.1/33\n"
			   "+a 3 eth0 192.0.2/24\n"
			   "+a 3 eth0 192.0.2.1\n"
			   "+a 3 eth0 192.0.2.1/24 more\n"
			   "+a 3 averyveryverylonginterfacename 192.0.2.1/24\n"
			   "+a 3 eth0 fe80::1/129\n"
			   "+a 3 eth0 fe80::1/64\n");
	assert_int_equal(count_left(*state, IDENTITY), 1);
}

static void another_boot_or_namespace_is_ignored(void **state)
{
	write_file(*state, "vrrp-agent journal 1 " IDENTITY "\n+a 3 eth0 192.0.2.1/24\n");
	assert_int_equal(count_left(*state, OTHER), 0);
	write_file(*state, "vrrp-agent journal 1 " IDENTITY "0\n+a 3 eth0 192.0.2.1/24\n");
	assert_int_equal(count_left(*state, IDENTITY), 0);
	write_file(*state, "vrrp-agent journal 2 " IDENTITY "\n+a 3 eth0 192.0.2.1/24\n");
	assert_int_equal(count_left(*state, IDENTITY), 0);
	write_file(*state, "vrrp-agent journal 1 " IDENTITY);
	assert_int_equal(count_left(*state, IDENTITY), 0);
	write_file(*state, "");
	assert_int_equal(count_left(*state, IDENTITY), 0);
	write_file(*state, "vrrp-agent journal 1 " IDENTITY "\n+a 3 eth0 192.0.2.1/24\n");
	assert_int_equal(count_left(*state, IDENTITY), 1);
}

static void closing_removes_an_empty_journal_only(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = open_journal(fixture, IDENTITY);

	assert_int_equal(journal_rewrite(journal), 0);
	assert_int_equal(access(fixture->path, F_OK), 0);
	fixture->holding.records[0] = address(3, 1, 24);
	fixture->holding.count = 1;
	journal_close(journal);
	assert_int_equal(count_left(fixture, IDENTITY), 1);

	journal = open_journal(fixture, IDENTITY);
	assert_int_equal(journal_rewrite(journal), 0);
	fixture->holding.count = 0;
	journal_close(journal);
	assert_int_equal(access(fixture->path, F_OK), -1);
}

static void a_journal_that_is_mostly_struck_out_is_written_anew(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = open_journal(fixture, IDENTITY);
	struct journal_record record = address(3, 7, 24);
	struct stat status;

	fixture->holding.records[0] = record;
	fixture->holding.count = 1;
	assert_int_equal(journal_rewrite(journal), 0);
	for (int i = 0; i < 100000; i++) {
		journal_strike(journal, &record);
		journal_add(journal, &record);
		assert_int_equal(journal_flush(journal), 0);
	}
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_in_range(status.st_size, 1, 512 * 1024);
	abandon(fixture, journal);
	assert_int_equal(count_left(fixture, IDENTITY), 1);
}

/* What could not be written is not forgotten, and nothing is written behind a torn line. */
static void a_failed_write_is_made_up_for(void **state)
{
	struct fixture *fixture = *state;
	struct journal *journal = open_journal(fixture, IDENTITY);
	char obstacle[160];

	snprintf(obstacle, sizeof(obstacle), "%s.new", fixture->path);
	assert_int_equal(mkdir(obstacle, 0700), 0);
	assert_true(journal_rewrite(journal) < 0);
	assert_true(journal_flush(journal) < 0);
	assert_int_equal(rmdir(obstacle), 0);
	fixture->holding.records[0] = address(3, 1, 24);
	fixture->holding.count = 1;
	assert_int_equal(journal_flush(journal), 0);
	abandon(fixture, journal);
	assert_int_equal(count_left(fixture, IDENTITY), 1);
}

static void identity_names_boot_and_namespace(void **state)
{
	char one[JOURNAL_IDENTITY], other[JOURNAL_IDENTITY];

	assert_int_equal(journal_identity(one), 0);
	assert_int_equal(journal_identity(other), 0);
	assert_string_equal(one, other);
	assert_int_equal(strcspn(one, " "), 36);
	assert_non_null(strchr(one, ':'));
}

/* The folder has gone: a successor is told by a descriptor, as often as it likes. */
static void saved_for_a_successor(void **state)
{
	struct fixture *fixture = *state;
	const struct journal_record first = address(2, 1, 24), second = address(2, 2, 24);
	struct journal *journal = open_journal(fixture, IDENTITY);
	int saved;

	assert_int_equal(rmdir(fixture->folder), 0);
	fixture->holding = (struct holding){{first, second}, 2};
	journal_add(journal, &first);
	assert_int_equal(journal_flush(journal), -ENOENT);
	saved = journal_save(journal);
	assert_true(saved >= 0);
	journal_close(journal);
	for (int i = 0; i < 2; i++) {
		journal =
			journal_open(fixture->folder, IDENTITY, saved, describe, &fixture->holding);
		assert_non_null(journal);
		assert_true(is_left(journal, &first) && is_left(journal, &second));
		journal_close(journal);
	}
	journal = journal_open(fixture->folder, OTHER, saved, describe, &fixture->holding);
	assert_false(is_left(journal, &first));
	journal_close(journal);
	close(saved);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(no_file_is_an_empty_journal),
		TEST(what_was_flushed_is_left),
		TEST(the_last_word_counts),
		TEST(a_torn_line_does_not_count),
		TEST(what_is_no_record_does_not_count),
		TEST(another_boot_or_namespace_is_ignored),
		TEST(closing_removes_an_empty_journal_only),
		TEST(a_journal_that_is_mostly_struck_out_is_written_anew),
		TEST(a_failed_write_is_made_up_for),
		TEST(identity_names_boot_and_namespace),
		TEST(saved_for_a_successor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

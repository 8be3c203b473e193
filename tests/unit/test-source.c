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
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/conf/load.h"
#include "agent/conf/text/source.h"

/* A folder of its own for each test. */
static char folder[64];

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *stream = fopen(path_of(name), "w");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0);
	assert_int_equal(fclose(stream), 0);
}

static int setup(void **state)
{
	strcpy(folder, "/tmp/conf-source-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

#define PART(name, vrid)                                                    \
	"vrrp_instance " name " {\ninterface eth0\nvirtual_router_id " vrid \
	"\ninclude addresses/" name "\n}\n"

static void put_tree(void)
{
	assert_int_equal(mkdir(path_of("parts"), 0700), 0);
	assert_int_equal(mkdir(path_of("parts/addresses"), 0700), 0);
	put("main.conf", "include parts/*.conf\nglobal_defs {\nrouter_id last\n}\n");
	put("parts/a.conf", PART("A", "1"));
	put("parts/b.conf", PART("B", "2"));
	put("parts/addresses/A", "virtual_ipaddress {\n192.0.2.1\n}\n");
	put("parts/addresses/B", "virtual_ipaddress {\n192.0.2.2");
}

static struct config *load(const struct conf_source *source)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = conf_load_source(source, NULL, &diagnostics);

	conf_diagnostics_clear(&diagnostics);
	return config;
}

/* Paths in an included file are relative to that file; blocks may be cut up by files. */
static void test_includes(void **state)
{
	struct conf_source *source;
	struct config *config;

	put_tree();
	put("parts/addresses/B", "virtual_ipaddress {\n192.0.2.2\n}\n");
	assert_int_equal(conf_source_read(path_of("main.conf"), NULL, &source), 0);
	assert_int_equal(source->text_count, 5);
	config = load(source);
	assert_non_null(config);
	assert_int_equal(config->instance_count, 2);
	assert_string_equal(config->instances[0]->name, "A");
	assert_string_equal(config->instances[1]->name, "B");
	assert_int_equal(config->instances[1]->addresses.count, 1);
	assert_string_equal(
		config->instances[1]->addresses.items[0].origin.file, path_of("parts/addresses/B"));
	assert_string_equal(config->globals.router_id, "last");
	config_free(config);
	conf_source_free(source);
}

/* What was accepted is what a restarted process gets, whatever is on the disk by then. */
static void test_save_and_restore(void **state)
{
	struct conf_source *source, *restored;
	struct config *before, *after;
	int fd = memfd_create("source", MFD_CLOEXEC);

	put_tree();
	put("parts/addresses/B", "virtual_ipaddress {\n192.0.2.2\n}\ninclude none-*\ninclude no\n");
	assert_true(fd >= 0);
	assert_int_equal(conf_source_read(path_of("main.conf"), NULL, &source), 0);
	before = load(source);
	assert_non_null(before);
	assert_int_equal(conf_source_save(source, fd), 0);
	put("main.conf", "somebody is editing this");
	assert_int_equal(conf_source_restore(fd, &restored), 0);
	after = load(restored);
	assert_non_null(after);
	assert_true(config_equal(before, after));
	assert_string_equal(after->instances[1]->addresses.items[0].origin.file,
		before->instances[1]->addresses.items[0].origin.file);
	config_free(before);
	config_free(after);
	conf_source_free(source);
	conf_source_free(restored);
	close(fd);
}

/* Each octet of a saved source is broken in turn: no crash, no endless walk. */
static void test_restore_damaged(void **state)
{
	struct conf_source *source;
	int fd = memfd_create("source", MFD_CLOEXEC), result;
	unsigned refused = 0;
	off_t size;

	put_tree();
	assert_int_equal(conf_source_read(path_of("main.conf"), NULL, &source), 0);
	assert_int_equal(conf_source_save(source, fd), 0);
	conf_source_free(source);
	size = lseek(fd, 0, SEEK_END);
	assert_true(size > 100);
	for (off_t i = 0; i < size; i++) {
		unsigned char octet, broken;

		assert_int_equal(pread(fd, &octet, 1, i), 1);
		broken = octet ^ 0x81;
		assert_int_equal(pwrite(fd, &broken, 1, i), 1);
		result = conf_source_restore(fd, &source);
		assert_true(result == 0 || result == -EBADMSG);
		refused += result != 0;
		if (result == 0) {
			config_free(load(source));
			conf_source_free(source);
		}
		assert_int_equal(pwrite(fd, &octet, 1, i), 1);
	}
	assert_true(refused > 20);
	assert_int_equal(ftruncate(fd, size - 1), 0);
	assert_int_equal(conf_source_restore(fd, &source), -EBADMSG);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(conf_source_restore(fd, &source), -EBADMSG);
	close(fd);
}

/* A text that would be its own child, or the child of two, makes no tree. */
static void test_restore_no_tree(void **state)
{
	struct conf_source *source, *restored;
	int fd = memfd_create("source", MFD_CLOEXEC);

	put_tree();
	assert_int_equal(conf_source_read(path_of("main.conf"), NULL, &source), 0);
	assert_int_equal(conf_source_save(source, fd), 0);
	assert_int_equal(conf_source_restore(fd, &restored), 0);
	conf_source_free(restored);
	for (uint32_t child = 0; child < source->text_count; child += 2) {
		uint32_t whole = source->children[0];

		/* the first is 0, who is nobody's child; the others have a parent already */
		if (whole == child)
			continue;
		source->children[0] = child;
		assert_int_equal(conf_source_save(source, fd), 0);
		assert_int_equal(conf_source_restore(fd, &restored), -EBADMSG);
		source->children[0] = whole;
	}
	conf_source_free(source);
	close(fd);
}

static void test_what_cannot_be_read(void **state)
{
	struct conf_source *source;
	struct conf_diagnostics diagnostics = {0};

	assert_int_equal(conf_source_read(path_of("none"), NULL, &source), -ENOENT);
	assert_int_equal(conf_source_read(folder, NULL, &source), -EISDIR);
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	assert_int_equal(conf_source_read(path_of("fifo"), NULL, &source), -EINVAL);
	assert_null(conf_load(path_of("none"), NULL, NULL, &diagnostics));
	assert_int_equal(diagnostics.count, 1);
	assert_string_equal(
		diagnostics.items[0].message, "cannot read the file: No such file or directory");
	conf_diagnostics_clear(&diagnostics);
}

/* Two files that include each other twice: found at once, not after 2^32 files. */
static void test_loop(void **state)
{
	struct conf_source *source;

	put("a.conf", "include b.conf\ninclude b.conf\n");
	put("b.conf", "include a.conf\ninclude a.conf\n");
	assert_int_equal(conf_source_read(path_of("a.conf"), NULL, &source), 0);
	assert_int_equal(source->text_count, 3);
	assert_int_equal(source->include_count, 6);
	assert_int_equal(source->includes[1].parent, 1);
	assert_int_equal(source->includes[1].error, -ELOOP);
	conf_source_free(source);
}

static void test_depth(void **state)
{
	struct conf_source *source;
	char name[32], text[64];

	for (int i = 0; i < CONF_INCLUDE_DEPTH_MAX + 8; i++) {
		snprintf(name, sizeof(name), "%d.conf", i);
		snprintf(text, sizeof(text), "include %d.conf\n", i + 1);
		put(name, text);
	}
	assert_int_equal(conf_source_read(path_of("0.conf"), NULL, &source), 0);
	assert_int_equal(source->text_count, CONF_INCLUDE_DEPTH_MAX);
	assert_null(load(source));
	conf_source_free(source);
}

/* A file that is there and can't be read might hold routers: never go on without them. */
static void test_unreadable_include(void **state)
{
	static const struct {
		int error;
		bool refused;
	} cases[] = {{-EACCES, true}, {-EIO, true}, {-EFBIG, true}, {-EMFILE, true},
		{-ENOENT, false}, {-EISDIR, false}, {-EINVAL, false}};
	struct conf_source *source;

	put("part.conf", "");
	put("main.conf", "include part.conf\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf_diagnostics diagnostics = {0};
		struct config *config;

		assert_int_equal(conf_source_read(path_of("main.conf"), NULL, &source), 0);
		source->includes[0].error = cases[i].error;
		source->includes[0].count = 0;
		source->includes[0].failed = strdup("part.conf");
		config = conf_load_source(source, NULL, &diagnostics);
		assert_int_equal(config == NULL, cases[i].refused);
		assert_int_equal(diagnostics.count, 1);
		assert_non_null(
			strstr(diagnostics.items[0].message, conf_source_problem(cases[i].error)));
		config_free(config);
		conf_diagnostics_clear(&diagnostics);
		conf_source_free(source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_includes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_save_and_restore, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restore_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restore_no_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unreadable_include, setup, teardown),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * Loads each tests/conf/{good,bad}/NAME.conf and compares all that is said with NAME.expect.
 * A good file must load to a model that, written back and loaded again, is the same.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/conf/dump.h"
#include "agent/conf/load.h"

#define BAD_MIN	     112
#define REPAIRED_MIN 110
#define GOOD_MIN     15
#define LANGUAGE_MIN 4

static char *read_expected(const char *path)
{
	char name[256], *text = calloc(1, 1 << 16);
	FILE *stream;

	snprintf(name, sizeof(name), "%.*s.expect", (int)(strlen(path) - strlen(".conf")), path);
	stream = fopen(name, "r");
	if (!stream)
		fail_msg("%s is missing", name);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 16) - 1, stream) > 0);
	fclose(stream);
	return text;
}

static char *dumped(const struct config *config)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	conf_dump(config, stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void check_round_trip(const char *path, const struct config *config)
{
	struct conf_diagnostics diagnostics = {0};
	char *text = dumped(config);
	struct config *again = conf_load_text("dump", text, strlen(text), NULL, &diagnostics);

	if (!again || !config_equal(config, again))
		fail_msg("%s is not the same after:\n%s", path, text);
	config_free(again);
	free(text);
	conf_diagnostics_clear(&diagnostics);
}

static void check_file(const char *path, enum conf_result least, enum conf_result most)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = conf_load(path, "main", NULL, &diagnostics);
	enum conf_result result = conf_diagnostics_result(&diagnostics);
	char *said = NULL, *expected = read_expected(path);
	size_t length;
	FILE *stream = open_memstream(&said, &length);

	assert_non_null(stream);
	conf_diagnostics_print(&diagnostics, stream);
	fprintf(stream, "result %d\n", result);
	assert_int_equal(fclose(stream), 0);
	if (strcmp(said, expected) != 0)
		fail_msg("%s says\n%s\ninstead of\n%s", path, said, expected);
	assert_true(result >= least && result <= most);
	assert_int_equal(config != NULL, result != CONF_REFUSED);
	if (config)
		check_round_trip(path, config);
	config_free(config);
	free(said);
	free(expected);
	conf_diagnostics_clear(&diagnostics);
}

static void check_files(
	const char *pattern, size_t minimum, enum conf_result least, enum conf_result most)
{
	glob_t files;

	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= minimum);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_file(files.gl_pathv[i], least, most);
	globfree(&files);
}

/* The lines of a repair, "NUMBER TEXT": all that have a number stand for that line. */
static bool put_repair(FILE *out, FILE *repair, unsigned number)
{
	char line[512];
	bool some = false;

	rewind(repair);
	while (fgets(line, sizeof(line), repair)) {
		char *text;

		if (strtoul(line, &text, 10) != number)
			continue;
		fputs(text + (*text == ' '), out);
		some = true;
	}
	return some;
}

static char *repaired(const char *path, const char *repair_path, size_t *length)
{
	FILE *broken = fopen(path, "r"), *repair = fopen(repair_path, "r"), *out;
	char line[512], *text = NULL;

	assert_non_null(broken);
	assert_non_null(repair);
	out = open_memstream(&text, length);
	assert_non_null(out);
	for (unsigned number = 1; fgets(line, sizeof(line), broken); number++)
		if (!put_repair(out, repair, number))
			fputs(line, out);
	assert_int_equal(fclose(out), 0);
	fclose(repair);
	fclose(broken);
	return text;
}

/* What is refused is refused for nothing else than what is said: without it, it is accepted. */
static void check_repair(const char *repair_path)
{
	struct conf_diagnostics diagnostics = {0};
	struct conf_source *source = conf_source_new("main");
	struct config *config;
	char path[256], *text;
	size_t length;

	snprintf(path, sizeof(path), "%.*s.conf", (int)(strlen(repair_path) - strlen(".repair")),
		repair_path);
	text = repaired(path, repair_path, &length);
	assert_non_null(source);
	assert_int_equal(conf_source_add(source, path, text, length, NULL), 0);
	config = conf_load_source(source, NULL, &diagnostics);
	if (!config) {
		conf_diagnostics_print(&diagnostics, stdout);
		fail_msg("%s is not accepted when it is repaired:\n%s", path, text);
	}
	config_free(config);
	conf_source_free(source);
	conf_diagnostics_clear(&diagnostics);
}

static void test_repaired_files(void **state)
{
	glob_t repairs;

	assert_int_equal(glob("bad/*.repair", 0, NULL, &repairs), 0);
	assert_true(repairs.gl_pathc >= REPAIRED_MIN);
	for (size_t i = 0; i < repairs.gl_pathc; i++)
		check_repair(repairs.gl_pathv[i]);
	globfree(&repairs);
}

static void test_bad_files(void **state)
{
	check_files("bad/*.conf", BAD_MIN, CONF_REFUSED, CONF_REFUSED);
}

static void test_good_files(void **state)
{
	check_files("good/*.conf", GOOD_MIN, CONF_GOOD, CONF_USABLE);
}

/* Nothing at all is said about common files. */
static void test_silence(void **state)
{
	static const char *const silent[] = {"good/plain.conf", "good/backup.conf",
		"good/ipv6.conf", "good/one-line.conf", "good/owner.conf", "good/snmp.conf",
		"good/including.conf"};

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		check_file(silent[i], CONF_GOOD, CONF_GOOD);
}

/* What the language makes of NAME.conf is what NAME.plain spells out. */
static void test_language(void **state)
{
	glob_t files;

	assert_int_equal(glob("good/language-*.plain", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= LANGUAGE_MIN);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct conf_diagnostics diagnostics = {0};
		const char *plain = files.gl_pathv[i];
		char name[256];
		struct config *meant = conf_load(plain, "main", NULL, &diagnostics), *made;

		snprintf(name, sizeof(name), "%.*s.conf", (int)(strlen(plain) - strlen(".plain")),
			plain);
		made = conf_load(name, "main", NULL, &diagnostics);
		assert_non_null(meant);
		assert_non_null(made);
		if (!config_equal(made, meant))
			fail_msg("%s is read as\n%s", name, dumped(made));
		config_free(made);
		config_free(meant);
		conf_diagnostics_clear(&diagnostics);
	}
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_repaired_files),
		cmocka_unit_test(test_good_files),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_language),
	};
	const char *top = getenv("TOP_SRCDIR");

	/* messages name files as they were given */
	if (chdir(top ? top : ".") < 0 || chdir("tests/conf") < 0) {
		puts("Bail out! tests/conf is not there");
		return 1;
	}
	return cmocka_run_group_tests_name("conf-files", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/conf/text/diagnose.h"
#include "agent/conf/text/source.h"

static char *printed(const struct conf_diagnostics *diagnostics)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	conf_diagnostics_print(diagnostics, stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void assert_shown(const char *line, unsigned column, const char *expected)
{
	const struct conf_place place = {
		.file = "f",
		.line = 7,
		.column = column,
		.text = line,
		.text_length = strlen(line),
	};
	struct conf_diagnostics diagnostics = {0};
	char *text;

	conf_diagnose(&diagnostics, CONF_ERROR, &place, "wrong %d", 1);
	text = printed(&diagnostics);
	assert_string_equal(text, expected);
	free(text);
	conf_diagnostics_clear(&diagnostics);
}

static void test_caret(void **state)
{
	assert_shown("abc", 2, "f:7:2: error: wrong 1\nabc\n ^\n");
	assert_shown("\ta\tb", 4, "f:7:4: error: wrong 1\n\ta\tb\n\t \t^\n");
	/* two columns for each of two ideographs, one for an accented letter, none for a mark */
	assert_shown("\xe6\x97\xa5\xe6\x9c\xac\xc3\xa9x", 4,
		"f:7:4: error: wrong 1\n\xe6\x97\xa5\xe6\x9c\xac\xc3\xa9x\n     ^\n");
	assert_shown("e\xcc\x81x", 3, "f:7:3: error: wrong 1\ne\xcc\x81x\n ^\n");
	/* octets that are no UTF-8, and control characters */
	assert_shown("\xe6\x97x\x01y\r", 3, "f:7:3: error: wrong 1\n\xe6\x97x?y\n  ^\n");
	assert_shown("ab", 9, "f:7:9: error: wrong 1\nab\n  ^\n");
}

static void test_passwords_are_masked(void **state)
{
	assert_shown("auth_pass secret", 11,
		"f:7:11: error: wrong 1\nauth_pass ********\n          ^\n");
	assert_shown("{ auth_type PASS auth_pas secret", 1,
		"f:7:1: error: wrong 1\n{ auth_type PASS auth_pas ********\n^\n");
	assert_shown("auth_type PASS", 1, "f:7:1: error: wrong 1\nauth_type PASS\n^\n");
}

static void test_result(void **state)
{
	struct conf_diagnostics diagnostics = {0};
	const struct conf_place place = {.file = "f", .line = 2, .column = 1};
	const struct origin origin = {.file = "f", .line = 1, .column = 3};
	char *text;

	assert_int_equal(conf_diagnostics_result(&diagnostics), CONF_GOOD);
	conf_diagnose(&diagnostics, CONF_WARNING, &place, "second");
	assert_int_equal(conf_diagnostics_result(&diagnostics), CONF_USABLE);
	conf_diagnose_origin(&diagnostics, CONF_ERROR, &origin, "first");
	assert_int_equal(conf_diagnostics_result(&diagnostics), CONF_REFUSED);
	text = printed(&diagnostics);
	assert_string_equal(text, "f:2:1: warning: second\nf:1:3: error: first\n");
	free(text);
	conf_diagnostics_clear(&diagnostics);
	assert_int_equal(conf_diagnostics_result(&diagnostics), CONF_GOOD);
}

/* From top to bottom, files as they were read; what is about no line comes last, and what is about
 * one place stays as it was said. */
static void test_order(void **state)
{
	static const struct {
		const char *file, *message;
		uint32_t line, column;
	} said[] = {
		{"/z", "whole", 0, 0},
		{"overlay", "other", 1, 1},
		{"/a", "included", 1, 1},
		{"/z", "z10", 10, 1},
		{"/z", "z9 second", 9, 2},
		{"", "nowhere", 0, 0},
		{"/z", "z9 b", 9, 1},
		{"/z", "z9 a", 9, 1},
	};
	struct conf_text texts[] = {{.name = "/z"}, {.name = "/a"}};
	const struct conf_source source = {.texts = texts, .text_count = 2};
	struct conf_diagnostics diagnostics = {0};
	char *text;

	conf_diagnostics_sort(&diagnostics, &source);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		const struct conf_place place = {
			.file = said[i].file, .line = said[i].line, .column = said[i].column};

		conf_diagnose(&diagnostics, i % 2 ? CONF_ERROR : CONF_WARNING, &place, "%s",
			said[i].message);
		conf_diagnostics_sort(&diagnostics, &source);
	}
	text = printed(&diagnostics);
	assert_string_equal(text,
		"/z:9:1: warning: z9 b\n/z:9:1: error: z9 a\n/z:9:2: warning: z9 second\n"
		"/z:10:1: error: z10\n/a:1:1: warning: included\noverlay:1:1: error: other\n"
		"/z: warning: whole\nerror: nowhere\n");
	free(text);
	conf_diagnostics_clear(&diagnostics);
}

/* A file that is no configuration has errors without end: memory has one. */
static void test_limit(void **state)
{
	struct conf_diagnostics diagnostics = {0};
	const struct conf_place place = {.file = "f", .line = 1, .column = 1};
	char *text;

	for (int i = 0; i < CONF_DIAGNOSTICS_MAX + 5; i++)
		conf_diagnose(&diagnostics, CONF_WARNING, &place, "again");
	conf_diagnose(&diagnostics, CONF_ERROR, &place, "unheard");
	assert_int_equal(diagnostics.count, CONF_DIAGNOSTICS_MAX);
	assert_int_equal(conf_diagnostics_result(&diagnostics), CONF_REFUSED);
	text = printed(&diagnostics);
	assert_non_null(strstr(text, "again\nand 6 more\n"));
	free(text);
	conf_diagnostics_clear(&diagnostics);
}

static void test_distance(void **state)
{
	assert_int_equal(conf_edit_distance("", ""), 0);
	assert_int_equal(conf_edit_distance("", "abc"), 3);
	assert_int_equal(conf_edit_distance("priority", "priorty"), 1);
	assert_int_equal(conf_edit_distance("priority", "prioirty"), 1);
	assert_int_equal(conf_edit_distance("kitten", "sitting"), 3);

	assert_int_equal(conf_resembles("state", "state"), 0);
	assert_int_equal(conf_resembles("master", "MASTER"), 1);
	assert_int_equal(conf_resembles("ab", "cd"), 0);
	assert_int_equal(conf_resembles("intreface", "interface"), 1);
	assert_int_equal(conf_resembles("frobnicate", "interface"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caret),
		cmocka_unit_test(test_passwords_are_masked),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests_name("diagnose", tests, NULL, NULL);
}

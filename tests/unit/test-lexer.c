/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/conf/text/lexer.h"

static const char kinds[] = {
	[TOKEN_WORD] = 'w',
	[TOKEN_OPEN] = '{',
	[TOKEN_CLOSE] = '}',
	[TOKEN_NEWLINE] = '/',
	[TOKEN_INCLUDE] = 'i',
	[TOKEN_BAD] = '?',
	[TOKEN_END] = '.',
};

/* One letter for each token of a text. */
static void assert_kinds(const char *text, const char *expected)
{
	struct conf_lexer lexer;
	char seen[64] = "";
	size_t count = 0;

	conf_lexer_init(&lexer, "test", text, strlen(text));
	do
		seen[count] = kinds[conf_lexer_next(&lexer).kind];
	while (seen[count++] != '.' && count < sizeof(seen) - 1);
	assert_string_equal(seen, expected);
}

static void test_kinds(void **state)
{
	assert_kinds("", ".");
	assert_kinds("a b", "ww.");
	assert_kinds("a b\n", "ww/.");
	assert_kinds("a {\nb c\n}\n", "w{/ww/}/.");
	assert_kinds("a{b}c", "w{w}w.");
	assert_kinds("# all\n ! all\na#b\na!b", "//w/w.");
	assert_kinds("\"a # ! { } b\" 'c d'", "ww.");
	assert_kinds("a\"b c\"d'e f'", "w.");
	assert_kinds("a \"b\nc", "w?/w.");
	assert_kinds("a 'b\\' c'", "ww.");
	assert_kinds("a\r\nb\r\n", "w/w/.");
	assert_kinds("\xef\xbb\xbf"
		     "a",
		"w.");
	assert_kinds("a \x01 b \x02", "w?.");
	assert_kinds("a \x01 b\nc", "w?/w.");
	assert_kinds("x ${a}b {", "ww{.");
	assert_kinds("x ${a", "ww.");
	assert_kinds("include /a/{b,c}.conf # d\ne", "i/w.");
	assert_kinds("x include y", "www.");
	assert_kinds("includes y", "ww.");
}

static void assert_value(const char *word, const char *expected)
{
	struct conf_lexer lexer;
	struct conf_token token;
	char value[128];

	conf_lexer_init(&lexer, "test", word, strlen(word));
	token = conf_lexer_next(&lexer);
	assert_int_equal(token.kind, TOKEN_WORD);
	assert_int_equal(token.length, strlen(word));
	assert_int_equal(conf_token_value(&token, value), strlen(expected));
	assert_string_equal(value, expected);
}

static void test_values(void **state)
{
	struct conf_lexer lexer;
	struct conf_token token;
	char value[16];

	assert_value("plain", "plain");
	assert_value("a\\b", "a\\b");
	assert_value("\"a b\"", "a b");
	assert_value("'a \"b\"'", "a \"b\"");
	assert_value("x\"y z\"w", "xy zw");
	assert_value("\"\\\"\\\\\\q\"", "\"\\q");
	assert_value("\"\\a\\b\\E\\f\\n\\r\\t\\v\"", "\a\b\033\f\n\r\t\v");
	assert_value("\"\\101\\x42\\x4g\\cC\"", "AB\x04g\x03");
	assert_value("\"\"", "");

	conf_lexer_init(&lexer, "test", "\"\\0\"", 4);
	token = conf_lexer_next(&lexer);
	assert_int_equal(conf_token_value(&token, value), -22);
}

static struct conf_token nth(const char *text, unsigned n)
{
	struct conf_lexer lexer;
	struct conf_token token;

	conf_lexer_init(&lexer, "test", text, strlen(text));
	do
		token = conf_lexer_next(&lexer);
	while (n-- > 0);
	return token;
}

static void test_places(void **state)
{
	struct conf_token token = nth("a\n\tb  c", 3);

	assert_int_equal(token.place.line, 2);
	assert_int_equal(token.place.column, 5);
	assert_int_equal(token.place.text_length, 5);
	assert_memory_equal(token.place.text, "\tb  c", 5);
	assert_string_equal(token.place.file, "test");

	/* characters are counted, not octets */
	token = nth("\"\xc3\xa9\xe6\x97\xa5\" x", 1);
	assert_int_equal(token.place.column, 6);

	assert_true(nth(" a b", 0).first_on_line);
	assert_false(nth(" a b", 1).first_on_line);
	assert_true(nth("a#b", 0).glued_comment);
	assert_false(nth("a #b", 0).glued_comment);
	assert_true(nth("a'b'", 0).quoted);
}

static void test_include_argument(void **state)
{
	struct conf_token token = nth("include \"/a b/*.conf\"  # c", 0);

	assert_int_equal(token.kind, TOKEN_INCLUDE);
	assert_int_equal(token.length, 7);
	assert_int_equal(token.argument_length, 11);
	assert_memory_equal(token.argument, "/a b/*.conf", 11);
	assert_int_equal(nth("include", 0).argument_length, 0);
}

static void test_long_line(void **state)
{
	const size_t length = 1 << 20;
	char *text = malloc(length + 1);
	struct conf_lexer lexer;
	struct conf_token token;

	/* a million octets of two-character words, then one more */
	assert_non_null(text);
	for (size_t i = 0; i < length; i++)
		text[i] = i % 2 ? ' ' : 'w';
	text[length - 2] = 'x';
	text[length] = '\0';
	conf_lexer_init(&lexer, "test", text, length);
	do
		token = conf_lexer_next(&lexer);
	while (token.kind == TOKEN_WORD && *token.start != 'x');
	assert_int_equal(token.place.column, length - 1);
	assert_int_equal(conf_lexer_next(&lexer).kind, TOKEN_END);
	free(text);
}

static void test_take_line(void **state)
{
	struct conf_lexer lexer;
	const char *text = "a\n b # c\n\nd";
	struct conf_place place;

	conf_lexer_init(&lexer, "test", text, strlen(text));
	assert_true(conf_lexer_at_line(&lexer));
	conf_lexer_next(&lexer);
	assert_false(conf_lexer_at_line(&lexer));
	conf_lexer_next(&lexer);
	assert_true(conf_lexer_at_line(&lexer));
	place = conf_lexer_take_line(&lexer);
	assert_int_equal(place.line, 2);
	assert_int_equal(place.column, 1);
	assert_int_equal(place.text_length, 6);
	assert_memory_equal(place.text, " b # c", 6);
	assert_int_equal(conf_uncommented(place.text, place.text_length), 3);
	assert_int_equal(conf_lexer_next(&lexer).kind, TOKEN_NEWLINE);
	assert_true(conf_lexer_at_line(&lexer));
	assert_int_equal(conf_lexer_take_line(&lexer).text_length, 0);
	assert_int_equal(conf_lexer_next(&lexer).kind, TOKEN_NEWLINE);
	assert_int_equal(conf_lexer_next(&lexer).place.line, 4);
	assert_int_equal(conf_lexer_next(&lexer).kind, TOKEN_END);
	assert_false(conf_lexer_at_line(&lexer));
}

static void test_comment(void **state)
{
	static const struct {
		const char *line;
		size_t length;
	} lines[] = {{"", 0}, {"# a", 0}, {"a !b", 2}, {"\"#\" '!' #", 8}, {"\"a # b", 6},
		{"'\\'# ' !", 7}};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(
			conf_uncommented(lines[i].line, strlen(lines[i].line)), lines[i].length);
}

/* A line made of pieces: places are those of the pieces, and # is a character. */
static void test_made_line(void **state)
{
	const struct conf_via via = {.name = "X"};
	const struct conf_run runs[] = {
		{0, {.file = "f", .line = 3, .column = 5}, false, false},
		{2, {.file = "f", .line = 3, .column = 7, .via = &via}, true, false},
		{6, {.file = "g", .line = 4, .column = 1}, false, true},
	};
	const struct conf_made_line line = {"a b#c d ${e}", 12, runs, 3, true};
	struct conf_lexer lexer;
	struct conf_token token;

	conf_lexer_init_line(&lexer, &line);
	token = conf_lexer_next(&lexer);
	assert_int_equal(token.place.line, 3);
	assert_int_equal(token.place.column, 5);
	assert_null(token.place.via);
	token = conf_lexer_next(&lexer);
	assert_int_equal(token.length, 3);
	assert_int_equal(token.place.column, 7);
	assert_ptr_equal(token.place.via, &via);
	token = conf_lexer_next(&lexer);
	assert_string_equal(token.place.file, "g");
	assert_int_equal(token.kind, TOKEN_BAD);
	assert_null(token.problem);
	token = conf_lexer_next(&lexer);
	assert_int_equal(token.place.column, 3);
	assert_int_equal(token.length, 4);
	assert_int_equal(conf_lexer_next(&lexer).kind, TOKEN_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_include_argument),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_take_line),
		cmocka_unit_test(test_comment),
		cmocka_unit_test(test_made_line),
	};

	return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* What a mail says: keepalived's words, and nothing that a name could add to them. */
#include "check/mail/mailtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <nettle/base64.h>

#define MANY 100

static char *one[] = {"root@localhost"};

static struct mailtext sample(void)
{
	return (struct mailtext){.router_id = "node-00",
		.from = "agent@localhost",
		.host = "host.example",
		.to = one,
		.to_count = 1,
		.name = "VI_1",
		.word = "MASTER",
		.at = 1700000000,
		.moment = 255,
		.number = 7};
}

static char *compose(const struct mailtext *mail)
{
	size_t length;
	char *text = mailtext_compose(mail, &length);

	assert_non_null(text);
	assert_int_equal(strlen(text), length);
	return text;
}

static void expect(const struct mailtext *mail, const char *expected)
{
	char *text = compose(mail);

	assert_string_equal(text, expected);
	free(text);
}

static void test_instance_and_group(void **state)
{
	struct mailtext mail = sample();

	setenv("TZ", "UTC-1", 1);
	expect(&mail, "Date: Tue, 14 Nov 2023 23:13:20 +0100\r\nFrom: agent@localhost\r\n"
		      "Subject: [node-00] VRRP Instance VI_1 - Entering MASTER state\r\n"
		      "X-Mailer: vrrp-agent\r\nTo: root@localhost\r\n"
		      "Message-ID: <ff.7.vrrp-agent@host.example>\r\n"
		      "Auto-Submitted: auto-generated\r\n\r\n"
		      "=> VRRP Instance is now owning VRRP VIPs <=\r\n\r\n");
	mail.group = true;
	mail.word = "FAULT";
	expect(&mail, "Date: Tue, 14 Nov 2023 23:13:20 +0100\r\nFrom: agent@localhost\r\n"
		      "Subject: [node-00] VRRP Group VI_1 - Entering FAULT state\r\n"
		      "X-Mailer: vrrp-agent\r\nTo: root@localhost\r\n"
		      "Message-ID: <ff.7.vrrp-agent@host.example>\r\n"
		      "Auto-Submitted: auto-generated\r\n\r\n"
		      "=> All VRRP group instances are now in FAULT state <=\r\n\r\n");
}

/* Each header once, in its place, and no line that is neither a header nor a fold. */
static void check_structure(const char *text)
{
	static const char *const names[] = {"Date: ", "From: ", "Subject: ", "X-Mailer: ", "To: ",
		"Message-ID: ", "Auto-Submitted: "};
	size_t name = 0;

	while (strncmp(text, "\r\n", 2) != 0) {
		const char *end = strstr(text, "\r\n");

		assert_non_null(end);
		assert_true(end - text <= 998);
		for (const char *c = text; c < end; c++)
			assert_true((unsigned char)*c >= ' ' && (unsigned char)*c < 0x7f);
		if (*text != ' ') {
			assert_true(name < sizeof(names) / sizeof(*names));
			assert_memory_equal(text, names[name], strlen(names[name]));
			name++;
		}
		text = end + 2;
	}
	assert_int_equal(name, sizeof(names) / sizeof(*names));
	assert_memory_equal(text + 2, "=> ", 3);
}

/* Whatever octets stand in the strings. */
static void test_nothing_adds_a_header(void **state)
{
	static const char *const nasty[] = {"a\r\nBcc: all@example.com", "a\nBcc: b",
		"\r\n\r\nbody", "a\rb", "\x01\x7f", "\xff\xfe\x80", "=?UTF-8?B?Cg==?=", "",
		"\r\n.\r\n"};

	for (size_t i = 0; i < sizeof(nasty) / sizeof(*nasty); i++) {
		char *to[] = {(char *)nasty[i], (char *)nasty[i]};
		struct mailtext mail = sample();
		char *text;

		mail.name = nasty[i];
		mail.router_id = nasty[i];
		mail.host = i == 5 ? "h" : nasty[i];
		mail.from = i == 5 ? "f" : nasty[i];
		mail.to = i == 5 ? one : to;
		mail.to_count = i == 5 ? 1 : 2;
		text = compose(&mail);
		check_structure(text);
		free(text);
	}
}

/* The subject as a reader shows it. */
static void decode_subject(const char *text, char *out)
{
	const char *word = strstr(text, "Subject: ") + strlen("Subject: ");

	while (strncmp(word, "=?UTF-8?B?", 10) == 0) {
		size_t length = strcspn(word + 10, "?"), octets = BASE64_DECODE_LENGTH(length);
		struct base64_decode_ctx context;

		assert_true(length + 12 <= 75);
		base64_decode_init(&context);
		assert_true(
			base64_decode_update(&context, &octets, (uint8_t *)out, length, word + 10));
		assert_true(base64_decode_final(&context));
		out += octets;
		word += 10 + length + 2;
		if (strncmp(word, "\r\n ", 3) == 0)
			word += 3;
	}
	assert_memory_equal(word, "\r\n", 2);
	*out = '\0';
}

static void test_names_in_other_scripts(void **state)
{
	static const char name[] = "Gateway-Übergang-主路由器-主路由器-主路由器-主路由器-Ω";
	struct mailtext mail = sample();
	char subject[512], expected[512], *text;

	for (size_t skip = 0; skip < 4; skip++) {
		mail.name = name + skip;
		snprintf(expected, sizeof(expected),
			"[node-00] VRRP Instance %s - Entering MASTER state", mail.name);
		text = compose(&mail);
		check_structure(text);
		decode_subject(text, subject);
		assert_string_equal(subject, expected);
		free(text);
	}
}

static void test_long_names_and_many_recipients(void **state)
{
	char *to[MANY], name[2001], *text, *line;
	struct mailtext mail = sample();
	size_t commas = 0;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < MANY; i++)
		to[i] = "somebody-with-a-long-name@a-department.example.com";
	mail.name = name;
	mail.to = to;
	mail.to_count = MANY;
	text = compose(&mail);
	check_structure(text);
	line = strstr(text, "To: ");
	for (; line < strstr(text, "Message-ID"); line++)
		commas += *line == ',';
	assert_int_equal(commas, MANY - 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instance_and_group),
		cmocka_unit_test(test_nothing_adds_a_header),
		cmocka_unit_test(test_names_in_other_scripts),
		cmocka_unit_test(test_long_names_and_many_recipients),
	};

	return cmocka_run_group_tests_name("mailtext", tests, NULL, NULL);
}

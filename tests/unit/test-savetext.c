/* SPDX-License-Identifier: ISC */
/* What management changed, written into the file's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/conf/load.h"
#include "agent/core/overlay.h"
#include "agent/core/savetext.h"
#include "tests/unit/core-lab.h"

#define REST	   "interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n 192.0.2.7\n }\n"
#define CHANGED	   "vrrp_instance A {\n    priority 150\n}\n"
#define STAYS	   CHANGED /* in the overlay */
#define FILE_OF(x) "vrrp_instance A {\n " REST " " x "}\n"
#define SECOND_FILE                                                                         \
	"vrrp_instance B {\n interface eth0\n virtual_router_id 8\n virtual_ipaddress {\n " \
	"192.0.2.8\n }\n}\n"

/* Applies the overlay to the file, and saves it: the file is to be `after`, `left` stays.  Both
 * together mean what they meant. */
static void check(const char *file, const char *overlay, const char *after, const char *left)
{
	struct conf_diagnostics diagnostics = {0};
	struct overlay_aside aside, rest;
	struct config *config = lab_config(file), *again;
	struct saved_text saved;

	assert_int_equal(
		overlay_apply(config, "overlay", overlay, strlen(overlay), &aside, &diagnostics),
		0);
	assert_null(aside.text);
	assert_int_equal(savetext_make(config, file, strlen(file), &saved), 0);
	assert_string_equal(saved.text, after);
	assert_string_equal(saved.left, left);
	assert_int_equal(saved.written > 0, strcmp(file, after) != 0);
	again = lab_config(saved.text);
	assert_int_equal(
		overlay_apply(again, "overlay", saved.left, saved.left_length, &rest, &diagnostics),
		0);
	assert_true(config_equal(again, config));
	savetext_clear(&saved);
	conf_diagnostics_clear(&diagnostics);
	config_free(again);
	config_free(config);
}

static void values_change_where_they_stand(void **state)
{
	check(FILE_OF("priority 90 # why\n"), CHANGED, FILE_OF("priority 150 # why\n"), "");
	check(FILE_OF("priority 90\r\n"), CHANGED, FILE_OF("priority 150\r\n"), "");
	check(FILE_OF("priority 90\n priority 91\n nopreempt\n"), CHANGED,
		FILE_OF("priority 150\n nopreempt\n"), "");
}

static void new_ones_follow_at_the_end_of_the_block(void **state)
{
	check("vrrp_instance A {\n " REST "}", CHANGED,
		"vrrp_instance A {\n " REST "    priority 150\n}", "");
	check("vrrp_instance \"A\"\n{\n " REST " # }\n}\n", CHANGED,
		"vrrp_instance \"A\"\n{\n " REST " # }\n    priority 150\n}\n", "");
	check("vrrp_instance A {\n " REST "}\n",
		"vrrp_instance A {\n priority 150\n nopreempt\n}\n",
		"vrrp_instance A {\n " REST "    priority 150\n    nopreempt\n}\n", "");
	check("vrrp_instance A {\n " REST " nopreempt }\n", CHANGED,
		"vrrp_instance A {\n " REST " nopreempt\n    priority 150\n }\n", "");
}

static void what_is_made_stays_in_the_overlay(void **state)
{
	check("$P=90\n" FILE_OF("priority $P\n"), CHANGED, "$P=90\n" FILE_OF("priority $P\n"),
		STAYS);
	check(FILE_OF("priority 90\n @other priority 91\n"), CHANGED,
		FILE_OF("priority 90\n @other priority 91\n"), STAYS);
	check(FILE_OF("@other priority 91\n"), CHANGED, FILE_OF("@other priority 91\n"), STAYS);
	check(FILE_OF("@^other priority 91\n"), CHANGED, FILE_OF("@^other priority 91\n"), STAYS);
}

static void what_the_file_would_drop_stays_in_the_overlay(void **state)
{
	static const char stays[] = "vrrp_instance A {\n    nopreempt\n}\n";
	static const char delay[] = "vrrp_instance A {\n    preempt_delay 5\n}\n";
	static const char both[] = "vrrp_instance A {\n priority 150\n nopreempt\n}\n";

	check(FILE_OF("state MASTER\n priority 90\n"), both,
		FILE_OF("state MASTER\n priority 150\n"), stays);
	check(FILE_OF("state BACKUP\n priority 90\n"), both,
		FILE_OF("state BACKUP\n priority 150\n    nopreempt\n"), "");
	check(FILE_OF("state MASTER\n"), delay, FILE_OF("state MASTER\n"), delay);
	check(FILE_OF("nopreempt\n"), delay, FILE_OF("nopreempt\n"), delay);
	check(FILE_OF("state MASTER\n"), "vrrp_instance A {\n state BACKUP\n nopreempt\n}\n",
		FILE_OF("state BACKUP\n    nopreempt\n"), "");
}

static void blocks_come_and_go(void **state)
{
	static const char made[] = "vrrp_instance snmp-eth0-9-4 {\n    interface eth0\n    "
				   "virtual_router_id 9\n    version 3\n"
				   "    virtual_ipaddress {\n        192.0.2.9/32\n    }\n}\n";
	char *after;

	check(FILE_OF("") "# between\n" SECOND_FILE, "vrrp_instance B {\n destroyed\n}\n",
		FILE_OF("") "# between\n", "");
	check("vrrp_instance A { # gone too\n " REST "}", "vrrp_instance A {\n destroyed\n}\n", "",
		"");
	assert_true(asprintf(&after, "%s\n%s", "vrrp_instance A {\n " REST "}", made) > 0);
	check("vrrp_instance A {\n " REST "}", made, after, "");
	free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_change_where_they_stand),
		cmocka_unit_test(new_ones_follow_at_the_end_of_the_block),
		cmocka_unit_test(what_is_made_stays_in_the_overlay),
		cmocka_unit_test(what_the_file_would_drop_stays_in_the_overlay),
		cmocka_unit_test(blocks_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* What the overlay says of routers that the file lacks is set aside, and stays in the store. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/transaction-lab.h"

#define ASIDE "vrrp_instance GONE {\n\tpriority 7\n}\n"

static void test_what_is_set_aside_stays_in_the_store(void **state)
{
	struct lab *lab = *state;
	struct conf_diagnostics diagnostics = {0};

	assert_int_equal(overlay_apply(lab->current.config, "overlay", ASIDE, strlen(ASIDE),
				 &lab->current.aside, &diagnostics),
		0);
	assert_string_equal(lab->current.aside.names, "GONE");
	lab_set_a_to_150(lab, 5);
	lab_assert_stored(lab, LAB_A_150 ASIDE);
	conf_diagnostics_clear(&diagnostics);
}

static void test_overlay_is_sorted_out_by_instance(void **state)
{
	static const char text[] = "vrrp_instance 'GO\\x4eE {' { # a brace in quotes }\n"
				   "\tpriority 7\n}\nvrrp_instance A {\n    priority 150\n}\n"
				   "vrrp_instance GONE2\n{ priority 8 }\n";
	struct lab *lab = *state;
	struct conf_diagnostics diagnostics = {0};

	assert_int_equal(overlay_apply(lab->current.config, "overlay", text, strlen(text),
				 &lab->current.aside, &diagnostics),
		0);
	assert_int_equal(lab_priority(lab, "A"), 150);
	assert_string_equal(lab->current.aside.names, "GONE {, GONE2");
	assert_string_equal(lab->current.aside.text,
		"vrrp_instance 'GO\\x4eE {' { # a brace in quotes }\n\tpriority 7\n}\n"
		"vrrp_instance GONE2\n{ priority 8 }\n");
	assert_int_equal(diagnostics.errors, 0);
	conf_diagnostics_clear(&diagnostics);
}

static void test_bad_overlay_is_shown_where_it_is(void **state)
{
	static const char text[] = ASIDE "vrrp_instance A {\n\tpriority 300\n}\n";
	struct lab *lab = *state;
	struct conf_diagnostics diagnostics = {0};

	assert_int_equal(overlay_apply(lab->current.config, "/x/overlay.conf", text, strlen(text),
				 &lab->current.aside, &diagnostics),
		-EINVAL);
	assert_int_equal(diagnostics.errors, 1);
	assert_string_equal(diagnostics.items[0].file, "/x/overlay.conf");
	assert_int_equal(diagnostics.items[0].line, 6); /* the store's first line counts */
	assert_int_equal(lab_priority(lab, "A"), 100);
	conf_diagnostics_clear(&diagnostics);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_what_is_set_aside_stays_in_the_store),
		LAB_TEST(test_overlay_is_sorted_out_by_instance),
		LAB_TEST(test_bad_overlay_is_shown_where_it_is),
	};

	return cmocka_run_group_tests_name("transaction aside", tests, NULL, NULL);
}

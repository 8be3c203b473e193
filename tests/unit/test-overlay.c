/* SPDX-License-Identifier: ISC */
/* The overlay at the size of a large device: what it costs to apply. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent/core/overlay.h"
#include "tests/unit/core-lab.h"

#define ROUTERS 4000

/* A file of that many routers, all in one group if `grouped`; the caller's. */
static char *make_file(unsigned count, bool grouped)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	if (grouped)
		fputs("vrrp_sync_group ALL {\n group {\n", stream);
	for (unsigned i = 0; grouped && i < count; i++)
		fprintf(stream, "  VI_%u\n", i);
	if (grouped)
		fputs(" }\n}\n", stream);
	for (unsigned i = 0; i < count; i++)
		fprintf(stream,
			"vrrp_instance VI_%u {\n interface eth%u\n virtual_router_id %u\n"
			" virtual_ipaddress {\n  10.%u.%u.1\n }\n}\n",
			i, i / 255, i % 255 + 1, i / 250, i % 250);
	assert_int_equal(fclose(stream), 0);
	return text;
}

/* Tombstones of the last `count` of `routers`, the last one first; the caller's. */
static char *make_tombstones(unsigned routers, unsigned count)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	for (unsigned i = 1; i <= count; i++)
		fprintf(stream, "vrrp_instance VI_%u {\n    destroyed\n}\n", routers - i);
	assert_int_equal(fclose(stream), 0);
	return text;
}

/* Applies tombstones to all routers but two; CPU time, s. */
static double apply_tombstones(unsigned count, bool grouped)
{
	char *file = make_file(count + 2, grouped), *text = make_tombstones(count + 2, count);
	struct conf_diagnostics diagnostics = {0};
	struct config *config = lab_config(file);
	struct overlay_aside aside;
	clock_t start = clock();
	double spent;

	assert_int_equal(
		overlay_apply(config, "overlay", text, strlen(text), &aside, &diagnostics), 0);
	spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	print_message("# %u tombstones: %.1f ms of CPU\n", count, spent * 1e3);
	assert_int_equal(config->instance_count, 2);
	assert_int_equal(config->destroyed.count, count);
	assert_null(config_find_name(config, "VI_2"));
	assert_true(config_was_destroyed(config, "VI_2"));
	assert_false(config_was_destroyed(config, "VI_1"));
	assert_null(aside.text);
	conf_diagnostics_clear(&diagnostics);
	config_free(config);
	free(file);
	free(text);
	return spent;
}

/* Eight times as many take hardly more than eight times as long: sixty-four times would be n^2. */
static void test_tombstones_by_the_thousand(void **state)
{
	double few = apply_tombstones(ROUTERS / 8, false), many = apply_tombstones(ROUTERS, false);

	assert_true(many < 24 * few);
}

static void test_tombstones_of_a_large_group(void **state)
{
	double few = apply_tombstones(ROUTERS / 8, true), many = apply_tombstones(ROUTERS, true);

	assert_true(many < 24 * few);
}

/* The second one says nothing new. */
static void test_tombstone_twice(void **state)
{
	static const char twice[] = "vrrp_instance VI_1 {\n    destroyed\n}\n"
				    "vrrp_instance VI_1 {\n    destroyed\n}\n";
	char *file = make_file(3, false), *text;
	struct conf_diagnostics diagnostics = {0};
	struct config *config = lab_config(file);
	struct overlay_aside aside;
	size_t length;

	assert_int_equal(
		overlay_apply(config, "overlay", twice, strlen(twice), &aside, &diagnostics), 0);
	assert_int_equal(config->instance_count, 2);
	assert_int_equal(overlay_render(config, &aside, &text, &length), 0);
	assert_string_equal(text, "vrrp_instance VI_1 {\n    destroyed\n}\n");
	free(text);
	conf_diagnostics_clear(&diagnostics);
	config_free(config);
	free(file);
}

/* What a block that the file has no router for says is kept, but not if its end is missing: then
 * nobody knows what else is. */
static void test_block_without_an_end(void **state)
{
	static const char closed[] = "vrrp_instance gone {\n priority 3\n}\n";
	static const char *const open[] = {"vrrp_instance gone {\n priority 3\n",
		"vrrp_instance gone {\n destroyed\n", "vrrp_instance gone\n priority 3\n}\n"};
	struct conf_diagnostics diagnostics = {0};
	struct overlay_aside aside;
	char *file = make_file(1, false);
	struct config *config = lab_config(file);

	assert_int_equal(
		overlay_apply(config, "overlay", closed, strlen(closed), &aside, &diagnostics), 0);
	assert_string_equal(aside.names, "gone");
	overlay_aside_clear(&aside);
	config_free(config);
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		config = lab_config(file);
		assert_int_equal(overlay_apply(config, "overlay", open[i], strlen(open[i]), &aside,
					 &diagnostics),
			-EINVAL);
		assert_true(diagnostics.errors > 0);
		assert_null(aside.text);
		conf_diagnostics_clear(&diagnostics);
		config_free(config);
	}
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tombstones_by_the_thousand),
		cmocka_unit_test(test_tombstones_of_a_large_group),
		cmocka_unit_test(test_tombstone_twice),
		cmocka_unit_test(test_block_without_an_end),
	};

	return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}

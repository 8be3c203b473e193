/* SPDX-License-Identifier: ISC */
/* What something tracked means for a router: weights, reverse, what is not known yet. */
#include "vrrp/protocol/tracking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* As measured with keepalived 2.2.7 (tests/net/test_track_script.py compares). */
static const struct {
	int32_t weight;
	bool reverse;
	bool fault_when_good, fault_when_failed, awaited;
	int32_t good, failed;
} cases[] = {
	{0, false, false, true, true, 0, 0},
	{0, true, true, false, true, 0, 0},
	{20, false, false, false, false, 20, 0},
	{20, true, false, false, false, -20, 0},
	{-20, false, false, false, false, 0, -20},
	{-20, true, false, false, false, 0, 20},
};

static void test_weights(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vrrp_tracked tracked = {
			.weight = cases[i].weight, .reverse = cases[i].reverse};

		assert_int_equal(vrrp_tracked_is_awaited(&tracked), cases[i].awaited);
		assert_false(vrrp_tracked_is_fault(&tracked));
		assert_int_equal(vrrp_tracked_weight(&tracked), 0);
		tracked.failed = true;
		assert_false(vrrp_tracked_is_fault(&tracked));
		assert_int_equal(vrrp_tracked_weight(&tracked), 0);
		tracked.known = true;
		assert_false(vrrp_tracked_is_awaited(&tracked));
		assert_int_equal(vrrp_tracked_is_fault(&tracked), cases[i].fault_when_failed);
		assert_int_equal(vrrp_tracked_weight(&tracked), cases[i].failed);
		tracked.failed = false;
		assert_int_equal(vrrp_tracked_is_fault(&tracked), cases[i].fault_when_good);
		assert_int_equal(vrrp_tracked_weight(&tracked), cases[i].good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights),
	};

	return cmocka_run_group_tests_name("tracking", tests, NULL, NULL);
}

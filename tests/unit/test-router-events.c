/* SPDX-License-Identifier: ISC */
/* What a virtual router makes of what it is told rather than hears: priority, interval and
 * addresses set while it runs, tracking, faults, and the form of the checksum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/timer.h"

static void test_priority_set_active(void **state)
{
	struct lab lab;
	uint64_t deadline;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	deadline = lab.router.state.deadline;
	lab.now += 100 * MS;
	lab_set_priority(&lab, 50);
	lab_assert_sent(&lab, 50);
	assert_int_equal(lab.actions.count, 1);
	assert_int_equal(lab.router.state.deadline, deadline);
	lab_hear(&lab, GREATER, 60);
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
	/* Nothing changed, nothing done. */
	lab_reconfigure(&lab);
	lab_assert_silent(&lab);
}

static void test_priority_set_backup(void **state)
{
	struct lab lab;
	uint64_t base;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_hear(&lab, GREATER, 150);
	base = lab.now;
	lab.now += 100 * MS;
	lab_set_priority(&lab, 200);
	lab_assert_armed(&lab, base + 3 * VRRP_SECOND + SKEW_1S(200));
	lab.now = base + VRRP_SECOND;
	lab_hear(&lab, GREATER, 150);
	lab_assert_silent(&lab);
	lab_run_to_deadline(&lab);
	lab_assert_changed(&lab, VRRP_STATE_BACKUP, VRRP_STATE_ACTIVE, VRRP_TRANSITION_PREEMPT);
	lab_assert_sent(&lab, 200);
	/* Becoming the owner takes no waiting. */
	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_set_priority(&lab, 255);
	lab_assert_changed(&lab, VRRP_STATE_BACKUP, VRRP_STATE_ACTIVE, VRRP_TRANSITION_OWNER);
	lab_assert_sent(&lab, 255);
}

static void test_tracked_priority(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_track(&lab, -60, false);
	lab_assert_sent(&lab, 40);
	lab_track(&lab, -60, false);
	lab_assert_silent(&lab);
	lab_set_priority(&lab, 150);
	lab_assert_sent(&lab, 90);
	lab_track(&lab, -500, false);
	lab_assert_sent(&lab, 1);
	lab_track(&lab, 500, false);
	lab_assert_sent(&lab, 254);
	lab_set_priority(&lab, 255);
	lab_assert_sent(&lab, 255);
	lab_track(&lab, -500, false);
	lab_assert_silent(&lab);
}

static void test_interval_set(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab.now += 100 * MS;
	lab.configuration.interval = 200 * MS;
	lab_reconfigure(&lab);
	lab_assert_sent(&lab, 100);
	lab_assert_armed(&lab, lab.now + 200 * MS);
	/* Made longer, it is told three times more at the pace that peers still wait for. */
	lab.configuration.interval = VRRP_SECOND;
	lab_reconfigure(&lab);
	lab_assert_sent(&lab, 100);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_ARM), 0);
	for (int i = 0; i < 3; i++) {
		const uint64_t due = lab.router.state.deadline;

		lab_run_to_deadline(&lab);
		lab_assert_sent(&lab, 100);
		lab_assert_armed(&lab, due + 200 * MS);
	}
	lab_run_to_deadline(&lab);
	lab_assert_armed(&lab, lab.now + VRRP_SECOND);
	/* A Backup that has heard nobody waits by its own interval, one that has by the Active's.
	 */
	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab.configuration.interval = 200 * MS;
	lab_reconfigure(&lab);
	lab_assert_armed(&lab, lab.now + 600 * MS + 156 * (200 * MS) / 256);
	lab_hear(&lab, GREATER, 150);
	lab.configuration.interval = 500 * MS;
	lab_reconfigure(&lab);
	assert_int_equal(lab.router.state.active_interval, 200 * MS);
	/* What was learned does not outlive the state it was learned in. */
	lab_link(&lab, false, NULL);
	lab_link(&lab, true, "192.0.2.10");
	assert_int_equal(lab.router.state.active_interval, 500 * MS);
	lab.configuration.interval = 300 * MS;
	lab_reconfigure(&lab);
	lab_assert_armed(&lab, lab.now + 900 * MS + 156 * (300 * MS) / 256);
}

/* A deadline that vrrp_advert_slack() allows to be reported is done with, also while the pace is
 * still that of the shorter interval before. */
static void test_slack_of_longer_interval(void **state)
{
	struct lab lab;
	uint64_t due;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab.configuration.interval = 100 * MS;
	lab_reconfigure(&lab);
	lab.configuration.interval = VRRP_SECOND;
	lab_reconfigure(&lab);
	due = lab.router.state.deadline;
	lab.now = due - vrrp_advert_slack(lab.configuration.interval);
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	lab_assert_sent(&lab, 100);
	lab_assert_armed(&lab, due + 100 * MS);
}

static void test_addresses_set(void **state)
{
	struct vrrp_address other[] = {lab_address("192.0.2.100"), lab_address("192.0.2.102")};
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab.configuration.addresses = other;
	lab_reconfigure(&lab);
	lab_assert_sent(&lab, 100);
	assert_true(lab_action(&lab, VRRP_ACTION_OWN_ADDRESSES)->own);
	lab_event(&lab, VRRP_EVENT_ADDRESSES_APPLIED);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_ANNOUNCE), 1);
	lab_event(&lab, VRRP_EVENT_ADDRESSES_APPLIED);
	lab_assert_silent(&lab);
	lab.configuration.accept = true;
	lab_reconfigure(&lab);
	assert_int_equal(lab.actions.count, 1);
	assert_true(lab_action(&lab, VRRP_ACTION_OWN_ADDRESSES)->own);
}

static void test_link_fault(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab_link(&lab, false, NULL);
	lab_start(&lab);
	lab_assert_changed(
		&lab, VRRP_STATE_INITIALIZE, VRRP_STATE_FAULT, VRRP_TRANSITION_LINK_DOWN);
	lab_link(&lab, true, NULL);
	lab_assert_silent(&lab);
	lab_link(&lab, true, "192.0.2.10");
	lab_assert_changed(&lab, VRRP_STATE_FAULT, VRRP_STATE_BACKUP, VRRP_TRANSITION_RECOVERED);
	assert_int_equal(lab.router.state.up_since, lab.now);
	lab_run_to_deadline(&lab);
	lab_link(&lab, true, "192.0.2.12");
	lab_assert_silent(&lab);
	assert_int_equal(lab.router.state.active.bytes[3], 12);
	lab_link(&lab, true, NULL);
	lab_assert_changed(&lab, VRRP_STATE_ACTIVE, VRRP_STATE_FAULT, VRRP_TRANSITION_NO_ADDRESS);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
	assert_false(lab_action(&lab, VRRP_ACTION_OWN_ADDRESSES)->own);
	assert_int_equal(lab.router.state.up_since, 0);
	/* An address of the other family is none to send from. */
	lab_link(&lab, true, "fe80::a");
	lab_assert_silent(&lab);
	lab_event(&lab, VRRP_EVENT_SHUTDOWN);
	lab_assert_changed(&lab, VRRP_STATE_FAULT, VRRP_STATE_INITIALIZE, VRRP_TRANSITION_SHUTDOWN);
}

static void test_tracking_fault(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_track(&lab, 0, true);
	lab_assert_changed(&lab, VRRP_STATE_ACTIVE, VRRP_STATE_FAULT, VRRP_TRANSITION_TRACKING);
	lab_assert_sent(&lab, 0);
	lab_track(&lab, 20, false);
	lab_assert_changed(&lab, VRRP_STATE_FAULT, VRRP_STATE_BACKUP, VRRP_TRANSITION_RECOVERED);
	lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(120));
}

static void test_apply_fault(void **state)
{
	struct lab lab;
	uint64_t failed;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_event(&lab, VRRP_EVENT_ADDRESSES_FAILED);
	failed = lab.now;
	lab_assert_changed(
		&lab, VRRP_STATE_ACTIVE, VRRP_STATE_FAULT, VRRP_TRANSITION_ADDRESSES_FAILED);
	lab_assert_sent(&lab, 0);
	assert_false(lab_action(&lab, VRRP_ACTION_OWN_ADDRESSES)->own);
	lab_assert_armed(&lab, failed + 10 * VRRP_SECOND);
	lab_run_to_deadline(&lab);
	lab_assert_changed(&lab, VRRP_STATE_FAULT, VRRP_STATE_BACKUP, VRRP_TRANSITION_RECOVERED);
	lab_event(&lab, VRRP_EVENT_ADDRESSES_FAILED);
	lab_assert_silent(&lab);
}

/* A router that can't fill its place must not take it from another again and again. */
static void test_apply_fault_again(void **state)
{
	static const uint64_t waits[] = {10, 20, 40, 80, 160, 320, 640, 640};
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		lab_event(&lab, VRRP_EVENT_ADDRESSES_FAILED);
		lab_assert_armed(&lab, lab.now + waits[i] * VRRP_SECOND);
		lab_run_to_deadline(&lab);
		lab_run_to_deadline(&lab);
		assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	}
	lab_event(&lab, VRRP_EVENT_ADDRESSES_APPLIED);
	lab_event(&lab, VRRP_EVENT_ADDRESSES_FAILED);
	lab_assert_armed(&lab, lab.now + 10 * VRRP_SECOND);
}

/* The retry that was armed passes while something else is wrong: nothing is due any more. */
static void test_apply_fault_outlived(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_event(&lab, VRRP_EVENT_ADDRESSES_FAILED);
	lab_link(&lab, false, NULL);
	if (lab.router.state.deadline != VRRP_NEVER)
		lab_run_to_deadline(&lab);
	assert_int_equal(lab.armed, VRRP_NEVER);
	assert_int_equal(lab_state(&lab), VRRP_STATE_FAULT);
	lab_link(&lab, true, "192.0.2.10");
	lab_assert_changed(&lab, VRRP_STATE_FAULT, VRRP_STATE_BACKUP, VRRP_TRANSITION_RECOVERED);
}

static void hear_form(struct lab *lab, const char *source, uint8_t priority, bool pseudo)
{
	struct frame frame;

	lab_frame(lab, &frame, source, priority);
	frame_write_checksum(&frame, pseudo);
	lab_feed(lab, &frame);
}

static void test_checksum_learned(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	/* Not from a lower priority, not from two in turn, not two in a row. */
	for (int i = 0; i < 5; i++)
		hear_form(&lab, GREATER, 99, false);
	for (int i = 0; i < 5; i++) {
		hear_form(&lab, GREATER, 200, false);
		hear_form(&lab, LESSER, 200, false);
	}
	hear_form(&lab, GREATER, 200, true);
	for (int i = 0; i < 2; i++)
		hear_form(&lab, GREATER, 200, false);
	hear_form(&lab, GREATER, 200, true);
	for (int i = 0; i < 2; i++)
		hear_form(&lab, GREATER, 200, false);
	assert_int_equal(lab.router.state.checksum_form, VRRP_CHECKSUM_PSEUDO);
	hear_form(&lab, GREATER, 200, false);
	assert_int_equal(
		lab_action(&lab, VRRP_ACTION_CHECKSUM_LEARNED)->form, VRRP_CHECKSUM_MESSAGE);
	assert_int_equal(lab.router.state.checksum_form, VRRP_CHECKSUM_MESSAGE);
	hear_form(&lab, GREATER, 200, false);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_CHECKSUM_LEARNED), 0);
}

static void test_checksum_fixed(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab.configuration.checksum = VRRP_CHECKSUM_PSEUDO_ONLY;
	lab_reconfigure(&lab);
	lab_start(&lab);
	for (int i = 0; i < 10; i++)
		hear_form(&lab, GREATER, 200, false);
	assert_int_equal(lab.router.state.checksum_form, VRRP_CHECKSUM_PSEUDO);
	assert_int_equal(lab.router.statistics.received, 10);
	/* An Active learns nothing. */
	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	for (int i = 0; i < 10; i++)
		hear_form(&lab, LESSER, 100, false);
	assert_int_equal(lab.router.state.checksum_form, VRRP_CHECKSUM_PSEUDO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST("F18 priority set on an Active", test_priority_set_active),
		LAB_TEST("F18 priority set on a Backup", test_priority_set_backup),
		LAB_TEST("F18 interval set", test_interval_set),
		LAB_TEST("F18 addresses set", test_addresses_set),
		LAB_TEST("T14 tracked priority", test_tracked_priority),
		LAB_TEST("T11 form of the checksum is learned from the Active alone",
			test_checksum_learned),
		LAB_TEST("T11 form of the checksum is fixed on request", test_checksum_fixed),
		cmocka_unit_test(test_link_fault),
		cmocka_unit_test(test_tracking_fault),
		cmocka_unit_test(test_apply_fault),
		cmocka_unit_test(test_apply_fault_again),
		cmocka_unit_test(test_apply_fault_outlived),
		cmocka_unit_test(test_slack_of_longer_interval),
	};

	return _cmocka_run_group_tests(
		"router events", tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}

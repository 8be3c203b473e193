/* SPDX-License-Identifier: ISC */
/* How a virtual router starts and stops, when, and what it says of a change of its state: F ids of
 * the conformance table, and rules of ours that go beyond them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/step.h"
#include "vrrp/protocol/timer.h"

static void test_startup(void **state)
{
	static const struct {
		uint8_t version;
		enum vrrp_family family;
		uint8_t priority;
		uint64_t interval, wait;
	} cases[] = {
		{3, VRRP_IPV4, 1, VRRP_SECOND, 3996093750},
		{3, VRRP_IPV4, 100, VRRP_SECOND, 3609375000},
		{3, VRRP_IPV4, 254, VRRP_SECOND, 3007812500},
		{3, VRRP_IPV6, 100, 10 * MS, 36093750},
		{3, VRRP_IPV6, 254, 40950 * MS, 123169921875},
		{2, VRRP_IPV4, 1, VRRP_SECOND, 3996093750},
		{2, VRRP_IPV4, 254, VRRP_SECOND, 3007812500},
		{2, VRRP_IPV4, 100, 255 * VRRP_SECOND, 765609375000},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lab lab;
		uint64_t started;

		lab_make(&lab, cases[i].version, cases[i].family);
		lab.configuration.interval = cases[i].interval;
		lab_set_priority(&lab, cases[i].priority);
		started = lab.now;
		lab_start(&lab);
		lab_assert_changed(
			&lab, VRRP_STATE_INITIALIZE, VRRP_STATE_BACKUP, VRRP_TRANSITION_STARTUP);
		lab_assert_armed(&lab, started + cases[i].wait);
		assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
		lab.now = started + cases[i].wait - 1;
		lab_event(&lab, VRRP_EVENT_DEADLINE);
		assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
		lab_assert_armed(&lab, started + cases[i].wait);
		lab_run_to_deadline(&lab);
		lab_assert_changed(
			&lab, VRRP_STATE_BACKUP, VRRP_STATE_ACTIVE, VRRP_TRANSITION_SILENCE);
		lab_assert_sent(&lab, cases[i].priority);
		lab_assert_armed(&lab, lab.now + cases[i].interval);
		assert_true(lab_action(&lab, VRRP_ACTION_OWN_ADDRESSES)->own);
		assert_int_equal(lab_count(&lab, VRRP_ACTION_ANNOUNCE), 0);
		lab_event(&lab, VRRP_EVENT_ADDRESSES_APPLIED);
		assert_int_equal(lab_count(&lab, VRRP_ACTION_ANNOUNCE), 1);
		assert_int_equal(lab.router.statistics.new_master, VRRP_NEW_MASTER_NO_RESPONSE);
		assert_int_equal(lab.router.statistics.transitions, 1);
	}
}

static void test_action_order(void **state)
{
	static const enum vrrp_action_type order[] = {VRRP_ACTION_SEND_ADVERT, VRRP_ACTION_ARM,
		VRRP_ACTION_OWN_ADDRESSES, VRRP_ACTION_STATE_CHANGED};
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_run_to_deadline(&lab);
	assert_int_equal(lab.actions.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(lab.actions.list[i].type, order[i]);
}

static void test_owner_startup(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab_set_priority(&lab, 255);
	lab_start(&lab);
	lab_assert_changed(&lab, VRRP_STATE_INITIALIZE, VRRP_STATE_ACTIVE, VRRP_TRANSITION_OWNER);
	lab_assert_sent(&lab, 255);
	lab_assert_armed(&lab, lab.now + VRRP_SECOND);
	assert_int_equal(lab.router.statistics.new_master, VRRP_NEW_MASTER_PRIORITY);
}

static void test_removed(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab_make_active(&lab);
	vrrp_step(&lab.router, lab.now,
		&(struct vrrp_event){.type = VRRP_EVENT_SHUTDOWN, .removed = true}, &lab.actions);
	lab_assert_sent(&lab, 0);
	lab_assert_changed(&lab, VRRP_STATE_ACTIVE, VRRP_STATE_INITIALIZE, VRRP_TRANSITION_REMOVED);
}

static void test_shutdown_active(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_event(&lab, VRRP_EVENT_SHUTDOWN);
	lab_assert_sent(&lab, 0);
	lab_assert_changed(
		&lab, VRRP_STATE_ACTIVE, VRRP_STATE_INITIALIZE, VRRP_TRANSITION_SHUTDOWN);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_DISARM), 1);
	assert_false(lab_action(&lab, VRRP_ACTION_OWN_ADDRESSES)->own);
	assert_int_equal(lab.router.statistics.stop_sent, 1);
	assert_int_equal(lab.router.state.up_since, 0);
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	lab_assert_silent(&lab);
}

static void test_shutdown_backup(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_event(&lab, VRRP_EVENT_SHUTDOWN);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
	lab_assert_changed(
		&lab, VRRP_STATE_BACKUP, VRRP_STATE_INITIALIZE, VRRP_TRANSITION_SHUTDOWN);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_DISARM), 1);
	lab_event(&lab, VRRP_EVENT_SHUTDOWN);
	lab_assert_silent(&lab);
}

static void test_skews_by_version(void **state)
{
	/* Version 2 counts the skew in seconds, whatever the interval; version 3 by the interval.
	 */
	assert_int_equal(vrrp_skew(2, 100, 10 * VRRP_SECOND), 609375000);
	assert_int_equal(vrrp_skew(3, 100, 10 * VRRP_SECOND), 6093750000);
	assert_int_equal(vrrp_skew(3, 100, 100 * MS), 60937500);
	assert_int_equal(vrrp_skew(3, 255, VRRP_SECOND), 3906250);
	/* Two that differ by 1 differ in time too: no rounding to centiseconds. */
	assert_int_equal(vrrp_skew(3, 100, 100 * MS) - vrrp_skew(3, 101, 100 * MS), 390625);
	assert_int_equal(vrrp_active_down(2, 100, 2 * VRRP_SECOND, 3), 6609375000);
	assert_int_equal(vrrp_active_down(3, 100, 2 * VRRP_SECOND, 3), 7218750000);
}

static void test_change_facts(void **state)
{
	const struct vrrp_address peer = lab_address(GREATER);
	const struct vrrp_state_change *change;
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_hear(&lab, GREATER, 150);
	lab.now = lab.router.state.deadline + 7 * MS;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	change = &lab_action(&lab, VRRP_ACTION_STATE_CHANGED)->changed;
	assert_true(vrrp_address_equal(&change->peer, &peer));
	assert_int_equal(change->peer_priority, 150);
	assert_int_equal(change->priority, 100);
	assert_int_equal(change->waited, 3609375000);
	assert_int_equal(change->silence, 3609375000 + 7 * MS);
	assert_true(vrrp_address_equal(&lab.router.state.active, &lab.router.state.primary));
}

/* A router that was out of service since it heard somebody counts its silence from its start. */
static void test_silence_after_a_stop(void **state)
{
	const struct vrrp_state_change *change;
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_hear(&lab, GREATER, 150);
	lab_event(&lab, VRRP_EVENT_SHUTDOWN);
	lab.now += 60 * VRRP_SECOND;
	lab_event(&lab, VRRP_EVENT_START);
	lab.now = lab.router.state.deadline;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	change = &lab_action(&lab, VRRP_ACTION_STATE_CHANGED)->changed;
	assert_int_equal(change->new_state, VRRP_STATE_ACTIVE);
	assert_int_equal(change->waited, 3609375000);
	assert_int_equal(change->silence, 0);
}

static void test_start_twice(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_start(&lab);
	lab_assert_silent(&lab);
	lab_event(&lab, VRRP_EVENT_ADDRESSES_APPLIED);
	lab_assert_silent(&lab);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST("F1 startup waits Active_Down, priorities 1, 100, 254", test_startup),
		LAB_TEST("F1 the advert leaves first", test_action_order),
		LAB_TEST("F2 an owner is Active at once", test_owner_startup),
		cmocka_unit_test(test_removed),
		LAB_TEST("F14 shutdown when Active: priority 0", test_shutdown_active),
		LAB_TEST("F15 shutdown when Backup: silent", test_shutdown_backup),
		LAB_TEST("F20 v2 skew against v3 skew", test_skews_by_version),
		cmocka_unit_test(test_change_facts),
		cmocka_unit_test(test_silence_after_a_stop),
		cmocka_unit_test(test_start_twice),
	};

	return _cmocka_run_group_tests(
		"router", tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}

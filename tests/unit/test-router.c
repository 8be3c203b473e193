/* SPDX-License-Identifier: ISC */
/* What a virtual router does in time: the F ids of the conformance table, and the rules of ours
 * that go beyond them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

static void test_stop_heard(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_hear(&lab, GREATER, 200);
	lab.now += 500 * MS;
	lab_hear(&lab, GREATER, 0);
	lab_assert_armed(&lab, lab.now + SKEW_1S(100));
	assert_int_equal(lab.router.statistics.stop_received, 1);
	/* Said again it puts nothing off. */
	lab.now += 10 * MS;
	lab_hear(&lab, GREATER, 0);
	lab_assert_silent(&lab);
	lab_run_to_deadline(&lab);
	lab_assert_changed(&lab, VRRP_STATE_BACKUP, VRRP_STATE_ACTIVE, VRRP_TRANSITION_STOP_HEARD);
	assert_int_equal(lab.router.statistics.new_master, VRRP_NEW_MASTER_PRIORITY);
	assert_int_equal(lab_action(&lab, VRRP_ACTION_STATE_CHANGED)->changed.waited, SKEW_1S(100));
}

static void test_stop_taken_back(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_hear(&lab, GREATER, 0);
	lab.now += 10 * MS;
	lab_hear(&lab, GREATER, 200);
	lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
	lab_run_to_deadline(&lab);
	assert_int_equal(lab.router.statistics.new_master, VRRP_NEW_MASTER_NO_RESPONSE);
}

static void test_stop_late(void **state)
{
	struct lab lab;
	uint64_t deadline;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	deadline = lab.router.state.deadline;
	lab.now = deadline - 1 * MS;
	lab_hear(&lab, GREATER, 0);
	lab_assert_silent(&lab);
	assert_int_equal(lab.router.state.deadline, deadline);
	lab_run_to_deadline(&lab);
	assert_int_equal(lab.router.statistics.new_master, VRRP_NEW_MASTER_PRIORITY);
}

static void test_stop_from_stranger(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab.configuration.stop_from_active_only = true;
	lab_reconfigure(&lab);
	lab_start(&lab);
	/* As long as nobody is known to be Active, nobody is a stranger. */
	lab_hear(&lab, "192.0.2.30", 0);
	lab_assert_armed(&lab, lab.now + SKEW_1S(100));
	lab_hear(&lab, GREATER, 200);
	lab_hear(&lab, "192.0.2.30", 0);
	assert_int_equal(
		lab_action(&lab, VRRP_ACTION_PROTOCOL_ERROR)->error.drop, VRRP_DROP_STOP_STRANGER);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_ARM), 0);
	lab_hear(&lab, GREATER, 0);
	lab_assert_armed(&lab, lab.now + SKEW_1S(100));
	/* An Active has nobody to lose: it answers whoever says so. */
	lab_run_to_deadline(&lab);
	lab_hear(&lab, "192.0.2.30", 0);
	lab_assert_sent(&lab, 100);
}

static void test_backup_follows(void **state)
{
	static const uint8_t priorities[] = {100, 101, 254, 255};

	for (size_t i = 0; i < sizeof(priorities); i++) {
		struct lab lab;

		lab_make_version_3(&lab, VRRP_STATE_BACKUP);
		lab.now += VRRP_SECOND;
		lab_hear(&lab, GREATER, priorities[i]);
		lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
		assert_int_equal(lab.actions.count, 1);
		assert_int_equal(lab.router.state.active_priority, priorities[i]);
		/* A Backup does not ask whose address is greater. */
		lab.now += VRRP_SECOND;
		lab_hear(&lab, LESSER, priorities[i]);
		lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
	}
}

static void test_lower_preempted(void **state)
{
	struct lab lab;
	uint64_t deadline;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	deadline = lab.router.state.deadline;
	for (int i = 0; i < 3; i++) {
		lab.now += VRRP_SECOND;
		lab_hear(&lab, GREATER, 99);
		lab_assert_silent(&lab);
		assert_int_equal(lab.router.state.deadline, deadline);
	}
	lab_run_to_deadline(&lab);
	lab_assert_changed(&lab, VRRP_STATE_BACKUP, VRRP_STATE_ACTIVE, VRRP_TRANSITION_PREEMPT);
	assert_int_equal(lab.router.statistics.new_master, VRRP_NEW_MASTER_PREEMPTED);
	/* Heard before another was followed, they are not the reason. */
	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	lab_hear(&lab, GREATER, 99);
	lab_hear(&lab, GREATER, 150);
	lab_run_to_deadline(&lab);
	assert_int_equal(lab.router.statistics.new_master, VRRP_NEW_MASTER_NO_RESPONSE);
}

/* The priority may fall below that of an Active which was to be preempted, just before it would be.
 */
static void test_no_longer_lower(void **state)
{
	struct lab lab;
	uint64_t deadline, heard;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	deadline = lab.router.state.deadline;
	heard = lab.now += 3 * VRRP_SECOND;
	lab_hear(&lab, GREATER, 90);
	lab.now += VRRP_SECOND / 2;
	lab_track(&lab, -5, false);
	assert_true(lab.router.state.deadline > deadline); /* its own skew, but no more */
	assert_true(lab.router.state.deadline < heard + VRRP_SECOND);
	lab_track(&lab, -10, false);
	lab_assert_armed(&lab, heard + 3 * VRRP_SECOND + SKEW_1S(90));
	lab_run_to_deadline(&lab);
	lab_assert_changed(&lab, VRRP_STATE_BACKUP, VRRP_STATE_ACTIVE, VRRP_TRANSITION_SILENCE);
}

static void test_lower_not_preempted(void **state)
{
	struct lab lab;

	lab_make(&lab, 3, VRRP_IPV4);
	lab.configuration.preempt = false;
	lab_reconfigure(&lab);
	lab_start(&lab);
	for (int i = 0; i < 10; i++) {
		lab.now += VRRP_SECOND;
		lab_hear(&lab, GREATER, 1);
		lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
	}
	assert_int_equal(lab_state(&lab), VRRP_STATE_BACKUP);
	/* Told to preempt, it does from then on. */
	lab.configuration.preempt = true;
	lab_reconfigure(&lab);
	lab.now += VRRP_SECOND;
	lab_hear(&lab, GREATER, 1);
	lab_assert_silent(&lab);
}

static void test_preempt_delay(void **state)
{
	struct lab lab;
	uint64_t first;

	lab_make(&lab, 3, VRRP_IPV4);
	lab.configuration.preempt_delay = 5 * VRRP_SECOND;
	lab_reconfigure(&lab);
	lab_start(&lab);
	lab.now += 2 * VRRP_SECOND;
	first = lab.now;
	for (; lab.now < first + 5 * VRRP_SECOND; lab.now += VRRP_SECOND) {
		lab_hear(&lab, GREATER, 99);
		lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
	}
	lab_hear(&lab, GREATER, 99);
	lab_assert_silent(&lab);
	/* A higher priority in between ends the delay; the next lower one begins another. */
	lab_hear(&lab, GREATER, 150);
	lab_hear(&lab, GREATER, 99);
	lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
	/* So does having been Active. */
	lab.now += 6 * VRRP_SECOND;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	lab_hear(&lab, GREATER, 150);
	lab_hear(&lab, GREATER, 99);
	lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
}

static void hear_interval(struct lab *lab, const char *source, uint8_t priority, uint64_t interval)
{
	struct frame frame;
	const uint64_t own = lab->configuration.interval;

	lab->configuration.interval = interval;
	lab_frame(lab, &frame, source, priority);
	lab->configuration.interval = own;
	lab_feed(lab, &frame);
}

static void test_interval_learned(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	hear_interval(&lab, GREATER, 200, 200 * MS);
	assert_int_equal(lab.router.state.active_interval, 200 * MS);
	lab_assert_armed(&lab, lab.now + 600 * MS + 156 * (200 * MS) / 256);
	/* From a lower one nothing is learned, and from priority 0 neither. */
	hear_interval(&lab, GREATER, 99, 500 * MS);
	assert_int_equal(lab.router.state.active_interval, 200 * MS);
	hear_interval(&lab, GREATER, 0, 500 * MS);
	assert_int_equal(lab.router.state.active_interval, 200 * MS);
	lab_assert_armed(&lab, lab.now + 156 * (200 * MS) / 256);
}

static void test_own_interval_after_promotion(void **state)
{
	struct lab lab;
	uint8_t buffer[VRRP_PACKET_MAX];

	lab_make_version_3(&lab, VRRP_STATE_BACKUP);
	hear_interval(&lab, GREATER, 200, 200 * MS);
	lab_run_to_deadline(&lab);
	lab_assert_armed(&lab, lab.now + VRRP_SECOND);
	assert_int_equal(vrrp_router_encode(&lab.router, 100, NULL, buffer, sizeof(buffer)), 16);
	assert_int_equal(buffer[4] << 8 | buffer[5], 100);
	/* Back as Backup it learns anew, from the advert that made it so. */
	hear_interval(&lab, GREATER, 200, 300 * MS);
	lab_assert_armed(&lab, lab.now + 900 * MS + 156 * (300 * MS) / 256);
}

static void test_active_hears_stop(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab.now += 300 * MS;
	lab_hear(&lab, GREATER, 0);
	lab_assert_sent(&lab, 100);
	lab_assert_armed(&lab, lab.now + VRRP_SECOND);
	assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
}

static void assert_beaten(struct lab *lab, enum vrrp_transition reason, const char *by)
{
	const struct vrrp_address peer = lab_address(by);

	lab_assert_changed(lab, VRRP_STATE_ACTIVE, VRRP_STATE_BACKUP, reason);
	assert_int_equal(lab_count(lab, VRRP_ACTION_SEND_ADVERT), 0);
	assert_false(lab_action(lab, VRRP_ACTION_OWN_ADDRESSES)->own);
	assert_true(vrrp_address_equal(&lab->router.state.active, &peer));
	assert_true(vrrp_address_equal(
		&lab_action(lab, VRRP_ACTION_STATE_CHANGED)->changed.peer, &peer));
}

static void test_higher_heard(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_hear(&lab, LESSER, 101);
	assert_beaten(&lab, VRRP_TRANSITION_HIGHER_PRIORITY, LESSER);
	lab_assert_armed(&lab, lab.now + 3 * VRRP_SECOND + SKEW_1S(100));
}

static void test_tie_lost(void **state)
{
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	lab_hear(&lab, "192.0.2.11", 100);
	assert_beaten(&lab, VRRP_TRANSITION_GREATER_ADDRESS, "192.0.2.11");
}

static void test_tie_won(void **state)
{
	for (uint8_t version = 2; version <= 3; version++) {
		struct lab lab;
		uint64_t deadline;

		lab_make(&lab, version, VRRP_IPV4);
		lab_make_active(&lab);
		deadline = lab.router.state.deadline;
		lab.now += 100 * MS;
		lab_hear(&lab, LESSER, 100);
		lab_assert_sent(&lab, 100);
		assert_non_null(lab_action(&lab, VRRP_ACTION_LOWER_HEARD));
		assert_int_equal(lab.actions.count, 2);
		assert_int_equal(lab.router.state.deadline, deadline);
	}
}

static void test_lower_answered(void **state)
{
	for (uint8_t version = 2; version <= 3; version++) {
		struct lab lab;

		lab_make(&lab, version, VRRP_IPV4);
		lab_make_active(&lab);
		lab_hear(&lab, GREATER, 99);
		lab_assert_sent(&lab, 100);
		assert_int_equal(lab_action(&lab, VRRP_ACTION_LOWER_HEARD)->heard.priority, 99);
		assert_int_equal(lab.actions.count, 2);
		assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	}
}

static void test_lower_announced(void **state)
{
	struct lab lab;
	unsigned int announced = 0;

	lab_make(&lab, 3, VRRP_IPV4);
	lab.configuration.announce_on_lower = true;
	lab_reconfigure(&lab);
	lab_make_active(&lab);
	lab.now += 2 * VRRP_SECOND;
	for (int i = 0; i < 3000; i++, lab.now += 1 * MS) {
		lab_hear(&lab, GREATER, 99);
		announced += lab_count(&lab, VRRP_ACTION_ANNOUNCE);
	}
	assert_int_equal(announced, 3);
}

static void test_answers_capped(void **state)
{
	static const uint8_t priorities[] = {99, 0};

	for (size_t kind = 0; kind < 2; kind++) {
		struct lab lab;
		unsigned int answers = 0;

		lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
		lab.now += 2 * VRRP_SECOND;
		for (int i = 0; i < 10000; i++, lab.now += 1 * MS) {
			lab_hear(&lab, GREATER, priorities[kind]);
			answers += lab_count(&lab, VRRP_ACTION_SEND_ADVERT);
		}
		/* 4 at once and 4 for each of the 10 intervals. */
		assert_in_range(answers, 40, 44);
		assert_int_equal(lab.router.statistics.answers_withheld, 10000 - answers);
	}
}

/* It is told no more often than it would be answered, whether it is answered or not. */
static void test_lower_told(void **state)
{
	for (int answers = 0; answers < 2; answers++) {
		struct lab lab;
		unsigned int told = 0;

		lab_make(&lab, 3, VRRP_IPV4);
		lab.configuration.no_lower_answer = !answers;
		lab_reconfigure(&lab);
		lab_make_active(&lab);
		lab.now += 2 * VRRP_SECOND;
		for (int i = 0; i < 10000; i++, lab.now += 1 * MS) {
			lab_hear(&lab, GREATER, 99);
			told += lab_count(&lab, VRRP_ACTION_LOWER_HEARD);
		}
		assert_in_range(told, 40, 44);
		lab_hear(&lab, GREATER, 0);
		assert_int_equal(lab_count(&lab, VRRP_ACTION_LOWER_HEARD), 0);
	}
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

static void test_own_frames(void **state)
{
	static const uint8_t priorities[] = {0, 1, 100, 255};
	struct lab lab;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	for (size_t i = 0; i < 1000; i++) {
		lab_hear(&lab, "192.0.2.10", priorities[i % 4]);
		assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
		assert_int_equal(lab_state(&lab), VRRP_STATE_ACTIVE);
	}
	assert_int_equal(lab.router.statistics.drops[VRRP_DROP_SOURCE_OWN], 1000);
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

static void test_tie_unsigned(void **state)
{
	static const struct {
		enum vrrp_family family;
		const char *own, *peer;
		enum vrrp_state state;
	} cases[] = {
		{VRRP_IPV4, "10.0.0.1", "200.0.0.1", VRRP_STATE_BACKUP},
		{VRRP_IPV4, "200.0.0.1", "10.0.0.1", VRRP_STATE_ACTIVE},
		{VRRP_IPV4, "10.0.0.200", "10.0.1.1", VRRP_STATE_BACKUP},
		{VRRP_IPV6, "fe80::1", "fe80::8000:0:0:1", VRRP_STATE_BACKUP},
		{VRRP_IPV6, "fe80::8000:0:0:1", "fe80::1", VRRP_STATE_ACTIVE},
		{VRRP_IPV6, "fe80::ff", "fe80::100", VRRP_STATE_BACKUP},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lab lab;

		lab_make(&lab, 3, cases[i].family);
		lab_link(&lab, true, cases[i].own);
		lab_make_active(&lab);
		lab_hear(&lab, cases[i].peer, 100);
		assert_int_equal(lab_state(&lab), cases[i].state);
	}
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

static void test_grid(void **state)
{
	struct lab lab;
	uint64_t due;

	lab_make_version_3(&lab, VRRP_STATE_ACTIVE);
	due = lab.router.state.deadline;
	/* Late or a little early, the next is due when it would have been. */
	lab.now = due + 30 * MS;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	lab_assert_sent(&lab, 100);
	lab_assert_armed(&lab, due + VRRP_SECOND);
	lab.now = due + VRRP_SECOND - 5 * MS;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	lab_assert_sent(&lab, 100);
	lab_assert_armed(&lab, due + 2 * VRRP_SECOND);
	lab.now = due + 2 * VRRP_SECOND - 6 * MS;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_SEND_ADVERT), 0);
	lab_assert_armed(&lab, due + 2 * VRRP_SECOND);
	/* Later than an interval: one advert, not all that were missed. */
	lab.now = due + 3 * VRRP_SECOND + 1 * MS;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	lab_assert_sent(&lab, 100);
	lab_assert_armed(&lab, lab.now + VRRP_SECOND);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_ANNOUNCE), 0);
	lab.now += 6 * VRRP_SECOND;
	lab_event(&lab, VRRP_EVENT_DEADLINE);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_ANNOUNCE), 1);
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

#define TEST(name, function)                     \
	{                                        \
		name, function, NULL, NULL, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("F1 startup waits Active_Down, priorities 1, 100, 254", test_startup),
		TEST("F1 the advert leaves first", test_action_order),
		TEST("F2 an owner is Active at once", test_owner_startup),
		TEST("F3 Backup, priority 0: skew", test_stop_heard),
		TEST("F3 an advert after priority 0", test_stop_taken_back),
		TEST("F3 priority 0 puts nothing off", test_stop_late),
		TEST("F3 priority 0 from a stranger, by option", test_stop_from_stranger),
		TEST("F4 priority >= own re-arms Active_Down", test_backup_follows),
		TEST("F5 lower and preempt: deadline unmoved", test_lower_preempted),
		TEST("lower until our priority fell: followed", test_no_longer_lower),
		TEST("F6 lower and nopreempt: stays Backup", test_lower_not_preempted),
		TEST("F6 preempt_delay", test_preempt_delay),
		TEST("F7 learns the interval", test_interval_learned),
		TEST("F8 Active, priority 0: advert at once", test_active_hears_stop),
		TEST("F9 higher: Backup", test_higher_heard),
		TEST("F10 equal, greater source: Backup", test_tie_lost),
		TEST("F11 equal, lower source: advert at once, v2 too", test_tie_won),
		TEST("F12 lower: advert at once, v2 too", test_lower_answered),
		TEST("F12 lower: announced again, capped", test_lower_announced),
		TEST("F12 F8 answers are capped", test_answers_capped),
		cmocka_unit_test(test_lower_told),
		cmocka_unit_test(test_removed),
		TEST("F13 own address: no storm", test_own_frames),
		TEST("F14 shutdown when Active: priority 0", test_shutdown_active),
		TEST("F15 shutdown when Backup: silent", test_shutdown_backup),
		TEST("F16 tie-break unsigned, IPv6 too", test_tie_unsigned),
		TEST("F17 own interval after promotion", test_own_interval_after_promotion),
		TEST("F20 v2 skew against v3 skew", test_skews_by_version),
		TEST("T13 adverts keep their grid", test_grid),
		cmocka_unit_test(test_change_facts),
		cmocka_unit_test(test_silence_after_a_stop),
		cmocka_unit_test(test_start_twice),
	};

	return _cmocka_run_group_tests(
		"router", tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}

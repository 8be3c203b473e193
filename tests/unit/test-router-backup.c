/* SPDX-License-Identifier: ISC */
/* What a Backup makes of the advertisements that it hears, and how long it waits for them: F ids of
 * the conformance table, and rules of ours that go beyond them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"
#include "vrrp/protocol/encode.h"

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
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST("F3 Backup, priority 0: skew", test_stop_heard),
		LAB_TEST("F3 an advert after priority 0", test_stop_taken_back),
		LAB_TEST("F3 priority 0 puts nothing off", test_stop_late),
		LAB_TEST("F3 priority 0 from a stranger, by option", test_stop_from_stranger),
		LAB_TEST("F4 priority >= own re-arms Active_Down", test_backup_follows),
		LAB_TEST("F5 lower and preempt: deadline unmoved", test_lower_preempted),
		LAB_TEST("lower until our priority fell: followed", test_no_longer_lower),
		LAB_TEST("F6 lower and nopreempt: stays Backup", test_lower_not_preempted),
		LAB_TEST("F6 preempt_delay", test_preempt_delay),
		LAB_TEST("F7 learns the interval", test_interval_learned),
		LAB_TEST("F17 own interval after promotion", test_own_interval_after_promotion),
	};

	return _cmocka_run_group_tests(
		"router backup", tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}

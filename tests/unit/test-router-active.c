/* SPDX-License-Identifier: ISC */
/* What an Active makes of the advertisements that it hears, and when it sends its own: F ids of the
 * conformance table, and rules of ours that go beyond them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/protocol-lab.h"

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
int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST("F8 Active, priority 0: advert at once", test_active_hears_stop),
		LAB_TEST("F9 higher: Backup", test_higher_heard),
		LAB_TEST("F10 equal, greater source: Backup", test_tie_lost),
		LAB_TEST("F11 equal, lower source: advert at once, v2 too", test_tie_won),
		LAB_TEST("F12 lower: advert at once, v2 too", test_lower_answered),
		LAB_TEST("F12 lower: announced again, capped", test_lower_announced),
		LAB_TEST("F12 F8 answers are capped", test_answers_capped),
		cmocka_unit_test(test_lower_told),
		LAB_TEST("F13 own address: no storm", test_own_frames),
		LAB_TEST("F16 tie-break unsigned, IPv6 too", test_tie_unsigned),
		LAB_TEST("T13 adverts keep their grid", test_grid),
	};

	return _cmocka_run_group_tests(
		"router active", tests, sizeof(tests) / sizeof(tests[0]), NULL, NULL);
}

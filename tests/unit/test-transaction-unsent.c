/* SPDX-License-Identifier: ISC */
/* Images that the kernel does not take for want of something: they are sent when it does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/channel.h"
#include "lib/clock.h"
#include "tests/unit/transaction-lab.h"

/* So many images to the one or to the other can't be sent. */
static struct {
	int agentx; /* core's end */
	unsigned to_agentx, to_engine;
	unsigned sent; /* of the others */
} failures;

int __wrap_channel_send(int end, const union message *message, int attached);
int __real_channel_send(int end, const union message *message, int attached);

int __wrap_channel_send(int end, const union message *message, int attached)
{
	unsigned *left = end == failures.agentx ? &failures.to_agentx : &failures.to_engine;

	if (message->head.type == MESSAGE_IMAGE && *left == 0)
		failures.sent++;
	if (message->head.type != MESSAGE_IMAGE || *left == 0)
		return __real_channel_send(end, message, attached);
	(*left)--;
	return -ETOOMANYREFS;
}

static int begin(void **state)
{
	const struct lab *lab;

	failures.to_agentx = failures.to_engine = 0;
	if (lab_set_up(state) != 0)
		return -1;
	lab = *state;
	failures.agentx = lab->agentx[0];
	return 0;
}

static void turn_until_sent(struct lab *lab)
{
	uint64_t start = clock_now();

	failures.sent = 0;
	while (failures.sent == 0 && clock_now() < start + 10 * NSEC_PER_SEC)
		sd_event_run(lab->loop, 100000);
	assert_int_equal(failures.to_agentx + failures.to_engine, 0);
	assert_int_equal(failures.sent, 1);
}

static void test_engine_is_sent_it_in_time(void **state)
{
	struct lab *lab = *state;

	failures.to_engine = 3;
	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	turn_until_sent(lab);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 1, 150));
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_OK);
	assert_int_equal(lab_expect_image(lab, lab->agentx[1], 1, 150), 2);
}

/* Nobody waits for it: without a deadline, it would be under way for ever. */
static void test_engine_is_sent_what_is_in_force(void **state)
{
	struct lab *lab = *state;

	failures.to_engine = 2;
	publisher_resync(lab->publisher);
	turn_until_sent(lab);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 0, 100));
	assert_false(publisher_busy(lab->publisher));
	lab_expect_image(lab, lab->agentx[1], 0, 100);
	lab_set_a_to_150(lab, 5);
}

static void test_agentx_is_sent_what_it_missed(void **state)
{
	struct lab *lab = *state;

	failures.to_agentx = 3;
	assert_int_equal(lab_prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), LAB_NO_ANSWER);
	lab_accept_image(lab, lab_expect_image(lab, lab->engine, 1, 150));
	turn_until_sent(lab);
	assert_int_equal(lab_expect_image(lab, lab->agentx[1], 0, 150), 2);
}

#define UNSENT_TEST(name) cmocka_unit_test_setup_teardown(name, begin, lab_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNSENT_TEST(test_engine_is_sent_it_in_time),
		UNSENT_TEST(test_engine_is_sent_what_is_in_force),
		UNSENT_TEST(test_agentx_is_sent_what_it_missed),
	};

	return cmocka_run_group_tests_name("transaction unsent", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include "tests/unit/reception-lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reception_set_length(struct frame *frame, size_t length)
{
	frame->received = frame->facts.length = length;
}

void reception_drop_octet(struct frame *frame)
{
	reception_set_length(frame, frame->received - 1);
}

static void make_probed_router(const struct row *row, struct lab *lab)
{
	lab_make(lab, row->version, row->family);
	if (row->set_up) {
		row->set_up(lab);
		lab_reconfigure(lab);
	}
	lab_make_active(lab);
	assert_int_equal(lab_state(lab), VRRP_STATE_ACTIVE);
	memset(&lab->router.statistics, 0, sizeof(lab->router.statistics));
}

static void make_probe(const struct row *row, const struct lab *lab, struct frame *frame)
{
	lab_frame(lab, frame, row->family == V6 ? "fe80::14" : "192.0.2.20", 200);
}

void reception_assert_counted(const struct lab *lab, enum vrrp_drop drop)
{
	const struct vrrp_statistics *statistics = &lab->router.statistics;
	const enum vrrp_counter counter = vrrp_drop_counter(drop);

	for (unsigned int i = 0; i < VRRP_DROPS; i++)
		assert_int_equal(statistics->drops[i], drop != VRRP_DROP_NONE && i == drop);
	for (unsigned int i = 0; i < VRRP_COUNTERS; i++)
		assert_int_equal(statistics->errors[i], drop != VRRP_DROP_NONE && i == counter);
	assert_int_equal(statistics->last_error,
		vrrp_counter_proto_error(counter) != 0 ? counter : VRRP_COUNTER_NONE);
}

static void assert_error(const struct lab *lab, const struct row *row)
{
	const struct vrrp_action *error = lab_action(lab, VRRP_ACTION_PROTOCOL_ERROR);

	if (row->verdict != DROPPED && row->verdict != NOTED) {
		assert_null(error);
		return;
	}
	assert_non_null(error);
	assert_string_equal(vrrp_drop_word(error->error.drop), vrrp_drop_word(row->drop));
	assert_int_equal(error->error.dropped, row->verdict == DROPPED);
}

static void assert_taken(const struct lab *lab)
{
	assert_int_equal(lab_state(lab), VRRP_STATE_BACKUP);
	assert_int_equal(lab->router.statistics.received, 1);
	assert_int_equal(lab->router.statistics.transitions, 0);
}

static void assert_not_taken(const struct lab *lab)
{
	assert_int_equal(lab_state(lab), VRRP_STATE_ACTIVE);
	assert_int_equal(lab->router.statistics.received, 0);
	assert_int_equal(lab_count(lab, VRRP_ACTION_SEND_ADVERT), 0);
	assert_int_equal(lab_count(lab, VRRP_ACTION_ARM), 0);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	const bool taken = row->verdict == NOTED || row->verdict == TAKEN;
	struct frame frame;
	struct vrrp_view view;
	struct lab lab;

	make_probed_router(row, &lab);
	make_probe(row, &lab, &frame);
	row->spoil(&frame);
	if (!row->keep_checksum)
		frame_write_checksum(&frame, frame.octets[0] >> 4 == 3);
	if (row->verdict == NOT_FOR_US)
		assert_int_equal(
			vrrp_packet_decode(frame.octets, frame.received, &frame.facts, &view),
			row->drop);
	lab_feed(&lab, &frame);
	if (taken)
		assert_taken(&lab);
	else
		assert_not_taken(&lab);
	reception_assert_counted(&lab, row->verdict == NOT_FOR_US ? VRRP_DROP_NONE : row->drop);
	assert_error(&lab, row);
}

static void test_twin(void **state)
{
	const struct row *row = *state;
	struct frame frame;
	struct lab lab;

	make_probed_router(row, &lab);
	make_probe(row, &lab, &frame);
	lab_feed(&lab, &frame);
	assert_taken(&lab);
	reception_assert_counted(&lab, VRRP_DROP_NONE);
	assert_int_equal(lab_count(&lab, VRRP_ACTION_PROTOCOL_ERROR), 0);
}

static void add(struct CMUnitTest *test, CMUnitTestFunction function, const struct row *row,
	const char *suffix)
{
	char *name;

	if (asprintf(&name, "%s %s%s", row->id, row->text, suffix) < 0)
		abort();
	*test = (struct CMUnitTest){name, function, NULL, NULL, (void *)row};
}

int reception_run(const char *group, const struct row *rows, size_t count,
	const struct CMUnitTest *others, size_t other_count)
{
	struct CMUnitTest *tests = calloc(2 * count + other_count, sizeof(*tests));
	int failed;

	if (!tests)
		abort();
	for (size_t i = 0; i < count; i++) {
		add(&tests[2 * i], test_row, &rows[i], "");
		add(&tests[2 * i + 1], test_twin, &rows[i], ": twin");
	}
	memcpy(tests + 2 * count, others, other_count * sizeof(*others));
	failed = _cmocka_run_group_tests(group, tests, 2 * count + other_count, NULL, NULL);
	for (size_t i = 0; i < 2 * count; i++)
		free((char *)tests[i].name);
	free(tests);
	return failed;
}

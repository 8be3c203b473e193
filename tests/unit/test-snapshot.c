/* SPDX-License-Identifier: ISC */
/* What an engine leaves to the next one: all of a router's state, and how the router goes on. */
#include "vrrp/snapshot.h"

#include "lib/tracker.h"

#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/resume.h"
#include "vrrp/protocol/step.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW (1000 * VRRP_SECOND)

static struct snapshot *through_archive(const struct snapshot_router *router)
{
	const void *const records[] = {router};
	const struct archive_section section = {
		SNAPSHOT_ROUTERS, snapshot_router_fields, snapshot_router_field_count, records, 1};
	int fd = archive_write(&section, 1);
	struct archive *archive = archive_open(fd);
	struct snapshot *snapshot;

	assert_non_null(archive);
	snapshot = snapshot_open(archive);
	assert_non_null(snapshot);
	archive_close(archive);
	close(fd);
	return snapshot;
}

/* What another version wrote may be any octet: a bool that is neither 0 nor 1 is not to be read. */
static void test_truths_have_two_values(void **state)
{
	struct snapshot_router router = {.interface = "eth0", .family = VRRP_IPV4, .vrid = 7};
	struct snapshot *snapshot;
	const struct snapshot_router *read;

	memset(&router.state.started, 80, 1);
	memset(&router.state.willing, 255, 1);
	snapshot = through_archive(&router);
	read = snapshot_find(snapshot, "eth0", VRRP_IPV4, 7);
	assert_non_null(read);
	assert_int_equal(*(const uint8_t *)&read->state.started, 1);
	assert_int_equal(*(const uint8_t *)&read->state.willing, 1);
	assert_int_equal(*(const uint8_t *)&read->state.grouped, 0);
	snapshot_close(snapshot);
}

/* A member of the state that the table of fields does not have would be lost in silence. */
static void test_nothing_is_left_out(void **state)
{
	struct snapshot_router router;
	struct snapshot *snapshot;
	const struct snapshot_router *read;

	memset(&router, 0x5a, sizeof(router));
	/* Booleans have two values. */
	router.state.started = router.state.interval_learned = router.state.stop_heard = true;
	router.state.lower_heard = router.state.announce_due = true;
	router.state.grouped = router.state.willing = true;
	memcpy(router.interface, "eth0", sizeof("eth0"));
	memset(router.interface + sizeof("eth0"), 0, sizeof(router.interface) - sizeof("eth0"));
	router.family = VRRP_IPV4;
	router.vrid = 7;
	__builtin_clear_padding(&router);
	snapshot = through_archive(&router);
	assert_null(snapshot_find(snapshot, "eth0", VRRP_IPV6, 7));
	assert_null(snapshot_find(snapshot, "eth1", VRRP_IPV4, 7));
	assert_null(snapshot_find(snapshot, "eth0", VRRP_IPV4, 8));
	assert_null(snapshot_find(NULL, "eth0", VRRP_IPV4, 7));
	read = snapshot_find(snapshot, "eth0", VRRP_IPV4, 7);
	assert_non_null(read);
	assert_memory_equal(read, &router, sizeof(router));
	snapshot_close(snapshot);
}

static void test_trackers(void **state)
{
	struct snapshot_tracker trackers[3] = {{.identity = 9,
						       .since = NOW,
						       .value = -3,
						       .state = TRACKER_FAILED,
						       .result = TRACKER_RESULT_EXIT},
		{.identity = 2, .since = 5, .state = TRACKER_OK},
		{.identity = 7, .state = 200, .result = TRACKER_RESULT_EXIT}};
	const void *const records[] = {&trackers[0], &trackers[1], &trackers[2]};
	const struct archive_section section = {SNAPSHOT_TRACKERS, snapshot_tracker_fields,
		snapshot_tracker_field_count, records, 3};
	int fd = archive_write(&section, 1);
	struct archive *archive = archive_open(fd);
	struct snapshot *snapshot;
	const struct snapshot_tracker *read;

	assert_non_null(archive);
	snapshot = snapshot_open(archive);
	assert_non_null(snapshot);
	read = snapshot_find_tracker(snapshot, 9);
	assert_non_null(read);
	assert_int_equal(read->since, NOW);
	assert_int_equal(read->value, -3);
	assert_int_equal(read->state, TRACKER_FAILED);
	assert_int_equal(read->result, TRACKER_RESULT_EXIT);
	assert_int_equal(snapshot_find_tracker(snapshot, 2)->state, TRACKER_OK);
	/* Of a later version: as good as nothing. */
	assert_int_equal(snapshot_find_tracker(snapshot, 7)->state, TRACKER_UNKNOWN);
	assert_null(snapshot_find_tracker(snapshot, 8));
	assert_null(snapshot_find_tracker(NULL, 9));
	snapshot_close(snapshot);
	archive_close(archive);
	close(fd);
}

static struct vrrp_router make_router(const struct vrrp_address *address)
{
	const struct vrrp_configuration configuration = {.addresses = address,
		.address_count = 1,
		.interval = VRRP_SECOND,
		.family = VRRP_IPV4,
		.vrid = 7,
		.version = VRRP_VERSION_3,
		.priority = 100,
		.preempt = true};
	struct vrrp_router router;

	vrrp_router_init(&router, &configuration);
	return router;
}

static struct vrrp_state_block make_state(enum vrrp_state which)
{
	return (struct vrrp_state_block){
		.primary = {VRRP_IPV4, {192, 0, 2, 1}},
		.active = {VRRP_IPV4, {192, 0, 2, 9}},
		.since = NOW - 50 * VRRP_SECOND,
		.deadline = NOW + VRRP_SECOND / 2,
		.timer_base = NOW - VRRP_SECOND,
		.active_interval = VRRP_SECOND,
		.preempt_at = VRRP_NEVER,
		.state = (uint8_t)which,
		.priority = 100,
		.started = true,
	};
}

static const struct vrrp_address address = {VRRP_IPV4, {198, 51, 100, 1}};

static void test_active_goes_on(void **state)
{
	struct vrrp_router router = make_router(&address);
	const struct vrrp_state_block left = make_state(VRRP_STATE_ACTIVE);
	const struct vrrp_statistics counted = {.transitions = 3, .sent = 1000};
	struct vrrp_actions actions;

	assert_true(vrrp_router_resume(&router, NOW, &left, &counted, &actions));
	assert_int_equal(actions.count, 2);
	assert_int_equal(actions.list[0].type, VRRP_ACTION_ARM);
	assert_int_equal(actions.list[0].deadline, left.deadline);
	assert_int_equal(actions.list[1].type, VRRP_ACTION_OWN_ADDRESSES);
	assert_true(actions.list[1].own);
	assert_int_equal(router.statistics.sent, 1000);
	/* Neither the link, as it was, nor a start changes anything. */
	vrrp_step(&router, NOW,
		&(struct vrrp_event){
			.type = VRRP_EVENT_LINK, .link = {.up = true, .primary = left.primary}},
		&actions);
	assert_int_equal(actions.count, 0);
	vrrp_step(&router, NOW, &(struct vrrp_event){.type = VRRP_EVENT_START}, &actions);
	assert_int_equal(actions.count, 0);
	vrrp_step(&router, left.deadline, &(struct vrrp_event){.type = VRRP_EVENT_DEADLINE},
		&actions);
	assert_int_equal(actions.list[0].type, VRRP_ACTION_SEND_ADVERT);
	assert_int_equal(router.statistics.sent, 1001);
}

static void test_backup_goes_on(void **state)
{
	struct vrrp_router router = make_router(&address);
	const struct vrrp_state_block left = make_state(VRRP_STATE_BACKUP);
	const struct vrrp_statistics counted = {0};
	struct vrrp_actions actions;

	assert_true(vrrp_router_resume(&router, NOW, &left, &counted, &actions));
	assert_int_equal(actions.count, 1);
	assert_int_equal(actions.list[0].type, VRRP_ACTION_ARM);
	assert_int_equal(actions.list[0].deadline, left.deadline);
}

/* The interval may have been made shorter: the deadline of the old one is not waited for. */
static void test_far_deadline(void **state)
{
	struct vrrp_router router = make_router(&address);
	struct vrrp_state_block left = make_state(VRRP_STATE_ACTIVE);
	const struct vrrp_statistics counted = {0};
	struct vrrp_actions actions;

	left.deadline = NOW + 40 * VRRP_SECOND;
	assert_true(vrrp_router_resume(&router, NOW, &left, &counted, &actions));
	assert_int_equal(actions.list[0].deadline, NOW + VRRP_SECOND);
}

static void test_nonsense_is_refused(void **state)
{
	const struct vrrp_statistics counted = {0};
	struct vrrp_state_block left[6];
	struct vrrp_actions actions;

	for (size_t i = 0; i < 6; i++)
		left[i] = make_state(VRRP_STATE_ACTIVE);
	left[0].state = VRRP_STATES;
	left[1].state = VRRP_STATE_INITIALIZE;
	left[2].started = false;
	left[3].since = NOW + 1;
	left[4].primary.family = VRRP_IPV6;
	left[5].active_interval = 0;
	for (size_t i = 0; i < 6; i++) {
		struct vrrp_router router = make_router(&address);
		const struct vrrp_router before = router;

		assert_false(vrrp_router_resume(&router, NOW, &left[i], &counted, &actions));
		assert_int_equal(actions.count, 0);
		assert_memory_equal(&router, &before, sizeof(router));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_left_out),
		cmocka_unit_test(test_truths_have_two_values),
		cmocka_unit_test(test_trackers),
		cmocka_unit_test(test_active_goes_on),
		cmocka_unit_test(test_backup_goes_on),
		cmocka_unit_test(test_far_deadline),
		cmocka_unit_test(test_nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

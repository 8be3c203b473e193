/* SPDX-License-Identifier: ISC */
/* Transactions from a client's request to the engine's answer, with the test as client and engine.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/core/candidate.h"
#include "agent/core/publisher.h"
#include "agent/core/slots.h"
#include "agent/core/store.h"
#include "agent/core/transaction.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "tests/unit/core-lab.h"

#define ROUTER(name, vrid, priority)                                          \
	"vrrp_instance " name " {\n interface eth0\n virtual_router_id " vrid \
	"\n priority " priority "\n virtual_ipaddress {\n 192.0.2.2" vrid "\n }\n}\n"
#define FILE_TEXT ROUTER("A", "1", "100") ROUTER("B", "2", "90") ROUTER("OWNER", "3", "255")
#define A_150	  "vrrp_instance A {\n    priority 150\n}\n"
#define ASIDE	  "vrrp_instance GONE {\n\tpriority 7\n}\n"
#define ANSWERS	  8

struct client {
	struct transaction_client client;
	struct message_outcome answers[ANSWERS];
	size_t count;
};

struct lab {
	char *folder;
	sd_event *loop;
	int engine;    /* the engine's end */
	int agentx[2]; /* core's end first */
	struct publisher *publisher;
	struct store *store;
	struct candidate current;
	struct transactions *transactions;
	struct client snmp, control;
	unsigned rebuilt;
	enum message_error first;
	bool told;
};

static void take_answer(void *context, const union message *result)
{
	struct client *client = context;

	assert_true(client->count < ANSWERS);
	assert_int_equal(result->head.type, MESSAGE_SET_RESULT);
	client->answers[client->count++] = result->outcome;
}

static void on_first(void *context, enum message_error error, const char *text)
{
	struct lab *lab = context;

	lab->first = error;
	lab->told = true;
}

/* All that can be done without waiting. */
static void turn(struct lab *lab)
{
	while (sd_event_run(lab->loop, 0) > 0)
		continue;
}

static void accept_image(struct lab *lab, uint64_t generation)
{
	lab_answer_image(lab->engine, generation, MESSAGE_OK, "");
	turn(lab);
}

static void make_publisher(struct lab *lab)
{
	union message message;
	int ends[2];

	assert_int_equal(channel_pair(ends), 0);
	lab->engine = ends[1];
	lab->publisher = publisher_new(lab->loop, ends[0], 1);
	assert_non_null(lab->publisher);
	assert_int_equal(publisher_send_whole(lab->publisher, lab->current.config,
				 lab->current.slots, 0, on_first, lab),
		0);
	image_close(lab_receive_image(lab->engine, &message));
	accept_image(lab, 1);
	assert_true(lab->told);
	assert_int_equal(lab->first, MESSAGE_OK);
	publisher_set_current(lab->publisher, lab->current.config, lab->current.slots);
	assert_int_equal(channel_pair(lab->agentx), 0);
	publisher_set_peer(lab->publisher, PEER_AGENTX, lab->agentx[0]);
	image_close(lab_receive_image(lab->agentx[1], &message));
}

static void on_adopted(void *context)
{
	struct lab *lab = context;

	publisher_set_current(lab->publisher, lab->current.config, lab->current.slots);
}

static int rebuild(void *context, publisher_done *done, void *done_context)
{
	struct lab *lab = context;

	lab->rebuilt++;
	return publisher_send_whole(
		lab->publisher, lab->current.config, lab->current.slots, 1000, done, done_context);
}

static void make_transactions(struct lab *lab)
{
	lab->transactions = transactions_new(lab->loop, lab->store, lab->publisher);
	assert_non_null(lab->transactions);
	transactions_set_model(lab->transactions, &lab->current, on_adopted, rebuild, lab);
}

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	struct slots *none = slots_new();

	assert_non_null(lab);
	lab->folder = lab_folder();
	assert_true(sd_event_new(&lab->loop) >= 0);
	assert_int_equal(store_open(lab->folder, -1, &lab->store), 0);
	lab->current.config = lab_config(FILE_TEXT);
	lab->current.slots = slots_plan(none, lab->current.config);
	slots_free(none);
	make_publisher(lab);
	make_transactions(lab);
	lab->snmp.client = (struct transaction_client){take_answer, &lab->snmp};
	lab->control.client = (struct transaction_client){take_answer, &lab->control};
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	transactions_free(lab->transactions);
	publisher_free(lab->publisher);
	store_close(lab->store);
	candidate_clear(&lab->current);
	sd_event_unref(lab->loop);
	close(lab->engine);
	close(lab->agentx[0]);
	close(lab->agentx[1]);
	lab_remove(lab->folder);
	free(lab);
	return 0;
}

/* Makes the request and returns the answer, if one came at once. */
static enum message_error ask(struct lab *lab, struct client *client, const union message *request)
{
	size_t before = client->count;

	transactions_handle(lab->transactions, &client->client, request);
	turn(lab);
	if (client->count == before)
		return MESSAGE_ERROR_COUNT;
	assert_int_equal(client->count, before + 1);
	assert_int_equal(client->answers[before].head.id, request->head.id);
	return client->answers[before].error;
}

#define NO_ANSWER MESSAGE_ERROR_COUNT

static enum message_error prepare(
	struct lab *lab, struct client *client, uint64_t id, uint8_t vrid, int64_t value)
{
	union message request;

	lab_set_priority(&request, id, "eth0", vrid, value);
	return ask(lab, client, &request);
}

static enum message_error say(
	struct lab *lab, struct client *client, enum message_type type, uint64_t id)
{
	union message request;

	message_init(&request, type, id);
	return ask(lab, client, &request);
}

static uint8_t priority(const struct lab *lab, const char *name)
{
	return config_find_name(lab->current.config, name)->priority;
}

static void assert_stored(const struct lab *lab, const char *expected)
{
	size_t length;

	assert_string_equal(store_text(lab->store, &length), expected);
}

/* The image that the engine is sent now: a delta of one router, or a whole one. */
static uint64_t expect_image(struct lab *lab, int end, uint64_t base, uint8_t priority_of_a)
{
	union message message;
	struct image *image = lab_receive_image(end, &message);

	assert_int_equal(image_header(image)->base_generation, base);
	assert_int_equal(image_header(image)->routers.count, base ? 1 : 3);
	assert_int_equal(lab_router(image, "A")->priority, priority_of_a);
	image_close(image);
	return message.head.id;
}

static void wait_for_answer(struct lab *lab, const struct client *client, size_t count)
{
	uint64_t end = clock_now() + 10 * NSEC_PER_SEC;

	while (client->count < count && clock_now() < end)
		sd_event_run(lab->loop, 100000);
	assert_int_equal(client->count, count);
}

/* SET of A to 150, accepted by the engine. */
static void set_a_to_150(struct lab *lab, uint64_t id)
{
	uint64_t base = publisher_generation(lab->publisher), generation;

	assert_int_equal(prepare(lab, &lab->snmp, id, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, id), NO_ANSWER);
	generation = expect_image(lab, lab->engine, base, 150);
	accept_image(lab, generation);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_OK);
	assert_int_equal(expect_image(lab, lab->agentx[1], base, 150), generation);
}

static void test_prepare_changes_nothing(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_false(transactions_idle(lab->transactions));
	assert_int_equal(priority(lab, "A"), 100);
	assert_stored(lab, "");
	lab_assert_silent(lab->engine);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5), NO_ANSWER);
	assert_true(transactions_idle(lab->transactions));
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(priority(lab, "A"), 100);
}

static void test_apply_is_durable_before_it_is_answered(void **state)
{
	struct lab *lab = *state;
	uint64_t generation;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	assert_stored(lab, A_150);
	assert_int_equal(priority(lab, "A"), 100); /* what the engine still runs */
	generation = expect_image(lab, lab->engine, 1, 150);
	lab_assert_silent(lab->agentx[1]);
	accept_image(lab, generation);
	assert_int_equal(lab->snmp.count, 2);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_OK);
	assert_int_equal(priority(lab, "A"), 150);
	assert_int_equal(expect_image(lab, lab->agentx[1], 1, 150), generation);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5), NO_ANSWER);
	assert_true(transactions_idle(lab->transactions));
	assert_int_equal(priority(lab, "A"), 150);
}

static void test_undo_restores_all_three(void **state)
{
	struct lab *lab = *state;

	set_a_to_150(lab, 5);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), NO_ANSWER);
	assert_stored(lab, "");
	assert_int_equal(store_last_outcome(lab->store), STORE_UNDONE);
	accept_image(lab, expect_image(lab, lab->engine, 2, 100));
	assert_int_equal(lab->snmp.answers[2].error, MESSAGE_OK);
	assert_int_equal(priority(lab, "A"), 100);
	assert_true(transactions_idle(lab->transactions));
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), MESSAGE_OK); /* asked again */
	lab_assert_silent(lab->engine);
}

static void test_undo_keeps_what_came_before(void **state)
{
	struct lab *lab = *state;

	set_a_to_150(lab, 5);
	say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5);
	assert_int_equal(prepare(lab, &lab->snmp, 6, 2, 80), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 6), NO_ANSWER);
	accept_image(lab, 3);
	assert_stored(lab, A_150 "vrrp_instance B {\n    priority 80\n}\n");
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 6), NO_ANSWER);
	accept_image(lab, 4);
	assert_stored(lab, A_150);
	assert_int_equal(priority(lab, "A"), 150);
	assert_int_equal(priority(lab, "B"), 90);
}

static void test_values_and_routers_are_checked(void **state)
{
	static const struct {
		uint8_t vrid;
		int64_t value;
		enum message_error error;
	} cases[] = {
		{1, 0, MESSAGE_WRONG_VALUE},
		{1, 255, MESSAGE_WRONG_VALUE},
		{1, 256, MESSAGE_WRONG_VALUE},
		{1, 300, MESSAGE_WRONG_VALUE},
		{1, -1, MESSAGE_WRONG_VALUE},
		{1, INT64_MIN, MESSAGE_WRONG_VALUE},
		{1, INT64_MAX, MESSAGE_WRONG_VALUE},
		{9, 300, MESSAGE_WRONG_VALUE},
		{9, 100, MESSAGE_NO_ROUTER},
		{3, 100, MESSAGE_READ_ONLY},
		{1, 1, MESSAGE_OK},
		{1, 254, MESSAGE_OK},
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lab->snmp.count = 0;
		assert_int_equal(prepare(lab, &lab->snmp, 5 + i, cases[i].vrid, cases[i].value),
			cases[i].error);
		assert_int_equal(
			transactions_idle(lab->transactions), cases[i].error != MESSAGE_OK);
		assert_true(!cases[i].error == !lab->snmp.answers[0].text[0]);
	}
	assert_int_equal(priority(lab, "A"), 100);
}

static void test_one_bad_change_spoils_all(void **state)
{
	struct lab *lab = *state;
	union message request;

	lab_set_priority(&request, 5, "eth0", 1, 150);
	request.set.count = 3;
	request.set.changes[1] = request.set.changes[0];
	request.set.changes[1].vrid = 2;
	request.set.changes[2] = request.set.changes[0];
	request.set.changes[2].family = 2;
	assert_int_equal(ask(lab, &lab->snmp, &request), MESSAGE_NO_ROUTER);
	assert_int_equal(lab->snmp.answers[0].index, 2);
	assert_int_equal(priority(lab, "A"), 100);
	assert_int_equal(priority(lab, "B"), 90);
	assert_true(transactions_idle(lab->transactions));
}

static void test_several_changes_are_one(void **state)
{
	struct lab *lab = *state;
	union message request;
	struct image *image;

	lab_set_priority(&request, 5, "eth0", 2, 80);
	request.set.count = 3;
	request.set.changes[1] = request.set.changes[0];
	request.set.changes[1].vrid = 1;
	request.set.changes[2] = request.set.changes[0];
	request.set.changes[2].value = 70; /* B again: the last one holds */
	assert_int_equal(ask(lab, &lab->snmp, &request), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	image = lab_receive_image(lab->engine, &request);
	assert_int_equal(image_header(image)->routers.count, 2);
	assert_int_equal(lab_router(image, "A")->priority, 80);
	assert_int_equal(lab_router(image, "B")->priority, 70);
	image_close(image);
	accept_image(lab, 2);
	assert_int_equal(priority(lab, "A"), 80);
	assert_int_equal(priority(lab, "B"), 70);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), NO_ANSWER);
	accept_image(lab, 3);
	assert_int_equal(priority(lab, "A"), 100);
	assert_int_equal(priority(lab, "B"), 90);
}

static void test_one_at_a_time(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(prepare(lab, &lab->control, 6, 2, 80), MESSAGE_BUSY);
	assert_int_equal(say(lab, &lab->control, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(prepare(lab, &lab->snmp, 7, 1, 160), MESSAGE_OK); /* instead of 5 */
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 7), NO_ANSWER);
	assert_int_equal(prepare(lab, &lab->control, 8, 2, 80), MESSAGE_BUSY);
	accept_image(lab, 2);
	assert_int_equal(prepare(lab, &lab->control, 9, 2, 80), MESSAGE_BUSY);
	say(lab, &lab->snmp, MESSAGE_SET_FORGET, 7);
	assert_int_equal(prepare(lab, &lab->control, 10, 2, 80), MESSAGE_OK);
	assert_int_equal(priority(lab, "A"), 160);
}

static void test_silence_after_prepare_ends_it(void **state)
{
	struct lab *lab = *state;
	uint64_t begin = clock_now();

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	while (!transactions_idle(lab->transactions) && clock_now() < begin + 10 * NSEC_PER_SEC)
		sd_event_run(lab->loop, 100000);
	assert_true(transactions_idle(lab->transactions));
	assert_in_range(clock_now() - begin, 990 * NSEC_PER_MSEC, 1800 * NSEC_PER_MSEC);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_UNKNOWN);
	assert_int_equal(prepare(lab, &lab->control, 6, 1, 150), MESSAGE_OK);
}

static void test_lost_client_drops_what_it_prepared(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	transactions_lost(lab->transactions, &lab->control.client);
	assert_false(transactions_idle(lab->transactions));
	transactions_lost(lab->transactions, &lab->snmp.client);
	assert_true(transactions_idle(lab->transactions));
}

static void test_lost_client_undoes_what_it_was_applying(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	transactions_lost(lab->transactions, &lab->snmp.client);
	accept_image(lab, expect_image(lab, lab->engine, 1, 150));
	accept_image(lab, expect_image(lab, lab->engine, 2, 100));
	assert_true(transactions_idle(lab->transactions));
	assert_stored(lab, "");
	assert_int_equal(priority(lab, "A"), 100);
	assert_int_equal(lab->snmp.count, 1); /* that of prepare */
}

/* Whoever waited too long for apply takes it back: both are answered, in their order. */
static void test_undo_overtakes_the_engine(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), NO_ANSWER);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_FORGET, 5), NO_ANSWER);
	accept_image(lab, expect_image(lab, lab->engine, 1, 150));
	assert_int_equal(lab->snmp.count, 2);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_OK);
	accept_image(lab, expect_image(lab, lab->engine, 2, 100));
	assert_int_equal(lab->snmp.count, 3);
	assert_int_equal(lab->snmp.answers[2].error, MESSAGE_OK);
	assert_true(transactions_idle(lab->transactions));
	assert_stored(lab, "");
	assert_int_equal(priority(lab, "A"), 100);
	assert_int_equal(prepare(lab, &lab->snmp, 6, 1, 160), MESSAGE_OK);
}

static void test_undo_of_what_the_engine_refuses(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), NO_ANSWER);
	lab_answer_image(lab->engine, 2, MESSAGE_REFUSED, "it will not");
	turn(lab);
	assert_int_equal(lab->snmp.count, 3);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_REFUSED);
	assert_int_equal(lab->snmp.answers[2].error, MESSAGE_OK);
	assert_true(transactions_idle(lab->transactions));
	assert_stored(lab, "");
	assert_int_equal(priority(lab, "A"), 100);
}

static void test_lost_client_keeps_what_was_answered(void **state)
{
	struct lab *lab = *state;

	set_a_to_150(lab, 5);
	transactions_lost(lab->transactions, &lab->snmp.client);
	assert_true(transactions_idle(lab->transactions));
	assert_stored(lab, A_150);
	assert_int_equal(priority(lab, "A"), 150);
}

static void test_refusal_of_the_engine_undoes(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	lab_answer_image(lab->engine, 2, MESSAGE_REFUSED, "it will not");
	turn(lab);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_REFUSED);
	assert_string_equal(lab->snmp.answers[1].text, "it will not");
	assert_stored(lab, "");
	assert_int_equal(priority(lab, "A"), 100);
	assert_true(transactions_idle(lab->transactions));
	lab_assert_silent(lab->agentx[1]);
	expect_image(lab, lab->engine, 1, 150);
	assert_int_equal(prepare(lab, &lab->snmp, 6, 1, 160), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 6), NO_ANSWER);
	assert_int_equal(expect_image(lab, lab->engine, 1, 160), 3); /* still against 1 */
}

static void test_silent_engine_is_told_the_old_configuration_again(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	wait_for_answer(lab, &lab->snmp, 2);
	assert_int_equal(lab->snmp.answers[1].error, MESSAGE_REFUSED);
	assert_stored(lab, "");
	assert_int_equal(priority(lab, "A"), 100);
	assert_int_equal(expect_image(lab, lab->engine, 1, 150), 2);
	assert_int_equal(expect_image(lab, lab->engine, 0, 100), 3);
	assert_int_equal(prepare(lab, &lab->snmp, 6, 1, 150), MESSAGE_BUSY);
	accept_image(lab, 2); /* too late: nobody waits for it */
	assert_int_equal(publisher_generation(lab->publisher), 1);
	accept_image(lab, 3);
	assert_int_equal(publisher_generation(lab->publisher), 3);
	assert_int_equal(expect_image(lab, lab->agentx[1], 0, 100), 3);
	set_a_to_150(lab, 7);
}

/* No file can be written any more; returns what to set for it to be possible again. */
static struct rlimit fill_disk(void)
{
	struct rlimit old, none;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = (struct rlimit){0, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	return old;
}

static void test_store_failure_changes_nothing(void **state)
{
	struct lab *lab = *state;
	struct rlimit old;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	old = fill_disk();
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_STORE_FAILED);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(lab->snmp.answers[1].text, "cannot write"));
	lab_assert_silent(lab->engine);
	assert_int_equal(priority(lab, "A"), 100);
	assert_true(transactions_idle(lab->transactions));
	set_a_to_150(lab, 6);
}

static void open_store_again(struct lab *lab)
{
	store_close(lab->store);
	assert_int_equal(store_open(lab->folder, -1, &lab->store), 0);
}

static void test_refusal_on_a_full_disk_is_not_in_force_later(void **state)
{
	struct lab *lab = *state;
	struct rlimit old;

	set_a_to_150(lab, 4);
	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 160), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	old = fill_disk();
	lab_answer_image(
		lab->engine, expect_image(lab, lab->engine, 2, 160), MESSAGE_REFUSED, "no");
	turn(lab);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_REFUSED);
	assert_stored(lab, A_150);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), MESSAGE_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	transactions_free(lab->transactions);
	lab->transactions = NULL;
	open_store_again(lab);
	assert_stored(lab, A_150);
	assert_int_equal(store_transaction(lab->store), 4);
}

static void test_undo_without_a_new_file(void **state)
{
	struct lab *lab = *state;
	char *place = lab_path(lab->folder, "overlay.conf.new");

	set_a_to_150(lab, 5);
	assert_int_equal(mkdir(place, 0700), 0);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), NO_ANSWER);
	accept_image(lab, expect_image(lab, lab->engine, 2, 100));
	assert_int_equal(rmdir(place), 0);
	free(place);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_OK);
	assert_int_equal(priority(lab, "A"), 100);
	transactions_free(lab->transactions);
	lab->transactions = NULL;
	open_store_again(lab);
	assert_stored(lab, "");
}

/* A core that was killed after the rename and before the answer: the next one is asked again. */
static void test_next_life_answers_from_the_store(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(prepare(lab, &lab->snmp, 5, 1, 150), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), NO_ANSWER);
	transactions_free(lab->transactions);
	publisher_free(lab->publisher);
	close(lab->engine);
	close(lab->agentx[0]);
	close(lab->agentx[1]);
	open_store_again(lab);
	make_publisher(lab);
	make_transactions(lab);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 6), MESSAGE_UNKNOWN);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_APPLY, 5), MESSAGE_OK);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 6), MESSAGE_UNKNOWN);
	publisher_resync(lab->publisher);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), MESSAGE_BUSY);
	accept_image(lab, 2);
	assert_int_equal(say(lab, &lab->snmp, MESSAGE_SET_UNDO, 5), NO_ANSWER);
	assert_int_equal(lab->rebuilt, 1);
	assert_stored(lab, "");
	accept_image(lab, 3);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_OK);
	assert_true(transactions_idle(lab->transactions));
}

static void test_what_is_set_aside_stays_in_the_store(void **state)
{
	struct lab *lab = *state;
	struct conf_diagnostics diagnostics = {0};

	assert_int_equal(overlay_apply(lab->current.config, "overlay", ASIDE, strlen(ASIDE),
				 &lab->current.aside, &diagnostics),
		0);
	assert_string_equal(lab->current.aside.names, "GONE");
	set_a_to_150(lab, 5);
	assert_stored(lab, A_150 ASIDE);
	conf_diagnostics_clear(&diagnostics);
}

static void test_overlay_is_sorted_out_by_instance(void **state)
{
	static const char text[] = "vrrp_instance 'GO\\x4eE {' { # a brace in quotes }\n"
				   "\tpriority 7\n}\nvrrp_instance A {\n    priority 150\n}\n"
				   "vrrp_instance GONE2\n{ priority 8 }\n";
	struct lab *lab = *state;
	struct conf_diagnostics diagnostics = {0};

	assert_int_equal(overlay_apply(lab->current.config, "overlay", text, strlen(text),
				 &lab->current.aside, &diagnostics),
		0);
	assert_int_equal(priority(lab, "A"), 150);
	assert_string_equal(lab->current.aside.names, "GONE {, GONE2");
	assert_string_equal(lab->current.aside.text,
		"vrrp_instance 'GO\\x4eE {' { # a brace in quotes }\n\tpriority 7\n}\n"
		"vrrp_instance GONE2\n{ priority 8 }\n");
	assert_int_equal(diagnostics.errors, 0);
	conf_diagnostics_clear(&diagnostics);
}

static void test_bad_overlay_is_shown_where_it_is(void **state)
{
	static const char text[] = ASIDE "vrrp_instance A {\n\tpriority 300\n}\n";
	struct lab *lab = *state;
	struct conf_diagnostics diagnostics = {0};

	assert_int_equal(overlay_apply(lab->current.config, "/x/overlay.conf", text, strlen(text),
				 &lab->current.aside, &diagnostics),
		-EINVAL);
	assert_int_equal(diagnostics.errors, 1);
	assert_string_equal(diagnostics.items[0].file, "/x/overlay.conf");
	assert_int_equal(diagnostics.items[0].line, 6); /* the store's first line counts */
	assert_int_equal(priority(lab, "A"), 100);
	conf_diagnostics_clear(&diagnostics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_prepare_changes_nothing),
		TEST(test_apply_is_durable_before_it_is_answered),
		TEST(test_undo_restores_all_three),
		TEST(test_undo_keeps_what_came_before),
		TEST(test_values_and_routers_are_checked),
		TEST(test_one_bad_change_spoils_all),
		TEST(test_several_changes_are_one),
		TEST(test_one_at_a_time),
		TEST(test_silence_after_prepare_ends_it),
		TEST(test_lost_client_drops_what_it_prepared),
		TEST(test_lost_client_undoes_what_it_was_applying),
		TEST(test_undo_overtakes_the_engine),
		TEST(test_undo_of_what_the_engine_refuses),
		TEST(test_lost_client_keeps_what_was_answered),
		TEST(test_refusal_of_the_engine_undoes),
		TEST(test_silent_engine_is_told_the_old_configuration_again),
		TEST(test_store_failure_changes_nothing),
		TEST(test_refusal_on_a_full_disk_is_not_in_force_later),
		TEST(test_undo_without_a_new_file),
		TEST(test_next_life_answers_from_the_store),
		TEST(test_what_is_set_aside_stays_in_the_store),
		TEST(test_overlay_is_sorted_out_by_instance),
		TEST(test_bad_overlay_is_shown_where_it_is),
	};

	log_open("test-transaction", LOG_EMERG);
	return cmocka_run_group_tests_name("transaction", tests, NULL, NULL);
}

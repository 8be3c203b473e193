/* SPDX-License-Identifier: ISC */
#include "tests/unit/transaction-lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/core/slots.h"
#include "lib/channel.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#define FILE_TEXT \
	LAB_ROUTER("A", "1", "100") LAB_ROUTER("B", "2", "90") LAB_ROUTER("OWNER", "3", "255")

static void take_answer(void *context, const union message *result)
{
	struct client *client = context;

	assert_true(client->count < LAB_ANSWERS);
	assert_int_equal(result->head.type, MESSAGE_SET_RESULT);
	client->answers[client->count++] = result->outcome;
}

static void on_first(void *context, enum message_error error, const char *text)
{
	struct lab *lab = context;

	lab->first = error;
	lab->told = true;
}

void lab_turn(struct lab *lab)
{
	while (sd_event_run(lab->loop, 0) > 0)
		continue;
}

void lab_accept_image(struct lab *lab, uint64_t generation)
{
	lab_answer_image(lab->engine, generation, MESSAGE_OK, "");
	lab_turn(lab);
}

void lab_make_publisher(struct lab *lab)
{
	union message message;
	int ends[2];

	assert_int_equal(channel_pair(ends), 0);
	lab->engine = ends[1];
	lab->publisher = publisher_new(lab->loop, ends[0], 1, lab->lifeline);
	assert_non_null(lab->publisher);
	assert_int_equal(publisher_send_whole(lab->publisher, lab->current.config,
				 lab->current.slots, 0, on_first, lab),
		0);
	image_close(lab_receive_image(lab->engine, &message));
	lab_accept_image(lab, 1);
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

void lab_make_transactions(struct lab *lab)
{
	lab->transactions = transactions_new(lab->loop, lab->store, lab->publisher, lab->lifeline);
	assert_non_null(lab->transactions);
	transactions_set_model(lab->transactions, &lab->current, on_adopted, rebuild, lab);
}

int lab_set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	struct slots *none = slots_new();

	assert_non_null(lab);
	log_open("test-transaction", LOG_EMERG);
	lab->folder = lab_folder();
	assert_true(sd_event_new(&lab->loop) >= 0);
	assert_int_equal(store_open(lab->folder, -1, &lab->store), 0);
	lab->current.config = lab_config(FILE_TEXT);
	lab->current.slots = slots_plan(none, lab->current.config);
	slots_free(none);
	lab->lifeline = lifeline_create();
	lab_make_publisher(lab);
	lab_make_transactions(lab);
	lab->snmp.client = (struct transaction_client){take_answer, &lab->snmp};
	lab->control.client = (struct transaction_client){take_answer, &lab->control};
	*state = lab;
	return 0;
}

int lab_tear_down(void **state)
{
	struct lab *lab = *state;

	transactions_free(lab->transactions);
	publisher_free(lab->publisher);
	store_close(lab->store);
	candidate_clear(&lab->current);
	sd_event_unref(lab->loop);
	close(lab->lifeline);
	close(lab->engine);
	close(lab->agentx[0]);
	close(lab->agentx[1]);
	lab_remove(lab->folder);
	free(lab);
	return 0;
}

enum message_error lab_ask(struct lab *lab, struct client *client, const union message *request)
{
	size_t before = client->count;

	transactions_handle(lab->transactions, &client->client, request);
	lab_turn(lab);
	if (client->count == before)
		return MESSAGE_ERROR_COUNT;
	assert_int_equal(client->count, before + 1);
	assert_int_equal(client->answers[before].head.id, request->head.id);
	return client->answers[before].error;
}

enum message_error lab_prepare(
	struct lab *lab, struct client *client, uint64_t id, uint8_t vrid, int64_t value)
{
	union message request;

	lab_set_priority(&request, id, "eth0", vrid, value);
	return lab_ask(lab, client, &request);
}

enum message_error lab_say(
	struct lab *lab, struct client *client, enum message_type type, uint64_t id)
{
	union message request;

	message_init(&request, type, id);
	return lab_ask(lab, client, &request);
}

uint8_t lab_priority(const struct lab *lab, const char *name)
{
	return config_find_name(lab->current.config, name)->priority;
}

void lab_assert_stored(const struct lab *lab, const char *expected)
{
	size_t length;

	assert_string_equal(store_text(lab->store, &length), expected);
}

uint64_t lab_expect_image(struct lab *lab, int end, uint64_t base, uint8_t priority_of_a)
{
	union message message;
	struct image *image = lab_receive_image(end, &message);

	assert_int_equal(image_header(image)->base_generation, base);
	assert_int_equal(image_header(image)->routers.count, base ? 1 : 3);
	assert_int_equal(lab_router(image, "A")->priority, priority_of_a);
	image_close(image);
	return message.head.id;
}

void lab_set_a_to_150(struct lab *lab, uint64_t id)
{
	uint64_t base = publisher_generation(lab->publisher), generation;

	assert_int_equal(lab_prepare(lab, &lab->snmp, id, 1, 150), MESSAGE_OK);
	assert_int_equal(lab_say(lab, &lab->snmp, MESSAGE_SET_APPLY, id), LAB_NO_ANSWER);
	generation = lab_expect_image(lab, lab->engine, base, 150);
	lab_accept_image(lab, generation);
	assert_int_equal(lab->snmp.answers[lab->snmp.count - 1].error, MESSAGE_OK);
	assert_int_equal(lab_expect_image(lab, lab->agentx[1], base, 150), generation);
}

void lab_open_store_again(struct lab *lab)
{
	store_close(lab->store);
	assert_int_equal(store_open(lab->folder, -1, &lab->store), 0);
}

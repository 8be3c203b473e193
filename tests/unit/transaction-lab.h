/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_TRANSACTION_LAB_H
#define TESTS_UNIT_TRANSACTION_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "agent/core/candidate.h"
#include "agent/core/publisher.h"
#include "agent/core/store.h"
#include "agent/core/transaction.h"
#include "lib/message.h"
#include "tests/unit/core-lab.h"

/* Transactions on the bench, with the test as two clients, engine and agentx.  The file has three
 * routers: A of priority 100, B of 90, and OWNER. */

#define LAB_A_150   "vrrp_instance A {\n    priority 150\n}\n"
#define LAB_ANSWERS 8

/* Of a request that was not answered at once. */
#define LAB_NO_ANSWER MESSAGE_ERROR_COUNT

struct client {
	struct transaction_client client;
	struct message_outcome answers[LAB_ANSWERS];
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
	int lifeline;
	struct client snmp, control;
	unsigned rebuilt;
	enum message_error first;
	bool told;
};

int lab_set_up(void **state);
int lab_tear_down(void **state);

#define LAB_TEST(name) cmocka_unit_test_setup_teardown(name, lab_set_up, lab_tear_down)

/* The parts of lab_set_up() that a next core needs again; what was there before is the caller's. */
void lab_make_publisher(struct lab *lab);
void lab_make_transactions(struct lab *lab);
void lab_open_store_again(struct lab *lab);

/* All that can be done without waiting. */
void lab_turn(struct lab *lab);

/* The engine accepts it. */
void lab_accept_image(struct lab *lab, uint64_t generation);

/* Makes the request and returns the answer, if one came at once. */
enum message_error lab_ask(struct lab *lab, struct client *client, const union message *request);
enum message_error lab_prepare(
	struct lab *lab, struct client *client, uint64_t id, uint8_t vrid, int64_t value);
enum message_error lab_say(
	struct lab *lab, struct client *client, enum message_type type, uint64_t id);

/* A SET of A to 150 that the engine accepts. */
void lab_set_a_to_150(struct lab *lab, uint64_t id);

/* As it is in force. */
uint8_t lab_priority(const struct lab *lab, const char *name);

void lab_assert_stored(const struct lab *lab, const char *expected);

/* The image that the engine is sent now: a delta of one router, or a whole one; its generation. */
uint64_t lab_expect_image(struct lab *lab, int end, uint64_t base, uint8_t priority_of_a);

#endif

/* SPDX-License-Identifier: ISC */
/* A SET as a model: agentx, core, the engine or snmpd dies before each of its steps, one or two of
 * them; the transactions, the publisher and the store are the real ones.  At the end what is stored
 * is what runs is what the manager was told, and the next SET is possible at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/core/candidate.h"
#include "agent/core/overlay.h"
#include "agent/core/publisher.h"
#include "agent/core/slots.h"
#include "agent/core/store.h"
#include "agent/core/transaction.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "tests/unit/core-lab.h"

#define FILE_TEXT                                                                   \
	"vrrp_instance A {\n interface eth0\n virtual_router_id 1\n priority 100\n" \
	" virtual_ipaddress {\n 192.0.2.21\n }\n}\n"
#define OLD	100
#define NEW	150
#define NEXT	120
#define NOTHING MESSAGE_INVALID /* is asked */

enum fault {
	NO_FAULT,
	AGENTX_DIES,
	CORE_DIES,
	ENGINE_DIES,
	SNMPD_DIES,
	ENGINE_STOPS,
	FAULTS
};
enum step {
	PREPARES,
	APPLIES,
	ENGINE_TAKES,
	ENDS,
	ENGINE_TAKES_END,
	FORGETS,
	IS_OVER,
	STEPS
};
enum told {
	TOLD_NOTHING,
	TOLD_DONE,
	TOLD_ERROR
};

static const char *const fault_names[] = {
	"nothing", "agentx dies", "core dies", "the engine dies", "snmpd dies", "the engine stops"};

struct world {
	char *folder;
	sd_event *loop;
	int engine; /* the engine's end */
	uint8_t running;
	struct store *store;
	struct candidate current;
	struct publisher *publisher;
	struct transactions *transactions;

	/* agentx, as it goes through the phases of a SET */
	struct transaction_client client;
	bool agentx, snmpd; /* alive */
	uint64_t id;
	enum message_type asked;
	bool staged, applied; /* as far as it knows */
	enum told told;
};

static void turn(struct world *world)
{
	while (sd_event_run(world->loop, 0) > 0)
		continue;
}

/* The engine takes all images that are there, as deltas or whole. */
static void engine_takes(struct world *world)
{
	union message message;
	struct image *image;
	const struct image_router *router;
	int attached;

	turn(world);
	while (channel_receive(world->engine, &message, &attached) == 1) {
		if (message.head.type != MESSAGE_IMAGE)
			continue;
		image = image_open(attached);
		close(attached);
		assert_non_null(image);
		router = lab_router(image, "A");
		if (router)
			world->running = router->priority;
		image_close(image);
		lab_answer_image(world->engine, message.head.id, MESSAGE_OK, "");
		turn(world);
	}
}

/* The file, and over it what the store holds. */
static void build(struct candidate *candidate, const struct store *store)
{
	struct conf_diagnostics diagnostics = {0};
	struct slots *none = slots_new();
	size_t length;
	const char *text = store_text(store, &length);

	candidate->config = lab_config(FILE_TEXT);
	assert_int_equal(overlay_apply(candidate->config, "overlay", text, length,
				 &candidate->aside, &diagnostics),
		0);
	candidate->slots = slots_plan(none, candidate->config);
	slots_free(none);
	conf_diagnostics_clear(&diagnostics);
}

static uint8_t priority(const struct candidate *candidate)
{
	return config_find_name(candidate->config, "A")->priority;
}

static void on_adopted(void *context)
{
	struct world *world = context;

	publisher_set_current(world->publisher, world->current.config, world->current.slots);
}

static int rebuild(void *context, publisher_done *done, void *done_context)
{
	struct world *world = context;

	candidate_clear(&world->current);
	build(&world->current, world->store);
	on_adopted(world);
	return publisher_send_whole(world->publisher, world->current.config, world->current.slots,
		TRANSACTION_ENGINE_MS, done, done_context);
}

static void ignore(void *context, enum message_error error, const char *text)
{
	assert_int_equal(error, MESSAGE_OK);
}

static void core_begins(struct world *world)
{
	int ends[2];

	assert_int_equal(store_open(world->folder, -1, &world->store), 0);
	build(&world->current, world->store);
	assert_int_equal(channel_pair(ends), 0);
	world->engine = ends[1];
	world->publisher = publisher_new(world->loop, ends[0], 1, -1);
	assert_int_equal(publisher_send_whole(world->publisher, world->current.config,
				 world->current.slots, 0, ignore, world),
		0);
	engine_takes(world);
	on_adopted(world);
	world->transactions = transactions_new(world->loop, world->store, world->publisher, -1);
	transactions_set_model(world->transactions, &world->current, on_adopted, rebuild, world);
}

static void core_ends(struct world *world)
{
	transactions_free(world->transactions);
	publisher_free(world->publisher);
	store_close(world->store);
	candidate_clear(&world->current);
	close(world->engine);
}

/* agentx asks; its answer, once it is there, says how it goes on. */
static void ask(struct world *world, enum message_type type)
{
	union message request;

	if (type == MESSAGE_SET_PREPARE)
		lab_set_priority(&request, world->id, "eth0", 1, NEW);
	else
		message_init(&request, type, world->id);
	world->asked = type == MESSAGE_SET_FORGET ? NOTHING : type;
	transactions_handle(world->transactions, &world->client, &request);
	turn(world);
}

static void take_answer(void *context, const union message *result)
{
	struct world *world = context;
	enum message_type asked = world->asked;
	enum message_error error = result->outcome.error;

	assert_true(world->agentx);
	assert_int_not_equal(asked, NOTHING);
	world->asked = NOTHING;
	if (error)
		world->told = TOLD_ERROR;
	if (asked == MESSAGE_SET_PREPARE)
		world->staged = !error;
	else if (asked == MESSAGE_SET_APPLY && !error)
		world->told = TOLD_DONE;
	if (asked == MESSAGE_SET_APPLY)
		world->applied = !error || error == MESSAGE_UNKNOWN;
	if (asked == MESSAGE_SET_UNDO)
		assert_true(!error || error == MESSAGE_UNKNOWN);
}

static void core_dies(struct world *world)
{
	core_ends(world);
	core_begins(world);
	if (!world->agentx)
		return;
	if (world->asked == MESSAGE_SET_PREPARE)
		world->told = TOLD_ERROR;
	else if (world->asked != NOTHING)
		ask(world, world->asked);
}

static void agentx_dies(struct world *world)
{
	if (world->agentx)
		transactions_lost(world->transactions, &world->client);
	world->agentx = false;
}

static void engine_stops(struct world *world)
{
	uint64_t end = clock_now() + 10 * NSEC_PER_SEC;

	while (world->asked != NOTHING && clock_now() < end)
		sd_event_run(world->loop, 100000);
	assert_int_equal(world->asked, NOTHING);
}

static void happen(struct world *world, enum fault fault)
{
	switch (fault) {
	case AGENTX_DIES:
		agentx_dies(world);
		break;
	case CORE_DIES:
		core_dies(world);
		break;
	case ENGINE_DIES: /* it is in the process that all others end with */
		world->agentx = false;
		world->running = 0;
		core_dies(world);
		break;
	case SNMPD_DIES:
		world->snmpd = false;
		break;
	case ENGINE_STOPS:
		engine_stops(world);
		break;
	default:
		break;
	}
}

/* What agentx does next: the master goes on or, with `undo`, has another subagent that failed. */
static void step(struct world *world, enum step step, bool undo)
{
	bool fails = undo || world->told == TOLD_ERROR;

	if (step == ENGINE_TAKES || step == ENGINE_TAKES_END)
		engine_takes(world);
	if (!world->agentx || world->asked != NOTHING)
		return;
	if (!world->snmpd) {
		if (world->staged)
			ask(world, MESSAGE_SET_FORGET);
		world->staged = world->applied = false;
	} else if (step == PREPARES) {
		ask(world, MESSAGE_SET_PREPARE);
	} else if (step == APPLIES && world->staged) {
		ask(world, MESSAGE_SET_APPLY);
	} else if (step == ENDS && world->applied && fails) {
		ask(world, MESSAGE_SET_UNDO);
		world->told = TOLD_ERROR;
	} else if (step == FORGETS && world->staged) {
		ask(world, MESSAGE_SET_FORGET);
	}
}

static uint8_t stored(const struct world *world)
{
	struct candidate candidate = {0};
	uint8_t found;

	build(&candidate, world->store);
	found = priority(&candidate);
	candidate_clear(&candidate);
	return found;
}

static void take_next(void *context, const union message *result)
{
	unsigned *good = context;

	*good += result->outcome.error == MESSAGE_OK;
}

/* Somebody else's SET, at once. */
static void assert_free(struct world *world)
{
	unsigned good = 0;
	struct transaction_client other = {take_next, &good};
	union message request;

	assert_true(transactions_idle(world->transactions));
	lab_set_priority(&request, world->id + 1, "eth0", 1, NEXT);
	transactions_handle(world->transactions, &other, &request);
	message_init(&request, MESSAGE_SET_APPLY, world->id + 1);
	transactions_handle(world->transactions, &other, &request);
	engine_takes(world);
	assert_int_equal(good, 2);
	assert_int_equal(world->running, NEXT);
	assert_int_equal(stored(world), NEXT);
}

static void assert_agreement(struct world *world)
{
	assert_in_set(world->running, ((const uintmax_t[]){OLD, NEW}), 2);
	assert_int_equal(world->running, stored(world));
	assert_int_equal(world->running, priority(&world->current));
	if (world->told == TOLD_DONE)
		assert_int_equal(world->running, NEW);
	if (world->told == TOLD_ERROR && world->agentx && world->snmpd)
		assert_int_equal(world->running, OLD);
	assert_free(world);
}

struct trouble {
	enum fault fault;
	enum step before;
};

static void go_through(struct world *world, struct trouble first, struct trouble second, bool undo)
{
	for (enum step now = PREPARES; now < STEPS; now++) {
		if (first.before == now)
			happen(world, first.fault);
		if (second.before == now)
			happen(world, second.fault);
		if (now < IS_OVER)
			step(world, now, undo);
	}
	engine_takes(world);
	step(world, IS_OVER, undo); /* what was held up until here */
	if (!world->snmpd || !world->agentx)
		return;
	if (world->staged)
		ask(world, MESSAGE_SET_FORGET);
}

/* What is under way, for whoever reads that it failed. */
static char scenario[128];

static int tell_scenario(void **state)
{
	if (scenario[0])
		print_error("it failed when %s\n", scenario);
	scenario[0] = '\0';
	return 0;
}

/* In memory: what a disk does to the store is not of this model. */
static char *folder(void)
{
	char *name = strdup("/dev/shm/test-set-model-XXXXXX");

	assert_non_null(name);
	assert_non_null(mkdtemp(name));
	return name;
}

static void try(struct trouble first, struct trouble second, bool undo)
{
	struct world world = {
		.folder = folder(), .agentx = true, .snmpd = true, .id = 5, .asked = NOTHING};

	snprintf(scenario, sizeof(scenario), "%s before step %d and %s before step %d of %s",
		fault_names[first.fault], first.before, fault_names[second.fault], second.before,
		undo ? "a SET that is undone" : "a SET");
	world.client = (struct transaction_client){take_answer, &world};
	assert_true(sd_event_new(&world.loop) >= 0);
	core_begins(&world);
	go_through(&world, first, second, undo);
	assert_agreement(&world);
	core_ends(&world);
	sd_event_unref(world.loop);
	lab_remove(world.folder);
	scenario[0] = '\0';
}

static void try_both(struct trouble first, struct trouble second)
{
	try(first, second, false);
	try(first, second, true);
}

static void test_none_or_one_dies(void **state)
{
	const struct trouble none = {NO_FAULT, PREPARES};

	try_both(none, none);
	for (enum fault fault = AGENTX_DIES; fault <= SNMPD_DIES; fault++)
		for (enum step before = PREPARES; before < STEPS; before++)
			try_both((struct trouble){fault, before}, none);
}

static void test_two_die(void **state)
{
	for (enum fault fault = AGENTX_DIES; fault <= SNMPD_DIES; fault++)
		for (enum step before = PREPARES; before < STEPS; before++)
			for (enum fault other = AGENTX_DIES; other <= SNMPD_DIES; other++)
				for (enum step later = before; later < STEPS; later++)
					try_both((struct trouble){fault, before},
						(struct trouble){other, later});
}

/* A second's silence each: it answers too late, what it was sent is out of date by then. */
static void test_the_engine_stops(void **state)
{
	static const enum fault others[] = {NO_FAULT, AGENTX_DIES, CORE_DIES, SNMPD_DIES};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		try((struct trouble){ENGINE_STOPS, ENGINE_TAKES}, (struct trouble){others[i], ENDS},
			true);
	try((struct trouble){ENGINE_STOPS, ENGINE_TAKES}, (struct trouble){NO_FAULT, ENDS}, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_none_or_one_dies, tell_scenario),
		cmocka_unit_test_teardown(test_two_die, tell_scenario),
		cmocka_unit_test_teardown(test_the_engine_stops, tell_scenario),
	};

	log_open("test-set-model", LOG_EMERG);
	return cmocka_run_group_tests_name("set-model", tests, NULL, NULL);
}

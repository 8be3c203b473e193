/* SPDX-License-Identifier: ISC */
#include "tests/sim/groupsim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/random.h"
#include "vrrp/protocol/encode.h"
#include "vrrp/protocol/group.h"
#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/step.h"

#define NODES_MAX   4
#define MEMBERS_MAX 3
#define INTERVAL    (100 * VRRP_MILLISECOND)
#define DELAY_MAX   VRRP_MILLISECOND
#define EPISODES    12
#define NOBODY	    NODES_MAX
#define ROUNDS_MAX  8
#define MESSAGES    1024
/* Any Active_Down, a skew of the whole interval, and the way of the adverts. */
#define SETTLING    (5 * INTERVAL)

struct message {
	uint64_t at;
	unsigned int node, member;
	struct vrrp_ip_facts facts;
	size_t length;
	uint8_t octets[64];
};

struct member {
	struct vrrp_router router;
	struct vrrp_group_place place;
	struct vrrp_configuration configuration;
	struct vrrp_address primary;
	uint64_t deadline;
	bool up, disabled;
};

struct node {
	struct member members[MEMBERS_MAX];
	struct vrrp_group group;
	bool alive;
};

struct sim {
	struct random random;
	enum group_mutation mutation;
	bool trace;
	uint64_t now, transitions;
	struct vrrp_address address;
	struct node nodes[NODES_MAX];
	unsigned int count, size;
	unsigned int cut; /* the link that carries nothing now; MEMBERS_MAX: none */
	struct message messages[MESSAGES];
	unsigned int message_count;
	char breach[256];
};

static const char *const names[GROUP_MUTATIONS] = {
	[GROUP_MUTATION_NONE] = "none",
	[GROUP_MUTATION_ALONE] = "group-alone",
	[GROUP_MUTATION_NO_FAULT] = "group-no-fault",
	[GROUP_MUTATION_FAULT_STAYS] = "group-fault-stays",
	[GROUP_MUTATION_NO_YIELD] = "group-no-yield",
};

const char *group_mutation_name(enum group_mutation mutation)
{
	return names[mutation];
}

static void breach(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void breach(struct sim *sim, const char *format, ...)
{
	va_list arguments;
	int length;

	if (sim->breach[0])
		return;
	length = snprintf(sim->breach, sizeof(sim->breach),
		"%.3f s: ", (double)sim->now / (double)VRRP_SECOND);
	va_start(arguments, format);
	vsnprintf(sim->breach + length, sizeof(sim->breach) - (size_t)length, format, arguments);
	va_end(arguments);
}

static unsigned int pick(struct sim *sim, unsigned int count)
{
	return (unsigned int)random_between(&sim->random, 0, count - 1);
}

/* Of all members of a node, and no other node's: among equals, who came first stays. */
static uint8_t choose_priority(struct sim *sim, unsigned int index)
{
	return (uint8_t)(random_between(&sim->random, 1, 60) * NODES_MAX + index);
}

static void transmit(struct sim *sim, unsigned int from, unsigned int number, uint8_t priority)
{
	struct member *sender = &sim->nodes[from].members[number];
	struct message message = {.member = number,
		.facts = {.source = sender->primary,
			.destination = sender->configuration.group,
			.ttl = VRRP_TTL}};
	ssize_t length = vrrp_router_encode(
		&sender->router, priority, NULL, message.octets, sizeof(message.octets));

	message.length = message.facts.length = (size_t)length;
	for (unsigned int i = 0; i < sim->count; i++) {
		if (i == from || number == sim->cut || !sender->up ||
			!sim->nodes[i].members[number].up)
			continue;
		message.node = i;
		message.at = sim->now + random_between(&sim->random, 1, DELAY_MAX);
		if (sim->message_count < MESSAGES)
			sim->messages[sim->message_count++] = message;
		else
			breach(sim, "more adverts than any link carries");
	}
}

static void execute(
	struct sim *sim, unsigned int index, unsigned int number, const struct vrrp_action *action)
{
	struct member *member = &sim->nodes[index].members[number];

	if (action->type == VRRP_ACTION_SEND_ADVERT) {
		transmit(sim, index, number, action->advert.priority);
	} else if (action->type == VRRP_ACTION_ARM) {
		member->deadline = action->deadline;
	} else if (action->type == VRRP_ACTION_DISARM) {
		member->deadline = VRRP_NEVER;
	} else if (action->type == VRRP_ACTION_STATE_CHANGED) {
		sim->transitions++;
		if (sim->trace)
			printf("# %10.6f node %u member %u: %s -> %s: %s\n",
				(double)sim->now / (double)VRRP_SECOND, index, number,
				vrrp_state_word(action->changed.old_state),
				vrrp_state_word(action->changed.new_state),
				vrrp_transition_text(action->changed.reason));
	}
}

static bool step_alone(
	struct sim *sim, unsigned int index, unsigned int number, const struct vrrp_event *event)
{
	struct member *member = &sim->nodes[index].members[number];
	struct vrrp_actions actions;

	vrrp_step(&member->router, sim->now, event, &actions);
	for (unsigned int i = 0; i < actions.count; i++)
		execute(sim, index, number, &actions.list[i]);
	return vrrp_group_update(
		&sim->nodes[index].group, &member->place, &member->router, member->disabled);
}

static bool is_left_out(const struct sim *sim, enum vrrp_group_order order)
{
	return (sim->mutation == GROUP_MUTATION_NO_FAULT && order == VRRP_GROUP_FAULT) ||
	       (sim->mutation == GROUP_MUTATION_FAULT_STAYS && order == VRRP_GROUP_FAULT_GONE) ||
	       (sim->mutation == GROUP_MUTATION_NO_YIELD && order == VRRP_GROUP_BACKUP);
}

static bool order_round(struct sim *sim, unsigned int index)
{
	struct node *node = &sim->nodes[index];
	bool any = false;

	for (unsigned int i = 0; i < sim->size; i++) {
		struct member *member = &node->members[i];
		struct vrrp_event event = {.type = VRRP_EVENT_GROUP};

		if (!vrrp_group_order(
			    &node->group, &member->place, &member->router, &event.group) ||
			is_left_out(sim, event.group))
			continue;
		step_alone(sim, index, i, &event);
		any = true;
	}
	return any;
}

/* What must hold after every step of a node. */
static void check_node(struct sim *sim, unsigned int index)
{
	const struct node *node = &sim->nodes[index];
	unsigned int active = 0, faulty = 0, waiting = 0;

	for (unsigned int i = 0; i < sim->size; i++) {
		const struct member *member = &node->members[i];

		active += member->router.state.state == VRRP_STATE_ACTIVE;
		faulty += member->disabled || !member->up;
		waiting += !member->router.state.started && !member->disabled;
	}
	if (waiting > 0)
		return;
	if (active > 0 && faulty > 0)
		breach(sim, "node %u is Active and in fault", index);
	if (active > 0 && active < sim->size)
		breach(sim, "node %u has moved half its group", index);
}

static void step(
	struct sim *sim, unsigned int index, unsigned int number, const struct vrrp_event *event)
{
	int rounds = ROUNDS_MAX;

	if (step_alone(sim, index, number, event)) {
		while (order_round(sim, index) && rounds-- > 0)
			;
		if (rounds < 0)
			breach(sim, "node %u finds no end", index);
	}
	check_node(sim, index);
}

static void deliver(struct sim *sim, const struct message *message)
{
	struct vrrp_view view;
	const struct vrrp_event event = {.type = VRRP_EVENT_ADVERT, .advert = &view};

	if (!sim->nodes[message->node].alive || vrrp_packet_decode(message->octets, message->length,
							&message->facts, &view) != VRRP_DROP_NONE)
		return;
	step(sim, message->node, message->member, &event);
}

/* The earliest deadline not after `until`. */
static struct member *next_deadline(
	struct sim *sim, uint64_t until, unsigned int *index, unsigned int *number)
{
	struct member *found = NULL;

	for (unsigned int i = 0; i < sim->count * sim->size; i++) {
		struct member *member = &sim->nodes[i / sim->size].members[i % sim->size];

		if (!sim->nodes[i / sim->size].alive || member->deadline > until ||
			(found && found->deadline <= member->deadline))
			continue;
		found = member;
		*index = i / sim->size;
		*number = i % sim->size;
	}
	return found;
}

static unsigned int next_message(const struct sim *sim, uint64_t until)
{
	unsigned int found = MESSAGES;

	for (unsigned int i = 0; i < sim->message_count; i++) {
		if (sim->messages[i].at <= until &&
			(found == MESSAGES || sim->messages[i].at < sim->messages[found].at))
			found = i;
	}
	return found;
}

static void run(struct sim *sim, uint64_t until)
{
	while (!sim->breach[0]) {
		unsigned int index = 0, number = 0, next = next_message(sim, until);
		struct member *member = next_deadline(sim, until, &index, &number);

		if (next < MESSAGES && (!member || sim->messages[next].at <= member->deadline)) {
			const struct message message = sim->messages[next];

			sim->messages[next] = sim->messages[--sim->message_count];
			sim->now = message.at;
			deliver(sim, &message);
		} else if (member) {
			if (member->deadline > sim->now)
				sim->now = member->deadline;
			step(sim, index, number, &(struct vrrp_event){.type = VRRP_EVENT_DEADLINE});
		} else {
			break;
		}
	}
	sim->now = until;
}

static void set_link(struct sim *sim, unsigned int index, unsigned int number, bool up)
{
	struct member *member = &sim->nodes[index].members[number];

	member->up = up;
	step(sim, index, number,
		&(struct vrrp_event){
			.type = VRRP_EVENT_LINK, .link = {.up = up, .primary = member->primary}});
}

static void disable(struct sim *sim, unsigned int index, unsigned int number)
{
	sim->nodes[index].members[number].disabled = true;
	step(sim, index, number, &(struct vrrp_event){.type = VRRP_EVENT_SHUTDOWN});
}

static void boot(struct sim *sim, unsigned int index)
{
	struct node *node = &sim->nodes[index];

	if (sim->trace)
		printf("# %10.6f node %u boots\n", (double)sim->now / (double)VRRP_SECOND, index);
	node->group = (struct vrrp_group){0};
	node->alive = true;
	for (unsigned int i = 0; i < sim->size; i++) {
		struct member *member = &node->members[i];

		vrrp_router_init(&member->router, &member->configuration);
		member->place = (struct vrrp_group_place){0};
		member->deadline = VRRP_NEVER;
		member->disabled = false;
		if (sim->mutation != GROUP_MUTATION_ALONE)
			step_alone(sim, index, i,
				&(struct vrrp_event){
					.type = VRRP_EVENT_GROUP, .group = VRRP_GROUP_JOIN});
		vrrp_group_update(&node->group, &member->place, &member->router, false);
	}
	for (unsigned int i = 0; i < sim->size; i++) {
		set_link(sim, index, i, true);
		step(sim, index, i, &(struct vrrp_event){.type = VRRP_EVENT_START});
	}
}

static void crash(struct sim *sim, unsigned int index)
{
	sim->nodes[index].alive = false;
	for (unsigned int i = 0; i < sim->size; i++)
		sim->nodes[index].members[i].deadline = VRRP_NEVER;
}

static bool is_able(const struct sim *sim, unsigned int index)
{
	bool able = sim->nodes[index].alive;

	for (unsigned int i = 0; i < sim->size; i++)
		able = able && sim->nodes[index].members[i].up &&
		       !sim->nodes[index].members[i].disabled;
	return able;
}

static unsigned int best_node(const struct sim *sim)
{
	unsigned int found = NOBODY;

	for (unsigned int i = 0; i < sim->count; i++) {
		if (is_able(sim, i) &&
			(found == NOBODY ||
				sim->nodes[i].members[0].configuration.priority >
					sim->nodes[found].members[0].configuration.priority))
			found = i;
	}
	return found;
}

static enum vrrp_state wanted_state(const struct sim *sim, unsigned int index, unsigned int best)
{
	unsigned int disabled = 0;

	for (unsigned int i = 0; i < sim->size; i++)
		disabled += sim->nodes[index].members[i].disabled;
	if (disabled == sim->size)
		return VRRP_STATE_INITIALIZE;
	if (!is_able(sim, index))
		return VRRP_STATE_FAULT;
	return index == best ? VRRP_STATE_ACTIVE : VRRP_STATE_BACKUP;
}

static void check_settled(struct sim *sim)
{
	const unsigned int wanted = best_node(sim);
	uint64_t before;

	run(sim, sim->now + SETTLING);
	for (unsigned int i = 0; i < sim->count && !sim->breach[0]; i++) {
		const enum vrrp_state state = wanted_state(sim, i, wanted);

		if (!sim->nodes[i].alive)
			continue;
		if (vrrp_group_state(&sim->nodes[i].group, VRRP_STATES) != state)
			breach(sim, "node %u is not %s", i, vrrp_state_word(state));
		for (unsigned int k = 0; k < sim->size; k++)
			if (!sim->nodes[i].members[k].disabled &&
				sim->nodes[i].members[k].router.state.state != state)
				breach(sim, "member %u of node %u is not %s as its group", k, i,
					vrrp_state_word(state));
	}
	before = sim->transitions;
	run(sim, sim->now + 5 * INTERVAL);
	if (sim->transitions != before)
		breach(sim, "transitions in a stable period");
}

static void set_priority(struct sim *sim, unsigned int index, uint8_t priority)
{
	for (unsigned int i = 0; i < sim->size; i++) {
		struct member *member = &sim->nodes[index].members[i];

		member->configuration.priority = priority;
		step(sim, index, i,
			&(struct vrrp_event){.type = VRRP_EVENT_CONFIGURED,
				.configuration = &member->configuration});
	}
}

static void episode(struct sim *sim)
{
	const unsigned int index = pick(sim, sim->count), number = pick(sim, sim->size);
	struct node *node = &sim->nodes[index];

	if (!node->alive) {
		boot(sim, index);
		return;
	}
	switch (pick(sim, 6)) {
	case 0:
		crash(sim, index);
		break;
	case 1:
		disable(sim, index, number);
		break;
	case 2:
		/* Of as many links as there are one may be dead: the others hold it together. */
		sim->cut = sim->cut == MEMBERS_MAX ? number : MEMBERS_MAX;
		break;
	case 3:
		set_priority(sim, index, choose_priority(sim, index));
		break;
	default:
		set_link(sim, index, number, !node->members[number].up);
		break;
	}
}

/* Nobody is left out in the end. */
static void heal(struct sim *sim)
{
	sim->cut = MEMBERS_MAX;
	for (unsigned int i = 0; i < sim->count; i++) {
		if (!sim->nodes[i].alive)
			boot(sim, i);
		for (unsigned int k = 0; k < sim->size; k++) {
			struct member *member = &sim->nodes[i].members[k];

			set_link(sim, i, k, true);
			member->disabled = false;
			step(sim, i, k, &(struct vrrp_event){.type = VRRP_EVENT_START});
		}
	}
}

static void choose(struct sim *sim)
{
	static const uint8_t group[4] = {224, 0, 0, 18};

	sim->count = (unsigned int)random_between(&sim->random, 2, NODES_MAX);
	sim->size = (unsigned int)random_between(&sim->random, 2, MEMBERS_MAX);
	sim->cut = MEMBERS_MAX;
	sim->address = vrrp_address_make(VRRP_IPV4, (const uint8_t[4]){198, 51, 100, 1});
	for (unsigned int i = 0; i < sim->count; i++) {
		const uint8_t priority = choose_priority(sim, i);

		for (unsigned int k = 0; k < sim->size; k++)
			sim->nodes[i].members[k] = (struct member){
				.primary = vrrp_address_make(VRRP_IPV4,
					(const uint8_t[4]){10, (uint8_t)k, 0, (uint8_t)(i + 1)}),
				.deadline = VRRP_NEVER,
				.configuration = {.addresses = &sim->address,
					.address_count = 1,
					.group = vrrp_address_make(VRRP_IPV4, group),
					.interval = INTERVAL,
					.family = VRRP_IPV4,
					.vrid = (uint8_t)(k + 1),
					.version = VRRP_VERSION_3,
					.priority = priority,
					.preempt = true},
			};
	}
}

bool groupsim_run(
	uint64_t seed, enum group_mutation mutation, bool trace, char *breached, size_t size)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	bool held;

	if (!sim)
		abort();
	sim->random.state = seed;
	sim->mutation = mutation;
	sim->trace = trace;
	sim->now = VRRP_SECOND;
	choose(sim);
	for (unsigned int i = 0; i < sim->count; i++) {
		boot(sim, i);
		run(sim, sim->now + random_between(&sim->random, 0, 2 * INTERVAL));
	}
	for (unsigned int i = 0; i < EPISODES && !sim->breach[0]; i++) {
		check_settled(sim);
		run(sim, sim->now + random_between(&sim->random, 0, INTERVAL));
		for (unsigned int k = pick(sim, 3) + 1; k > 0; k--) {
			episode(sim);
			run(sim, sim->now + random_between(&sim->random, 0, INTERVAL));
		}
	}
	heal(sim);
	check_settled(sim);
	snprintf(breached, size, "%s", sim->breach);
	held = !sim->breach[0];
	free(sim);
	return held;
}

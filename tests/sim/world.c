/* SPDX-License-Identifier: ISC */
#include "tests/sim/world.h"
#include "vrrp/protocol/encode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/step.h"
#include "vrrp/protocol/timer.h"

#define APPLY_TIME_MAX (3 * VRRP_MILLISECOND)
#define MILLION	       1000000

struct message {
	struct message *next;
	struct vrrp_ip_facts facts;
	size_t length;
	uint8_t octets[64];
};

enum entry_type {
	ENTRY_MESSAGE,
	ENTRY_TIMER,
	ENTRY_APPLIED,
	ENTRY_RESUME
};

struct queue_entry {
	uint64_t at;
	uint64_t sequence; /* of two at one time the elder comes first */
	uint64_t generation;
	struct message *message;
	enum entry_type type;
	unsigned int host;
};

static bool earlier(const struct queue_entry *left, const struct queue_entry *right)
{
	return left->at != right->at ? left->at < right->at : left->sequence < right->sequence;
}

static void swap_entries(struct queue_entry *left, struct queue_entry *right)
{
	struct queue_entry kept = *left;

	*left = *right;
	*right = kept;
}

static void enqueue(struct world *world, struct queue_entry entry)
{
	size_t at = world->queue_count++;

	if (world->queue_count > world->queue_size) {
		world->queue_size = 2 * world->queue_size + 64;
		world->queue = realloc(world->queue, world->queue_size * sizeof(*world->queue));
		if (!world->queue)
			abort();
	}
	entry.sequence = world->sequence++;
	world->queue[at] = entry;
	for (; at > 0 && earlier(&world->queue[at], &world->queue[(at - 1) / 2]); at = (at - 1) / 2)
		swap_entries(&world->queue[at], &world->queue[(at - 1) / 2]);
}

static struct queue_entry dequeue(struct world *world)
{
	struct queue_entry first = world->queue[0];
	size_t at = 0, child;

	world->queue[0] = world->queue[--world->queue_count];
	while ((child = 2 * at + 1) < world->queue_count) {
		if (child + 1 < world->queue_count &&
			earlier(&world->queue[child + 1], &world->queue[child]))
			child++;
		if (!earlier(&world->queue[child], &world->queue[at]))
			break;
		swap_entries(&world->queue[child], &world->queue[at]);
		at = child;
	}
	return first;
}

bool world_breach(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (world->breach[0])
		return false;
	va_start(arguments, format);
	vsnprintf(world->breach, sizeof(world->breach), format, arguments);
	va_end(arguments);
	return false;
}

static uint64_t local_time(const struct world *world, const struct host *host)
{
	return host->clock_offset + world->now +
	       (uint64_t)((__int128)world->now * host->drift_ppm / MILLION);
}

uint64_t world_duration(const struct host *host, uint64_t local)
{
	return (uint64_t)((__int128)local * MILLION / (MILLION + host->drift_ppm)) + 1;
}

bool host_is(const struct host *host, enum vrrp_state state)
{
	return host->alive && host->router.state.state == state;
}

static void trace(const struct world *world, unsigned int index, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void trace(const struct world *world, unsigned int index, const char *format, ...)
{
	va_list arguments;

	if (!world->trace)
		return;
	printf("# %12.6f %u ", (double)world->now / VRRP_SECOND, index);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

static void transmit_to(
	struct world *world, const struct message *message, unsigned int from, unsigned int to)
{
	struct message *copy = malloc(sizeof(*copy));
	uint64_t *last = &world->hosts[to].last_arrival[from];
	uint64_t at = world->now + random_between(&world->random, 1, world->conditions.delay_max);

	if (!copy)
		abort();
	*copy = *message;
	copy->next = NULL;
	if (!world->conditions.reorders && at <= *last)
		at = *last + 1;
	if (at > *last)
		*last = at;
	enqueue(world,
		(struct queue_entry){.at = at, .message = copy, .type = ENTRY_MESSAGE, .host = to});
}

static void transmit(struct world *world, unsigned int index, uint8_t priority)
{
	struct host *sender = &world->hosts[index];
	struct message message = {
		.facts = {.source = sender->primary,
			.destination = sender->configuration.group,
			.ttl = VRRP_TTL},
	};
	ssize_t length = vrrp_router_encode(
		&sender->router, priority, NULL, message.octets, sizeof(message.octets));

	if (length < 0) {
		world_breach(world, "router %u cannot encode its advert", index);
		return;
	}
	message.length = message.facts.length = (size_t)length;
	sender->last_sent = world->now;
	sender->sent++;
	for (unsigned int i = 0; i < world->count && sender->link_up; i++) {
		const struct host *host = &world->hosts[i];

		if (i == index || host->segment != sender->segment || !host->link_up)
			continue;
		if (!random_chance(&world->random, world->conditions.loss_percent))
			transmit_to(world, &message, index, i);
		if (random_chance(&world->random, world->conditions.duplicate_percent))
			transmit_to(world, &message, index, i);
	}
}

/* The host will notice the deadline somewhat late, or, where it may, early. */
static void set_timer(struct world *world, unsigned int index, uint64_t deadline)
{
	struct host *host = &world->hosts[index];
	const uint64_t local_now = local_time(world, host);
	const uint64_t slack = vrrp_advert_slack(host->router.configuration.interval);
	uint64_t wait = deadline > local_now ? world_duration(host, deadline - local_now) : 0;

	wait += random_between(&world->random, 0, world->conditions.lateness_max);
	if (host_is(host, VRRP_STATE_ACTIVE) && wait > slack && random_chance(&world->random, 30))
		wait -= random_between(&world->random, 0, slack / 2);
	/* A drifting clock's rounding must not make the host ask too early. */
	enqueue(world, (struct queue_entry){
			       .at = world->now + wait + 100,
			       .generation = ++host->timer_generation,
			       .type = ENTRY_TIMER,
			       .host = index,
		       });
}

static void own_addresses(struct world *world, unsigned int index, bool own)
{
	struct host *host = &world->hosts[index];

	host->owns = own;
	host->apply_generation++;
	if (!own) {
		host->applied = false;
		return;
	}
	enqueue(world, (struct queue_entry){
			       .at = world->now + random_between(&world->random, 1, APPLY_TIME_MAX),
			       .generation = host->apply_generation,
			       .type = ENTRY_APPLIED,
			       .host = index,
		       });
}

static void note_change(
	struct world *world, unsigned int index, const struct vrrp_state_change *changed)
{
	struct host *host = &world->hosts[index];

	trace(world, index, "%s -> %s: %s, priority %u", vrrp_state_word(changed->old_state),
		vrrp_state_word(changed->new_state), vrrp_transition_text(changed->reason),
		changed->priority);
	world->transitions++;
	if (changed->new_state == VRRP_STATE_ACTIVE)
		host->activations++;
	if (changed->new_state != host->router.state.state)
		world_breach(world, "router %u reports a state it is not in", index);
}

static void execute(struct world *world, unsigned int index, const struct vrrp_action *action)
{
	struct host *host = &world->hosts[index];

	switch (action->type) {
	case VRRP_ACTION_SEND_ADVERT:
		trace(world, index, "sends priority %u", action->advert.priority);
		transmit(world, index, action->advert.priority);
		break;
	case VRRP_ACTION_ARM:
		set_timer(world, index, action->deadline);
		break;
	case VRRP_ACTION_DISARM:
		host->timer_generation++;
		break;
	case VRRP_ACTION_OWN_ADDRESSES:
		own_addresses(world, index, action->own);
		break;
	case VRRP_ACTION_ANNOUNCE:
		if (!host->applied)
			world_breach(
				world, "router %u announces addresses it does not hold", index);
		break;
	case VRRP_ACTION_STATE_CHANGED:
		note_change(world, index, &action->changed);
		break;
	case VRRP_ACTION_PROTOCOL_ERROR:
	case VRRP_ACTION_CHECKSUM_LEARNED:
	case VRRP_ACTION_LOWER_HEARD:
		break;
	}
}

static void step(struct world *world, unsigned int index, const struct vrrp_event *event)
{
	struct host *host = &world->hosts[index];
	struct vrrp_actions actions;

	vrrp_step(&host->router, local_time(world, host), event, &actions);
	mutate_actions(world->mutation, &host->router, &actions);
	if (actions.count >= VRRP_ACTIONS_MAX)
		world_breach(world, "router %u filled the array of actions", index);
	for (unsigned int i = 0; i < actions.count; i++)
		execute(world, index, &actions.list[i]);
	if (host->owns != host_is(host, VRRP_STATE_ACTIVE))
		world_breach(world, "router %u is %s and is told to%s own the addresses", index,
			vrrp_state_word(host->router.state.state), host->owns ? "" : " not");
}

static void deliver(struct world *world, unsigned int index, const struct message *message)
{
	struct host *host = &world->hosts[index];
	struct vrrp_view view;
	struct vrrp_event event = {.type = VRRP_EVENT_ADVERT, .advert = &view};
	enum vrrp_drop drop;

	drop = vrrp_packet_decode(message->octets, message->length, &message->facts, &view);
	if (drop != VRRP_DROP_NONE) {
		world_breach(world, "router %u rejects a peer's advert: %s", index,
			vrrp_drop_text(drop));
		return;
	}
	if (mutate_view(world->mutation, &host->router, &view))
		step(world, index, &event);
}

static void drop_backlog(struct host *host)
{
	while (host->backlog) {
		struct message *message = host->backlog;

		host->backlog = message->next;
		free(message);
	}
	host->backlog_end = &host->backlog;
}

/* A host keeps reporting a deadline that it holds, so that each report must do away with it. */
static void report_deadline(struct world *world, unsigned int index)
{
	const struct host *host = &world->hosts[index];
	const uint64_t generation = host->timer_generation;

	step(world, index, &(struct vrrp_event){.type = VRRP_EVENT_DEADLINE});
	if (host->timer_generation == generation)
		world_breach(world, "router %u leaves a deadline that has passed", index);
}

/* First what was heard, then the deadline, as the contract of vrrp_step() asks. */
static void resume(struct world *world, unsigned int index)
{
	struct host *host = &world->hosts[index];

	host->paused_until = 0;
	trace(world, index, "resumes");
	while (host->backlog) {
		struct message *message = host->backlog;

		host->backlog = message->next;
		deliver(world, index, message);
		free(message);
	}
	host->backlog_end = &host->backlog;
	if (host->timer_due) {
		host->timer_due = false;
		report_deadline(world, index);
	}
}

static void handle_message(struct world *world, const struct queue_entry *entry)
{
	struct host *host = &world->hosts[entry->host];

	if (host->alive && host->paused_until) {
		*host->backlog_end = entry->message;
		host->backlog_end = &entry->message->next;
		return;
	}
	if (host->alive)
		deliver(world, entry->host, entry->message);
	free(entry->message);
}

static void handle_applied(struct world *world, const struct queue_entry *entry)
{
	struct host *host = &world->hosts[entry->host];
	bool failed = random_chance(&world->random, world->conditions.apply_failure_percent);

	if (entry->generation != host->apply_generation || !host->alive)
		return;
	if (host->paused_until) {
		struct queue_entry later = *entry;

		later.at = host->paused_until + 1;
		enqueue(world, later);
		return;
	}
	host->applied = !failed;
	step(world, entry->host,
		&(struct vrrp_event){.type = failed ? VRRP_EVENT_ADDRESSES_FAILED
						    : VRRP_EVENT_ADDRESSES_APPLIED});
}

static void handle_timer(struct world *world, const struct queue_entry *entry)
{
	struct host *host = &world->hosts[entry->host];

	if (entry->generation != host->timer_generation || !host->alive)
		return;
	if (host->paused_until)
		host->timer_due = true;
	else
		report_deadline(world, entry->host);
}

void world_run(struct world *world, uint64_t until)
{
	while (!world->breach[0] && world->queue_count > 0 && world->queue[0].at <= until) {
		struct queue_entry entry = dequeue(world);

		world->now = entry.at;
		switch (entry.type) {
		case ENTRY_MESSAGE:
			handle_message(world, &entry);
			break;
		case ENTRY_TIMER:
			handle_timer(world, &entry);
			break;
		case ENTRY_APPLIED:
			handle_applied(world, &entry);
			break;
		case ENTRY_RESUME:
			if (world->hosts[entry.host].paused_until == entry.at)
				resume(world, entry.host);
			break;
		}
	}
	world->now = until;
}

void world_event(struct world *world, unsigned int index, const struct vrrp_event *event)
{
	world->hosts[index].commands++;
	step(world, index, event);
}

void world_link(struct world *world, unsigned int index, bool up)
{
	struct host *host = &world->hosts[index];
	struct vrrp_event event = {.type = VRRP_EVENT_LINK, .link.up = up};

	event.link.primary = host->primary;
	host->link_up = up;
	world_event(world, index, &event);
}

void world_boot(struct world *world, unsigned int index)
{
	struct host *host = &world->hosts[index];
	struct vrrp_configuration configuration = host->configuration;

	trace(world, index, "boots, priority %u", configuration.priority);
	mutate_configuration(world->mutation, &configuration);
	drop_backlog(host);
	host->timer_generation++;
	host->apply_generation++;
	host->paused_until = 0;
	host->timer_due = host->owns = host->applied = false;
	host->alive = true;
	for (unsigned int i = 0; i < SIM_TRACKERS; i++)
		host->trackers[i].known = false;
	vrrp_router_init(&host->router, &configuration);
	world_link(world, index, true);
	world_event(world, index, &(struct vrrp_event){.type = VRRP_EVENT_START});
}

void world_crash(struct world *world, unsigned int index)
{
	trace(world, index, "crashes");
	world->hosts[index].alive = false;
	world->hosts[index].owns = world->hosts[index].applied = false;
}

void world_pause(struct world *world, unsigned int index, uint64_t duration)
{
	struct host *host = &world->hosts[index];

	trace(world, index, "pauses for %llu ms", (unsigned long long)duration / VRRP_MILLISECOND);
	host->paused_until = world->now + duration;
	enqueue(world, (struct queue_entry){
			       .at = host->paused_until, .type = ENTRY_RESUME, .host = index});
}

void world_configure(struct world *world, unsigned int index)
{
	struct vrrp_configuration configuration = world->hosts[index].configuration;

	trace(world, index, "is given priority %u, interval %llu ms", configuration.priority,
		(unsigned long long)configuration.interval / VRRP_MILLISECOND);
	mutate_configuration(world->mutation, &configuration);
	world_event(world, index,
		&(struct vrrp_event){
			.type = VRRP_EVENT_CONFIGURED, .configuration = &configuration});
}

void world_free(struct world *world)
{
	for (unsigned int i = 0; i < world->count; i++)
		drop_backlog(&world->hosts[i]);
	for (size_t i = 0; i < world->queue_count; i++) {
		if (world->queue[i].type == ENTRY_MESSAGE)
			free(world->queue[i].message);
	}
	free(world->queue);
}

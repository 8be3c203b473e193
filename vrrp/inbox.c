/* SPDX-License-Identifier: ISC */
#include "vrrp/inbox.h"

#include "lib/board.h"
#include "lib/channel.h"
#include "lib/descriptor.h"
#include "lib/hot.h"
#include "vrrp/applier/applier.h"
#include "vrrp/applier/notes.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"
#include "vrrp/propagate.h"
#include "vrrp/publish.h"
#include "vrrp/ready.h"
#include "vrrp/reconfigure.h"
#include "vrrp/startup.h"

#include <errno.h>
#include <sys/epoll.h>

/* Of core's and check's, so that not even one that went mad keeps the engine from its sockets. */
#define MESSAGES_PER_TURN 16
/* So many learn of a tracker, then the sockets are looked at again, however mad check is. */
#define STEPS_PER_TURN	  1024

static int watch(const struct engine *engine, int fd, uint32_t bit)
{
	return ready_watch(engine->epoll, EPOLL_CTL_ADD, fd, bit, EPOLLIN);
}

static void set_core(struct engine *engine, int core)
{
	engine->core = descriptor_close(engine->core);
	engine->core = core;
	reconfigure_orphan(engine);
	if (core >= 0)
		watch(engine, core, READY_CORE);
}

/* While one image is being taken in, the next waits in the channel. */
static void take_core_messages(struct engine *engine)
{
	union message message;
	int attached;

	for (int i = 0; i < MESSAGES_PER_TURN && engine->core >= 0 && !reconfigure_busy(engine);
		i++) {
		int got = channel_receive(engine->core, &message, &attached);

		if (!got)
			return;
		if (got == -EPIPE)
			set_core(engine, -1);
		if (got == 1 && message.head.type == MESSAGE_IMAGE)
			reconfigure_begin(engine, message.head.id, attached);
		if (got == -EMFILE && message.head.type == MESSAGE_IMAGE)
			reconfigure_refuse(engine, message.head.id, got);
		attached = descriptor_close(attached);
	}
}

static void set_check(struct engine *engine, int check)
{
	engine->check = descriptor_close(engine->check);
	engine->check = check;
	if (check >= 0)
		watch(engine, check, READY_CHECK);
}

static void take_check_messages(struct engine *engine, uint64_t now)
{
	union message message;
	uint32_t steps = 0;
	int attached;

	for (int i = 0; i < MESSAGES_PER_TURN && steps < STEPS_PER_TURN && engine->check >= 0;
		i++) {
		int got = channel_receive(engine->check, &message, &attached);

		if (!got)
			return;
		if (got == -EPIPE)
			set_check(engine, -1);
		if (got == 1 && message.head.type == MESSAGE_TRACKERS)
			steps += propagate_trackers(engine, &message.trackers, now);
		if (got == 1 && message.head.type == MESSAGE_BEGIN)
			startup_script_ended(engine);
		attached = descriptor_close(attached);
	}
}

/* Each child's channel is a new one whenever the child is. */
static void take_channel(struct engine *engine, const struct message_channel *channel)
{
	if (channel->role == PEER_CHECK)
		set_check(engine, channel->fd);
	else if (channel->role == PEER_CORE)
		set_core(engine, channel->fd);
	else
		descriptor_close(channel->fd);
}

static void take_supervisor_messages(struct engine *engine, uint64_t now)
{
	union message message;
	int attached;
	int got;

	while ((got = channel_receive(engine->supervisor, &message, &attached)) == 1) {
		if (message.head.type == MESSAGE_STOP) {
			engine->stop_wanted = true;
		} else if (message.head.type == MESSAGE_FREEZE) {
			reconfigure_finish(engine, now);
			atomic_store(&engine->end, true);
		} else if (message.head.type == MESSAGE_CHANNEL) {
			take_channel(engine, &message.channel);
		}
		attached = descriptor_close(attached);
	}
	if (got == -EPIPE)
		atomic_store(&engine->end, true);
}

static void note_source(struct engine *engine, const struct applier_result *result, uint64_t now)
{
	const uint8_t source = result->source_held ? SOURCE_HELD : SOURCE_MISSING;

	if (engine->sources[result->slot] == source)
		return;
	engine->sources[result->slot] = source;
	if (engine->routers[result->slot])
		propagate_source(engine, engine->routers[result->slot], now);
}

static void take_interfaces(struct engine *engine, uint64_t now)
{
	const struct board *board = applier_interfaces(engine->applier);
	struct applier_interface link;
	uint32_t number;

	while (applier_take_interface(engine->applier, &number)) {
		if (board_read(board, number, &link) == 0)
			propagate_interface(engine, &link, now);
	}
}

/* That the router's addresses could not be set, or with 0 that they are there after all. */
static void tell_failure(
	struct engine *engine, struct engine_router *router, uint64_t now, int error)
{
	router->set_failed = error != 0;
	publish_note(engine, router, now,
		error ? EVENT_NOTE_ADDRESSES_FAILED : EVENT_NOTE_ADDRESSES_SET, error);
}

static void take_result(struct engine *engine, const struct applier_result *result, uint64_t now)
{
	struct engine_router *router = engine->routers[result->slot];
	bool waits;

	/* Not what answers an older wish than the last. */
	if (!result->owned && !engine->wished[result->slot] && engine->owned[result->slot]) {
		engine->owned[result->slot] = false;
		engine->owned_count--;
	}
	note_source(engine, result, now);
	if (!router)
		return;
	if (result->restored != router->restored)
		publish_note(engine, router, now, EVENT_NOTE_ADDRESS_RESTORED, 0);
	router->restored = result->restored;
	if (!result->owned)
		return;
	/* What waits for its interface comes with it; whether that is a fault, tracking decides,
	 * and then all has been said. */
	waits = result->error == -ENODEV || result->error == -ENETDOWN;
	if (waits)
		take_interfaces(engine, now);
	if (result->error && (!waits || router->protocol.state.state == VRRP_STATE_ACTIVE))
		tell_failure(engine, router, now, result->error);
	else if (!result->error && router->set_failed)
		tell_failure(engine, router, now, 0);
	execute_event(engine, router, now,
		&(struct vrrp_event){.type = result->error && !waits
						     ? VRRP_EVENT_ADDRESSES_FAILED
						     : VRRP_EVENT_ADDRESSES_APPLIED});
}

static void take_results(struct engine *engine, uint64_t now)
{
	struct applier_result result;

	while (applier_take_result(engine->applier, &result))
		take_result(engine, &result, now);
}

static void take_notes(struct engine *engine, uint64_t now)
{
	struct note note;

	while (applier_take_note(engine->applier, &note)) {
		struct engine_router *router =
			note.slot < IMAGE_SLOTS ? engine->routers[note.slot] : NULL;

		/* of a router that is gone by now */
		if (note.slot != NOTES_NO_SLOT && !router)
			continue;
		publish_applier_note(engine, router, now, &note);
	}
}

int inbox_watch(struct engine *engine)
{
	int error = watch(engine, engine->supervisor, READY_SUPERVISOR);

	if (!error)
		error = watch(engine, applier_results_fd(engine->applier), READY_RESULTS);
	if (!error)
		error = watch(engine, applier_interfaces_fd(engine->applier), READY_INTERFACES);
	if (!error)
		error = watch(engine, applier_notes_fd(engine->applier), READY_NOTES);
	return error;
}

/* What the applier has listed is taken in this order, whatever it was that woke us. */
static void take_from_applier(struct engine *engine, uint64_t now)
{
	if (engine->ready & READY_RESULTS)
		applier_results_awake(engine->applier);
	if (engine->ready & READY_NOTES)
		applier_notes_awake(engine->applier);
	if (engine->ready & READY_INTERFACES)
		applier_interfaces_awake(engine->applier);
	take_results(engine, now);
	take_notes(engine, now);
	take_interfaces(engine, now);
}

HOT void inbox_take(struct engine *engine, uint64_t now)
{
	if (engine->ready & (READY_RESULTS | READY_NOTES | READY_INTERFACES))
		take_from_applier(engine, now);
	if (engine->ready & READY_SUPERVISOR)
		take_supervisor_messages(engine, now);
	if (engine->ready & READY_CORE)
		take_core_messages(engine);
	if (engine->ready & READY_CHECK)
		take_check_messages(engine, now);
}

/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PUBLISH_H
#define VRRP_PUBLISH_H

#include "lib/event.h"
#include "vrrp/protocol/router.h"

struct engine;
struct engine_group;
struct engine_interface;
struct engine_router;
struct engine_tracker;
struct vrrp_view;

/* What the engine shows to the rest of the agent: rows of the status board, and events.  Engine
 * thread; nothing here waits. */

/* The router's row is out of date; it is written at the end of the turn, once. */
void publish_changed(struct engine *engine, struct engine_router *router);

/* Nothing in it is, but for the number of advertisements sent, which is written at once. */
void publish_sent(struct engine *engine, const struct engine_router *router);

/* The slot has no router any more. */
void publish_gone(struct engine *engine, uint32_t slot);

/* End of the turn: writes the rows that changed and the engine's own, wakes the readers of events.
 */
void publish_turn(struct engine *engine, uint64_t now);

/* The router's state is another one, as `change` says. */
void publish_transition(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_state_change *change);

/* The effective priority of a router that is started is another one than `before`. */
void publish_priority(
	struct engine *engine, struct engine_router *router, uint64_t now, uint8_t before);

/* The tracker's row, now; and the event that its state is another one. */
void publish_tracker(struct engine *engine, const struct engine_tracker *tracker);
void publish_tracker_changed(
	struct engine *engine, const struct engine_tracker *tracker, uint64_t now);

/* The state that a reload has left it in. */
void publish_state(struct engine *engine, struct engine_router *router, uint64_t now);
void publish_group_state(struct engine *engine, const struct engine_group *group, uint64_t now);

/* The Active heard a lower priority: `action` says of whom. */
void publish_lower(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_action *action);

/* A protocol error that was counted already: told at most every 10 s per router and reason. */
void publish_error(struct engine *engine, struct engine_router *router, uint64_t now,
	const struct vrrp_action *action);

/* A sync group has another state than `before`; its row is written at once. */
void publish_group(
	struct engine *engine, const struct engine_group *group, uint8_t before, uint64_t now);
void publish_group_row(struct engine *engine, const struct engine_group *group);
void publish_group_gone(struct engine *engine, uint32_t slot);

/* Something for the log.  `router` NULL: about the engine. */
void publish_note(struct engine *engine, struct engine_router *router, uint64_t now,
	enum event_note note, int error);

/* What the applier has to say; router NULL: it is about nobody's. */
struct note;
void publish_applier_note(
	struct engine *engine, struct engine_router *router, uint64_t now, const struct note *note);

/* The machine slept for so long. */
void publish_sleep(struct engine *engine, uint64_t now, uint64_t slept);

/* An advertisement for no router of ours; of each VRID it is told ever less often. */
void publish_unknown(struct engine *engine, const struct engine_interface *interface, uint64_t now,
	const struct vrrp_view *view);

/* An interface that had the index `before`, and was down, has gone: it is deleted, or called
 * otherwise.  Of one that was up its routers' transitions tell. */
void publish_interface_gone(struct engine *engine, const struct engine_interface *interface,
	uint32_t before, uint64_t now);

/* The filter of repeated adverts could not be put at the sockets. */
void publish_filter_failure(struct engine *engine, uint64_t now, int error);

/* The engine was late by so much: told ever less often. */
void publish_lateness(struct engine *engine, uint64_t now, uint64_t late);

/* The kernel has refused to send an advertisement of the router (NULL: of one that is gone): told
 * ever less often of each, and of a few in each 10 s. */
void publish_send_failure(
	struct engine *engine, struct engine_router *router, uint64_t now, int error);

#endif

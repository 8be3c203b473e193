/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_PROTOCOL_LAB_H
#define TESTS_UNIT_PROTOCOL_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/reason.h"
#include "vrrp/protocol/router.h"

/* A virtual router on the bench: its addresses, a clock set by hand, and frames to feed it. */

#define LAB_VRID 51

#define MS VRRP_MILLISECOND

/* Skew_Time at an interval of one second, in whole 256ths. */
#define SKEW_1S(priority) ((256 - (priority)) * (VRRP_SECOND / 256))

/* Peers, by how their address compares with the router's own. */
#define GREATER "192.0.2.20"
#define LESSER	"192.0.2.9"

/* A test that has another name than its function: the conformance id, and what it says. */
#define LAB_TEST(name, function)                 \
	{                                        \
		name, function, NULL, NULL, NULL \
	}

struct lab {
	struct vrrp_router router;
	struct vrrp_configuration configuration; /* what lab_reconfigure() puts into force */
	struct vrrp_address addresses[VRRP_ADDRESSES_MAX];
	struct vrrp_actions actions; /* of the last event */
	uint64_t now;
	uint64_t armed; /* the deadline that the actions so far have left; VRRP_NEVER = none */
};

struct frame {
	struct vrrp_ip_facts facts;
	uint8_t octets[VRRP_PACKET_MAX + 64];
	size_t received;
};

/* Text to address; a malformed text ends the test program. */
struct vrrp_address lab_address(const char *text);

/* Version 3 or 2, IPv4 or IPv6, priority 100, 1 s, two addresses, preempting, link up, own address
 * 192.0.2.10 or fe80::a; not started. */
void lab_make(struct lab *lab, uint8_t version, enum vrrp_family family);

/* The same, configured further by hand in lab->configuration, put into force by an event. */
void lab_reconfigure(struct lab *lab);
void lab_set_priority(struct lab *lab, uint8_t priority);

void lab_event(struct lab *lab, enum vrrp_event_type type);
void lab_start(struct lab *lab);
void lab_link(struct lab *lab, bool up, const char *primary);
void lab_track(struct lab *lab, int32_t sum, bool failed);

/* Moves the clock to the armed deadline and reports it. */
void lab_run_to_deadline(struct lab *lab);

/* Started, and Active after Active_Down (or at once, for an owner), addresses in place. */
void lab_make_active(struct lab *lab);

/* A sound frame from `source` that matches the router's configuration, to be spoilt or sent. */
void lab_frame(const struct lab *lab, struct frame *frame, const char *source, uint8_t priority);

/* Writes the right checksum again after a change; computed here, not by the code under test. */
void frame_write_checksum(struct frame *frame, bool pseudo_header);
bool lab_uses_pseudo_header(const struct lab *lab);

/* Decodes the frame as the engine would and steps the router with it. */
void lab_feed(struct lab *lab, const struct frame *frame);

/* lab_frame() and lab_feed(). */
void lab_hear(struct lab *lab, const char *source, uint8_t priority);

enum vrrp_state lab_state(const struct lab *lab);

/* The number of such actions after the last event, and the last such action or NULL. */
unsigned int lab_count(const struct lab *lab, enum vrrp_action_type type);
const struct vrrp_action *lab_action(const struct lab *lab, enum vrrp_action_type type);

/* Version 3 over IPv4, in force: Backup just started, or Active with its addresses in place. */
void lab_make_version_3(struct lab *lab, enum vrrp_state state);

/* Of the last event: one advert of that priority; one deadline armed; one change of state; no
 * action at all. */
void lab_assert_sent(const struct lab *lab, uint8_t priority);
void lab_assert_armed(const struct lab *lab, uint64_t deadline);
void lab_assert_changed(const struct lab *lab, enum vrrp_state old_state, enum vrrp_state new_state,
	enum vrrp_transition reason);
void lab_assert_silent(const struct lab *lab);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef LIB_EVENT_H
#define LIB_EVENT_H

#include "lib/ring.h"

#include <assert.h>
#include <stdint.h>

/* What the engine tells the rest of the agent, one record of the event ring each.  Numbers of
 * states, reasons and drops are those of vrrp/protocol/reason.h; families are InetAddressType's (1
 * IPv4, 2 IPv6); times are nanoseconds of CLOCK_MONOTONIC. */

enum event_kind {
	EVENT_TRANSITION = 1, /* a virtual router changed its state */
	EVENT_PROTOCOL_ERROR, /* an advertisement was dropped for a reason that RFC 6527 notifies */
	EVENT_NOTE,	      /* something for the log: enum event_note */
	EVENT_GROUP,	      /* a sync group changed its state: slot, at, old_state, new_state and
				 cause; its members' own transitions come before it */
	EVENT_PRIORITY,	      /* the effective priority of a virtual router is another one */
	EVENT_TRACKER,	      /* a tracker's state is another one; about no virtual router */
	EVENT_LOWER_HEARD,    /* an Active heard a lower priority: only where that is wanted */
	EVENT_STATE,	      /* a reload has left the router, or without a VRID the sync group,
				 in this state: only where that is wanted */
};

/* The reason of a transition by which a virtual router ends that is not configured any more. */
#define EVENT_REASON_REMOVED 14

/* name, log level (syslog's number), text.  The text is what a person reads after "NAME: ". */
#define EVENT_NOTES(X)                                                                            \
	X(CHECKSUM_PSEUDO, 5,                                                                     \
		"the active router computes checksums with the pseudo-header; so do we now")      \
	X(CHECKSUM_MESSAGE, 5,                                                                    \
		"the active router computes checksums over the message only; so do we now")       \
	X(CHECKSUM_GROUP, 5,                                                                      \
		"the active router computes unicast checksums as keepalived before 1.3.7; so do " \
		"we now")                                                                         \
	X(ADDRESSES_FAILED, 3, "addresses could not be set")                                      \
	X(ADDRESS_RESTORED, 5, "an address was removed behind our back and has been put back")    \
	X(ROUTE_FAILED, 3, "a route could not be set, and is tried again every second")           \
	X(RULE_FAILED, 3, "a routing rule could not be set, and is tried again every second")     \
	X(ROUTE_RESTORED, 5, "a route was removed behind our back and has been put back")         \
	X(RULE_RESTORED, 5, "a routing rule was removed behind our back and has been put back")   \
	X(STATIC_FAILED, 3, "a static address could not be set")                                  \
	X(DUPLICATE_ADDRESS, 4, "another host on the link uses an address that we hold")          \
	X(DAD_FAILED, 3, "the kernel does not use an address because another host has it")        \
	X(ACCEPT_FAILED, 3, "the firewall could not be told what no_accept asks for")             \
	X(LATE_WAKE_UP, 4, "the engine was not scheduled in time")                                \
	X(SUSPENDED, 5, "the machine was asleep, and active routers announce themselves again")   \
	X(UNKNOWN_VRID, 5, "an advertisement of a VRID that is not configured here was heard")    \
	X(ADVERT_DROPPED, 4, "an advertisement was dropped")                                      \
	X(ADVERT_MISMATCH, 4, "an advertisement differs from the configuration and was accepted") \
	X(SEND_FAILED, 4, "an advertisement could not be sent")                                   \
	X(FILTER_FAILED, 6, "the kernel does not check repeated advertisements")                  \
	X(INTERFACE_GONE, 4, "there is no interface of that name any more")                       \
	X(ADDRESSES_SET, 5, "all addresses are there now")                                        \
	X(ROUTE_SET, 5, "a route that could not be set is there now")                             \
	X(RULE_SET, 5, "a routing rule that could not be set is there now")                       \
	X(STATIC_SET, 5, "all static addresses are there now")

enum event_note {
#define X(name, level, text) EVENT_NOTE_##name,
	EVENT_NOTES(X)
#undef X
	EVENT_NOTE_COUNT
};

struct event {
	uint64_t at;	   /* when it happened */
	uint64_t silence;  /* transition: time since the last accepted advertisement, 0 if none was
			      heard in the old state */
	uint64_t deadline; /* transition: how long the silence had to be; note: lateness */
	uint64_t suppressed; /* like events left out before this one, by rate limit */
	uint32_t kind;	     /* enum event_kind */
	uint32_t slot; /* row on the status board and in the configuration image; of EVENT_GROUP
			  the group's, among the groups */
	uint32_t interface_index;
	int32_t error; /* negative errno, or 0 */
	char interface[16];
	uint8_t family;
	uint8_t vrid;
	uint8_t priority;	   /* effective priority at that moment */
	uint8_t old_state;	   /* enum vrrp_state */
	uint8_t new_state;	   /* enum vrrp_state */
	uint8_t reason;		   /* transition: enum vrrp_transition */
	uint8_t new_master_reason; /* RFC 6527's, enum vrrp_new_master */
	uint8_t drop;		   /* protocol error: enum vrrp_drop; note: enum vrrp_drop or 0 */
	uint8_t note;		   /* enum event_note */
	uint8_t peer_priority;
	uint8_t peer_length; /* 0, 4 or 16 */
	union {
		uint8_t peer[16]; /* the router whose advertisement or silence caused it */
		char tracked[16]; /* a fault by tracking, and of no tracker: the interface */
	};
	uint8_t source[16]; /* our own sending address, length by family */
	uint8_t mac[6];	    /* note: of the host that it is about */
	union {
		uint16_t item;	  /* note: the place of a route or a rule in its list */
		uint16_t tracker; /* else: 1 + the slot of the tracker that caused it; 0: none */
	};
	uint8_t version;      /* of the router: 2, 3 */
	uint8_t old_priority; /* EVENT_PRIORITY */
	uint16_t group; /* slot + 1 of the sync group it is about, or of the router's; 0: none */
	uint16_t cause; /* slot + 1 of the member that moved the group; 0: none did */
	uint8_t tracker_state; /* what that says: as in lib/tracker.h */
	uint8_t tracker_result;
	int32_t tracker_value;
};

static_assert(sizeof(struct event) == RING_RECORD_SIZE, "an event fills one record of the ring");

#endif

/* SPDX-License-Identifier: ISC */
#ifndef VRRP_STATUS_H
#define VRRP_STATUS_H

#include "lib/image.h"
#include "vrrp/protocol/reason.h"

#include <assert.h>
#include <stdint.h>

/* What the engine shows on the status board (lib/board.h).  Row 0 is the engine itself, row
 * 1 + slot a virtual router, and sync groups and trackers have rows of their own behind them. Times
 * are nanoseconds of CLOCK_MONOTONIC; families and addresses as in vrrp/protocol/address.h, an
 * address's length 0 meaning that there is none. */

#define STATUS_ENGINE_ROW 0

static inline uint32_t status_row(uint32_t slot)
{
	return slot + 1;
}

/* Behind those of the virtual routers are those of the sync groups, and then the trackers. */
static inline uint32_t status_group_row(uint32_t slot)
{
	return IMAGE_SLOTS + 1 + slot;
}

static inline uint32_t status_tracker_row(uint32_t slot)
{
	return status_group_row(IMAGE_GROUPS) + slot;
}

#define STATUS_ROWS (IMAGE_SLOTS + 1 + IMAGE_GROUPS + IMAGE_TRACKERS)

/* Counters of a virtual router: X(name, word).  The RFC 6527 columns follow in the order of
 * enum vrrp_counter at STATUS_ERRORS. */
#define STATUS_COUNTER_LIST(X)                  \
	X(TRANSITIONS, "transitions")           \
	X(RECEIVED, "received")                 \
	X(SENT, "sent")                         \
	X(STOP_RECEIVED, "stop_received")       \
	X(STOP_SENT, "stop_sent")               \
	X(ANSWERS_WITHHELD, "answers_withheld") \
	X(CHECKSUM_PSEUDO, "checksum_pseudo")   \
	X(CHECKSUM_MESSAGE, "checksum_message") \
	X(CHECKSUM_GROUP, "checksum_group")     \
	X(ERRORS_NOT_TOLD, "errors_not_told")

enum status_counter {
#define X(name, word) STATUS_##name,
	STATUS_COUNTER_LIST(X)
#undef X
	STATUS_COUNTERS
};

struct status_router {
	uint8_t used;	/* 0: no virtual router has this slot, the rest is meaningless */
	uint8_t family; /* enum vrrp_family */
	uint8_t vrid;
	uint8_t version;
	uint8_t state;	  /* enum vrrp_state */
	uint8_t faults;	  /* enum vrrp_fault, or-ed */
	uint8_t priority; /* as configured */
	uint8_t effective_priority;
	uint8_t preempt;
	uint8_t accept;
	uint8_t address_count;
	uint8_t new_master;	  /* enum vrrp_new_master */
	uint8_t last_error;	  /* enum vrrp_counter */
	uint8_t last_transition;  /* enum vrrp_transition */
	uint8_t active_priority;  /* of the active router last heard */
	uint8_t address_octets;	  /* 4 or 16: of all addresses in this row */
	uint32_t interface_index; /* the last it had; 0: it has never been there */
	uint8_t active_known;	  /* active_address is set */
	uint8_t primary_known;	  /* primary_address is set */
	uint8_t virtual_mac[6];
	uint8_t disabled;	   /* administratively down: Initialize */
	uint8_t addresses_set;	   /* the virtual addresses are in place */
	uint8_t dad_failed;	   /* the kernel does not use one of them: another host has it */
	uint8_t interface_missing; /* no interface has that name now */
	char interface[16];
	uint8_t active_address[16];
	uint8_t primary_address[16];
	uint64_t interval;	  /* configured */
	uint64_t active_interval; /* learned or own */
	uint64_t since;		  /* of the present state */
	uint64_t up_since;	  /* since Initialize or Fault was left; 0 while there */
	uint64_t counting_since;  /* when its counters began */
	uint64_t last_heard;	  /* 0: nobody yet */
	uint64_t duplicate_heard; /* another host used an address of ours last; 0: never */
	uint64_t unsent_at; /* the kernel refused to send an advertisement of it last; 0: never */
	uint64_t counters[STATUS_COUNTERS];
	uint64_t errors[VRRP_COUNTERS];
	uint64_t drops[VRRP_DROPS];
};

/* Whether the kernel checks repeated adverts (vrrp/repeats.h).  X(name, word) */
#define STATUS_FILTER_LIST(X)         \
	X(UNAVAILABLE, "unavailable") \
	X(OFF, "off")                 \
	X(ON, "on")

enum status_filter {
#define X(name, word) STATUS_FILTER_##name,
	STATUS_FILTER_LIST(X)
#undef X
};

struct status_engine {
	uint64_t generation; /* of the configuration image in force; 0: none yet */
	uint64_t heartbeat;  /* when the engine last went round */
	uint64_t started;
	uint64_t worst_lateness;       /* of a deadline since the start, ns */
	uint64_t worst_lateness_at;    /* when that was; 0: none was late */
	uint64_t routers[VRRP_STATES]; /* how many are in each state */
	uint64_t checksum_errors; /* RFC 6527's scalars: over all routers, and for none of them */
	uint64_t version_errors;
	uint64_t vrid_errors;
	uint64_t vrid_errors_at; /* the last one of these; 0: there was none */
	uint64_t packets;	 /* received, good and bad */
	uint64_t kept;		 /* of these, repeated adverts that stayed in the kernel */
	uint64_t filter;	 /* enum status_filter */
	uint64_t unplaced;	 /* routers heard for which it has no place */
	uint64_t overruns;	 /* packets the kernel threw away because the socket was full */
	uint64_t unsent;	 /* advertisements that the kernel refused to send */
	uint64_t unsent_at;	 /* the last one of them; 0: it refused none */
};

struct status_group {
	uint8_t used;  /* 0: no sync group has this slot */
	uint8_t state; /* enum vrrp_state */
	uint8_t reserved[2];
	uint32_t cause;	      /* slot + 1 of the member that moved it last; 0: none did */
	uint64_t identity;    /* of its name: lib/identity.h */
	uint64_t since;	      /* of the present state */
	uint64_t transitions; /* to Active */
};

struct status_tracker {
	uint64_t identity; /* lib/tracker.h; 0: no tracker has this slot */
	uint64_t since;	   /* of the present state */
	int32_t value;	   /* that the result is about */
	uint8_t kind;	   /* enum image_tracker_kind */
	uint8_t state;	   /* enum tracker_state */
	uint8_t result;	   /* enum tracker_result */
	uint8_t reserved;
};

/* All share the board's row size. */
union status_row {
	struct status_tracker tracker;
	struct status_router router;
	struct status_engine engine;
	struct status_group group;
	uint64_t words[1];
};

static_assert(sizeof(union status_row) % 8 == 0, "a row of the board is whole words");
/* docs/scale.md says what one takes, with the word of its sequence lock. */
static_assert(sizeof(union status_row) + 8 == 512, "a row of the board is 512 bytes");

#endif

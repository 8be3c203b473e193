/* SPDX-License-Identifier: ISC */
#ifndef VRRP_ENGINE_STATE_H
#define VRRP_ENGINE_STATE_H

#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/image.h"
#include "lib/ratelimit.h"
#include "vrrp/deadline.h"
#include "vrrp/interface.h"
#include "vrrp/output.h"
#include "vrrp/protocol/group.h"
#include "vrrp/protocol/router.h"
#include "vrrp/snapshot.h"
#include "vrrp/status.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/queue.h>

/* What the files of the engine share; nobody else includes this.  All of it is the engine thread's.
 */

/* A sync group; it lives from the whole image that brings it to the one that lacks it. */
struct engine_group {
	struct vrrp_group protocol;
	LIST_HEAD(, engine_router) members;
	uint32_t slot;
	uint64_t identity;     /* of its name */
	uint64_t since;	       /* of its state */
	uint64_t transitions;  /* to Active */
	uint64_t image_number; /* number of the last that named it */
	uint8_t state;	       /* enum vrrp_state */
	uint32_t cause;	       /* slot + 1 of the member that moved it last */
	uint32_t mover;	       /* the same of what is `unsettled`: */
	bool unsettled;	       /* members came or went: settled when the image has been taken in */
};

/* One router using one tracker. */
struct engine_use {
	LIST_ENTRY(engine_use) followers;
	struct engine_tracker *tracker;
	struct engine_router *router;
	int32_t weight;
	bool reverse;
};

struct engine_tracker {
	uint64_t identity;     /* lib/tracker.h; 0: the slot is free */
	uint64_t since;	       /* of the present state */
	uint64_t born;	       /* the generation that it came with */
	uint64_t image_number; /* number of the last whole image that had it */
	int32_t value;
	uint8_t kind;
	uint8_t state;
	uint8_t result;
	LIST_HEAD(, engine_use) followers;
};

/* The adverts of a router that repeat the last one (repeats.h). */
struct engine_repeats {
	bool kept;	     /* by the kernel, now */
	uint8_t form;	     /* enum vrrp_checksum_form of those */
	bool unplaced;	     /* there was no place for them */
	uint32_t place;	     /* in the filter; 0: none */
	uint64_t count;	     /* of those kept at `place`, as last seen */
	bool in_step;	     /* `stepped` can be compared with filter_passed() */
	uint64_t stepped;    /* datagrams dealt with, as filter_passed() counts them */
	uint64_t gap_passed; /* these three: when they last differed */
	uint64_t gap_stepped;
	uint64_t gap_emptied;
	TAILQ_ENTRY(engine_router) fellows; /* in the engine's list of those that are `kept` */
};

struct engine_router {
	struct vrrp_router protocol;
	struct advert_template template; /* until anything but its own adverts moves the router */
	struct deadline deadline;
	struct deadline_heap *heap; /* that the deadline is in; NULL: disarmed */
	struct engine_interface *interface;
	struct vrrp_address *addresses; /* the configuration points here */
	struct vrrp_peer *peers;	/* and here */
	struct vrrp_address source;	/* to be sent from, instead of the interface's; or none */
	struct engine_track *tracks;
	uint32_t track_count;
	struct engine_use *uses;
	uint32_t use_count;
	const struct engine_tracker *culprit;	/* the first of them that is a fault, or NULL */
	const struct snapshot_router *snapshot; /* to go on with, instead of starting; or NULL */
	uint32_t slot;
	struct engine_group *group; /* its sync group, or NULL */
	struct vrrp_group_place place;
	LIST_ENTRY(engine_router) fellows; /* in the group's list */
	uint64_t image_number;		   /* number of the last that named it */
	uint64_t counting_since;
	uint64_t errors_not_told; /* by the limits below */
	uint32_t restored;	  /* addresses put back, as the applier last counted */
	uint8_t last_transition;  /* enum vrrp_transition */
	bool hasty;		  /* its interval is short, and counted as such */
	bool disabled;		  /* administratively down */
	bool needs_source;	  /* a fault while nobody has `source` */
	bool needs_peer;	  /* always in fault */
	uint8_t tells;		  /* enum image_router_flag: what somebody wants to know */
	bool changed;		  /* its row on the board is out of date; on the list below */
	bool has_device;	  /* for its virtual MAC */
	bool has_mac;		  /* it advertises with that */
	bool dad_failed;	  /* the kernel does not use an address of it */
	uint64_t duplicate_heard; /* last, of an address of it */
	uint64_t unsent_at;	  /* the kernel refused an advertisement of it last */
	bool set_failed;	  /* that its addresses could not be set was told */
	uint8_t mac[6];
	struct engine_repeats repeats;
	STAILQ_ENTRY(engine_router) changes;
	struct ratelimit limits[VRRP_DROPS];
	struct ratelimit send_limit;
};

/* Whether this host has the address a router is to send from. */
enum engine_source {
	SOURCE_UNKNOWN,
	SOURCE_MISSING,
	SOURCE_HELD
};

/* A configuration that is being taken in, some routers at a time. */
struct engine_reconfiguration {
	struct image *image; /* NULL: none */
	bool begun;	     /* what has to come before the routers is done */
	uint32_t next;	     /* router of the image that is next */
	uint32_t next_slot;  /* whole image: slot that is looked at next for being gone */
	int error;	     /* the last that a router met, or 0 */
	bool tells;	     /* every state, after a reload */
	bool orphan;	     /* core has been replaced: nobody waits for the answer */
};

static inline struct engine_router *engine_router_of(struct deadline *deadline)
{
	return (struct engine_router *)(void *)((char *)deadline -
						offsetof(struct engine_router, deadline));
}

/* A sleeping processor takes so long to come back, and a rehearsal: from here on a timeout is
 * waited for awake. */
#define ENGINE_AWAKE_BEFORE (300 * NSEC_PER_USEC)

/* What each turn looks at comes first, and the tables last: after a second's sleep every page and
 * line of memory costs as much as a hundred instructions. */
struct engine {
	struct applier *applier; /* these five as in struct engine_setup */
	struct board *board;
	struct ring *ring;
	int wake[CONSUMER_WOKEN];
	int supervisor;
	int epoll;
	uint32_t ready; /* what is to be read in this turn: bits of ready.h */
	uint64_t quiet; /* nothing had come by then; 0: something had, or nobody knows */
	/* When the sockets are to be read although nothing says that they are readable: above a
	 * certain rate they are read on a tick, since waking costs more than the work.  UINT64_MAX:
	 * they are watched. */
	uint64_t next_read;
	struct engine_input *input;
	struct engine_output *output;
	struct deadline_heap adverts;  /* of Active routers: may be early, not late */
	struct deadline_heap timeouts; /* of the others: may be late, not early */
	struct {
		TAILQ_HEAD(engine_repeaters, engine_router) routers; /* whose `repeats` are kept */
		uint32_t count;					     /* of these */
		uint32_t left;					     /* to look at in this round */
		uint64_t round;					     /* when the next one is due */
	} repeats;
	STAILQ_HEAD(, engine_router) changes;
	struct status_engine status;
	struct engine_reconfiguration reconfiguration;
	const struct snapshot *resume; /* of the predecessor, until all have gone on */
	uint32_t resume_waits;	       /* routers that still have to */
	uint32_t owned_count;
	uint64_t awake_again; /* no timeout is waited for awake before */
	uint64_t asleep;      /* how long the machine has slept, as far as is known */
	atomic_bool end;
	bool joined;
	bool stop_wanted;
	bool stopping;
	bool look_again; /* the sockets are to be read once more, without waiting */
	bool wishes_pending;
	bool events_pending;
	bool script_ended;     /* startup_script has, or there is none */
	bool start_known;      /* the first image, or the predecessor, has said so */
	bool start_waits;      /* until start_at: routers that are ready may be waiting */
	bool tell_unknown;     /* log_unknown_vrids */
	bool filter_unwanted;  /* nobody tried */
	bool filtering;	       /* it is at the sockets */
	uint32_t hasty;	       /* routers whose intervals are short: input.h */
	struct filter *filter; /* NULL: the kernel does not take any */
	uint64_t emptied[2];   /* how often the family's socket was read to its end */
	int core;	       /* channel end; -1: none */
	int check;	       /* the same */
	pthread_t thread;
	uint64_t resume_until;
	uint64_t images_begun;		    /* begun so far */
	uint64_t generation;		    /* of the configuration in force */
	uint64_t start_at;		    /* no router starts before */
	uint64_t start_delayed;		    /* that, as vrrp_startup_delay alone has it */
	struct vrrp_address groups[2];	    /* [family - 1] */
	const struct engine_tracker *cause; /* whose change is being looked at; or NULL */
	uint32_t mover;			    /* slot + 1 of the member that moves its group now */
	uint32_t ah_routers;		    /* routers whose adverts travel inside AH */
	struct ratelimit lateness_limit;
	struct ratelimit send_limit; /* of routers that are gone */
	uint64_t refusals_since;     /* since then so many of all limits were passed: */
	uint32_t refusals_told;
	struct ratelimit unknown_limits[256]; /* by VRID */
	struct interface_table interfaces;
	struct engine_tracker trackers[IMAGE_TRACKERS];
	struct engine_router *routers[IMAGE_SLOTS];
	struct engine_group *sync_groups[IMAGE_GROUPS];
	bool wished[IMAGE_SLOTS];     /* the applier was told last to own its addresses */
	bool owned[IMAGE_SLOTS];      /* it has not yet confirmed that they are gone */
	uint8_t sources[IMAGE_SLOTS]; /* enum engine_source, as the applier last said */
};

#endif

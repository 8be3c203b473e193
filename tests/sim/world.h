/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/mutation.h"
#include "tests/sim/random.h"
#include "vrrp/protocol/router.h"
#include "vrrp/protocol/tracking.h"

/*
 * Several virtual routers of one VRID on one link, under virtual time.  The routers are the real
 * library: what they send is encoded, travels as octets, and is decoded.  All else is made up: a
 * link that loses, delays, doubles and reorders, clocks that run fast or slow, hosts that stop for
 * a while or for good.
 *
 * Times are nanoseconds of the world unless they are called local.  Between two calls nothing
 * moves; world_run() moves everything.  What must always hold is checked at each step, and the
 * first breach is kept in `breach`.
 */

#define SIM_ROUTERS_MAX 8
#define SIM_TRACKERS	4

struct host {
	struct vrrp_router router;
	struct vrrp_configuration configuration;
	struct vrrp_address primary;
	struct vrrp_tracked trackers[SIM_TRACKERS]; /* the first has no weight */
	int32_t drift_ppm;			    /* how much faster its clock runs */
	uint64_t clock_offset;			    /* so that no two clocks show the same */
	uint64_t timer_generation; /* of the armed deadline; older timers are void */
	uint64_t apply_generation;
	uint64_t paused_until;
	uint64_t last_sent;   /* world time of its last advert */
	uint64_t sent;	      /* adverts */
	uint64_t activations; /* times it became Active */
	uint64_t commands;    /* what was done to it that may cost an advert */
	unsigned int segment; /* hosts of one segment hear each other */
	bool alive;
	bool link_up;
	bool timer_due; /* came while paused */
	bool owns;	/* as last told by OWN_ADDRESSES */
	bool applied;
	uint64_t last_arrival[SIM_ROUTERS_MAX]; /* of what each other host sent */
	struct message *backlog, **backlog_end; /* what came while paused */
};

/* How the link and the hosts behave at present. */
struct conditions {
	unsigned int loss_percent;
	unsigned int duplicate_percent;
	unsigned int apply_failure_percent;
	uint64_t delay_max;
	uint64_t lateness_max; /* of a host that wakes up for a deadline */
	bool reorders;	       /* what one host sends may arrive in another order */
};

struct world {
	struct random random;
	struct host hosts[SIM_ROUTERS_MAX];
	struct vrrp_address addresses[2];
	struct conditions conditions;
	unsigned int count;
	uint64_t now;
	uint64_t transitions; /* of all hosts */
	enum mutation mutation;
	bool trace;
	char breach[256]; /* empty: none */
	struct queue_entry *queue;
	size_t queue_count, queue_size;
	uint64_t sequence;
};

void world_free(struct world *world);

/* Until that time or the first breach. */
void world_run(struct world *world, uint64_t until);

/* Keeps the first breach of an invariant; printf-like.  Always false. */
bool world_breach(struct world *world, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A host (with its configuration and primary address set) begins afresh, with link and started. */
void world_boot(struct world *world, unsigned int index);
void world_crash(struct world *world, unsigned int index);
void world_pause(struct world *world, unsigned int index, uint64_t duration);
void world_event(struct world *world, unsigned int index, const struct vrrp_event *event);
void world_link(struct world *world, unsigned int index, bool up);

/* Puts host->configuration into force. */
void world_configure(struct world *world, unsigned int index);

/* The world's time that passes while the host's clock advances by `local`. */
uint64_t world_duration(const struct host *host, uint64_t local);

bool host_is(const struct host *host, enum vrrp_state state);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_HANDED_OVER_H
#define AGENT_HANDED_OVER_H

#include "lib/archive.h"
#include "vrrp/input.h"
#include "vrrp/net/filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot;

/* What the predecessor hands over, so that this program can take its place without anything moving:
 * descriptors by name, passed as systemd passes its stored ones (sd_listen_fds(3)), either
 * by systemd or by the predecessor itself, which became this one (agent/handover.h).  Supervisor
 * thread. */

#define HANDED_OVER_SOCKETS_MAX 1000

/* The names of the descriptors. */
#define HANDED_OVER_STATE     "vrrp-agent-state"     /* lib/archive.h */
#define HANDED_OVER_SOURCE    "vrrp-agent-source"    /* the accepted configuration's text */
#define HANDED_OVER_IMAGE     "vrrp-agent-image"     /* the configuration image in force */
#define HANDED_OVER_BOOKMARKS "vrrp-agent-bookmarks" /* lib/consumer.h */
#define HANDED_OVER_JOURNAL   "vrrp-agent-journal"   /* vrrp/applier/journal.h; older ones: none */
#define HANDED_OVER_SOCKET4   "vrrp-agent-socket4"
#define HANDED_OVER_SOCKET6   "vrrp-agent-socket6"
#define HANDED_OVER_SOCKET51  "vrrp-agent-socket51" /* AH; only if a router needs it */
#define HANDED_OVER_FILTER    "vrrp-agent-filter" /* vrrp/net/filter.h: the map, and the programs */
#define HANDED_OVER_FILTER4   "vrrp-agent-filter4"
#define HANDED_OVER_FILTER6   "vrrp-agent-filter6"
#define HANDED_OVER_GROUPS    "vrrp-agent-groups" /* several: sockets that hold memberships */

/* The state's section "program": whose it is. */
struct handed_over_program {
	char identity[96]; /* boot and network namespace (vrrp/applier/journal.h) */
	uint64_t token; /* in the run directory's note (agent/rundir.h); 0: passed at once, no note
			 */
	uint64_t frozen_at;    /* CLOCK_MONOTONIC, ns */
	uint64_t image_layout; /* lib/image.h */
	uint64_t next_event;   /* number of the next event */
};

extern const struct archive_field handed_over_program_fields[];
extern const size_t handed_over_program_field_count;
extern const struct archive_field handed_over_event_fields[];
extern const size_t handed_over_event_field_count;

#define HANDED_OVER_PROGRAM "program"
#define HANDED_OVER_EVENTS  "events" /* those in the ring, up to next_event */

struct handed_over {
	struct archive *archive; /* NULL: nothing was handed over */
	struct snapshot *snapshot;
	struct handed_over_program program;
	bool stored; /* systemd kept it: the service is being restarted */
	int state;   /* descriptors; -1: none */
	int source;
	int image; /* -1 also if it is of another layout */
	int bookmarks;
	int journal;
	int sockets[INPUT_SOCKETS];
	int filter[FILTER_DESCRIPTORS];
	int groups[HANDED_OVER_SOCKETS_MAX];
	size_t group_count;
};

/* Takes all descriptors that were passed, whether they are good or not, so that no child finds them
 * at a number of its own.  To be called before others are opened. */
void handed_over_take(struct handed_over *handed);

/* Whether it is of this very process, which the predecessor has executed this one in. */
bool handed_over_is_own(struct handed_over *handed);

/* Whether it is to be gone on with: of this boot, network namespace and run directory, and not
 * taken before.  If not, it is closed.  What is wrong with it is said in the log. */
bool handed_over_check(struct handed_over *handed, const char *run_dir);

/* Closes what nobody has taken over (set to -1). */
void handed_over_close(struct handed_over *handed);

#endif

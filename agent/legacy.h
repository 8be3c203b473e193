/* SPDX-License-Identifier: ISC */
#ifndef AGENT_LEGACY_H
#define AGENT_LEGACY_H

#include "lib/archive.h"
#include "vrrp/input.h"
#include "vrrp/net/filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handover;

/* What a former program of this service left so that this one can take its place without anything
 * moving: descriptors by name, passed as systemd passes its stored ones (sd_listen_fds(3)), either
 * by systemd or by the former program itself, which became this one.  Supervisor thread. */

#define LEGACY_SOCKETS_MAX 1000

/* The names of the descriptors. */
#define LEGACY_STATE	 "vrrp-agent-state"	/* lib/archive.h */
#define LEGACY_SOURCE	 "vrrp-agent-source"	/* the accepted configuration's text */
#define LEGACY_IMAGE	 "vrrp-agent-image"	/* the configuration image in force */
#define LEGACY_BOOKMARKS "vrrp-agent-bookmarks" /* lib/consumer.h */
#define LEGACY_SOCKET4	 "vrrp-agent-socket4"
#define LEGACY_SOCKET6	 "vrrp-agent-socket6"
#define LEGACY_SOCKET51	 "vrrp-agent-socket51" /* AH; only if a router needs it */
#define LEGACY_FILTER	 "vrrp-agent-filter"   /* vrrp/net/filter.h: the map, and the programs */
#define LEGACY_FILTER4	 "vrrp-agent-filter4"
#define LEGACY_FILTER6	 "vrrp-agent-filter6"
#define LEGACY_GROUPS	 "vrrp-agent-groups" /* several: sockets that hold memberships */

/* The state's section "program": whose it is. */
struct legacy_program {
	char identity[96]; /* boot and network namespace (vrrp/applier/journal.h) */
	uint64_t token; /* in the run directory's note (agent/rundir.h); 0: passed at once, no note
			 */
	uint64_t frozen_at;    /* CLOCK_MONOTONIC, ns */
	uint64_t image_layout; /* lib/image.h */
	uint64_t next_event;   /* number of the next event */
};

extern const struct archive_field legacy_program_fields[];
extern const size_t legacy_program_field_count;
extern const struct archive_field legacy_event_fields[];
extern const size_t legacy_event_field_count;

#define LEGACY_PROGRAM "program"
#define LEGACY_EVENTS  "events" /* those in the ring, up to next_event */

struct legacy {
	struct archive *archive; /* NULL: there is no legacy */
	struct handover *handover;
	struct legacy_program program;
	bool stored; /* systemd kept it: the service is being restarted */
	int state;   /* descriptors; -1: none */
	int source;
	int image; /* -1 also if it is of another layout */
	int bookmarks;
	int sockets[INPUT_SOCKETS];
	int filter[FILTER_DESCRIPTORS];
	int groups[LEGACY_SOCKETS_MAX];
	size_t group_count;
};

/* Takes all descriptors that were passed, whether they are good or not, so that no child finds them
 * at a number of its own.  To be called before others are opened. */
void legacy_take(struct legacy *legacy);

/* Whether it is of this very process, which the former program has executed this one in. */
bool legacy_is_own(struct legacy *legacy);

/* Whether it is to be gone on with: of this boot, network namespace and run directory, and not
 * taken before.  If not, it is closed.  What is wrong with it is said in the log. */
bool legacy_check(struct legacy *legacy, const char *run_dir);

/* Closes what nobody has taken over (set to -1). */
void legacy_close(struct legacy *legacy);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TRACKERMODEL_H
#define AGENT_CONF_TRACKERMODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/items.h"
#include "agent/conf/text/origin.h"
#include "lib/image.h"

/* vrrp_script, vrrp_track_process and track_file, as model.h has them. */

enum tracker_attribute {
	TRACKER_SCRIPT,
	TRACKER_INTERVAL,
	TRACKER_TIMEOUT,
	TRACKER_WEIGHT,
	TRACKER_RISE,
	TRACKER_FALL,
	TRACKER_USER,
	TRACKER_PROCESS,
	TRACKER_PARAMETERS,
	TRACKER_QUORUM,
	TRACKER_QUORUM_MAX,
	TRACKER_FORK_DELAY,
	TRACKER_TERMINATE_DELAY,
	TRACKER_FULL_COMMAND,
	TRACKER_FILE,
	TRACKER_INIT_FILE,
	TRACKER_ATTRIBUTES
};

/* init_file */
struct init_file {
	int value;
	bool written;
	bool overwrite; /* also a file that is there */
};

/* vrrp_script, vrrp_track_process, track_file: what track_* names. */
struct tracker {
	const char *name;
	uint8_t kind;		      /* enum image_tracker_kind */
	struct weight weight;	      /* in instances which say nothing else */
	struct notify_script command; /* of a script, its user that of `user`; of a process */
	uint64_t interval_ns;	      /* of a script */
	uint64_t timeout_ns;
	uint32_t rise;
	uint32_t fall;
	uint8_t parameters; /* of a process: enum image_parameters */
	bool full_command;
	uint32_t quorum;	/* processes needed, 1..65535 */
	uint32_t quorum_max;	/* and allowed, 0..65535; UINT32_MAX: any number */
	uint64_t fork_delay_ns; /* a change by a fork, or an end, has to last so long to count */
	uint64_t terminate_delay_ns;
	const char *path; /* of a file */
	struct init_file init_file;
	bool unreadable; /* only before it is refused */
	struct origin origin;
	struct origin origins[TRACKER_ATTRIBUTES];
};

struct tracker_list {
	struct tracker *items; /* in the order of the file */
	size_t count;
};

#endif

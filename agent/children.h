/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CHILDREN_H
#define AGENT_CHILDREN_H

#include "agent/options.h"
#include "lib/message.h"

#include <signal.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct child;
struct dataplane;

/* The supervisor's children core, agentx and check, and the channels among them and to the engine:
 * whoever is started anew is introduced to those that run.  Supervisor thread. */
struct children {
	sd_event *loop;
	const struct dataplane *dataplane;
	char **arguments;	/* the program's own, NULL-terminated */
	bool no_snmp;		/* without agentx */
	int level;		/* of the log */
	const char *check_unit; /* socket of check's own unit, or NULL */
	int source; /* text of the configuration in force, for core; -1 before there is one */
	char group_of[300];	 /* children.c's: agentx's option, or "" */
	char net_namespace[300]; /* core's option, or "" */
	void *context;
	/* As in struct child_setup. */
	void (*message)(void *context, enum role role, const union message *message, int attached);
	bool (*ended)(void *context, enum role role, const siginfo_t *how);
	struct child *members[ROLE_COUNT]; /* children.c's; NULL at first */
};

/* Starts core alone, which has the longest way to go, as soon as the data plane is prepared.  0 or
 * a negative errno. */
int children_start_core(struct children *children);

/* Starts all that were not started.  0 or a negative errno. */
int children_start(struct children *children);

/* Whether one of them runs. */
bool children_run(const struct children *children);

/* 0 or a negative errno; -EPIPE also while core does not run. */
int children_send_core(struct children *children, enum message_type type);

/* Where the accepted configuration says that the AgentX master listens ("": nowhere): an agentx
 * that starts joins the group of that socket.  One that runs ends by itself when it needs another.
 */
void children_note_agentx(struct children *children, const char *address);

/* The network namespace that the program has entered, of at most NETSPACE_NAME_MAX characters.
 * Before the children are started. */
void children_note_namespace(struct children *children, const char *name);

/* To be called at each SIGCHLD: one of them may have been stopped. */
void children_heed_stops(struct children *children);

/* Tells all of them to stop, and expects their ends.  `succeeded`: another program goes on. */
void children_let_go(struct children *children, bool succeeded);

/* Some time after that: kills those that should have ended by now.  Check may have scripts to wait
 * for, and goes on if its loop turns. */
void children_hurry(struct children *children);

/* Kills those that run, waits for their ends and frees all. */
void children_kill(struct children *children);

#endif

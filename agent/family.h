/* SPDX-License-Identifier: ISC */
#ifndef AGENT_FAMILY_H
#define AGENT_FAMILY_H

#include "agent/options.h"
#include "lib/message.h"

#include <signal.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct child;
struct heart;

/* The supervisor's children core, agentx and check, and the channels among them and to the engine:
 * whoever is started anew is introduced to those that run.  Supervisor thread. */
struct family {
	sd_event *loop;
	const struct heart *heart;
	char **arguments;	/* the program's own, NULL-terminated */
	bool no_snmp;		/* without agentx */
	int level;		/* of the log */
	const char *check_unit; /* socket of check's own unit, or NULL */
	int source; /* text of the configuration in force, for core; -1 before there is one */
	char group_of[300];	 /* family.c's: agentx's option, or "" */
	char net_namespace[300]; /* core's option, or "" */
	void *context;
	/* As in struct child_setup. */
	void (*message)(void *context, enum role role, const union message *message, int attached);
	bool (*ended)(void *context, enum role role, const siginfo_t *how);
	struct child *members[ROLE_COUNT]; /* family.c's; NULL at first */
};

/* Starts core alone, which has the longest way to go, as soon as the heart is prepared.  0 or a
 * negative errno. */
int family_start_core(struct family *family);

/* Starts all that were not started.  0 or a negative errno. */
int family_start(struct family *family);

/* Whether one of them runs. */
bool family_runs(const struct family *family);

/* 0 or a negative errno; -EPIPE also while core does not run. */
int family_send_core(struct family *family, enum message_type type);

/* Where the accepted configuration says that the AgentX master listens ("": nowhere): an agentx
 * that starts joins the group of that socket.  One that runs ends by itself when it needs another.
 */
void family_note_agentx(struct family *family, const char *address);

/* The network namespace that the program has entered, of at most NETSPACE_NAME_MAX characters.
 * Before the children are started. */
void family_note_namespace(struct family *family, const char *name);

/* To be called at each SIGCHLD: one of them may have been stopped. */
void family_heed_stops(struct family *family);

/* Tells all of them to stop, and expects their ends.  `succeeded`: another program goes on. */
void family_let_go(struct family *family, bool succeeded);

/* Some time after that: kills those that should have ended by now.  Check may have scripts to wait
 * for, and goes on if its loop turns. */
void family_hurry(struct family *family);

/* Kills those that run, waits for their ends and frees all. */
void family_kill(struct family *family);

#endif

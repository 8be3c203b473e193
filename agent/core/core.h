/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_CORE_H
#define AGENT_CORE_CORE_H

#include <jansson.h>
#include <systemd/sd-event.h>

/* The core process: the configuration, its changes and where they are kept.  It finds its channels
 * at the numbers of lib/inherit.h and lives in one sd-event loop. */

struct core_state;

/* Something that lives in core's loop beside it (the control socket, the event log): started when
 * the first configuration is in force, stopped before core ends. */
struct core_service {
	const char *name; /* for messages; NULL ends a list */
	/* Its object, or NULL: errno says why.  `state` stays where it is and lives longer. */
	void *(*start)(sd_event *loop, const struct core_state *state);
	void (*stop)(void *service);
};

struct core_options {
	const char *path;      /* the configuration file */
	const char *config_id; /* -i; NULL: by the name of the host */
	const char *state_dir; /* kept across restarts of the machine */
	const char *run_dir;
	const char *agentx; /* where the AgentX master listens; NULL: as the configuration has it */
	const char *net_namespace; /* that the program has entered; NULL: none */
	/* The document that MESSAGE_DUMP writes to RUN_DIR/vrrp-agent.json: a new reference, or
	 * NULL when memory is short. */
	json_t *(*show)(const struct core_state *state);
	const struct core_service *services; /* NULL: none */
};

enum core_exit {
	CORE_EXIT_GOOD = 0,    /* the supervisor said so, or is gone */
	CORE_EXIT_FAILED = 1,  /* something of the system failed; logged */
	CORE_EXIT_REFUSED = 2, /* the configuration was refused at the start; printed */
	/* The host does not let the program do what it has to, or can't: only somebody who changes
	 * that makes the next start any better.  Logged. */
	CORE_EXIT_UNABLE = 3,
};

/* Runs until told to end.  Returns the exit status.  The options stay the caller's. */
int core_run(const struct core_options *options);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CHILD_H
#define AGENT_CHILD_H

#include "agent/options.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/* One child process of the supervisor: started, listened to, replaced when it dies or breaks a
 * promise (lib/lifeline.h).  Replacing it again and again is slowed down.  Supervisor
 * thread. */

struct child;
union message;

struct child_setup {
	sd_event *loop;
	enum role role;
	char **arguments;     /* the program's own, NULL-terminated; the child's role is added */
	const char *argument; /* one more; read at every start, "" then: none */
	const char *unit; /* the socket at which the service manager starts it in a unit of its own
			     (agent/activation.h); NULL: none */
	int level;	  /* of the log, for that */
	void *context;
	/* Fills in the descriptors that the child is to inherit, by their numbers (lib/inherit.h),
	 * -1 for none; `supervisor` is the child's end of the channel to us.  Called at every
	 * start. 0 or a negative errno. */
	int (*connect)(void *context, enum role role, int *inherited);
	/* A message of the child's that is not about itself.  `attached` is the callee's, or -1:
	 * nothing was, or no descriptor was free for it, as the log says. */
	void (*message)(void *context, enum role role, const union message *message, int attached);
	/* It has ended; `how` is zero for one in a unit of its own.  True: start it again. */
	bool (*ended)(void *context, enum role role, const siginfo_t *how);
};

/* Starts it.  The setup is copied.  NULL: errno says why. */
struct child *child_start(const struct child_setup *setup);

/* Kills it, if it still runs, and waits for its end. */
struct child *child_free(struct child *child);

/* Sends it a message.  0 or a negative errno; -EPIPE also if it does not run at the moment. */
int child_send(struct child *child, const union message *message, int attached);

bool child_runs(const struct child *child);

/* Whether it runs, but its loop does not turn. */
bool child_stands_still(struct child *child);

/* To be called at each SIGCHLD, which alone tells that a child was stopped: if this one still is in
 * a second it is replaced.  Of its end it is not for this signal to tell. */
void child_heed_stop(struct child *child);

/* From now on its end is expected: it is not started again, and not killed for a broken promise. */
void child_let_go(struct child *child);

#endif

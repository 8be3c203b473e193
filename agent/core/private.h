/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_PRIVATE_H
#define AGENT_CORE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "agent/core/candidate.h"
#include "agent/core/events/audience.h"
#include "agent/core/publisher.h"
#include "agent/core/reloads.h"
#include "agent/core/state.h"
#include "agent/core/transaction.h"

/* The parts of core itself; nobody else includes this. */

struct core_channel {
	int fd;
	sd_event_source *source;
};

/* What the supervisor is still to be told; sent again while it does not read. */
enum core_owed {
	OWE_SOURCE = 1 << 0,
	OWE_READY = 1 << 1,
	OWE_RELOADED = 1 << 2,
};

struct core {
	struct core_state state;
	sd_event *loop;
	sd_event_source *after_turn;
	sd_event_source *debts; /* `owed` is looked at again, once */
	struct core_channel supervisor, agentx, check;
	int source; /* INHERIT_SOURCE, or -1 */
	struct board *board;
	struct store *store;
	struct publisher *publisher;
	struct transactions *transactions;
	struct transaction_client agentx_client;
	struct audience audience;
	struct core_reloads reloads;
	void **services; /* objects, in the order of the options' table */

	struct candidate current; /* in force */
	struct candidate next;	  /* with the engine */
	publisher_done *install_done;
	void *install_context;

	mode_t umask_before; /* umask was written */
	bool umask_written;
	bool started;	      /* the first configuration is in force */
	bool engine_ran;      /* the engine had a configuration before core was started */
	bool handover_wanted; /* the same: the supervisor wants the image in force */
	bool reload_wanted;   /* by the supervisor; waits until nothing else is under way */
	bool reload_runs;
	uint64_t reload_id;
	unsigned owed; /* enum core_owed */
};

/* reload.c */

/* Sends `core->next` to the engine; it becomes core->current when accepted, and is cleared when
 * not.  0, or a negative errno: cleared, and `done` is not called. */
int core_install(struct core *core, uint64_t timeout_ms, publisher_done *done, void *context);

/* Prints what a refusal at the start means for the routers; the exit status. */
int core_refuse_start(const struct core *core);

/* The first configuration: from the accepted source if there is one, else from the disk.  `held`:
 * the slots of a running engine.  0, or the exit status; what is to be said has been printed. */
int core_load_first(struct core *core, const struct slots *held);

/* Does what waits, as soon as nothing else is under way. */
void core_reload_if_due(struct core *core);

/* channels.c */

/* Watches the channel to the supervisor.  0 or a negative errno. */
int core_watch_supervisor(struct core *core);

/* Replaces the channel to agentx or check (-1: none); `fd` becomes core's. */
void core_set_peer(struct core *core, enum message_peer_role role, int fd);

/* Sends the supervisor the image in force, if it wants it and nothing else is under way. */
void core_hand_over_if_due(struct core *core);

/* Sends what is owed, as far as the supervisor takes it. */
void core_tell_supervisor(struct core *core, unsigned owed);

void core_channel_close(struct core_channel *channel);

/* statedump.c */

/* Writes how everything stands to the run directory, for whoever sent SIGUSR1; or logs why not. */
void core_dump_state(struct core *core);

#endif

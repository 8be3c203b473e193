/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_STATE_H
#define AGENT_CORE_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "agent/core/slots.h"
#include "agent/core/store.h"
#include "lib/board.h"
#include "lib/message.h"

/* What core lets its services see.  The structure stays where it is for as long as core runs; what
 * its pointers lead to may be replaced between two turns of the loop: don't keep them.  */

struct audience;
struct conf_source;
struct core_options;
struct core_reloads;
struct history;
struct overlay_aside;
struct publisher;
struct transactions;

/* How the last reload ended. */
struct core_reload {
	uint64_t at;		  /* CLOCK_REALTIME, ns; 0: there was none */
	enum message_error error; /* MESSAGE_OK: what was read is in force */
	uint32_t errors;	  /* in the file */
	uint32_t warnings;
	char text[sizeof(((struct message_outcome *)NULL)->text)]; /* as in MESSAGE_RELOADED */
};

struct core_state {
	const struct core_options *options;
	const struct config *config;	   /* in force: the engine has accepted it */
	const struct slots *slots;	   /* of `config` */
	const struct conf_source *source;  /* the text of `config`, without the overlay */
	const struct overlay_aside *aside; /* what of the overlay is not in `config` */
	const struct board *board;
	const struct store *store;
	const struct publisher *publisher; /* agent/core/publisher.h: the generation in force */
	struct transactions *transactions; /* agent/core/transaction.h: to change something */
	struct history *history;	   /* agent/core/events/history.h: what happened */
	struct core_reloads *reloads;	   /* agent/core/reloads.h: to read the file anew */
	struct audience *audience;	   /* agent/core/events/audience.h: who is told */
	uint64_t loaded_at;		   /* when the file in force was read, CLOCK_REALTIME, ns */
	struct core_reload reload;
	int lifeline; /* lib/lifeline.h: to ask for time before what takes long */
};

#endif

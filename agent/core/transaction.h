/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_TRANSACTION_H
#define AGENT_CORE_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "agent/core/candidate.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/proposal.h"
#include "agent/core/publisher.h"
#include "agent/core/store.h"
#include "lib/message.h"

/* Changes of the configuration from outside the file: SNMP's SET, and vrrpctl's.  One transaction
 * at a time, whoever asks:
 *
 *     prepare   every change is validated by the code that validates the file; nothing changes
 *     apply     the overlay is made durable, the engine gets a delta; answered when it accepted
 *     undo      store and engine are as before apply; answered when the engine accepted.  Said
 *               before apply is answered, it is done after that
 *     forget    the transaction is over, what apply did stays
 *
 * The model changes when the engine has accepted, so that it always is what the engine runs.
 *
 * A client that says nothing for TRANSACTION_PREPARED_MS after prepare, or for
 * TRANSACTION_APPLIED_MS after apply, is taken to have said forget.  Preparing again has the
 * same effect on a transaction of the same client.
 *
 * After a restart, apply and undo of the transaction that the store names are understood: apply is
 * answered from the store, undo takes back what the store remembers.  So identifiers must not
 * repeat within the memory of a client.
 *
 * One thread; everything happens in its loop. */

#define TRANSACTION_PREPARED_MS 1000
#define TRANSACTION_APPLIED_MS	30000
#define TRANSACTION_ENGINE_MS	1000

/* Who asks.  `answer` gets a MESSAGE_SET_RESULT, in the same turn of the loop or in a later one; it
 * must not ask for anything itself. */
struct transaction_client {
	void (*answer)(void *context, const union message *result);
	void *context;
};

struct transactions;

/* What it is given stays the caller's and lives longer.  Until it has a model, every request is
 * answered MESSAGE_BUSY.  `lifeline` (lib/lifeline.h, or -1) is asked for time.  NULL: out of
 * memory. */
struct transactions *transactions_new(
	sd_event *loop, struct store *store, struct publisher *publisher, int lifeline);

/* Takes NULL; returns NULL.  What was prepared is gone, what was applied stays. */
struct transactions *transactions_free(struct transactions *transactions);

/* `current` has another configuration and other slots: it is what the engine runs. */
typedef void transaction_adopted(void *context);

/* How to bring what the store holds into force when it was not this process that changed it: builds
 * the model anew and sends it to the engine; `done` as for publisher_send_whole. */
typedef int transaction_rebuild(void *context, publisher_done *done, void *done_context);

/* What is in force, for changes to be made to; it stays the caller's, who replaces its parts only
 * while transactions_idle(), or on being asked to rebuild.  `rebuild` may be NULL. */
void transactions_set_model(struct transactions *transactions, struct candidate *current,
	transaction_adopted *adopted, transaction_rebuild *rebuild, void *context);

/* Handles MESSAGE_SET_PREPARE, SET_APPLY, SET_UNDO or SET_FORGET; the last is not answered. */
void transactions_handle(struct transactions *transactions, const struct transaction_client *client,
	const union message *request);

/* Makes the proposal from what is in force; false and a refusal if it can't be. */
typedef bool transaction_make(void *context, const struct candidate *current,
	struct proposal *proposal, struct refusal *refusal);

/* A whole transaction at once: what `make` proposes is applied, answered (once), and forgotten. */
void transactions_run(struct transactions *transactions, const struct transaction_client *client,
	uint64_t id, transaction_make *make, void *context);

/* The client is gone: what was prepared is dropped, what is being applied will be undone, what was
 * applied stays.  Clients are told apart by their address. */
void transactions_lost(struct transactions *transactions, const struct transaction_client *client);

/* Nothing is under way, not even something that could still be undone. */
bool transactions_idle(const struct transactions *transactions);

#endif

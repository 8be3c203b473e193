/* SPDX-License-Identifier: ISC */
#include "agent/core/transaction.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/changes.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/overlay.h"
#include "agent/core/proposal.h"
#include "agent/core/review.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#define TIMER_SLACK 1000ull
#define USEC_PER_MS 1000ull
#define PATIENCE_MS 30000 /* for a change of all virtual routers, and the log of it */

enum phase {
	IDLE,
	PREPARED,
	APPLYING, /* durable; the engine has not answered */
	APPLIED,
	UNDOING, /* the store is as it was; the engine has not answered */
};

struct transactions {
	sd_event *loop;
	sd_event_source *timer;
	struct store *store;
	struct publisher *publisher;
	int lifeline;
	struct candidate *current; /* what is in force */
	transaction_adopted *adopted;
	transaction_rebuild *rebuild;
	void *context; /* of both */

	enum phase phase;
	uint64_t id;
	const struct transaction_client *client; /* NULL: it is gone */
	bool forgotten;				 /* said while the engine was asked */
	bool undo_wanted;			 /* the same */
	struct proposal other; /* what would be until it is applied, then what was */
};

static void answer(
	const struct transaction_client *client, uint64_t id, const struct refusal *refusal)
{
	union message result;

	if (!client)
		return;
	message_init(&result, MESSAGE_SET_RESULT, id);
	result.outcome.error = refusal->error;
	result.outcome.index = refusal->index;
	memcpy(result.outcome.text, refusal->text, sizeof(result.outcome.text));
	client->answer(client->context, &result);
}

static void answer_with(const struct transaction_client *client, uint64_t id,
	enum message_error error, const char *text)
{
	struct refusal refusal;

	refuse(&refusal, error, 0, "%s", text);
	answer(client, id, &refusal);
}

/* The configuration in force and the other one change places. */
static void swap(struct transactions *transactions, const char *verb)
{
	struct candidate *current = transactions->current;
	struct proposal *other = &transactions->other;

	lifeline_promise(transactions->lifeline, PATIENCE_MS);
	/* What a manager changed explains the transitions that follow, so the log has it. */
	if (other->whole)
		changes_log_all(current->config, other->config, verb);
	else
		changes_log(
			current->config, other->config, other->touched, other->touched_count, verb);
	proposal_swap(other, current);
	transactions->adopted(transactions->context);
}

static void end(struct transactions *transactions)
{
	transactions->timer = sd_event_source_disable_unref(transactions->timer);
	transactions->phase = IDLE;
	transactions->client = NULL;
	transactions->forgotten = false;
	transactions->undo_wanted = false;
	proposal_clear(&transactions->other);
}

static int on_silence(sd_event_source *source, uint64_t usec, void *context)
{
	struct transactions *transactions = context;

	log_message(LOG_NOTICE, "transaction %" PRIu64 " was %s and never ended; it is over",
		transactions->id, transactions->phase == PREPARED ? "prepared" : "applied");
	end(transactions);
	return 0;
}

/* Enters a phase in which the client has to speak within some time. */
static void await_client(struct transactions *transactions, enum phase phase, uint64_t ms)
{
	int error;

	transactions->phase = phase;
	transactions->timer = sd_event_source_disable_unref(transactions->timer);
	error = sd_event_add_time_relative(transactions->loop, &transactions->timer,
		CLOCK_MONOTONIC, ms * USEC_PER_MS, TIMER_SLACK, on_silence, transactions);
	if (error < 0) {
		log_message(LOG_ERR, "cannot set a timer: %s", strerror(-error));
		end(transactions);
	}
}

/* A transaction of the client's, if there is none; else it is told so. */
static bool begin(
	struct transactions *transactions, const struct transaction_client *client, uint64_t id)
{
	if (transactions->phase != IDLE || !transactions->current ||
		publisher_busy(transactions->publisher)) {
		answer_with(client, id, MESSAGE_BUSY,
			"the configuration is being changed by somebody else");
		return false;
	}
	transactions->id = id;
	transactions->client = client;
	return true;
}

static void refuse_proposal(struct transactions *transactions, const struct refusal *refusal)
{
	const struct transaction_client *client = transactions->client;

	log_message(LOG_NOTICE, "a change by management was refused: %s", refusal->text);
	end(transactions);
	answer(client, transactions->id, refusal);
}

static void prepare(struct transactions *transactions, const struct transaction_client *client,
	const struct message_set *set)
{
	struct refusal refusal = {0};

	if (transactions->client == client &&
		(transactions->phase == PREPARED || transactions->phase == APPLIED))
		end(transactions);
	if (!begin(transactions, client, set->head.id))
		return;
	if (proposal_make(&transactions->other, transactions->current, set, &refusal)) {
		await_client(transactions, PREPARED, TRANSACTION_PREPARED_MS);
		answer(client, set->head.id, &refusal);
	} else {
		refuse_proposal(transactions, &refusal);
	}
}

/* What the store held before is there again, in the name of this transaction. */
static int take_back_store(struct transactions *transactions)
{
	int error = store_take_back(transactions->store, transactions->id);

	if (error)
		log_message(LOG_ERR, "%s", store_problem(transactions->store));
	return error;
}

/* Sends the engine what leads from what is in force to the other configuration. */
static int send_other(struct transactions *transactions, publisher_done *done)
{
	struct image_changes changes;

	if (transactions->other.whole)
		return publisher_send_whole(transactions->publisher, transactions->other.config,
			transactions->other.slots, TRANSACTION_ENGINE_MS, done, transactions);
	proposal_changes(&transactions->other, transactions->current->slots, &changes);
	return publisher_send_delta(transactions->publisher, transactions->other.config,
		transactions->other.slots, &changes, TRANSACTION_ENGINE_MS, done, transactions);
}

static void on_undone(void *context, enum message_error error, const char *text)
{
	struct transactions *transactions = context;
	const struct transaction_client *client = transactions->client;

	/* Refused or not, this is what the store holds now. */
	if (transactions->other.config)
		swap(transactions, "taken back");
	if (error)
		publisher_resync(transactions->publisher);
	end(transactions);
	answer_with(client, transactions->id, error, text);
}

/* Back to what was before apply, store first.  If that can't be written, all stays as it is. */
static void undo_applied(struct transactions *transactions)
{
	int error = take_back_store(transactions);

	if (error) {
		answer_with(transactions->client, transactions->id, MESSAGE_STORE_FAILED,
			store_problem(transactions->store));
		await_client(transactions, APPLIED, TRANSACTION_APPLIED_MS);
		return;
	}
	transactions->timer = sd_event_source_disable_unref(transactions->timer);
	transactions->phase = UNDOING;
	error = send_other(transactions, on_undone);
	if (error)
		on_undone(transactions, MESSAGE_REFUSED, strerror(-error));
}

static void refused_by_engine(struct transactions *transactions, const char *text)
{
	const struct transaction_client *client = transactions->client;
	bool undo_wanted = transactions->undo_wanted;
	int error = take_back_store(transactions);

	end(transactions);
	answer_with(client, transactions->id, MESSAGE_REFUSED, text);
	if (undo_wanted)
		answer_with(client, transactions->id, error ? MESSAGE_STORE_FAILED : MESSAGE_OK,
			error ? store_problem(transactions->store) : "");
}

/* Of addresses that a manager gave to two routers: nothing forbids it, and the answer of a SET has
 * no room for a warning. */
static void warn(const struct transactions *transactions)
{
	const struct config *before = transactions->other.config;
	const struct config *after = transactions->current->config;
	const struct proposal *other = &transactions->other;

	if (other->whole || changes_addresses(before, after, other->touched, other->touched_count))
		review_log_shared(before, after);
}

static void on_applied(void *context, enum message_error error, const char *text)
{
	struct transactions *transactions = context;
	const struct transaction_client *client = transactions->client;

	if (error) {
		refused_by_engine(transactions, text);
		return;
	}
	swap(transactions, "set by management");
	warn(transactions);
	if (!client || transactions->undo_wanted) {
		answer_with(client, transactions->id, MESSAGE_OK, "");
		undo_applied(transactions);
		return;
	}
	if (transactions->forgotten)
		end(transactions);
	else
		await_client(transactions, APPLIED, TRANSACTION_APPLIED_MS);
	answer_with(client, transactions->id, MESSAGE_OK, "");
}

static int write_overlay(struct transactions *transactions)
{
	size_t length;
	char *text;
	int error = overlay_render(
		transactions->other.config, &transactions->other.aside, &text, &length);

	if (error)
		return error;
	error = store_write(transactions->store, transactions->id, text, length);
	if (error)
		log_message(LOG_ERR, "%s", store_problem(transactions->store));
	free(text);
	return error;
}

/* Durable first, then to the engine. */
static void apply_prepared(struct transactions *transactions)
{
	const struct transaction_client *client = transactions->client;
	enum message_error failure = MESSAGE_OK;
	int error;

	transactions->timer = sd_event_source_disable_unref(transactions->timer);
	if (publisher_busy(transactions->publisher)) {
		end(transactions);
		answer_with(client, transactions->id, MESSAGE_BUSY, "the engine is being asked");
		return;
	}
	error = write_overlay(transactions);
	if (error)
		failure = MESSAGE_STORE_FAILED;
	if (!error) {
		error = send_other(transactions, on_applied);
		if (error)
			failure = MESSAGE_REFUSED;
	}
	if (!failure) {
		transactions->phase = APPLYING;
		return;
	}
	if (failure == MESSAGE_REFUSED)
		take_back_store(transactions);
	end(transactions);
	answer_with(client, transactions->id, failure,
		failure == MESSAGE_STORE_FAILED ? store_problem(transactions->store)
						: strerror(-error));
}

void transactions_run(struct transactions *transactions, const struct transaction_client *client,
	uint64_t id, transaction_make *make, void *context)
{
	struct refusal refusal = {0};

	lifeline_promise(transactions->lifeline, PATIENCE_MS);
	if (!begin(transactions, client, id))
		return;
	if (!make(context, transactions->current, &transactions->other, &refusal)) {
		refuse_proposal(transactions, &refusal);
		return;
	}
	transactions->forgotten = true;
	apply_prepared(transactions);
}

static bool is_mine(const struct transactions *transactions,
	const struct transaction_client *client, uint64_t id)
{
	return transactions->phase != IDLE && transactions->client == client &&
	       transactions->id == id;
}

/* Whether the store says that this transaction ended so, in this life or the one before. */
static bool was(const struct transactions *transactions, uint64_t id, enum store_outcome outcome)
{
	return transactions->phase == IDLE && store_transaction(transactions->store) == id &&
	       store_last_outcome(transactions->store) == outcome;
}

static void apply(
	struct transactions *transactions, const struct transaction_client *client, uint64_t id)
{
	if (is_mine(transactions, client, id) && transactions->phase == PREPARED)
		apply_prepared(transactions);
	else if (was(transactions, id, STORE_APPLIED) && transactions->current)
		answer_with(client, id, MESSAGE_OK, "");
	else
		answer_with(client, id, MESSAGE_UNKNOWN, "no such transaction is prepared");
}

/* A transaction that was applied before this process was started: its stages are gone, so the
 * model is built anew from the text. */
static void undo_remembered(
	struct transactions *transactions, const struct transaction_client *client, uint64_t id)
{
	int error;

	transactions->id = id;
	transactions->client = client;
	error = take_back_store(transactions);
	if (error) {
		end(transactions);
		answer_with(client, id, MESSAGE_STORE_FAILED, store_problem(transactions->store));
		return;
	}
	transactions->phase = UNDOING;
	error = transactions->rebuild(transactions->context, on_undone, transactions);
	if (error)
		on_undone(transactions, MESSAGE_REFUSED, strerror(-error));
}

static void undo(
	struct transactions *transactions, const struct transaction_client *client, uint64_t id)
{
	if (is_mine(transactions, client, id) && transactions->phase == APPLIED)
		undo_applied(transactions);
	else if (is_mine(transactions, client, id) && transactions->phase == APPLYING)
		transactions->undo_wanted = true;
	else if (was(transactions, id, STORE_UNDONE))
		answer_with(client, id, MESSAGE_OK, "");
	else if (!was(transactions, id, STORE_APPLIED))
		answer_with(client, id, MESSAGE_UNKNOWN, "no such transaction is applied");
	else if (!transactions->rebuild || !transactions->current ||
		 publisher_busy(transactions->publisher))
		answer_with(client, id, MESSAGE_BUSY, "the engine is being asked");
	else
		undo_remembered(transactions, client, id);
}

static void forget(
	struct transactions *transactions, const struct transaction_client *client, uint64_t id)
{
	if (!is_mine(transactions, client, id))
		return;
	if (transactions->phase == APPLYING)
		transactions->forgotten = true;
	else if (transactions->phase != UNDOING)
		end(transactions);
}

void transactions_handle(struct transactions *transactions, const struct transaction_client *client,
	const union message *request)
{
	lifeline_promise(transactions->lifeline, PATIENCE_MS);
	switch (request->head.type) {
	case MESSAGE_SET_PREPARE:
		prepare(transactions, client, &request->set);
		break;
	case MESSAGE_SET_APPLY:
		apply(transactions, client, request->head.id);
		break;
	case MESSAGE_SET_UNDO:
		undo(transactions, client, request->head.id);
		break;
	case MESSAGE_SET_FORGET:
		forget(transactions, client, request->head.id);
		break;
	default:
		log_message(LOG_WARNING, "a %s is no request for a transaction",
			message_type_name(request->head.type));
	}
}

void transactions_lost(struct transactions *transactions, const struct transaction_client *client)
{
	if (transactions->phase == IDLE || transactions->client != client)
		return;
	if (transactions->phase == APPLYING || transactions->phase == UNDOING)
		transactions->client = NULL;
	else
		end(transactions);
}

bool transactions_idle(const struct transactions *transactions)
{
	return transactions->phase == IDLE;
}

struct transactions *transactions_new(
	sd_event *loop, struct store *store, struct publisher *publisher, int lifeline)
{
	struct transactions *transactions = calloc(1, sizeof(*transactions));

	if (!transactions)
		return NULL;
	transactions->loop = sd_event_ref(loop);
	transactions->store = store;
	transactions->publisher = publisher;
	transactions->lifeline = lifeline;
	return transactions;
}

struct transactions *transactions_free(struct transactions *transactions)
{
	if (!transactions)
		return NULL;
	sd_event_source_disable_unref(transactions->timer);
	sd_event_unref(transactions->loop);
	proposal_clear(&transactions->other);
	free(transactions);
	return NULL;
}

void transactions_set_model(struct transactions *transactions, struct candidate *current,
	transaction_adopted *adopted, transaction_rebuild *rebuild, void *context)
{
	transactions->current = current;
	transactions->adopted = adopted;
	transactions->rebuild = rebuild;
	transactions->context = context;
}

/* SPDX-License-Identifier: ISC */
#include "agent/core/transaction.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/diagnose.h"
#include "agent/conf/load.h"
#include "agent/core/slots.h"
#include "lib/image.h"
#include "lib/log.h"
#include "vrrp/protocol/limits.h"

#define TIMER_SLACK 1000ull
#define USEC_PER_MS 1000ull

enum phase {
	IDLE,
	PREPARED,
	APPLYING, /* durable; the engine has not answered */
	APPLIED,
	UNDOING, /* the store is as it was; the engine has not answered */
};

/* An instance before and after.  The strings and arrays are the model's. */
struct stage {
	struct instance *instance;
	struct instance previous;
	struct instance next;
};

struct transactions {
	sd_event *loop;
	sd_event_source *timer;
	struct store *store;
	struct publisher *publisher;
	struct config *config;
	const struct overlay_aside *aside;
	transaction_rebuild *rebuild;
	void *rebuild_context;

	enum phase phase;
	uint64_t id;
	const struct transaction_client *client; /* NULL: it is gone */
	bool forgotten;				 /* said while the engine was asked */
	bool undo_wanted;			 /* the same */
	size_t count;
	struct stage stages[MESSAGE_CHANGES_MAX];
};

/* Why a request failed: what the answer says. */
struct refusal {
	enum message_error error;
	uint32_t index;
	char text[sizeof(((struct message_outcome *)NULL)->text)];
};

static int64_t priority_of(const struct instance *instance)
{
	return instance->priority;
}

static bool is_owner(const struct instance *instance)
{
	return instance->priority == VRRP_PRIORITY_OWNER;
}

/* What can be changed: the keyword that the file has for it, what managers may set it to, and the
 * routers in which it can't be changed. */
static const struct {
	const char *word;
	int64_t minimum, maximum;
	int64_t (*value)(const struct instance *instance);
	bool (*is_fixed)(const struct instance *instance);
	const char *fixed_text;
} attributes[ATTRIBUTE_COUNT] = {
	[ATTRIBUTE_PRIORITY] = {"priority", VRRP_PRIORITY_MIN, VRRP_PRIORITY_MAX, priority_of,
		is_owner, "the owner of the addresses has priority 255"},
};

__attribute__((format(printf, 4, 5))) static bool refuse(
	struct refusal *refusal, enum message_error error, uint32_t index, const char *format, ...)
{
	va_list arguments;

	refusal->error = error;
	refusal->index = index;
	va_start(arguments, format);
	vsnprintf(refusal->text, sizeof(refusal->text), format, arguments);
	va_end(arguments);
	return false;
}

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

static void put_previous(struct transactions *transactions)
{
	for (size_t i = transactions->count; i > 0; i--)
		config_restore_instance(transactions->config, transactions->stages[i - 1].instance,
			&transactions->stages[i - 1].previous);
}

static void put_next(struct transactions *transactions)
{
	for (size_t i = 0; i < transactions->count; i++)
		config_restore_instance(transactions->config, transactions->stages[i].instance,
			&transactions->stages[i].next);
}

/* What a manager changed explains the transitions that follow, so the log has it. */
static void log_changes(const struct transactions *transactions, const char *verb)
{
	for (size_t i = 0; i < transactions->count; i++) {
		const struct stage *stage = &transactions->stages[i];

		for (size_t a = 0; a < ATTRIBUTE_COUNT; a++) {
			int64_t previous = attributes[a].value(&stage->previous);
			int64_t next = attributes[a].value(&stage->next);

			if (previous != next)
				log_message(LOG_NOTICE, "%s: %s %" PRId64 " -> %" PRId64 ", %s",
					stage->next.name, attributes[a].word, previous, next, verb);
		}
	}
}

static void end(struct transactions *transactions)
{
	transactions->timer = sd_event_source_disable_unref(transactions->timer);
	transactions->phase = IDLE;
	transactions->client = NULL;
	transactions->forgotten = false;
	transactions->undo_wanted = false;
	transactions->count = 0;
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

static struct stage *stage_of(struct transactions *transactions, struct instance *instance)
{
	struct stage *stage = transactions->stages;

	for (size_t i = 0; i < transactions->count; i++, stage++) {
		if (stage->instance == instance)
			return stage;
	}
	transactions->count++;
	stage->instance = instance;
	stage->previous = *instance;
	return stage;
}

static const char *first_error(const struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		if (diagnostics->items[i].severity == CONF_ERROR)
			return diagnostics->items[i].message;
	}
	return "it was refused";
}

/* Sets one attribute in the model, by the code that reads the file. */
static bool set_attribute(struct transactions *transactions, struct instance *instance,
	const struct message_change *change, uint32_t index, struct refusal *refusal)
{
	struct conf_diagnostics diagnostics = {0};
	char value[32];
	int error;

	snprintf(value, sizeof(value), "%" PRId64, change->value);
	error = conf_set(transactions->config, instance, attributes[change->attribute].word, value,
		&diagnostics);
	if (error)
		refuse(refusal, MESSAGE_INCONSISTENT, index, "%s", first_error(&diagnostics));
	conf_diagnostics_clear(&diagnostics);
	return error == 0;
}

static bool stage_change(struct transactions *transactions, const struct message_change *change,
	uint32_t index, struct refusal *refusal)
{
	const char *word = attributes[change->attribute].word;
	struct instance *instance;

	if (change->value < attributes[change->attribute].minimum ||
		change->value > attributes[change->attribute].maximum)
		return refuse(refusal, MESSAGE_WRONG_VALUE, index,
			"%s is %" PRId64 " to %" PRId64 ", not %" PRId64, word,
			attributes[change->attribute].minimum,
			attributes[change->attribute].maximum, change->value);
	instance = config_find_identity(transactions->config, change->interface,
		slots_family_to_af(change->family), change->vrid);
	if (!instance)
		return refuse(refusal, MESSAGE_NO_ROUTER, index,
			"there is no virtual router %u of IPv%d on %s", change->vrid,
			change->family == IMAGE_IPV4 ? 4 : 6, change->interface);
	if (attributes[change->attribute].is_fixed(instance))
		return refuse(refusal, MESSAGE_READ_ONLY, index, "%s: %s", instance->name,
			attributes[change->attribute].fixed_text);
	stage_of(transactions, instance);
	return set_attribute(transactions, instance, change, index, refusal);
}

/* Stages every change, each seeing those before it, and leaves the model as it was. */
static bool stage_all(
	struct transactions *transactions, const struct message_set *set, struct refusal *refusal)
{
	bool good = true;

	for (uint32_t i = 0; good && i < set->count; i++)
		good = stage_change(transactions, &set->changes[i], i, refusal);
	for (size_t i = 0; i < transactions->count; i++)
		transactions->stages[i].next = *transactions->stages[i].instance;
	put_previous(transactions);
	return good;
}

static void prepare(struct transactions *transactions, const struct transaction_client *client,
	const struct message_set *set)
{
	struct refusal refusal = {0};

	if (transactions->client == client &&
		(transactions->phase == PREPARED || transactions->phase == APPLIED))
		end(transactions);
	if (transactions->phase != IDLE || !transactions->config ||
		publisher_busy(transactions->publisher)) {
		answer_with(client, set->head.id, MESSAGE_BUSY,
			"the configuration is being changed by somebody else");
		return;
	}
	transactions->id = set->head.id;
	transactions->client = client;
	if (stage_all(transactions, set, &refusal)) {
		await_client(transactions, PREPARED, TRANSACTION_PREPARED_MS);
	} else {
		log_message(LOG_NOTICE, "a change by management was refused: %s", refusal.text);
		end(transactions);
	}
	answer(client, set->head.id, &refusal);
}

/* What the store held before is there again, in the name of this transaction. */
static int take_back_store(struct transactions *transactions)
{
	size_t length;
	const char *text = store_previous(transactions->store, &length);
	char *copy;
	int error;

	if (!text)
		return -ENODATA;
	copy = strndup(text, length);
	if (!copy)
		return -ENOMEM;
	error = store_write(transactions->store, transactions->id, STORE_UNDONE, copy, length);
	free(copy);
	if (error)
		log_message(LOG_ERR, "%s", store_problem(transactions->store));
	return error;
}

static int send_stages(struct transactions *transactions, publisher_done *done)
{
	const struct instance *changed[MESSAGE_CHANGES_MAX];

	for (size_t i = 0; i < transactions->count; i++)
		changed[i] = transactions->stages[i].instance;
	return publisher_send_delta(transactions->publisher, transactions->config, changed,
		transactions->count, TRANSACTION_ENGINE_MS, done, transactions);
}

static void on_undone(void *context, enum message_error error, const char *text)
{
	struct transactions *transactions = context;
	const struct transaction_client *client = transactions->client;

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
	put_previous(transactions);
	log_changes(transactions, "taken back");
	error = send_stages(transactions, on_undone);
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

static void on_applied(void *context, enum message_error error, const char *text)
{
	struct transactions *transactions = context;
	const struct transaction_client *client = transactions->client;

	if (error) {
		refused_by_engine(transactions, text);
		return;
	}
	put_next(transactions);
	log_changes(transactions, "set by management");
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
	int error = overlay_render(transactions->config, transactions->aside, &text, &length);

	if (error)
		return error;
	error = store_write(transactions->store, transactions->id, STORE_APPLIED, text, length);
	if (error)
		log_message(LOG_ERR, "%s", store_problem(transactions->store));
	free(text);
	return error;
}

/* Durable first, then to the engine.  The new values are in the model only while it is written. */
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
	put_next(transactions);
	error = write_overlay(transactions);
	if (error)
		failure = MESSAGE_STORE_FAILED;
	if (!error) {
		error = send_stages(transactions, on_applied);
		if (error)
			failure = MESSAGE_REFUSED;
	}
	put_previous(transactions);
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
	else if (was(transactions, id, STORE_APPLIED) && transactions->config)
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
		answer_with(client, id, MESSAGE_STORE_FAILED, strerror(-error));
		return;
	}
	transactions->phase = UNDOING;
	error = transactions->rebuild(transactions->rebuild_context, on_undone, transactions);
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
	else if (!transactions->rebuild || !transactions->config ||
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
	sd_event *loop, struct store *store, struct publisher *publisher)
{
	struct transactions *transactions = calloc(1, sizeof(*transactions));

	if (!transactions)
		return NULL;
	transactions->loop = sd_event_ref(loop);
	transactions->store = store;
	transactions->publisher = publisher;
	return transactions;
}

struct transactions *transactions_free(struct transactions *transactions)
{
	if (!transactions)
		return NULL;
	sd_event_source_disable_unref(transactions->timer);
	sd_event_unref(transactions->loop);
	free(transactions);
	return NULL;
}

void transactions_set_model(
	struct transactions *transactions, struct config *config, const struct overlay_aside *aside)
{
	assert(transactions_idle(transactions) || transactions->count == 0);
	transactions->config = config;
	transactions->aside = aside;
}

void transactions_set_rebuild(
	struct transactions *transactions, transaction_rebuild *rebuild, void *context)
{
	transactions->rebuild = rebuild;
	transactions->rebuild_context = context;
}

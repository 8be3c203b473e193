/* SPDX-License-Identifier: ISC */
/* A core that answers transactions as it is told, and carries out what it accepts on the board. */
#include "lib/channel.h"
#include "tests/snmp/driver.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void driver_replace_core(bool with_new)
{
	union message message;
	int theirs;

	if (driver.core >= 0)
		close(driver.core);
	driver.core = -1;
	if (!with_new)
		return;
	driver_make_channel(&driver.core, &theirs);
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = PEER_CORE;
	channel_send(driver.supervisor, &message, theirs);
	close(theirs);
}

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
	size_t length = strlen(driver.received);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(driver.received + length, sizeof(driver.received) - length, format, arguments);
	va_end(arguments);
}

static struct status_router *router_of(const struct message_change *change, uint32_t *slot)
{
	for (*slot = 0; *slot < DRIVER_SLOTS; ++*slot) {
		struct status_router *router = &driver.rows[status_row(*slot)].router;

		if (router->used && router->vrid == change->vrid &&
			router->family == change->family &&
			strcmp(router->interface, change->interface) == 0)
			return router;
	}
	return NULL;
}

/* Priorities become what was staged, or what they were before. */
static void change_rows(bool undo)
{
	for (uint32_t i = 0; i < driver.staged.count; i++) {
		const struct message_change *change = &driver.staged.changes[i];
		uint32_t slot;
		struct status_router *router = router_of(change, &slot);

		if (!router)
			continue;
		if (undo) {
			router->priority = driver.before[i];
		} else {
			driver.before[i] = router->priority;
			router->priority = (uint8_t)change->value;
		}
		driver_show_row(slot);
	}
}

static void give_answer(const struct answer *answer, uint64_t id)
{
	union message message;

	if (answer->delay_ms)
		poll(NULL, 0, (int)answer->delay_ms);
	message_init(&message, MESSAGE_SET_RESULT, id);
	message.outcome.error = answer->error;
	message.outcome.index = answer->index;
	snprintf(message.outcome.text, sizeof(message.outcome.text), "as the test wants it");
	if (answer->error == MESSAGE_OK && answer == &driver.apply)
		change_rows(false);
	if (answer->error == MESSAGE_OK && answer == &driver.undo)
		change_rows(true);
	channel_send(driver.core, &message, -1);
}

/* Questions are answered in their order, even if late. */
static void answer_question(struct answer *answer, uint64_t id)
{
	if (answer->gone) {
		answer->gone = false;
		driver_replace_core(true);
		return;
	}
	if (driver.owed)
		give_answer(driver.owed, driver.owed_id);
	driver.owed = NULL;
	if (!answer->silent) {
		give_answer(answer, id);
		return;
	}
	driver.owed = answer;
	driver.owed_id = id;
}

static void serve_core_message(const union message *message)
{
	note("%s", message_type_name(message->head.type));
	if (message->head.type == MESSAGE_SET_PREPARE) {
		driver.staged = message->set;
		for (uint32_t i = 0; i < message->set.count; i++) {
			const struct message_change *change = &message->set.changes[i];

			note(" %s/%u/%u=%" PRId64, change->interface, change->vrid, change->family,
				change->value);
		}
		answer_question(&driver.prepare, message->head.id);
	} else if (message->head.type == MESSAGE_SET_APPLY) {
		answer_question(&driver.apply, message->head.id);
	} else if (message->head.type == MESSAGE_SET_UNDO) {
		answer_question(&driver.undo, message->head.id);
	}
	note(";");
}

void driver_serve_core(void)
{
	union message message;
	int attached;
	int result;

	result = channel_receive(driver.core, &message, &attached);
	if (result == 1)
		serve_core_message(&message);
	if (result < 0) {
		close(driver.core);
		driver.core = -1;
	}
}

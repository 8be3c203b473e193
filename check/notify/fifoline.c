/* SPDX-License-Identifier: ISC */
#include "check/notify/fifoline.h"

#include <errno.h>
#include <stdio.h>

static const char *const state_words[] = {
	[IMAGE_ON_STOP] = "STOP",
	[IMAGE_ON_BACKUP] = "BACKUP",
	[IMAGE_ON_ACTIVE] = "MASTER",
	[IMAGE_ON_FAULT] = "FAULT",
};

static const char *state_word(uint8_t state)
{
	return state < sizeof(state_words) / sizeof(state_words[0]) ? state_words[state] : NULL;
}

/* Its removal is a fault to whoever has not asked for more, unless it was in one. */
static const char *transition_word(const struct instance *instance, const struct event *event)
{
	if (event->kind != EVENT_TRANSITION || event->reason != EVENT_REASON_REMOVED)
		return state_word(event->new_state);
	if (instance->told_deleted)
		return "DELETED";
	return event->old_state == IMAGE_ON_FAULT ? NULL : "FAULT";
}

/* NULL: it is not told. */
static const char *word_of(const struct instance *instance, const struct event *event)
{
	switch (event->kind) {
	case EVENT_TRANSITION:
	case EVENT_GROUP:
		return transition_word(instance, event);
	case EVENT_STATE:
		return event->new_state == IMAGE_ON_STOP ? NULL : state_word(event->new_state);
	case EVENT_LOWER_HEARD:
		return "MASTER_RX_LOWER_PRI";
	case EVENT_PRIORITY:
		if (!instance->tells_priority)
			return NULL;
		return event->new_state == IMAGE_ON_ACTIVE ? "MASTER_PRIORITY" : "BACKUP_PRIORITY";
	default:
		return NULL;
	}
}

bool fifoline_tells(const struct event *event)
{
	return event->kind == EVENT_TRANSITION || event->kind == EVENT_GROUP ||
	       event->kind == EVENT_STATE || event->kind == EVENT_LOWER_HEARD ||
	       event->kind == EVENT_PRIORITY;
}

int fifoline_make(
	const struct instance *instance, const struct event *event, char **line, size_t *length)
{
	const char *word = word_of(instance, event);
	int made;

	if (!word)
		return 0;
	made = asprintf(line, "%s \"%s\" %s %u\n", instance->is_group ? "GROUP" : "INSTANCE",
		instance->name, word, instance->is_group ? 0 : event->priority);
	if (made < 0)
		return -ENOMEM;
	*length = (size_t)made;
	return 1;
}

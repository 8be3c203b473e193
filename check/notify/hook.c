/* SPDX-License-Identifier: ISC */
#include "check/notify/hook.h"

#include "check/config/scripttable.h"
#include "check/script/script.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	enum image_hook hook;
	const char *name;
} kinds[] = {{IMAGE_HOOK_STARTUP, "startup_script"}, {IMAGE_HOOK_SHUTDOWN, "shutdown_script"}};

enum {
	STARTUP,
	SHUTDOWN,
	KINDS
};

struct hook {
	sd_event *loop;
	int engine;
	_Atomic uint64_t *begun;
	struct runlist_entry *notes;
	struct command commands[KINDS]; /* no arguments: none */
	uint32_t timeouts[KINDS];	/* s */
	struct script *script;
	struct runlist_entry *note;
	bool is_known; /* an image was there */
	bool stopping;
};

struct hook *hook_create(
	sd_event *loop, int engine, _Atomic uint64_t *begun, struct runlist_entry *notes)
{
	struct hook *hook = calloc(1, sizeof(*hook));

	if (!hook)
		return NULL;
	hook->loop = loop;
	hook->engine = engine;
	hook->begun = begun;
	hook->notes = notes;
	return hook;
}

struct hook *hook_free(struct hook *hook)
{
	if (!hook)
		return NULL;
	if (hook->script) {
		script_abandon(hook->script);
		runlist_erase(hook->note);
	}
	for (size_t i = 0; i < KINDS; i++)
		command_clear(&hook->commands[i]);
	free(hook);
	return NULL;
}

/* If it can't be told, the engine begins when the script's time is over. */
static void begin(struct hook *hook)
{
	union message message;
	int error;

	if (atomic_load(hook->begun))
		return;
	message_init(&message, MESSAGE_BEGIN, 0);
	error = hook->engine < 0 ? 0 : channel_send(hook->engine, &message, -1);
	if (error)
		log_message(LOG_ERR, "the engine can't be told to begin: %s", strerror(-error));
	atomic_store(hook->begun, 1);
}

static void on_ended(void *context)
{
	struct hook *hook = context;

	hook->script = NULL;
	runlist_erase(hook->note);
	hook->note = NULL;
	if (!hook->stopping)
		begin(hook);
}

/* False: nothing was started. */
static bool run(struct hook *hook, int kind)
{
	const struct command *command = &hook->commands[kind];
	struct spawn_request request = {
		.arguments = command->arguments, .uid = command->uid, .gid = command->gid};
	int error;

	if (!command->argument_count)
		return false;
	request.note = runlist_claim(hook->notes);
	error = script_start(&hook->script, hook->loop, kinds[kind].name, &request,
		hook->timeouts[kind] * (uint32_t)(NSEC_PER_SEC / NSEC_PER_MSEC), on_ended, hook);
	hook->note = error ? NULL : request.note;
	if (!error)
		return true;
	runlist_erase(request.note);
	log_message(LOG_ERR, "%s: %s could not be started: %s", kinds[kind].name,
		command->arguments[0], strerror(-error));
	return false;
}

void hook_configure(struct hook *hook, const struct image *image)
{
	const struct image_header *header = image_header(image);

	hook->timeouts[STARTUP] = header->startup_timeout;
	hook->timeouts[SHUTDOWN] = header->shutdown_timeout;
	for (size_t i = 0; i < KINDS; i++) {
		const struct image_span span = header->hooks[kinds[i].hook];

		/* It runs with these. */
		if (i == STARTUP && hook->script)
			continue;
		command_clear(&hook->commands[i]);
		if (span.count && !command_copy(&hook->commands[i], image,
					  &image_commands(image)[span.first])) {
			command_clear(&hook->commands[i]);
			log_message(LOG_ERR, "%s: no memory", kinds[i].name);
		}
	}
	if (hook->is_known || hook->stopping)
		return;
	hook->is_known = true;
	if (!atomic_load(hook->begun) && !run(hook, STARTUP))
		begin(hook);
}

void hook_stop(struct hook *hook)
{
	hook->stopping = true;
	if (hook->script) {
		script_abandon(hook->script);
		hook->script = NULL;
		runlist_erase(hook->note);
		hook->note = NULL;
	}
	run(hook, SHUTDOWN);
}

bool hook_is_done(const struct hook *hook)
{
	return hook->stopping && !hook->script;
}

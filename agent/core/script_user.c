/* SPDX-License-Identifier: ISC */
#include "agent/core/script_user.h"

#include <errno.h>
#include <string.h>

#include "agent/core/notifyscripts.h"
#include "agent/core/programcheck.h"

/* keepalived's: whoever prepared a host for it need not do so again. */
#define DEFAULT_USER "keepalived_script"

static int named_user(struct accounts *accounts, const char *user_name, const char *group_name,
	struct script_user *user)
{
	int error = accounts_user(accounts, user_name, &user->uid, &user->gid);

	if (!error && group_name)
		error = accounts_group(accounts, group_name, &user->gid);
	return error;
}

static int default_user(struct accounts *accounts, struct script_user *user)
{
	int error = accounts_user(accounts, DEFAULT_USER, &user->uid, &user->gid);

	if (error != -ENOENT)
		return error;
	*user = (struct script_user){0, 0};
	return 0;
}

int script_user_resolve(struct accounts *accounts, const struct globals *globals,
	const struct notify_script *script, struct script_user *user)
{
	if (script && script->user)
		return named_user(accounts, script->user, script->group, user);
	if (globals->script_user)
		return named_user(accounts, globals->script_user, globals->script_group, user);
	return default_user(accounts, user);
}

/* One pass over a configuration. */
struct checking {
	const struct globals *globals;
	struct conf_diagnostics *diagnostics;
	struct accounts accounts;
};

/* Debian has a user "backup": what was to be told of that state would run as it, and untold. */
static bool is_state(const char *user)
{
	static const char *const states[] = {"master", "backup", "fault", "stop"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], user) == 0)
			return true;
	return false;
}

/* `hint`: what else the names may have been meant for. */
static void check(struct checking *checking, const char *user, const char *group,
	const struct origin *origin, const char *hint)
{
	struct script_user ignored;

	if (user && accounts_user(&checking->accounts, user, &ignored.uid, &ignored.gid) < 0)
		conf_diagnose_origin(checking->diagnostics, CONF_ERROR, origin,
			"there is no user '%s' to run the script as: create it or name another%s",
			user, hint);
	else if (user && *hint && is_state(user))
		conf_diagnose_origin(checking->diagnostics, CONF_WARNING, origin,
			"the script runs as the user '%s'%s", user, hint);
	if (group && accounts_group(&checking->accounts, group, &ignored.gid) < 0)
		conf_diagnose_origin(checking->diagnostics, CONF_ERROR, origin,
			"there is no group '%s' to run the script with: create it or name "
			"another%s",
			group, hint);
}

/* A command, whose user may be that of `globals`. */
static void check_command(struct checking *checking, const struct notify_script *command,
	const struct origin *origin, const struct origin *user_origin)
{
	struct script_user user;

	/* where they stand behind the command */
	check(checking, command->user, command->group, user_origin,
		user_origin == origin ? "; an argument of the script goes into quotes with it"
				      : "");
	if (command->argc && program_check_words(command->argv, origin, checking->diagnostics) &&
		script_user_resolve(&checking->accounts, checking->globals, command, &user) == 0)
		program_check(command->argv[0], user.uid, origin, checking->diagnostics);
}

static void check_hooks(struct checking *checking)
{
	static const enum global_attribute commands[IMAGE_HOOKS] = {
		[IMAGE_HOOK_STARTUP] = GLOBAL_STARTUP_SCRIPT,
		[IMAGE_HOOK_SHUTDOWN] = GLOBAL_SHUTDOWN_SCRIPT,
		[IMAGE_HOOK_FIFO] = GLOBAL_FIFO_SCRIPT,
		[IMAGE_HOOK_VRRP_FIFO] = GLOBAL_VRRP_FIFO_SCRIPT,
	};
	static const enum global_attribute fifos[IMAGE_FIFOS] = {
		[IMAGE_FIFO_ALL] = GLOBAL_FIFO,
		[IMAGE_FIFO_VRRP] = GLOBAL_VRRP_FIFO,
	};
	const struct globals *globals = checking->globals;
	const struct hook_settings *hooks = &globals->hooks;

	for (size_t i = 0; i < IMAGE_HOOKS; i++) {
		const struct origin *origin = &globals->origins[commands[i]];

		check_command(checking, &hooks->commands[i], origin, origin);
	}
	for (size_t i = 0; i < IMAGE_FIFOS; i++)
		check(checking, hooks->fifos[i].user, hooks->fifos[i].group,
			&globals->origins[fifos[i]], "");
}

static void check_instance(struct checking *checking, const struct instance *instance)
{
	for (size_t i = 0; i < NOTIFY_KINDS; i++) {
		const struct origin *origin = &instance->origins[notify_kinds[i].attribute];

		check_command(
			checking, notify_script_of(instance, &notify_kinds[i]), origin, origin);
	}
}

static void check_group(struct checking *checking, const struct sync_group *group)
{
	for (size_t i = 0; i < NOTIFY_KINDS; i++) {
		const struct notify_script *script = notify_group_script(group, &notify_kinds[i]);
		const struct origin *origin = &group->origins[notify_kinds[i].group_attribute];

		if (script)
			check_command(checking, script, origin, origin);
	}
}

void script_user_check(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const struct globals *globals = &config->globals;
	struct checking checking = {.globals = globals, .diagnostics = diagnostics};

	check(&checking, globals->script_user, globals->script_group,
		&globals->origins[GLOBAL_SCRIPT_USER], "");
	check_hooks(&checking);
	for (size_t i = 0; i < config->trackers.count; i++) {
		const struct tracker *tracker = &config->trackers.items[i];

		if (tracker->kind == IMAGE_TRACKER_SCRIPT)
			check_command(&checking, &tracker->command,
				&tracker->origins[TRACKER_SCRIPT], &tracker->origins[TRACKER_USER]);
	}
	for (size_t i = 0; i < config->instance_count; i++)
		check_instance(&checking, config->instances[i]);
	for (size_t i = 0; i < config->group_count; i++)
		check_group(&checking, config->groups[i]);
}

/* SPDX-License-Identifier: ISC */
#include "agent/core/script_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>

#include "agent/core/notify.h"
#include "agent/core/program.h"

/* keepalived's: whoever prepared a host for it need not do so again. */
#define DEFAULT_USER "keepalived_script"

static int find_user(const char *name, struct script_user *user)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (!entry)
		return errno && errno != ESRCH && errno != EBADF && errno != EPERM ? -errno
										   : -ENOENT;
	*user = (struct script_user){entry->pw_uid, entry->pw_gid};
	return 0;
}

int script_group_find(const char *name, gid_t *gid)
{
	const struct group *entry;

	errno = 0;
	entry = getgrnam(name);
	if (!entry)
		return errno && errno != ESRCH && errno != EBADF && errno != EPERM ? -errno
										   : -ENOENT;
	*gid = entry->gr_gid;
	return 0;
}

static int named_user(const char *user_name, const char *group_name, struct script_user *user)
{
	int error = find_user(user_name, user);

	if (!error && group_name)
		error = script_group_find(group_name, &user->gid);
	return error;
}

static int default_user(struct script_user *user)
{
	int error = find_user(DEFAULT_USER, user);

	if (error != -ENOENT)
		return error;
	*user = (struct script_user){0, 0};
	return 0;
}

int script_user_resolve(
	const struct globals *globals, const struct notify_script *script, struct script_user *user)
{
	if (script && script->user)
		return named_user(script->user, script->group, user);
	if (globals->script_user)
		return named_user(globals->script_user, globals->script_group, user);
	return default_user(user);
}

static bool user_exists(const char *name)
{
	struct script_user ignored;

	return find_user(name, &ignored) == 0;
}

static bool group_exists(const char *name)
{
	gid_t ignored;

	return script_group_find(name, &ignored) == 0;
}

static void check(const char *user, const char *group, const struct origin *origin,
	struct conf_diagnostics *diagnostics)
{
	if (user && !user_exists(user))
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"there is no user '%s' to run the script as: create it or name another",
			user);
	if (group && !group_exists(group))
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"there is no group '%s' to run the script with: create it or name another",
			group);
}

/* A command, whose user may be that of `globals`. */
static void check_command(const struct globals *globals, const struct notify_script *command,
	const struct origin *origin, const struct origin *user_origin,
	struct conf_diagnostics *diagnostics)
{
	struct script_user user;

	check(command->user, command->group, user_origin, diagnostics);
	if (command->argc && script_user_resolve(globals, command, &user) == 0)
		program_check(command->argv[0], user.uid, origin, diagnostics);
}

static void check_hooks(const struct globals *globals, struct conf_diagnostics *diagnostics)
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
	const struct hook_settings *hooks = &globals->hooks;

	for (size_t i = 0; i < IMAGE_HOOKS; i++) {
		const struct origin *origin = &globals->origins[commands[i]];

		check_command(globals, &hooks->commands[i], origin, origin, diagnostics);
	}
	for (size_t i = 0; i < IMAGE_FIFOS; i++)
		check(hooks->fifos[i].user, hooks->fifos[i].group, &globals->origins[fifos[i]],
			diagnostics);
}

static void check_instance(const struct globals *globals, const struct instance *instance,
	struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < NOTIFY_KINDS; i++) {
		const struct origin *origin = &instance->origins[notify_kinds[i].attribute];

		check_command(globals, notify_script_of(instance, &notify_kinds[i]), origin, origin,
			diagnostics);
	}
}

static void check_group(const struct globals *globals, const struct sync_group *group,
	struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < NOTIFY_KINDS; i++) {
		const struct notify_script *script = notify_group_script(group, &notify_kinds[i]);
		const struct origin *origin = &group->origins[notify_kinds[i].group_attribute];

		if (script)
			check_command(globals, script, origin, origin, diagnostics);
	}
}

void script_user_check(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const struct globals *globals = &config->globals;

	check(globals->script_user, globals->script_group, &globals->origins[GLOBAL_SCRIPT_USER],
		diagnostics);
	check_hooks(globals, diagnostics);
	for (size_t i = 0; i < config->trackers.count; i++) {
		const struct tracker *tracker = &config->trackers.items[i];

		if (tracker->kind == IMAGE_TRACKER_SCRIPT)
			check_command(globals, &tracker->command, &tracker->origins[TRACKER_SCRIPT],
				&tracker->origins[TRACKER_USER], diagnostics);
	}
	for (size_t i = 0; i < config->instance_count; i++)
		check_instance(globals, config->instances[i], diagnostics);
	for (size_t i = 0; i < config->group_count; i++)
		check_group(globals, config->groups[i], diagnostics);
}

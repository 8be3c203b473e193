/* SPDX-License-Identifier: ISC */
#include "agent/core/image/imagecommands.h"

#include <assert.h>

#include "agent/core/notifyscripts.h"
#include "agent/core/script_user.h"

static_assert((int)IMAGE_ON_STOP == (int)VRRP_STATE_INITIALIZE &&
		      (int)IMAGE_ON_BACKUP == (int)VRRP_STATE_BACKUP &&
		      (int)IMAGE_ON_ACTIVE == (int)VRRP_STATE_ACTIVE &&
		      (int)IMAGE_ON_FAULT == (int)VRRP_STATE_FAULT &&
		      (int)IMAGE_ON_DELETED == (int)VRRP_STATES,
	"the first occasions are the states");

void imagecommands_add(struct builder *builder, const struct notify_script *script,
	unsigned occasion, const char *const *extra)
{
	struct image_command item = {
		.argument_count = (uint32_t)script->argc,
		.arguments = parts_count(&builder->parts[PART_STRINGS]),
		.occasion = (uint8_t)occasion,
	};
	struct script_user user;
	int error =
		script_user_resolve(&builder->accounts, &builder->config->globals, script, &user);

	if (error) {
		parts_fail(builder, error);
		return;
	}
	item.uid = user.uid;
	item.gid = user.gid;
	for (size_t i = 0; i < script->argc; i++)
		parts_add_string(builder, script->argv[i]);
	for (; extra && *extra; extra++) {
		parts_add_string(builder, *extra);
		item.argument_count++;
		item.flags = IMAGE_COMMAND_PRIORITY;
	}
	parts_append(builder, &builder->parts[PART_COMMANDS], &item, sizeof(item));
}

/* `notify`: one command for each state, which is told as keepalived tells it. */
static void add_commands_of_every_state(struct builder *builder, const char *kind, const char *name,
	const struct notify_script *script)
{
	for (enum vrrp_state state = 0; state < VRRP_STATES; state++) {
		const char *const extra[] = {kind, name, vrrp_state_keepalived_word(state), NULL};

		imagecommands_add(builder, script, state, extra);
	}
}

bool imagecommands_tells_deleted(const struct instance *instance)
{
	return instance->notify_deleted.bare || instance->notify_deleted.argc > 0;
}

/* A removal is told to `notify` as a fault, unless there is one already, or as what notify_deleted
 * asks for. */
static void add_removal(struct builder *builder, const struct instance *instance)
{
	const bool is_told = imagecommands_tells_deleted(instance);
	const char *const extra[] = {
		"INSTANCE", instance->name, is_told ? "DELETED" : "FAULT", NULL};

	if (instance->notify.argc > 0)
		imagecommands_add(builder, &instance->notify,
			is_told ? IMAGE_ON_DELETED : IMAGE_ON_GONE, extra);
}

static void add(struct builder *builder, const struct notify_kind *kind,
	const struct notify_script *script, const char *whose, const char *name)
{
	if (!script || script->argc == 0)
		return;
	if (kind->every_state)
		add_commands_of_every_state(builder, whose, name, script);
	else
		imagecommands_add(builder, script, kind->occasion, NULL);
}

static struct image_span begin(const struct builder *builder)
{
	return (struct image_span){.first = parts_count(&builder->parts[PART_COMMANDS])};
}

static struct image_span end(const struct builder *builder, struct image_span span)
{
	span.count = parts_count(&builder->parts[PART_COMMANDS]) - span.first;
	return span;
}

struct image_span imagecommands_of_instance(
	struct builder *builder, const struct instance *instance)
{
	struct image_span span = begin(builder);

	for (size_t i = 0; i < NOTIFY_KINDS; i++)
		add(builder, &notify_kinds[i], notify_script_of(instance, &notify_kinds[i]),
			"INSTANCE", instance->name);
	add_removal(builder, instance);
	return end(builder, span);
}

struct image_span imagecommands_of_group(struct builder *builder, const struct sync_group *group)
{
	struct image_span span = begin(builder);

	for (size_t i = 0; i < NOTIFY_KINDS; i++)
		add(builder, &notify_kinds[i], notify_group_script(group, &notify_kinds[i]),
			"GROUP", group->name);
	return end(builder, span);
}

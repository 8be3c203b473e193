/* SPDX-License-Identifier: ISC */
/* What a block of keywords is about: the object of the model that it makes or changes. */
#include "agent/conf/parse.h"

#define error(parser, where, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, (where), __VA_ARGS__)

/* The instance that a vrrp_instance block is about; NULL: read it for its words only. */
static struct instance *named_instance(struct conf_parser *parser)
{
	const struct conf_argument *name = &parser->statement.words[1];
	struct instance *instance = config_find_name(parser->config, name->value);
	struct origin *origin;

	if (instance && parser->kind == ORIGIN_OVERLAY)
		return instance;
	if (instance) {
		origin = &instance->origins[INSTANCE_NAME];
		error(parser, &name->place,
			"vrrp_instance %s is there already: %s:%u; give one another name",
			name->value, origin->file, origin->line);
		return NULL;
	}
	instance = config_add_instance(parser->config, name->value);
	if (!instance) {
		parser->out_of_memory = true;
		return NULL;
	}
	instance->origins[INSTANCE_NAME] = conf_origin(parser, &parser->statement.words[0].place);
	return instance;
}

/* The same as a target. */
static struct conf_target *begin_instance(struct conf_parser *parser, struct conf_target *target)
{
	struct instance *instance = named_instance(parser);

	if (!instance)
		return NULL;
	*target = (struct conf_target){instance, instance->origins, {0}, &instance->unreadable};
	return target;
}

/* NULL: read it for its words only. */
static struct conf_target *begin_garp_group(struct conf_parser *parser, struct conf_target *target)
{
	struct garp_group *group = config_add_garp_group(parser->config);

	if (!group) {
		parser->out_of_memory = true;
		return NULL;
	}
	*target = (struct conf_target){group, group->origins, {0}, NULL};
	return target;
}

/* The same of a vrrp_sync_group. */
static struct conf_target *begin_sync_group(struct conf_parser *parser, struct conf_target *target)
{
	const struct conf_argument *name = &parser->statement.words[1];
	struct sync_group *group = config_find_group(parser->config, name->value);

	if (group) {
		const struct origin *origin = &group->origins[GROUP_NAME];

		error(parser, &name->place,
			"vrrp_sync_group %s is there already: %s:%u; give one another name",
			name->value, origin->file, origin->line);
		return NULL;
	}
	group = config_add_group(parser->config, name->value);
	if (!group) {
		parser->out_of_memory = true;
		return NULL;
	}
	group->origins[GROUP_NAME] = conf_origin(parser, &parser->statement.words[0].place);
	*target = (struct conf_target){group, group->origins, {0}, &group->unreadable};
	return target;
}

/* NULL: read it for its words only. */
static struct conf_target *begin_tracker(
	struct conf_parser *parser, enum image_tracker_kind kind, struct conf_target *target)
{
	const struct conf_argument *words = parser->statement.words;
	struct tracker *tracker = config_add_tracker(parser->config, kind, words[1].value);

	if (!tracker) {
		parser->out_of_memory = true;
		return NULL;
	}
	tracker->origin = conf_origin(parser, &words[0].place);
	*target = (struct conf_target){tracker, tracker->origins, {0}, &tracker->unreadable};
	return target;
}

struct conf_target *conf_begin_block(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *outer, struct conf_target *own)
{
	switch (word->inside) {
	case CONTEXT_GLOBAL:
		return &parser->globals;
	case CONTEXT_AUTHENTICATION:
		return outer;
	case CONTEXT_INSTANCE:
		return begin_instance(parser, own);
	case CONTEXT_GARP_GROUP:
		return begin_garp_group(parser, own);
	case CONTEXT_SCRIPT:
		return begin_tracker(parser, IMAGE_TRACKER_SCRIPT, own);
	case CONTEXT_TRACK_PROCESS:
		return begin_tracker(parser, IMAGE_TRACKER_PROCESS, own);
	case CONTEXT_TRACK_FILE:
		return begin_tracker(parser, IMAGE_TRACKER_FILE, own);
	case CONTEXT_SYNC_GROUP:
		return begin_sync_group(parser, own);
	default:
		return NULL;
	}
}

/* SPDX-License-Identifier: ISC */
/* Writes statements into the model, as their schema entries say; their values are valueassign.c's.
 */
#include <assert.h>
#include <string.h>

#include "agent/conf/parse.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)
#define warning(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_WARNING, &(argument)->place, __VA_ARGS__)

static bool is_seen(const struct conf_target *target, const struct conf_word *word)
{
	return word->attribute >= 0 &&
	       (target->seen[word->attribute / 64] & 1ull << word->attribute % 64);
}

static void set_seen(struct conf_target *target, int attribute)
{
	target->seen[attribute / 64] |= 1ull << attribute % 64;
}

static_assert(GLOBAL_ATTRIBUTES <= 128 && INSTANCE_ATTRIBUTES <= 128, "each has its bit");

/* Room for the value of any word. */
union largest {
	struct notify_script script;
	struct cpusched cpusched;
};

/* A second statement that says something else: the last one counts, as in keepalived. */
static void warn_repeated(struct conf_parser *parser, const struct conf_word *word,
	const struct conf_target *target, const struct conf_statement *statement,
	const void *before)
{
	const void *after = (const char *)target->base + word->offset;
	const char *const *old = before, *const *new = after;
	const struct origin *origin = &target->origins[word->attribute];

	if (memcmp(before, after, word->size) == 0)
		return;
	if (word->size == sizeof(*old) &&
		(word->kind == KIND_STRING || word->kind == KIND_INTERFACE ||
			word->kind == KIND_WORDS || word->kind == KIND_USER) &&
		*old && *new &&strcmp(*old, *new) == 0)
		return;
	warning(parser, &statement->words[0],
		"%s overrides what is said in line %u: remove one of the two", word->word,
		origin->line);
}

void conf_assign_misspelt(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_place *place)
{
	if (word->attribute >= 0 && target->origins &&
		target->origins[word->attribute].kind == ORIGIN_DEFAULT)
		target->origins[word->attribute] = conf_origin(parser, place);
}

/* Keywords on the line of another one, as in a block that stands on one line: that is said of the
 * line, and they are not missing as well. */
static void note_swallowed(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_statement *statement)
{
	for (size_t i = 1; i < statement->count; i++) {
		const struct conf_argument *argument = &statement->words[i];
		const struct conf_word *swallowed =
			argument->quoted ? NULL : conf_word_find(word->context, argument->value);

		if (swallowed)
			conf_assign_misspelt(parser, swallowed, target, &argument->place);
	}
}

void conf_assign(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_statement *statement)
{
	struct origin *origin = word->attribute < 0 ? NULL : &target->origins[word->attribute];
	union largest before = {0};
	bool good;

	if (word->kind != KIND_BOOL && !conf_check_status(parser, word, &statement->words[0].place))
		return;
	if (is_seen(target, word) && (word->flags & CONF_ONCE)) {
		error(parser, &statement->words[0],
			"%s is given twice: the first is in line %u; remove one of the two",
			word->word, origin->line);
		return;
	}
	if (is_seen(target, word))
		memcpy(&before, (char *)target->base + word->offset, word->size);
	good = conf_assign_value(parser, word, target, statement);
	if (!good)
		note_swallowed(parser, word, target, statement);
	if (!origin)
		return;
	if (good && is_seen(target, word))
		warn_repeated(parser, word, target, statement, &before);
	/* also when it was bad: then it is not missing as well */
	set_seen(target, word->attribute);
	*origin = conf_origin(parser, &statement->words[0].place);
	if (word->flags & CONF_ALSO_V2) {
		struct globals *globals = target->base;

		globals->snmp_rfcv2 = globals->snmp_rfcv3;
		target->origins[GLOBAL_SNMP_RFCV2] = *origin;
		set_seen(target, GLOBAL_SNMP_RFCV2);
	}
	if (word->flags & CONF_BOTH_DELAYS) {
		struct tracker *tracker = target->base;

		tracker->terminate_delay_ns = tracker->fork_delay_ns;
		target->origins[TRACKER_TERMINATE_DELAY] = *origin;
		set_seen(target, TRACKER_TERMINATE_DELAY);
	}
}

void conf_assign_list(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_place *place)
{
	if (is_seen(target, word))
		return;
	memset((char *)target->base + word->offset, 0, word->size);
	set_seen(target, word->attribute);
	target->origins[word->attribute] = conf_origin(parser, place);
}

static void assign_strings(struct conf_parser *parser, struct string_list *list,
	const struct conf_statement *statement)
{
	for (size_t i = 0; i < statement->count; i++) {
		const char **items =
			conf_append(parser, list->items, list->count, sizeof(*list->items));

		if (!items)
			return;
		list->items = items;
		list->items[list->count++] = conf_keep(parser, statement->words[i].value);
	}
}

void conf_assign_members(struct conf_parser *parser, struct group_member_list *list,
	const struct conf_statement *statement)
{
	for (size_t i = 0; i < statement->count; i++) {
		const struct conf_argument *word = &statement->words[i];
		struct group_member *items =
			conf_append(parser, list->items, list->count, sizeof(*list->items));

		if (!items)
			return;
		list->items = items;
		list->items[list->count++] = (struct group_member){
			conf_keep(parser, word->value), conf_origin(parser, &word->place)};
	}
}

void conf_assign_item(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_statement *statement)
{
	void *list = (char *)target->base + word->offset;

	if (word->kind == KIND_ADDRESSES)
		conf_assign_address(parser, list, statement);
	else if (word->kind == KIND_PEERS)
		conf_assign_peer(parser, list, statement);
	else if (word->kind == KIND_INTERFACES)
		conf_assign_interface(parser, list, statement);
	else if (word->kind == KIND_MEMBERS)
		conf_assign_members(parser, list, statement);
	else if (word->kind == KIND_TRACKED)
		conf_assign_tracked(parser, word, list, statement);
	else if (word->kind == KIND_ROUTES)
		conf_assign_route(parser, list, statement);
	else if (word->kind == KIND_RULES)
		conf_assign_rule(parser, list, statement);
	else
		assign_strings(parser, list, statement);
}

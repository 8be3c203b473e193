/* SPDX-License-Identifier: ISC */
/* Writes the values of statements into the model, each as its kind says. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "agent/conf/meant.h"
#include "agent/conf/parse.h"
#include "agent/conf/scheduling.h"
#include "agent/conf/text/decimal.h"
#include "agent/conf/value.h"
#include "vrrp/protocol/limits.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)
#define warning(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_WARNING, &(argument)->place, __VA_ARGS__)

static void store_number(void *value, size_t size, uint64_t number)
{
	if (size == sizeof(uint8_t))
		*(uint8_t *)value = (uint8_t)number;
	else
		*(uint32_t *)value = (uint32_t)number;
}

/* What a number must be, for messages. */
struct wanted {
	char range[64];
	char text[96];
};

static struct wanted wanted_number(const struct conf_word *word)
{
	const char *unit = word->flags & CONF_WHOLE ? "whole seconds" : "seconds";
	struct wanted wanted;

	conf_word_range(word, wanted.range, sizeof(wanted.range));
	if (word->kind == KIND_SECONDS)
		snprintf(
			wanted.text, sizeof(wanted.text), "a number of %s, %s", unit, wanted.range);
	else
		snprintf(wanted.text, sizeof(wanted.text), "a whole number, %s", wanted.range);
	return wanted;
}

static bool has_number(struct conf_parser *parser, const struct conf_word *word,
	const struct conf_statement *statement)
{
	return statement->count == 2 ||
	       conf_has_arguments(parser, statement, 1, 1, wanted_number(word).text);
}

static void no_such_number(struct conf_parser *parser, const struct conf_word *word,
	const struct conf_argument *argument)
{
	error(parser, argument, "%s must be %s, not '%s'%s", word->word, wanted_number(word).text,
		argument->value, conf_meant_number(word, argument->value).text);
}

static bool assign_number(struct conf_parser *parser, const struct conf_word *word, void *value,
	const struct conf_statement *statement)
{
	uint64_t number;
	int result;

	if (!has_number(parser, word, statement))
		return false;
	result = conf_read_number(statement->words[1].value, word->minimum, word->maximum, &number);
	if (result == -ERANGE)
		error(parser, &statement->words[1], "%s %s is outside %s", word->word,
			statement->words[1].value, wanted_number(word).range);
	else if (result < 0)
		no_such_number(parser, word, &statement->words[1]);
	else
		store_number(value, word->size, number);
	return result == 0;
}

static bool assign_signed(struct conf_parser *parser, const struct conf_word *word, int32_t *value,
	const struct conf_statement *statement)
{
	int number;

	if (!has_number(parser, word, statement))
		return false;
	if (conf_read_signed(statement->words[1].value, (int)word->minimum, (int)word->maximum,
		    &number) < 0) {
		no_such_number(parser, word, &statement->words[1]);
		return false;
	}
	*value = number;
	return true;
}

static bool assign_seconds(struct conf_parser *parser, const struct conf_word *word,
	uint64_t *value, const struct conf_statement *statement)
{
	const char *text;
	uint64_t ns = 0;
	int result;

	if (!has_number(parser, word, statement))
		return false;
	text = statement->words[1].value;
	result = conf_read_seconds(text, word->minimum, word->maximum, &ns);
	if (result == 0 && (word->flags & CONF_WHOLE) && ns % VRRP_SECOND != 0)
		result = -EINVAL;
	if (result == -ERANGE)
		error(parser, &statement->words[1], "%s %s is outside %s seconds", word->word, text,
			wanted_number(word).range);
	else if (result < 0)
		no_such_number(parser, word, &statement->words[1]);
	else
		*value = ns;
	return result == 0;
}

static bool assign_bool(struct conf_parser *parser, const struct conf_word *word, bool *value,
	const struct conf_statement *statement)
{
	bool on = true;

	if (!conf_has_arguments(parser, statement, 0, 1, "on or off"))
		return false;
	if (statement->count > 1 && conf_read_bool(statement->words[1].value, &on) < 0) {
		error(parser, &statement->words[1], "%s must be on or off, not '%s'", word->word,
			statement->words[1].value);
		return false;
	}
	if ((on || !(word->flags & CONF_OFF_IS_FINE)) &&
		!conf_check_status(parser, word, &statement->words[0].place))
		return false;
	if (value)
		*value = on;
	return value != NULL;
}

static bool assign_string(struct conf_parser *parser, const struct conf_word *word,
	const char **value, const struct conf_statement *statement)
{
	if (!conf_has_arguments(parser, statement, 1, 1, "a value"))
		return false;
	if (!statement->words[1].value[0]) {
		error(parser, &statement->words[1], "%s must not be empty", word->word);
		return false;
	}
	if (word->maximum && strlen(statement->words[1].value) > (size_t)word->maximum) {
		error(parser, &statement->words[1], "%s is longer than %zu characters", word->word,
			(size_t)word->maximum);
		return false;
	}
	*value = conf_keep(parser, statement->words[1].value);
	return true;
}

static bool assign_interface(struct conf_parser *parser, const struct conf_word *word,
	const char **value, const struct conf_statement *statement)
{
	const char *problem;

	if (!conf_has_arguments(parser, statement, 1, 1, "the name of an interface"))
		return false;
	problem = conf_interface_problem(statement->words[1].value);
	if (problem) {
		error(parser, &statement->words[1], "%s '%s' %s", word->word,
			statement->words[1].value, problem);
		return false;
	}
	*value = conf_keep(parser, statement->words[1].value);
	return true;
}

static void unknown_choice(struct conf_parser *parser, const struct conf_word *word,
	const struct conf_argument *argument)
{
	char list[128] = "";
	size_t length = 0;

	if (!word->choices[0][0]) {
		error(parser, argument, "'%s' behind %s: only %s%s%s can follow", argument->value,
			word->word, word->choices[1], word->choices[2] ? " or " : "",
			word->choices[2] ? word->choices[2] : "");
		return;
	}
	for (size_t i = 0; word->choices[i]; i++)
		if (conf_resembles(argument->value, word->choices[i])) {
			error(parser, argument, "unknown %s '%s'; did you mean %s?", word->word,
				argument->value, word->choices[i]);
			return;
		}
	for (size_t i = 0; word->choices[i] && length < sizeof(list); i++)
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
			!i		       ? ""
			: word->choices[i + 1] ? ", "
					       : " or ",
			word->choices[i]);
	error(parser, argument, "unknown %s '%s'; it must be %s", word->word, argument->value,
		list);
}

static bool assign_choice(struct conf_parser *parser, const struct conf_word *word, void *value,
	const struct conf_statement *statement)
{
	const bool optional = !word->choices[0][0], is_switch = conf_word_is_switch(word);
	bool on = is_switch;

	if (!conf_has_arguments(parser, statement, optional || is_switch ? 0 : 1, 1, "a value"))
		return false;
	if (statement->count == 1 ||
		(is_switch && conf_read_bool(statement->words[1].value, &on) == 0)) {
		store_number(value, word->size, word->minimum + on);
		return true;
	}
	for (size_t i = optional; word->choices[i]; i++)
		if (strcmp(word->choices[i], statement->words[1].value) == 0) {
			store_number(value, word->size, word->minimum + i);
			return true;
		}
	unknown_choice(parser, word, &statement->words[1]);
	return false;
}

static bool assign_words(
	struct conf_parser *parser, const char **value, const struct conf_statement *statement)
{
	size_t length = 0;
	char *joined;

	if (!conf_has_arguments(parser, statement, 1, SIZE_MAX, "a value"))
		return false;
	for (size_t i = 1; i < statement->count; i++)
		length += strlen(statement->words[i].value) + 1;
	joined = config_alloc(parser->config, length);
	if (!joined) {
		parser->out_of_memory = true;
		return false;
	}
	*value = joined;
	for (size_t i = 1; i < statement->count; i++) {
		joined = stpcpy(joined, statement->words[i].value);
		if (i + 1 < statement->count)
			*joined++ = ' ';
	}
	return true;
}

static bool assign_user(
	struct conf_parser *parser, struct globals *globals, const struct conf_statement *statement)
{
	if (!conf_has_arguments(parser, statement, 1, 2, "the name of a user"))
		return false;
	globals->script_user = conf_keep(parser, statement->words[1].value);
	globals->script_group =
		statement->count > 2 ? conf_keep(parser, statement->words[2].value) : NULL;
	return true;
}

static bool assign_password(
	struct conf_parser *parser, uint8_t *value, const struct conf_statement *statement)
{
	const struct conf_argument *argument = &statement->words[1];
	size_t length;

	if (statement->count > 2 &&
		(statement->words[2].quoted ||
			!conf_word_find(CONTEXT_AUTHENTICATION, statement->words[2].value))) {
		error(parser, &statement->words[2],
			"auth_pass takes one word; a password with spaces needs quotes");
		return false;
	}
	if (!conf_has_arguments(parser, statement, 1, 1, "a password"))
		return false;
	length = strlen(argument->value);
	if (length == 0) {
		error(parser, argument, "auth_pass must not be empty");
		return false;
	}
	if (argument->glued_comment)
		warning(parser, argument,
			"a comment begins right behind the password; if # or ! is part of it, "
			"it needs quotes");
	if (length > INSTANCE_AUTH_DATA_LENGTH) {
		warning(parser, argument,
			"auth_pass is longer than %u characters: the rest is cut, as keepalived "
			"does; write the first ones alone",
			INSTANCE_AUTH_DATA_LENGTH);
		length = INSTANCE_AUTH_DATA_LENGTH;
	}
	memset(value, 0, INSTANCE_AUTH_DATA_LENGTH);
	memcpy(value, argument->value, length);
	return true;
}

static bool assign_host(struct conf_parser *parser, const struct conf_word *word,
	struct ip_address *value, const struct conf_statement *statement)
{
	return conf_has_arguments(parser, statement, 1, 1, "an IP address") &&
	       conf_assign_address_of_host(parser, &statement->words[1], word->word, value);
}

static bool assign_group(struct conf_parser *parser, const struct conf_word *word,
	struct ip_address *value, const struct conf_statement *statement)
{
	const char *wanted = word->kind == KIND_GROUP4
				     ? "an IPv4 multicast address (224.0.0.0/4)"
				     : "an IPv6 multicast address of link-local scope (ffx2::/16)";
	struct ip_address address = {0};
	bool good;

	if (!conf_has_arguments(parser, statement, 1, 1, wanted))
		return false;
	if (conf_read_address(statement->words[1].value, &address) < 0)
		good = false;
	else if (word->kind == KIND_GROUP4)
		good = address.family == AF_INET && conf_address_is_multicast(&address);
	else
		good = address.family == AF_INET6 && IN6_IS_ADDR_MC_LINKLOCAL(&address.v6);
	if (good)
		*value = address;
	else
		error(parser, &statement->words[1], "%s must be %s, not '%s'", word->word, wanted,
			statement->words[1].value);
	return good;
}

/* The flag that sets what this one clears, or NULL. */
static const struct conf_word *opposite(const struct conf_word *word)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *other = &conf_words[i];

		if (other->kind == KIND_FLAG && other->context == word->context &&
			other->attribute == word->attribute &&
			(other->flags ^ word->flags) & CONF_INVERTED)
			return other;
	}
	return NULL;
}

static bool assign_flag(struct conf_parser *parser, const struct conf_word *word, void *value,
	const struct conf_statement *statement)
{
	const struct conf_argument *argument = &statement->words[1];
	const struct conf_word *other = word->attribute < 0 ? NULL : opposite(word);
	bool wanted;

	if (statement->count == 2 && other && conf_read_bool(argument->value, &wanted) == 0 &&
		!wanted) {
		error(parser, argument, "%s takes no value, but '%s' follows; write %s instead",
			word->word, argument->value, other->word);
		return false;
	}
	if (!conf_has_arguments(parser, statement, 0, 0, NULL))
		return false;
	*(bool *)value = !(word->flags & CONF_INVERTED);
	return true;
}

bool conf_assign_value(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_statement *statement)
{
	void *value = word->attribute < 0 ? NULL : (char *)target->base + word->offset;

	switch (word->kind) {
	case KIND_FLAG:
		return assign_flag(parser, word, value, statement);
	case KIND_NUMBER:
		return assign_number(parser, word, value, statement);
	case KIND_SECONDS:
		return assign_seconds(parser, word, value, statement);
	case KIND_BOOL:
		return assign_bool(parser, word, value, statement);
	case KIND_STRING:
		return assign_string(parser, word, value, statement);
	case KIND_INTERFACE:
		return assign_interface(parser, word, value, statement);
	case KIND_SIGNED:
		return assign_signed(parser, word, value, statement);
	case KIND_PROCESSORS:
		return conf_assign_processors(parser, value, statement);
	case KIND_UMASK:
		return conf_assign_umask(parser, value, statement);
	case KIND_CHOICE:
		return assign_choice(parser, word, value, statement);
	case KIND_WORDS:
		return assign_words(parser, value, statement);
	case KIND_USER:
		return assign_user(parser, target->base, statement);
	case KIND_COMMAND:
	case KIND_FIFO:
		return conf_assign_command(parser, word, value, statement);
	case KIND_WEIGHT:
		return conf_assign_weight(parser, word, value, statement);
	case KIND_PROGRAM:
		return conf_assign_program(parser, value, statement);
	case KIND_INIT_FILE:
		return conf_assign_init_file(parser, value, statement);
	case KIND_RUN_AS:
		return conf_assign_run_as(parser, value, statement);
	case KIND_PASSWORD:
		return assign_password(parser, value, statement);
	case KIND_HOST:
		return assign_host(parser, word, value, statement);
	case KIND_VMAC:
		return conf_assign_vmac(parser, value, statement);
	case KIND_GROUP4:
	case KIND_GROUP6:
		return assign_group(parser, word, value, statement);
	default:
		return false;
	}
}

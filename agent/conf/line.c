/* SPDX-License-Identifier: ISC */
#include "agent/conf/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/meant.h"
#include "agent/conf/rtnames.h"
#include "agent/conf/text/decimal.h"
#include "agent/conf/value.h"

const struct conf_argument *conf_line_peek(const struct conf_line *line)
{
	return line->at < line->statement->count ? &line->statement->words[line->at] : NULL;
}

const struct conf_argument *conf_line_next(struct conf_line *line)
{
	const struct conf_argument *argument = conf_line_peek(line);

	line->at += argument != NULL;
	return argument;
}

bool conf_line_skip(struct conf_line *line, const char *word)
{
	const struct conf_argument *argument = conf_line_peek(line);

	if (!argument || strcmp(argument->value, word) != 0)
		return false;
	line->at++;
	return true;
}

const struct conf_argument *conf_line_value(
	struct conf_line *line, const struct conf_option *option)
{
	const struct conf_argument *value = conf_line_next(line);

	if (!value)
		conf_diagnose(line->parser->diagnostics, CONF_ERROR,
			&line->statement->words[line->at - 1].place, "%s needs a value",
			option->word);
	return value;
}

int conf_read_u32(const char *text, uint32_t maximum, uint32_t *number)
{
	bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hexadecimal ? text + 2 : text;
	unsigned long value;
	char *end;

	if (!digits[0] || strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789") !=
				  strlen(digits))
		return -EINVAL;
	errno = 0;
	value = strtoul(digits, &end, hexadecimal ? 16 : 10);
	if (errno || value > maximum)
		return -EINVAL;
	*number = (uint32_t)value;
	return 0;
}

bool conf_line_number(struct conf_line *line, const struct conf_option *option, uint32_t minimum,
	uint32_t maximum, uint32_t *number)
{
	const struct conf_argument *value = conf_line_value(line, option);

	if (!value)
		return false;
	if (conf_read_u32(value->value, maximum, number) == 0 && *number >= minimum)
		return true;
	return conf_line_bad(line, value, "%s '%s' must be a whole number, %u..%u", option->word,
		value->value, minimum, maximum);
}

bool conf_line_interface(struct conf_line *line, const struct conf_option *option, char name[16])
{
	const struct conf_argument *value = conf_line_value(line, option);
	const char *problem = value ? conf_interface_problem(value->value) : NULL;

	if (!value)
		return false;
	if (problem)
		return conf_line_bad(
			line, value, "%s '%s' %s", option->word, value->value, problem);
	memset(name, 0, 16);
	memcpy(name, value->value, strlen(value->value));
	return true;
}

bool conf_line_named(struct conf_line *line, const struct conf_option *option, const char *file,
	uint32_t maximum, uint32_t *number)
{
	const struct conf_argument *value = conf_line_value(line, option);

	if (!value)
		return false;
	if (conf_read_u32(value->value, maximum, number) == 0 ||
		conf_rtname(file, value->value, maximum, number) == 0)
		return true;
	return conf_line_bad(line, value,
		"%s '%s' is neither a number up to %u nor a name in /etc/iproute2/%s", option->word,
		value->value, maximum, file);
}

static bool unknown(struct conf_line *line, const struct conf_argument *argument)
{
	const struct conf_word *near;
	const struct conf_remedy remedy =
		conf_meant_word(line->context, line->statement, line->at - 1, &near);

	return conf_line_bad(line, argument, "unknown word '%s' in %s%s", argument->value,
		conf_context_name(line->context), remedy.text);
}

bool conf_line_option(struct conf_line *line, const struct conf_option *options)
{
	const struct conf_argument *argument = conf_line_next(line);
	const struct conf_word *word = conf_word_find(line->context, argument->value);

	if (!word)
		return unknown(line, argument);
	if (!conf_check_status(line->parser, word, &argument->place))
		return false;
	for (; options->word; options++)
		if (strcmp(options->word, word->word) == 0)
			return options->read(line, options);
	return true;
}

int conf_read_prefix(const char *text, struct ip_address *address, uint8_t *length)
{
	const char *slash = strchr(text, '/');
	char copy[64] = "";
	size_t octets = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t written;

	*address = (struct ip_address){.family = AF_UNSPEC};
	*length = 0;
	if (strcmp(text, "default") == 0 || strcmp(text, "all") == 0 || strcmp(text, "any") == 0)
		return 0;
	if (strcmp(text, "default6") == 0) {
		address->family = AF_INET6;
		return 0;
	}
	if (octets < sizeof(copy))
		memcpy(copy, text, octets);
	if (conf_read_address(copy, address) < 0)
		return -EINVAL;
	written = address->family == AF_INET ? 32 : 128;
	if (slash && conf_read_number(slash + 1, 0, written, &written) < 0)
		return -EINVAL;
	*length = (uint8_t)written;
	return 0;
}

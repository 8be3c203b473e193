/* SPDX-License-Identifier: ISC */
#include "agent/conf/scheduling.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/conf/text/decimal.h"

#define WORD_BITS 64

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

bool conf_assign_processors(
	struct conf_parser *parser, uint64_t *value, const struct conf_statement *statement)
{
	const struct conf_argument *words = statement->words;
	uint64_t processors[CPUSCHED_PROCESSORS / WORD_BITS] = {0};

	if (statement->count < 2) {
		error(parser, &words[0], "%s needs the numbers of CPUs", words[0].value);
		return false;
	}
	for (size_t i = 1; i < statement->count; i++) {
		uint64_t number;

		if (conf_read_number(words[i].value, 0, CPUSCHED_PROCESSORS - 1, &number) < 0) {
			error(parser, &words[i], "%s: '%s' is not the number of a CPU, 0..%d",
				words[0].value, words[i].value, CPUSCHED_PROCESSORS - 1);
			return false;
		}
		processors[number / WORD_BITS] |= 1ull << number % WORD_BITS;
	}
	memcpy(value, processors, sizeof(processors));
	return true;
}

void conf_write_processors(const uint64_t *processors, FILE *stream)
{
	const char *space = "";

	for (unsigned number = 0; number < CPUSCHED_PROCESSORS; number++) {
		if (!(processors[number / WORD_BITS] & 1ull << number % WORD_BITS))
			continue;
		fprintf(stream, "%s%u", space, number);
		space = " ";
	}
}

static const struct {
	const char *name;
	uint32_t bits;
} permissions[] = {
	{"IRUSR", S_IRUSR},
	{"IWUSR", S_IWUSR},
	{"IXUSR", S_IXUSR},
	{"IRGRP", S_IRGRP},
	{"IWGRP", S_IWGRP},
	{"IXGRP", S_IXGRP},
	{"IROTH", S_IROTH},
	{"IWOTH", S_IWOTH},
	{"IXOTH", S_IXOTH},
};

static bool read_name(const char *name, size_t length, uint32_t *mask)
{
	for (size_t i = 0; i < sizeof(permissions) / sizeof(permissions[0]); i++) {
		if (strlen(permissions[i].name) != length ||
			memcmp(permissions[i].name, name, length) != 0)
			continue;
		*mask |= permissions[i].bits;
		return true;
	}
	return false;
}

static bool read_names(const char *text, uint32_t *mask)
{
	while (true) {
		size_t length = strcspn(text, "|");

		if (!read_name(text, length, mask))
			return false;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

static bool read_umask(const char *text, uint32_t *mask)
{
	char *end;
	unsigned long number;

	if (!isdigit((unsigned char)text[0]))
		return read_names(text, mask);
	errno = 0;
	number = strtoul(text, &end, 0);
	if (errno || *end || number > ACCESSPERMS)
		return false;
	*mask = (uint32_t)number;
	return true;
}

bool conf_assign_umask(
	struct conf_parser *parser, uint32_t *value, const struct conf_statement *statement)
{
	const struct conf_argument *words = statement->words;
	uint32_t mask = 0;

	if (statement->count != 2) {
		error(parser, &words[statement->count > 2 ? 2 : 0],
			"umask needs one value: a number up to 0777, or names such as IWGRP|IWOTH");
		return false;
	}
	if (!read_umask(words[1].value, &mask)) {
		error(parser, &words[1],
			"umask must be a number up to 0777, or names such as IWGRP|IWOTH, not '%s'",
			words[1].value);
		return false;
	}
	*value = mask;
	return true;
}

/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/predefined.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/text/decimal.h"

#define RANDOM_DEFAULT_MAX 32767
#define RANDOM_MAX	   0x7fffffffu

void conf_predefined_seed(struct conf_predefined *predefined, uint64_t seed)
{
	for (size_t i = 0; i < 3; i++)
		predefined->random[i] = (unsigned short)(seed >> 16 * i);
	predefined->random[0] ^= 0x330e;
}

static bool is_word(const char *content, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(content, word, length) == 0;
}

/* "", " MIN" or " MIN MAX". */
static const char *random_value(
	struct conf_predefined *predefined, const char *arguments, size_t length, char number[24])
{
	uint64_t least = 0, most = RANDOM_DEFAULT_MAX;
	char words[2][24] = {"0", "32767"};
	int used = 0, count;
	char text[64];

	if (length >= sizeof(text))
		return NULL;
	memcpy(text, arguments, length);
	text[length] = '\0';
	count = sscanf(text, "%23s %23s %n", words[0], words[1], &used);
	if ((count == 2 && used != (int)length) ||
		conf_read_number(words[0], 0, RANDOM_MAX, &least) < 0 ||
		conf_read_number(words[1], 0, RANDOM_MAX, &most) < 0 || least > most)
		return NULL;
	snprintf(number, 24, "%" PRIu64,
		least + (uint64_t)nrand48(predefined->random) % (most - least + 1));
	return number;
}

const char *conf_predefined_value(struct conf_predefined *predefined, const char *content,
	size_t length, char number[24], const char **problem)
{
	static const char random[] = "_RANDOM";
	const size_t name = sizeof(random) - 1;
	const char *value;

	*problem = NULL;
	if (is_word(content, length, "_HASH"))
		return "#";
	if (is_word(content, length, "_BANG"))
		return "!";
	if (is_word(content, length, "_INSTANCE"))
		return predefined->config_id;
	if (is_word(content, length, "_PWD")) {
		if (!predefined->folder)
			*problem = "there is no file here, and so no folder of it";
		return predefined->folder;
	}
	if (length >= name && memcmp(content, random, name) == 0 &&
		(length == name || content[name] == ' ')) {
		value = random_value(predefined, content + name, length - name, number);
		if (!value)
			*problem =
				"${_RANDOM MIN MAX} takes two whole numbers, the lower one first";
		return value;
	}
	if (length >= 4 && memcmp(content, "_ENV", 4) == 0 && (length == 4 || content[4] == ' '))
		*problem = "the environment is not asked; use a definition, or @ID conditions and "
			   "--config-id";
	else if (length > 0 && content[0] == '_')
		*problem = "no such name is predefined; there are _PWD, _INSTANCE, _RANDOM, _HASH "
			   "and _BANG";
	return NULL;
}

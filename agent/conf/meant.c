/* SPDX-License-Identifier: ISC */
#include "agent/conf/meant.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf/text/decimal.h"
#include "agent/conf/value.h"
#include "vrrp/protocol/limits.h"

#define WORD_MAX  64
#define WORDS_MAX 4 /* as many has the longest keyword that is written apart */
#define LONG_TIME (1000000 * VRRP_SECOND)

bool conf_meant_comment(const char *word)
{
	return strncmp(word, "//", 2) == 0 || strncmp(word, "/*", 2) == 0 ||
	       (unsigned char)word[0] >= 0x80;
}

const char *conf_meant_space(const char *word)
{
	static const struct {
		const char *utf8, *name;
	} spaces[] = {
		{"\u00a0", "U+00A0"},
		{"\u2007", "U+2007"},
		{"\u200b", "U+200B"},
		{"\u202f", "U+202F"},
		{"\u3000", "U+3000"},
		{"\ufeff", "U+FEFF"},
	};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (strstr(word, spaces[i].utf8))
			return spaces[i].name;
	return NULL;
}

bool conf_meant_quote(const char *word)
{
	static const char *const quotes[] = {
		"\u2018", "\u2019", "\u201a", "\u201c", "\u201d", "\u201e"};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (strncmp(word, quotes[i], strlen(quotes[i])) == 0)
			return true;
	return false;
}

/* A word with such a space in it; empty without. */
static struct conf_remedy odd_space(const char *text)
{
	const char *name = conf_meant_space(text);
	struct conf_remedy remedy = {""};

	if (name)
		snprintf(remedy.text, sizeof(remedy.text),
			"; it holds the character %s, which is no space here: write one", name);
	return remedy;
}

static const struct conf_word *find(enum conf_context context, const char *word)
{
	return context == CONF_CONTEXTS ? conf_word_elsewhere(context, word)
					: conf_word_find(context, word);
}

const struct conf_word *conf_meant_joined(
	enum conf_context context, const struct conf_statement *statement)
{
	const struct conf_word *longest = NULL;
	char joined[WORD_MAX];
	size_t length = 0;

	for (size_t i = 0; i < statement->count && i < WORDS_MAX; i++) {
		const struct conf_word *word;

		if (statement->words[i].quoted)
			break;
		length += (size_t)snprintf(joined + length, sizeof(joined) - length, "%s%s",
			i ? "_" : "", statement->words[i].value);
		if (length >= sizeof(joined))
			break;
		word = i ? find(context, joined) : NULL;
		if (word)
			longest = word;
	}
	return longest;
}

/* "priority=100", "priority: 100" */
static struct conf_remedy spaced(
	enum conf_context context, const char *text, const struct conf_word **near)
{
	const size_t length = strcspn(text, "=:");
	struct conf_remedy remedy = {""};
	char word[WORD_MAX] = "";

	if (!text[length] || length >= sizeof(word))
		return remedy;
	memcpy(word, text, length);
	*near = conf_word_find(context, word);
	if (*near)
		snprintf(remedy.text, sizeof(remedy.text),
			"; write %s %.40s, with a space between a word and its value", word,
			text[length + 1] && (*near)->kind != KIND_PASSWORD ? text + length + 1
									   : "...");
	return remedy;
}

int conf_meant_shown(const char *word)
{
	return (int)(strncmp(word, "auth", 4) == 0 ? strcspn(word, "=:") : strlen(word));
}

struct conf_remedy conf_meant_word(enum conf_context context,
	const struct conf_statement *statement, size_t at, const struct conf_word **near)
{
	const char *text = statement->words[at].value;
	struct conf_remedy remedy = odd_space(text);

	if (remedy.text[0]) {
		*near = NULL;
		return remedy;
	}
	remedy = spaced(context, text, near);
	if (remedy.text[0])
		return remedy;
	*near = at == 0 ? conf_meant_joined(context, statement) : NULL;
	if (!*near)
		*near = conf_word_suggest(context, text);
	if (*near)
		snprintf(remedy.text, sizeof(remedy.text), "; did you mean %s?", (*near)->word);
	else
		snprintf(remedy.text, sizeof(remedy.text), ": %s",
			conf_meant_comment(text) ? "a comment begins with # or !"
						 : conf_unknown_advice(context, text));
	return remedy;
}

static const struct {
	const char *unit;
	unsigned long long multiplier, divisor;
} units[] = {
	{"", 1, 1},
	{"ms", 1, 1000},
	{"msec", 1, 1000},
	{"s", 1, 1},
	{"sec", 1, 1},
	{"m", 60, 1},
	{"min", 60, 1},
};

/* Decimal seconds, or milliseconds, ... of what has no comma and no semicolon left. */
static bool read_time(char *text, uint64_t *ns)
{
	const size_t length = strspn(text, "0123456789.");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + length, units[i].unit) != 0)
			continue;
		text[length] = '\0';
		if (conf_read_seconds(text, 0, LONG_TIME, ns) < 0)
			return false;
		*ns = *ns * units[i].multiplier / units[i].divisor;
		return true;
	}
	return false;
}

struct conf_remedy conf_meant_number(const struct conf_word *word, const char *text)
{
	const bool is_time = word->kind == KIND_SECONDS;
	const size_t length = strcspn(text, ";");
	struct conf_remedy remedy = odd_space(text);
	char copy[24] = "", *comma;
	uint64_t number = 0;

	if (remedy.text[0])
		return remedy;
	if (length >= sizeof(copy) || (text[length] && text[length + 1]))
		return remedy;
	memcpy(copy, text, length);
	comma = is_time ? strchr(copy, ',') : NULL;
	if (comma)
		*comma = '.';
	if (is_time ? !read_time(copy, &number) || number < word->minimum || number > word->maximum
		    : conf_read_number(copy, word->minimum, word->maximum, &number) < 0)
		return remedy;
	if (is_time && word->flags & CONF_WHOLE && number % VRRP_SECOND != 0)
		return remedy;
	snprintf(remedy.text, sizeof(remedy.text), "; write %.10g",
		is_time ? (double)number / VRRP_SECOND : (double)number);
	return remedy;
}

unsigned conf_meant_prefix(const char *netmask)
{
	struct in_addr address;
	uint32_t mask;

	if (inet_pton(AF_INET, netmask, &address) != 1)
		return 0;
	mask = ntohl(address.s_addr);
	return (mask | (mask - 1)) == UINT32_MAX ? (unsigned)__builtin_popcount(mask) : 0;
}

const char *conf_meant_host(const char *what)
{
	static const struct {
		const char *what;
		const char *advice;
	} places[] = {
		{"unicast peer", "name the other router's own address"},
		{"mcast_src_ip", "name an address of this router's interface"},
		{"unicast_src_ip", "name an address of this router's interface"},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i].what, what) == 0)
			return places[i].advice;
	return "write an address that a host can have, or remove the line, on the peers as well";
}

/* SPDX-License-Identifier: ISC */
/* Prints the manual's tables of keywords, in mdoc, from the table that drives the parser. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "agent/conf/schema.h"
#include "man/differences.h"

/* A line is ended at the first space behind them: mandoc wants fewer than 80. */
#define COLUMNS	    45
#define DIFFERENCES (sizeof(differences) / sizeof(differences[0]))

static const struct {
	enum conf_context context;
	const char *title;
	const char *place; /* what stands before the words, or NULL */
} sections[] = {
	{CONTEXT_TOP, "TOP LEVEL", NULL},
	{CONTEXT_GLOBAL, "GLOBAL_DEFS", "global_defs { ... }"},
	{CONTEXT_INSTANCE, "VRRP_INSTANCE", "vrrp_instance NAME { ... }"},
	{CONTEXT_AUTHENTICATION, "AUTHENTICATION", "authentication { ... } of a vrrp_instance"},
	{CONTEXT_ADDRESS, "VIRTUAL ADDRESSES", "ADDRESS/LENGTH [OPTION ...], one a line"},
	{CONTEXT_ROUTE, "ROUTES", "[TYPE] DESTINATION [OPTION ...], one a line"},
	{CONTEXT_RULE, "ROUTING RULES", "[OPTION ...], one a line"},
	{CONTEXT_SYNC_GROUP, "VRRP_SYNC_GROUP", "vrrp_sync_group NAME { ... }"},
	{CONTEXT_SCRIPT, "VRRP_SCRIPT", "vrrp_script NAME { ... }"},
	{CONTEXT_TRACK_FILE, "TRACK_FILE", "track_file NAME { ... }"},
	{CONTEXT_TRACK_PROCESS, "VRRP_TRACK_PROCESS", "vrrp_track_process NAME { ... }"},
	{CONTEXT_GARP_GROUP, "GARP_GROUP", "garp_group { ... }"},
};

#define LINE_OF_TRACKED "[weight NUMBER [reverse|noreverse]]"

static const char *const values[] = {
	[KIND_BLOCK] = "{ ... }",
	[KIND_NAMED_BLOCK] = "NAME { ... }",
	[KIND_BOOL] = "[on|off]",
	[KIND_NUMBER] = "NUMBER",
	[KIND_SIGNED] = "NUMBER",
	[KIND_PROCESSORS] = "CPU ...",
	[KIND_UMASK] = "NUMBER|BITS",
	[KIND_SECONDS] = "SECONDS",
	[KIND_STRING] = "WORD",
	[KIND_INTERFACE] = "INTERFACE",
	[KIND_WORDS] = "WORD ...",
	[KIND_USER] = "USER [GROUP]",
	[KIND_COMMAND] = "COMMAND [USER [GROUP]]",
	[KIND_FIFO] = "PATH [USER [GROUP]]",
	[KIND_PROGRAM] = "NAME [PARAMETER] ...",
	[KIND_INIT_FILE] = "[NUMBER] [overwrite]",
	[KIND_PASSWORD] = "PASSWORD",
	[KIND_GROUP4] = "ADDRESS",
	[KIND_GROUP6] = "ADDRESS",
	[KIND_HOST] = "ADDRESS",
	[KIND_VMAC] = "[NAME] [MAC]",
	[KIND_WEIGHT] = "NUMBER [reverse]",
	[KIND_RUN_AS] = "USER [GROUP]",
	/* of a block the lines */
	[KIND_STRINGS] = "{ WORD ... }",
	[KIND_MEMBERS] = "{ INSTANCE ... }",
	[KIND_ADDRESSES] = "{ ADDRESS/LENGTH [OPTION ...] }",
	[KIND_ROUTES] = "{ [TYPE] DESTINATION [OPTION ...] }",
	[KIND_RULES] = "{ [OPTION ...] }",
	[KIND_PEERS] = "{ ADDRESS [min_ttl NUMBER] [max_ttl NUMBER] }",
	[KIND_INTERFACES] = "{ INTERFACE " LINE_OF_TRACKED " }",
	[KIND_TRACKED] = "{ NAME " LINE_OF_TRACKED " }",
};

/* A text that mdoc must not take for requests or escapes. */
static void put_text(const char *text)
{
	for (size_t column = 0; *text; text++) {
		if (++column > COLUMNS && *text == ' ' && isalnum((unsigned char)text[1])) {
			putchar('\n');
			column = 0;
		} else if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

static void put_choices(const struct conf_word *word)
{
	const bool has_none = !word->choices[0][0];
	const bool optional = has_none || conf_word_is_switch(word);
	const char *const *first = word->choices + has_none;

	fputs(optional ? " Ar [" : " Ar ", stdout);
	for (const char *const *choice = first; *choice; choice++)
		printf("%s%s", choice == first ? "" : "|", *choice);
	fputs(optional ? "]" : "", stdout);
}

static const char *value_of(const struct conf_word *word)
{
	return word->kind < sizeof(values) / sizeof(values[0]) ? values[word->kind] : NULL;
}

static void put_value(const struct conf_word *word)
{
	if (word->kind == KIND_CHOICE)
		put_choices(word);
	else if (value_of(word))
		printf(" Ar %s", value_of(word));
}

/* A keyword at the beginning stays as it is. */
static void put_sentence(const char *text)
{
	bool keyword = memchr(text, '_', strcspn(text, " ")) != NULL;

	putchar(keyword ? *text : toupper((unsigned char)*text));
	put_text(text + 1);
	puts(".");
}

static bool is_built(const struct conf_word *word)
{
	return word->status == STATUS_SUPPORTED || word->status == STATUS_IMPLIED;
}

static void put_difference(const struct conf_word *word)
{
	for (size_t i = 0; i < DIFFERENCES; i++) {
		if (differences[i].context != word->context ||
			strcmp(differences[i].word, word->word) != 0)
			continue;
		fputs("Not as in keepalived: ", stdout);
		put_text(differences[i].text);
		puts(".");
	}
}

/* Each is about a word that is in force; a table that has fallen behind stops the build. */
static int check_differences(void)
{
	for (size_t i = 0; i < DIFFERENCES; i++) {
		const struct conf_word *word =
			conf_word_find(differences[i].context, differences[i].word);

		if (!word || !is_built(word)) {
			fprintf(stderr, "man/differences.h: %s: %s is not in force\n",
				conf_context_name(differences[i].context), differences[i].word);
			return -1;
		}
	}
	return 0;
}

/* One that stands alone, or is said by its choices. */
static bool needs_no_value(const struct conf_word *word)
{
	return word->kind == KIND_FLAG || word->kind == KIND_SKIPPED || word->kind == KIND_OPTION ||
	       word->kind == KIND_CHOICE;
}

static int check_values(void)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		if (!is_built(&conf_words[i]) || needs_no_value(&conf_words[i]) ||
			value_of(&conf_words[i]))
			continue;
		fprintf(stderr, "man/manual-words.c: %s: nothing says what stands behind it\n",
			conf_words[i].word);
		return -1;
	}
	return 0;
}

static void put_range(const struct conf_word *word)
{
	char range[64];

	if (word->maximum && (word->kind == KIND_NUMBER || word->kind == KIND_SECONDS ||
				     word->kind == KIND_SIGNED)) {
		conf_word_range(word, range, sizeof(range));
		printf("Range: %s.\n", range);
	} else if (word->kind == KIND_WEIGHT || word->kind == KIND_TRACKED) {
		printf("Weights: \\-%u..%u.\n", (unsigned)word->maximum, (unsigned)word->maximum);
	}
}

static void put_word(const struct conf_word *word)
{
	printf(".It Cm %s", word->word);
	put_value(word);
	putchar('\n');
	put_sentence(word->documentation);
	put_range(word);
	if (word->fallback) {
		fputs("Default: ", stdout);
		put_text(word->fallback);
		puts(".");
	}
	put_difference(word);
	if (word->status == STATUS_IMPLIED && !(word->flags & CONF_IN_TEXT))
		puts("Accepted, and changes nothing: it is always so, or not needed.");
}

static void put_section(size_t number)
{
	size_t count = 0;

	for (size_t i = 0; i < conf_word_count; i++)
		count += conf_words[i].context == sections[number].context &&
			 is_built(&conf_words[i]);
	if (!count)
		return;
	printf(".Sh WORDS: %s\n", sections[number].title);
	if (sections[number].place)
		printf(".Dl %s\n", sections[number].place);
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < conf_word_count; i++) {
		if (conf_words[i].context == sections[number].context && is_built(&conf_words[i]))
			put_word(&conf_words[i]);
	}
	puts(".El");
}

/* Words of keepalived's that do nothing here, and what to do about them. */
static void put_others(void)
{
	puts(".Sh WORDS WITHOUT EFFECT\n"
	     "These are keepalived's.\n"
	     "Those that are refused would change who is active or what is owned;\n"
	     "the others are warnings.\n"
	     ".Bl -tag -width Ds");
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];
		const char *advice = conf_word_advice(word);

		if (is_built(word))
			continue;
		printf(".It Cm %s Pq %s%s\n", word->word, conf_context_name(word->context),
			word->status == STATUS_REFUSED ? ": refused" : "");
		put_sentence(word->documentation);
		if (advice)
			put_sentence(advice);
	}
	puts(".El");
}

int main(void)
{
	if (check_differences() < 0 || check_values() < 0)
		return 1;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		put_section(i);
	put_others();
	return ferror(stdout) ? 1 : 0;
}

/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/including.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *word; /* of include_check */
	char letter;	  /* behind "include" */
	unsigned checks;
} variants[] = {
	{"readable", 'r', INCLUDE_READABLE},
	{"match", 'm', INCLUDE_MATCH | INCLUDE_READABLE},
	{"wildcard_match", 'w', INCLUDE_WILDCARD | INCLUDE_MATCH | INCLUDE_READABLE},
	{"brace_match", 'b', INCLUDE_BRACE | INCLUDE_MATCH | INCLUDE_READABLE},
	{"", 'a', INCLUDE_ALL},
};

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

unsigned conf_include_word(const struct conf_token *token)
{
	for (size_t i = 0; token->length > strlen("include") && i < VARIANTS; i++)
		if (variants[i].letter == token->start[strlen("include")])
			return variants[i].checks;
	return 0;
}

bool conf_include_option(const char *option, bool first, unsigned before, unsigned *checks)
{
	bool add = *option == '+', drop = *option == '-';

	if (first)
		*checks = add || drop ? before : 0;
	option += add || drop;
	for (size_t i = 0; *option && i < VARIANTS; i++) {
		unsigned own = drop ? variants[i].checks & ~(INCLUDE_READABLE | INCLUDE_MATCH)
				    : variants[i].checks;

		if (strcmp(variants[i].word, option) != 0)
			continue;
		/* what others ask for as well stays */
		if (drop)
			*checks &= ~(own ? own : variants[i].checks);
		else
			*checks |= own;
		return true;
	}
	return false;
}

/* What keepalived passes over, too. */
static bool is_no_file(int error)
{
	return error == -ENOENT || error == -EISDIR || error == -EINVAL;
}

/* Something matches nothing: an error, worth a warning, or allowed, as wildcards may. */
static enum conf_severity no_match(
	const struct conf_include *include, const struct conf_token *token, unsigned checks)
{
	bool braces = memchr(token->argument, '{', token->argument_length);

	if (braces && (checks & INCLUDE_BRACE))
		return CONF_ERROR;
	if (include->count > 0)
		return CONF_WARNING;
	if (strpbrk(include->failed, "*?["))
		return checks & INCLUDE_WILDCARD ? CONF_ERROR : 0;
	return checks & INCLUDE_MATCH ? CONF_ERROR : CONF_WARNING;
}

void conf_include_report(const struct conf_include *include, const struct conf_token *token,
	unsigned checks, struct conf_diagnostics *diagnostics)
{
	enum conf_severity severity = CONF_ERROR;

	if (include->error == -ELOOP) {
		conf_diagnose(diagnostics, CONF_ERROR, &token->place,
			"'%s' includes itself or is nested deeper than %u files: remove the line",
			include->failed, CONF_INCLUDE_DEPTH_MAX);
		return;
	}
	if (include->error == -ENOENT)
		severity = no_match(include, token, checks);
	else if (is_no_file(include->error))
		severity = checks & INCLUDE_READABLE ? CONF_ERROR : CONF_WARNING;
	if (severity)
		conf_diagnose(diagnostics, severity, &token->place, "cannot include '%s': %s%s",
			include->failed, conf_source_problem(include->error),
			include->error == -ENOENT ? "; create it, or remove the line" : "");
}

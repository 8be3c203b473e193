/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_MEANT_H
#define AGENT_CONF_MEANT_H

#include "agent/conf/schema.h"
#include "agent/conf/statement.h"

/* What was probably meant by what can't be read: pure, and for messages alone. */

/* How to write what was meant, with what leads to it; empty where nothing is near. */
struct conf_remedy {
	char text[192];
};

/* Whether it looks like the beginning of a comment in another language. */
bool conf_meant_comment(const char *word);

/* What looks like a space in a word, or like nothing: "U+00A0"; or NULL. */
const char *conf_meant_space(const char *word);

/* Whether it begins with a quotation mark of print, which is none here. */
bool conf_meant_quote(const char *word);

/* The keyword of a context, of any with CONF_CONTEXTS, whose underscores were left out:
 * "preempt delay 300".  Or NULL. */
const struct conf_word *conf_meant_joined(
	enum conf_context context, const struct conf_statement *statement);

/* What to do about an unknown word; never empty. `*near` is the keyword meant, or NULL. */
struct conf_remedy conf_meant_word(enum conf_context context,
	const struct conf_statement *statement, size_t at, const struct conf_word **near);

/* How much of an unknown word may be shown: no password that is joined to its keyword. */
int conf_meant_shown(const char *word);

/* A number with a unit, a comma or a semicolon: "100ms" where 0.1 belongs. */
struct conf_remedy conf_meant_number(const struct conf_word *word, const char *text);

/* The prefix length that an IPv4 netmask stands for, or 0: it is none. */
unsigned conf_meant_prefix(const char *netmask);

/* What to do about an address that no router can share or send to, by where it stands. */
const char *conf_meant_host(const char *what);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_PARSE_H
#define AGENT_CONF_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "agent/conf/schema.h"
#include "agent/conf/statement.h"
#include "agent/conf/syncgroup.h"
#include "agent/conf/text/arena.h"
#include "agent/conf/text/diagnose.h"
#include "agent/conf/text/source.h"
#include "agent/conf/text/stream.h"

/* Inside the loader: from text to model, before the cross-field rules. */

/* What the words of a block are written to. */
struct conf_target {
	void *base; /* struct globals, struct instance, ...; NULL: words are only looked up */
	struct origin *origins;
	uint64_t seen[2]; /* attributes written since the parse began, by number */
	bool *unreadable; /* set when some of it could not be read; NULL: nobody asks */
};

/* Where a word without effect stood first, and how often. */
struct conf_use {
	struct conf_place place;
	size_t count;
};

struct conf_parser {
	struct conf_stream stream;
	struct conf_diagnostics *diagnostics;
	struct config *config;
	enum origin_kind kind;
	struct arena *scratch; /* values of words */
	struct conf_statement statement;
	bool has_statement; /* one that was read belongs to an outer block */
	enum conf_author author;
	struct conf_target globals;
	struct conf_use *ignored;   /* one for each of conf_words */
	const char *last_file;	    /* as in places */
	const char *last_file_kept; /* its copy in the config */
	const struct conf_via *last_via;
	const char *last_via_kept; /* the same, in words */
	bool out_of_memory;
};

/*
 * Add what a source says to a config. In a file each instance is new; in an overlay
 * instances of known names are changed. 0 or -ENOMEM; diagnostics tell of bad input.
 */
int conf_parse(const struct conf_source *source, enum origin_kind kind, struct config *config,
	struct conf_diagnostics *diagnostics);

/* One statement for one instance: "word value". -ENOENT: no such word; -ENOMEM; else 0. */
int conf_parse_attribute(const struct conf_source *source, enum conf_author author,
	struct config *config, struct instance *instance, struct conf_diagnostics *diagnostics);

/* What a block, whose words are parser->statement, is about: the globals, what the block around it
 * is about, or `own` for an object of its own, which is made if need be.  NULL: nothing, and that
 * has been said or memory is short; the block is read for its words only. */
struct conf_target *conf_begin_block(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *outer, struct conf_target *own);

/* Write one statement to a target by its schema entry. */
void conf_assign(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_statement *statement);

/* Write the value of a statement that is no list; false when it was bad, and that has been said. */
bool conf_assign_value(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_statement *statement);

/* The word was meant, but misspelt, and that has been said: it is not missing as well. */
void conf_assign_misspelt(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_place *place);

/* Whether `least` to `most` words follow the keyword; says what is wrong. `wanted`: what follows
 * it. */
bool conf_has_arguments(struct conf_parser *parser, const struct conf_statement *statement,
	size_t least, size_t most, const char *wanted);

/* Begin a list anew unless this parse has written to it. `list` is of the word's kind. */
void conf_assign_list(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_place *place);

/* One line of a list block. */
void conf_assign_item(struct conf_parser *parser, const struct conf_word *word,
	struct conf_target *target, const struct conf_statement *statement);
void conf_assign_address(struct conf_parser *parser, struct address_list *list,
	const struct conf_statement *statement);
void conf_assign_route(struct conf_parser *parser, struct route_list *list,
	const struct conf_statement *statement);
void conf_assign_rule(
	struct conf_parser *parser, struct rule_list *list, const struct conf_statement *statement);
void conf_assign_peer(struct conf_parser *parser, struct unicast_peer_list *list,
	const struct conf_statement *statement);
/* The address of a host; a prefix length behind it is warned of.  `what` it is, for messages; false
 * when it was bad, and that has been said. */
bool conf_assign_address_of_host(struct conf_parser *parser, const struct conf_argument *argument,
	const char *what, struct ip_address *value);
void conf_assign_members(struct conf_parser *parser, struct group_member_list *list,
	const struct conf_statement *statement);
void conf_assign_tracked(struct conf_parser *parser, const struct conf_word *word,
	struct tracked_list *list, const struct conf_statement *statement);
void conf_assign_interface(struct conf_parser *parser, struct tracked_interface_list *list,
	const struct conf_statement *statement);

/* The type of a route as a word: RTN_*; and whether it leads to no next hop. */
const char *conf_route_type(uint8_t type);
bool conf_route_leads_nowhere(uint8_t type);

/* NUMBER [reverse], USER [GROUP]; false when it was bad, and that has been said. */
bool conf_assign_weight(struct conf_parser *parser, const struct conf_word *word,
	struct weight *value, const struct conf_statement *statement);
bool conf_assign_program(struct conf_parser *parser, struct notify_script *value,
	const struct conf_statement *statement);
bool conf_assign_init_file(struct conf_parser *parser, struct init_file *value,
	const struct conf_statement *statement);
bool conf_assign_run_as(struct conf_parser *parser, struct notify_script *value,
	const struct conf_statement *statement);

/* COMMAND [USER [GROUP]], or the path of a FIFO; false when it was bad, and that has been said. */
bool conf_assign_command(struct conf_parser *parser, const struct conf_word *word,
	struct notify_script *value, const struct conf_statement *statement);

/* use_vmac [NAME] [MAC]; false when it was bad, and that has been said. */
bool conf_assign_vmac(struct conf_parser *parser, struct virtual_mac *value,
	const struct conf_statement *statement);

/* Room for one more at the end of an array of the arena; NULL: out of memory, noted. */
void *conf_append(struct conf_parser *parser, void *items, size_t count, size_t size);

/* A copy in the config; NULL: out of memory, noted. */
const char *conf_keep(struct conf_parser *parser, const char *text);
struct origin conf_origin(struct conf_parser *parser, const struct conf_place *place);

/* Report by the status of the word; false when it is refused. */
bool conf_check_status(
	struct conf_parser *parser, const struct conf_word *word, const struct conf_place *place);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_SCHEMA_H
#define AGENT_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The table of every keyword: drives parsing, checking, dumping and the manual's tables. */

enum conf_context {
	CONTEXT_TOP,
	CONTEXT_GLOBAL,		/* global_defs */
	CONTEXT_INSTANCE,	/* vrrp_instance */
	CONTEXT_AUTHENTICATION, /* vrrp_instance, authentication */
	CONTEXT_OTHER,		/* inside a block that is not read */
};

enum conf_kind {
	KIND_BLOCK,	  /* WORD { ... } of keywords */
	KIND_NAMED_BLOCK, /* WORD NAME { ... } of keywords */
	KIND_SKIPPED,	  /* a block or a statement that is not looked into */
	KIND_FLAG,	  /* no value: stands for true, or for false with CONF_INVERTED */
	KIND_BOOL,	  /* on off true false yes no; nothing = on */
	KIND_NUMBER,	  /* whole number, minimum..maximum */
	KIND_SECONDS,	  /* decimal seconds, kept in nanoseconds, minimum..maximum */
	KIND_STRING,	  /* one word */
	KIND_CHOICE,	  /* one of `choices` */
	KIND_WORDS,	  /* all the words of the line, kept as one string */
	KIND_USER,	  /* USER [GROUP] */
	KIND_SCRIPT,	  /* COMMAND [USER [GROUP]] */
	KIND_PASSWORD,
	KIND_GROUP4,	 /* IPv4 multicast address */
	KIND_GROUP6,	 /* IPv6 multicast address */
	KIND_STRINGS,	 /* block of words */
	KIND_ADDRESSES,	 /* block of virtual addresses */
	KIND_INTERFACES, /* block of tracked interfaces */
};

/* What this version does with a word that keepalived knows. */
enum conf_status {
	STATUS_SUPPORTED,
	STATUS_IGNORED, /* a warning names it: leaving it out changes neither election nor addresses
			 */
	STATUS_REFUSED, /* an error: leaving it out would change who is active or what is owned */
	STATUS_KEPT, /* checked and kept in the model, but nothing acts on it: a warning says so */
	STATUS_IMPLIED, /* accepted in silence: what it asks for is what is done anyway */
};

enum conf_flag {
	CONF_INVERTED = 1 << 0,	  /* a flag that stands for false */
	CONF_REPEATABLE = 1 << 1, /* may stand more than once; values add up or the blocks differ */
	CONF_SECRET = 1 << 2,	  /* never shown in messages */
	CONF_ALIAS = 1 << 3,	  /* another spelling: read, never dumped */
};

struct conf_word {
	enum conf_context context;
	const char *word;
	enum conf_kind kind;
	enum conf_status status;
	unsigned flags;	 /* enum conf_flag */
	int attribute;	 /* enum global_attribute or instance_attribute; -1 = none */
	size_t offset;	 /* of the value in struct globals or struct instance */
	size_t size;	 /* of the value, for numbers */
	int64_t minimum; /* KIND_SECONDS: nanoseconds */
	int64_t maximum;
	const char *const *choices; /* NULL-terminated; the value is the position */
	const char *fallback;	    /* the default as the manual shows it, or NULL */
	const char *documentation;  /* one line */
	enum conf_context inside;   /* of blocks */
};

extern const struct conf_word conf_words[];
extern const size_t conf_word_count;

/* The entry, or NULL. */
const struct conf_word *conf_word_find(enum conf_context context, const char *word);

/* The nearest word of a context, or NULL when none is near. */
const struct conf_word *conf_word_suggest(enum conf_context context, const char *word);

/* Any context that knows the word but `except`, or NULL. */
const struct conf_word *conf_word_elsewhere(enum conf_context except, const char *word);

/* "a vrrp_instance", "global_defs", ... for messages. */
const char *conf_context_name(enum conf_context context);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_SCHEMA_H
#define AGENT_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The table of every keyword: drives parsing, checking, dumping and the manual's tables.
 * It knows the words of keepalived 2.2.7, older ones that files still have, and some of its forks.
 */

enum conf_context {
	CONTEXT_TOP,
	CONTEXT_GLOBAL,		/* global_defs */
	CONTEXT_INSTANCE,	/* vrrp_instance */
	CONTEXT_AUTHENTICATION, /* vrrp_instance, authentication */
	CONTEXT_ADDRESS,	/* options behind a virtual address */
	CONTEXT_ROUTE,		/* options of a route */
	CONTEXT_RULE,		/* options of a routing rule */
	CONTEXT_SYNC_GROUP,	/* vrrp_sync_group */
	CONTEXT_SCRIPT,		/* vrrp_script */
	CONTEXT_TRACK_FILE,	/* track_file */
	CONTEXT_TRACK_PROCESS,	/* vrrp_track_process */
	CONTEXT_GARP_GROUP,	/* garp_group */
	CONTEXT_BFD,		/* bfd_instance */
	CONF_CONTEXTS,
};

enum conf_kind {
	KIND_BLOCK,	  /* WORD { ... } of keywords */
	KIND_NAMED_BLOCK, /* WORD NAME { ... } of keywords */
	KIND_SKIPPED,	  /* words, or a block, that are not looked into */
	KIND_FLAG,	  /* no value: stands for true, or for false with CONF_INVERTED */
	KIND_BOOL,	  /* on off true false yes no; nothing = on */
	KIND_NUMBER,	  /* whole number, minimum..maximum */
	KIND_SIGNED,	  /* the same, with a sign, in 4 octets */
	KIND_PROCESSORS,  /* numbers of CPUs */
	KIND_UMASK,	  /* permissions that files shall not have */
	KIND_SECONDS,	/* decimal seconds, kept in nanoseconds; minimum..maximum are nanoseconds */
	KIND_STRING,	/* one word, of at most `maximum` characters (0: any length) */
	KIND_INTERFACE, /* the name of a network interface */
	KIND_CHOICE,	/* one of `choices`; where the first is "", it stands for no value */
	KIND_WORDS,	/* all the words of the line, kept as one string */
	KIND_USER,	/* USER [GROUP] */
	KIND_COMMAND,	/* COMMAND [USER [GROUP]] */
	KIND_FIFO,	/* PATH [USER [GROUP]] */
	KIND_PASSWORD,	/* up to eight octets */
	KIND_GROUP4,	/* IPv4 multicast address */
	KIND_GROUP6,	/* IPv6 multicast address of link-local scope */
	KIND_VMAC,	/* [NAME] [MAC] */
	KIND_STRINGS,	/* block of words */
	KIND_ADDRESSES, /* block of virtual addresses */
	KIND_INTERFACES, /* block of tracked interfaces */
	KIND_TRACKED,	 /* block of trackers, with weights up to `maximum` */
	KIND_WEIGHT,	 /* NUMBER [reverse], up to `maximum` */
	KIND_RUN_AS,	 /* USER [GROUP] of a command */
	KIND_PROGRAM,	 /* PROGRAM [PARAMETER ...], each a word or in quotes */
	KIND_INIT_FILE,	 /* [NUMBER] [overwrite] */
	KIND_ROUTES,	 /* block of routes */
	KIND_RULES,	 /* block of routing rules */
	KIND_HOST,	 /* an IP address that a host may have */
	KIND_PEERS,	 /* block of unicast peers */
	KIND_MEMBERS,	 /* block of names of instances */
	KIND_OPTION,	 /* in the line of an address, a route or a rule; read by its own code */
};

/* What this version does with a word that keepalived knows. */
enum conf_status {
	STATUS_SUPPORTED,
	STATUS_IMPLIED, /* accepted in silence: what it asks for is done anyway */
	STATUS_IGNORED, /* a warning names it: without it neither election nor addresses change */
	STATUS_REFUSED, /* an error: leaving it out would change who is active or what is owned */
};

enum conf_flag {
	CONF_INVERTED = 1 << 0, /* a flag that stands for false */
	CONF_WHOLE = 1 << 1,	/* KIND_SECONDS: no fraction */
	CONF_ALIAS = 1 << 2,	/* another spelling or the sum of others: read, never dumped */
	CONF_ONCE = 1 << 3, /* a second one is an error; else the last one counts, with a warning */
	CONF_ALSO_V2 = 1 << 4,	   /* enable_snmp_rfc: stands for both RFC MIBs */
	CONF_OFF_IS_FINE = 1 << 5, /* refused or ignored only when it is switched on */
	CONF_NO_USER = 1 << 6,	   /* KIND_COMMAND: its user has a word of its own */
	CONF_BARE = 1 << 7,	   /* KIND_COMMAND: the word alone says something too */
	CONF_BOTH_DELAYS = 1 << 8, /* delay: fork_delay and terminate_delay */
	CONF_IN_TEXT = 1 << 9,	   /* acted on while the text is read, before words are looked up */
};

struct conf_word {
	const char *word;
	enum conf_context context;
	enum conf_kind kind;
	enum conf_status status;
	unsigned flags; /* enum conf_flag */
	int attribute;	/* enum global_attribute, instance_attribute, ...; -1 = not in the model */
	size_t offset;	/* of the value in struct globals, struct instance, ... */
	size_t size;	/* of a KIND_NUMBER or KIND_CHOICE: 1, 2 or 4 octets */
	uint64_t minimum;
	uint64_t maximum;
	const char *const *choices; /* NULL-terminated; the value is `minimum` + the position */
	enum conf_context inside;   /* of blocks of keywords */
	const char *fallback;	    /* the default as the manual shows it, or NULL */
	const char *documentation;  /* one line */
};

/* Ordered by context as in the manual. */
extern const struct conf_word conf_words[];
extern const size_t conf_word_count;

/* A block of lines, each an item of the list. */
bool conf_word_is_list(const struct conf_word *word);

/* The entry, or NULL. */
const struct conf_word *conf_word_find(enum conf_context context, const char *word);

/* The nearest word of a context, or NULL when none is near. */
const struct conf_word *conf_word_suggest(enum conf_context context, const char *word);

/* An entry of another context that keywords are read in, or NULL. */
const struct conf_word *conf_word_elsewhere(enum conf_context except, const char *word);

/* What is called so here and without its vrrp_ elsewhere, or the other way round, or NULL. */
const struct conf_word *conf_word_counterpart(enum conf_context context, const char *word);

/* Who writes a statement. */
enum conf_author {
	AUTHOR_ROOT,
	AUTHOR_NOT_ROOT, /* nothing that conf_word_is_roots() says is root's */
};

/* It says which program is run, or as whom, or makes a file for somebody: whoever may write it can
 * become root. */
bool conf_word_is_roots(const struct conf_word *word);

/* A KIND_CHOICE between off and on alone: read like a KIND_BOOL. */
bool conf_word_is_switch(const struct conf_word *word);

/* What to do about a word that is refused or ignored, for messages; NULL where nothing is known. */
const char *conf_word_advice(const struct conf_word *word);

/* The same of a word that is none and near to none; never NULL. */
const char *conf_unknown_advice(enum conf_context context, const char *word);

/* "global_defs", "vrrp_instance", ... for messages. */
const char *conf_context_name(enum conf_context context);

/* The range of a number or of seconds as messages and the manual show it, e.g. "1..255". */
void conf_word_range(const struct conf_word *word, char *out, size_t room);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_JOURNAL_H
#define VRRP_APPLIER_JOURNAL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"

/*
 * What the applier has changed in the kernel, in a file of the run directory, so that the next
 * start can undo what a crash left.  A record is written before its change is made and struck out
 * after it was undone: the journal may name too much, never too little.
 *
 * The file is text, one line each: first whose it is (boot and network namespace), then the
 * records. It is only appended to, by one write for each batch, and rewritten when most of it is
 * struck out or a write failed.  Nothing is synchronized to a disk: a record has to outlive the
 * process, but not the machine, for a journal of another boot means nothing.
 */

struct journal;

enum journal_kind {
	JOURNAL_ADDRESS = 'a',	/* an address was set */
	JOURNAL_SETTING = 'c',	/* an IPv4 setting of an interface was changed */
	JOURNAL_DEVICE = 'm',	/* a virtual MAC device was made */
	JOURNAL_ROUTE = 'r',	/* a route was set */
	JOURNAL_RULE = 'p',	/* a routing rule was set */
	JOURNAL_FIREWALL = 'n', /* a table of nftables was made; `index`: by this process */
};

#define JOURNAL_REQUEST_MAX 256

struct journal_record {
	enum journal_kind kind;
	uint32_t index;		     /* of the interface; JOURNAL_DEVICE: of its parent */
	char interface[IF_NAMESIZE]; /* JOURNAL_DEVICE: the device itself */
	struct vrrp_address address; /* JOURNAL_ADDRESS */
	uint8_t prefix_length;
	uint32_t setting; /* JOURNAL_SETTING: IPV4_DEVCONF_*, and what it was */
	uint32_t value;
	uint16_t length; /* JOURNAL_ROUTE, JOURNAL_RULE: the request that removes it, as the */
	uint8_t request[JOURNAL_REQUEST_MAX]; /* kernel takes it, without its header */
};

/* Writes every record that holds at present with journal_add. */
typedef void (*journal_source)(void *context, struct journal *journal);

#define JOURNAL_IDENTITY 80

/* Names this boot and this thread's network namespace.  Returns 0 or a negative errno. */
int journal_identity(char identity[JOURNAL_IDENTITY]);

/*
 * Reads the journal in that directory, if there is one, or the one that the predecessor has saved
 * (journal_save; -1: none), which stays the caller's.  What an earlier process of the same
 * identity left is given by journal_left; of another identity, nothing is.  A last line that was
 * cut off, and whatever else is no record, does not count.  Returns NULL with errno set.
 */
struct journal *journal_open(const char *directory, const char *identity, int saved,
	journal_source source, void *context);

/* Closes it, and removes the file if nothing holds any more; takes NULL; returns NULL. */
struct journal *journal_close(struct journal *journal);

/* The records that were left, in no particular order, each once; the journal's. */
const struct journal_record *journal_left(const struct journal *journal, size_t *count);

/* For qsort(3) and bsearch(3) on records: 0 if both are about the same change, which does not count
 * what a setting was before, nor the name of a link, which may have been renamed. */
int journal_compare(const void *one, const void *other);

/* Notes that the change is about to be made, or was undone.  Written by journal_flush. */
void journal_add(struct journal *journal, const struct journal_record *record);
void journal_strike(struct journal *journal, const struct journal_record *record);

/* Writes what was noted since the last time.  Returns 0 or a negative errno, and then writes the
 * whole journal anew the next time. */
int journal_flush(struct journal *journal);

/* Writes it anew, of what holds at present. */
int journal_rewrite(struct journal *journal);

/* The same into memory, for a successor: the file says too little when it could not be written.  A
 * descriptor, the caller's, or a negative errno. */
int journal_save(struct journal *journal);

#endif

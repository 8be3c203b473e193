/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_ACCOUNTS_H
#define AGENT_CORE_ACCOUNTS_H

#include <sys/types.h>

/* Users and groups of this host.  They may come from the network, a look-up at a time, and
 * thousands of scripts name the same few: whoever goes through a configuration remembers what it
 * was told, for as long as that takes. */

#define ACCOUNTS_REMEMBERED 16

struct account {
	char kind;	  /* of which it is the answer: a user's or a group's; 0: none */
	const char *name; /* the caller's, who keeps it */
	int error;
	uid_t uid;
	gid_t gid;
};

/* Zeroed: nothing is remembered yet. */
struct accounts {
	struct account remembered[ACCOUNTS_REMEMBERED];
	unsigned int next; /* which gives way to the next answer */
};

/* A user's numbers; `name` must live as long as `accounts`.  0, -ENOENT if there is no such user,
 * or another negative errno of the look-up, with both numbers left as they are. */
int accounts_user(struct accounts *accounts, const char *name, uid_t *uid, gid_t *gid);

/* The same of a group. */
int accounts_group(struct accounts *accounts, const char *name, gid_t *gid);

#endif

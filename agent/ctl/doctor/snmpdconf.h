/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_SNMPDCONF_H
#define AGENT_CTL_DOCTOR_SNMPDCONF_H

#include <stdbool.h>
#include <stddef.h>

/* What of snmpd.conf decides whether a manager sees the virtual routers. */

#define SNMPDCONF_VIEWS	 64
#define SNMPDCONF_GRANTS 64
#define SNMPDCONF_WORD	 128

/* A line of a view. */
struct snmpdconf_view {
	char name[SNMPDCONF_WORD];
	char subtree[SNMPDCONF_WORD]; /* numbers with dots between and none before; or a name */
	bool included;
};

/* Somebody who may read: all of it, or a view, or a subtree. */
struct snmpdconf_grant {
	char who[SNMPDCONF_WORD];
	char view[SNMPDCONF_WORD];
	char subtree[SNMPDCONF_WORD];
};

struct snmpdconf {
	bool read; /* the main file could be read */
	bool master;
	bool outside;		     /* it listens on more than the loopback */
	bool sinks;		     /* notifications go somewhere */
	char socket[SNMPDCONF_WORD]; /* agentXSocket, or empty */
	struct snmpdconf_view views[SNMPDCONF_VIEWS];
	size_t view_count;
	struct snmpdconf_grant grants[SNMPDCONF_GRANTS];
	size_t grant_count;
};

/* Reads the file, what it includes, and the *.conf files of its includeDir folders.  Lines it does
 * not know are passed over: it judges nothing but what is above. */
void snmpdconf_read(struct snmpdconf *conf, const char *path);

/* Whether the view shows all below the subtree: its lines as the View-based Access Control Model
 * weighs them (RFC 3415), the longest that covers it counts. */
bool snmpdconf_shows(const struct snmpdconf *conf, const char *view, const char *subtree);

/* Whether anybody is granted to read the subtree. */
bool snmpdconf_anybody(const struct snmpdconf *conf, const char *subtree);

#endif

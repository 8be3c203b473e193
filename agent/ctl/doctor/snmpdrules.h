/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DOCTOR_SNMPDRULES_H
#define AGENT_CTL_DOCTOR_SNMPDRULES_H

#include <stdbool.h>
#include <stddef.h>

/* The lines of snmpd.conf that say who may do what: views (RFC 3415), and who is granted which. */

#define SNMPDRULES_VIEWS  64
#define SNMPDRULES_GRANTS 64
#define SNMPDRULES_NAMES  64
#define SNMPDRULES_WORD	  128

enum snmpd_level {
	SNMPD_LEVEL_NONE, /* neither key nor cipher */
	SNMPD_LEVEL_AUTH,
	SNMPD_LEVEL_PRIV,
};

/* A line of a view. */
struct snmpd_view {
	char name[SNMPDRULES_WORD];
	char subtree[SNMPDRULES_WORD]; /* numbers with dots between and none before; or a name */
	bool included;
};

/* Somebody who may read, and write: all of it, or a view, or a subtree. */
struct snmpd_grant {
	char who[SNMPDRULES_WORD]; /* a community, a user or a group */
	char view[SNMPDRULES_WORD];
	char write_view[SNMPDRULES_WORD]; /* the same, but for access lines */
	char subtree[SNMPDRULES_WORD];
	char source[SNMPDRULES_WORD]; /* of a community: whose hosts; empty: anybody's */
	enum snmpd_level level;	      /* the least that is asked for */
	bool community;		      /* whoever knows a word that is sent in clear text */
	bool group;		      /* `who` is one: its members decide */
	bool writes;
	char place[SNMPDRULES_WORD]; /* FILE:LINE */
};

/* com2sec: a community from a source has a name. */
struct snmpd_security {
	char name[SNMPDRULES_WORD];
	char source[SNMPDRULES_WORD];
};

/* group: a name is in a group. */
struct snmpd_member {
	char group[SNMPDRULES_WORD];
	char name[SNMPDRULES_WORD];
	bool community; /* of version 1 or 2 */
};

struct snmpd_rules {
	struct snmpd_view views[SNMPDRULES_VIEWS];
	size_t view_count;
	struct snmpd_grant grants[SNMPDRULES_GRANTS];
	size_t grant_count;
	struct snmpd_security securities[SNMPDRULES_NAMES];
	size_t security_count;
	struct snmpd_member members[SNMPDRULES_NAMES];
	size_t member_count;
};

/* Takes a line if it is one of these; `place` is where it stands. */
void snmpdrules_take(struct snmpd_rules *rules, char **words, int count, const char *place);

/* Whether the view shows all below the subtree: the longest of its lines that covers it counts. */
bool snmpdrules_shows(const struct snmpd_rules *rules, const char *view, const char *subtree);

/* Whether anybody is granted to read the subtree. */
bool snmpdrules_anybody(const struct snmpd_rules *rules, const char *subtree);

enum snmpd_openness {
	SNMPD_CLOSED,
	SNMPD_READ_BY_ALL,   /* from everywhere, with no more than a community or a user's name */
	SNMPD_WRITTEN_HERE,  /* the same, but written, and from this host alone */
	SNMPD_WRITTEN_LOOSE, /* written, from elsewhere */
};

/* How open the grant leaves something below the subtree. */
enum snmpd_openness snmpdrules_openness(
	const struct snmpd_rules *rules, const struct snmpd_grant *grant, const char *subtree);

#endif

/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/snmpdrules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void copy(char to[SNMPDRULES_WORD], const char *from)
{
	snprintf(to, SNMPDRULES_WORD, "%s", from);
}

/* "." before and below names like iso don't matter here. */
static void copy_subtree(char to[SNMPDRULES_WORD], const char *from)
{
	copy(to, *from == '.' ? from + 1 : from);
}

/* view NAME included|excluded SUBTREE [MASK] */
static void add_view(struct snmpd_rules *rules, char **words, int count)
{
	struct snmpd_view *view = &rules->views[rules->view_count];

	if (count < 4 || rules->view_count == SNMPDRULES_VIEWS)
		return;
	copy(view->name, words[1]);
	view->included = strcasecmp(words[2], "included") == 0;
	copy_subtree(view->subtree, words[3]);
	rules->view_count++;
}

static struct snmpd_grant *add_grant(struct snmpd_rules *rules, const char *who)
{
	struct snmpd_grant *grant = &rules->grants[rules->grant_count];

	if (rules->grant_count == SNMPDRULES_GRANTS)
		return NULL;
	rules->grant_count++;
	*grant = (struct snmpd_grant){0};
	copy(grant->who, who);
	return grant;
}

/* Those behind who it is and the level or source: "-V VIEW", or a subtree. */
static void set_extent(struct snmpd_grant *grant, char **words, int count)
{
	if (count > 1 && strcmp(words[0], "-V") == 0) {
		copy(grant->view, words[1]);
		copy(grant->write_view, words[1]);
	} else if (count > 0) {
		copy_subtree(grant->subtree, words[0]);
	}
}

static enum snmpd_level level_of(const char *word)
{
	static const struct {
		const char *word;
		enum snmpd_level level;
	} levels[] = {{"noauth", SNMPD_LEVEL_NONE}, {"noauthnopriv", SNMPD_LEVEL_NONE},
		{"priv", SNMPD_LEVEL_PRIV}, {"authpriv", SNMPD_LEVEL_PRIV}};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcasecmp(levels[i].word, word) == 0)
			return levels[i].level;
	}
	return SNMPD_LEVEL_AUTH;
}

/* WHO [SOURCE [OID | -V VIEW]] */
static void grant_community(struct snmpd_rules *rules, char **words, int count, bool writes)
{
	struct snmpd_grant *grant = count > 0 ? add_grant(rules, words[0]) : NULL;

	if (!grant)
		return;
	grant->community = true;
	grant->writes = writes;
	if (count > 1)
		copy(grant->source, words[1]);
	if (count > 2)
		set_extent(grant, words + 2, count - 2);
}

/* [-s MODEL] WHO [LEVEL [OID | -V VIEW]] */
static void grant_user(struct snmpd_rules *rules, char **words, int count, bool writes, bool group)
{
	bool has_model = count > 2 && strcmp(words[0], "-s") == 0;
	struct snmpd_grant *grant;

	words += has_model ? 2 : 0;
	count -= has_model ? 2 : 0;
	grant = count > 0 ? add_grant(rules, words[0]) : NULL;
	if (!grant)
		return;
	grant->writes = writes;
	grant->group = group;
	grant->level = count > 1 ? level_of(words[1]) : SNMPD_LEVEL_AUTH;
	if (count > 2)
		set_extent(grant, words + 2, count - 2);
}

static void add_rocommunity(struct snmpd_rules *rules, char **words, int count)
{
	grant_community(rules, words + 1, count - 1, false);
}

static void add_rwcommunity(struct snmpd_rules *rules, char **words, int count)
{
	grant_community(rules, words + 1, count - 1, true);
}

static void add_rouser(struct snmpd_rules *rules, char **words, int count)
{
	grant_user(rules, words + 1, count - 1, false, false);
}

static void add_rwuser(struct snmpd_rules *rules, char **words, int count)
{
	grant_user(rules, words + 1, count - 1, true, false);
}

/* access GROUP CONTEXT MODEL LEVEL PREFIX READ WRITE NOTIFY */
static void add_access(struct snmpd_rules *rules, char **words, int count)
{
	struct snmpd_grant *grant = count > 6 ? add_grant(rules, words[1]) : NULL;

	if (!grant)
		return;
	grant->group = true;
	grant->level = level_of(words[4]);
	copy(grant->view, words[6]);
	if (count > 7 && strcmp(words[7], "none") != 0) {
		copy(grant->write_view, words[7]);
		grant->writes = true;
	}
}

/* authuser|authgroup|authcommunity TYPES and what the lines above have */
static void add_auth(struct snmpd_rules *rules, char **words, int count)
{
	bool writes = count > 1 && strstr(words[1], "write");

	if (count < 3 || (!writes && !strstr(words[1], "read")))
		return;
	if (strcasecmp(words[0], "authcommunity") == 0)
		grant_community(rules, words + 2, count - 2, writes);
	else
		grant_user(rules, words + 2, count - 2, writes,
			strcasecmp(words[0], "authgroup") == 0);
}

/* com2sec [-Cn CONTEXT] NAME SOURCE COMMUNITY */
static void add_security(struct snmpd_rules *rules, char **words, int count)
{
	struct snmpd_security *security = &rules->securities[rules->security_count];
	int first = count > 3 && strcmp(words[1], "-Cn") == 0 ? 3 : 1;

	if (count < first + 3 || rules->security_count == SNMPDRULES_NAMES)
		return;
	copy(security->name, words[first]);
	copy(security->source, words[first + 1]);
	rules->security_count++;
}

/* group GROUP MODEL NAME */
static void add_member(struct snmpd_rules *rules, char **words, int count)
{
	struct snmpd_member *member = &rules->members[rules->member_count];

	if (count < 4 || rules->member_count == SNMPDRULES_NAMES)
		return;
	copy(member->group, words[1]);
	member->community = strcmp(words[2], "v1") == 0 || strcmp(words[2], "v2c") == 0;
	copy(member->name, words[3]);
	rules->member_count++;
}

static const struct {
	const char *word;
	void (*take)(struct snmpd_rules *rules, char **words, int count);
} directives[] = {
	{"view", add_view},
	{"rocommunity", add_rocommunity},
	{"rocommunity6", add_rocommunity},
	{"rwcommunity", add_rwcommunity},
	{"rwcommunity6", add_rwcommunity},
	{"rouser", add_rouser},
	{"rwuser", add_rwuser},
	{"access", add_access},
	{"authuser", add_auth},
	{"authgroup", add_auth},
	{"authcommunity", add_auth},
	{"com2sec", add_security},
	{"com2sec6", add_security},
	{"group", add_member},
};

void snmpdrules_take(struct snmpd_rules *rules, char **words, int count, const char *place)
{
	size_t known = rules->grant_count;

	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
		if (strcasecmp(words[0], directives[i].word) == 0)
			directives[i].take(rules, words, count);
	}
	if (rules->grant_count > known)
		copy(rules->grants[known].place, place);
}

/* The first names of the tree are all that people write instead of its numbers. */
static const char *numbers_of(const char *subtree, char *numbers, size_t size)
{
	static const struct {
		const char *name, *numbers;
	} names[] = {{"iso", "1"}, {"internet", "1.3.6.1"}, {"mib-2", "1.3.6.1.2.1"},
		{"enterprises", "1.3.6.1.4.1"}};
	size_t length = strcspn(subtree, ".");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i].name) == length &&
			strncmp(subtree, names[i].name, length) == 0) {
			snprintf(numbers, size, "%s%s", names[i].numbers, subtree + length);
			return numbers;
		}
	}
	return subtree;
}

static bool begins_with(const char *subtree, const char *with)
{
	size_t length = strlen(with);

	return strncmp(with, subtree, length) == 0 && (!subtree[length] || subtree[length] == '.');
}

/* How much of `wanted` lies below `subtree`: the length of the latter, or 0 if it does not. */
static size_t covers(const char *subtree, const char *wanted)
{
	char numbers[SNMPDRULES_WORD + 16];

	subtree = numbers_of(subtree, numbers, sizeof(numbers));
	return begins_with(wanted, subtree) ? strlen(subtree) : 0;
}

static bool lies_below(const char *subtree, const char *above)
{
	char numbers[SNMPDRULES_WORD + 16];

	return begins_with(numbers_of(subtree, numbers, sizeof(numbers)), above);
}

bool snmpdrules_shows(const struct snmpd_rules *rules, const char *view, const char *subtree)
{
	size_t longest = 0;
	bool shown = strcmp(view, "all") == 0 || strcmp(view, "_all_") == 0;

	for (size_t i = 0; i < rules->view_count; i++) {
		const struct snmpd_view *line = &rules->views[i];
		size_t length = strcmp(line->name, view) == 0 ? covers(line->subtree, subtree) : 0;

		if (length <= longest)
			continue;
		longest = length;
		shown = line->included;
	}
	return shown;
}

bool snmpdrules_anybody(const struct snmpd_rules *rules, const char *subtree)
{
	for (size_t i = 0; i < rules->grant_count; i++) {
		const struct snmpd_grant *grant = &rules->grants[i];

		if (grant->view[0]	    ? snmpdrules_shows(rules, grant->view, subtree)
			: grant->subtree[0] ? covers(grant->subtree, subtree) > 0
					    : true)
			return true;
	}
	return false;
}

/* Whether anything below the subtree is in the view or subtree of the grant. */
static bool reaches(const struct snmpd_rules *rules, const char *view,
	const struct snmpd_grant *grant, const char *subtree)
{
	if (!view[0])
		return !grant->subtree[0] || covers(grant->subtree, subtree) > 0 ||
		       lies_below(grant->subtree, subtree);
	if (snmpdrules_shows(rules, view, subtree))
		return true;
	for (size_t i = 0; i < rules->view_count; i++) {
		const struct snmpd_view *line = &rules->views[i];

		if (line->included && strcmp(line->name, view) == 0 &&
			lies_below(line->subtree, subtree))
			return true;
	}
	return false;
}

enum reach {
	REACH_NOBODY,
	REACH_HERE, /* this host */
	REACH_SOME, /* hosts that are named */
	REACH_ALL,
};

static enum reach reach_of(const char *source)
{
	static const char *const all[] = {"", "default", "0.0.0.0/0", "0/0", "::/0", "0.0.0.0"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(source, all[i]) == 0)
			return REACH_ALL;
	}
	if (strncmp(source, "127.", 4) == 0 || strcmp(source, "localhost") == 0 ||
		strcmp(source, "::1") == 0 || strcmp(source, "::1/128") == 0)
		return REACH_HERE;
	return REACH_SOME;
}

/* The community's source, or the widest one of a member of the group. */
static enum reach widest(const struct snmpd_rules *rules, const struct snmpd_member *member)
{
	enum reach reach = REACH_NOBODY;

	for (size_t i = 0; i < rules->security_count; i++) {
		const struct snmpd_security *security = &rules->securities[i];

		if (strcmp(security->name, member->name) == 0 && reach_of(security->source) > reach)
			reach = reach_of(security->source);
	}
	return reach;
}

/* Where those may be who need no key. */
static enum reach keyless(const struct snmpd_rules *rules, const struct snmpd_grant *grant)
{
	enum reach reach = REACH_NOBODY;

	if (grant->community)
		return reach_of(grant->source);
	if (grant->level != SNMPD_LEVEL_NONE)
		return REACH_NOBODY;
	if (!grant->group)
		return REACH_ALL;
	for (size_t i = 0; i < rules->member_count; i++) {
		const struct snmpd_member *member = &rules->members[i];
		enum reach its = REACH_ALL;

		if (strcmp(member->group, grant->who) != 0)
			continue;
		if (member->community)
			its = widest(rules, member);
		if (its > reach)
			reach = its;
	}
	return reach;
}

enum snmpd_openness snmpdrules_openness(
	const struct snmpd_rules *rules, const struct snmpd_grant *grant, const char *subtree)
{
	enum reach reach = keyless(rules, grant);

	if (reach == REACH_NOBODY)
		return SNMPD_CLOSED;
	if (grant->writes && reaches(rules, grant->write_view, grant, subtree))
		return reach == REACH_HERE ? SNMPD_WRITTEN_HERE : SNMPD_WRITTEN_LOOSE;
	if (reach == REACH_ALL && reaches(rules, grant->view, grant, subtree))
		return SNMPD_READ_BY_ALL;
	return SNMPD_CLOSED;
}

/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/snmpdconf.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORDS	  12
#define DEPTH_MAX 8 /* of files that include others */

static void read_file(struct snmpdconf *conf, const char *path, unsigned depth);

/* "." before and below names like iso don't matter here. */
static void copy_subtree(char *to, const char *from)
{
	snprintf(to, SNMPDCONF_WORD, "%s", *from == '.' ? from + 1 : from);
}

static void add_view(struct snmpdconf *conf, char **words, int count)
{
	struct snmpdconf_view *view = &conf->views[conf->view_count];

	if (count < 4 || conf->view_count == SNMPDCONF_VIEWS)
		return;
	snprintf(view->name, sizeof(view->name), "%s", words[1]);
	view->included = strcasecmp(words[2], "included") == 0;
	copy_subtree(view->subtree, words[3]);
	conf->view_count++;
}

static struct snmpdconf_grant *add_grant(struct snmpdconf *conf, const char *who)
{
	struct snmpdconf_grant *grant = &conf->grants[conf->grant_count];

	if (conf->grant_count == SNMPDCONF_GRANTS)
		return NULL;
	conf->grant_count++;
	*grant = (struct snmpdconf_grant){0};
	snprintf(grant->who, sizeof(grant->who), "%s", who);
	return grant;
}

/* The words from `first` on: "-V VIEW", or a subtree. */
static void add_community_or_user(struct snmpdconf *conf, char **words, int count, int first)
{
	struct snmpdconf_grant *grant = count > 1 ? add_grant(conf, words[1]) : NULL;

	if (!grant || count <= first)
		return;
	if (strcmp(words[first], "-V") == 0 && count > first + 1)
		snprintf(grant->view, sizeof(grant->view), "%s", words[first + 1]);
	else
		copy_subtree(grant->subtree, words[first]);
}

/* rocommunity COMMUNITY [SOURCE [OID | -V VIEW]] */
static void add_community(struct snmpdconf *conf, char **words, int count)
{
	add_community_or_user(conf, words, count, 3);
}

/* rouser [-s MODEL] USER [LEVEL [OID | -V VIEW]] */
static void add_user(struct snmpdconf *conf, char **words, int count)
{
	if (count > 2 && strcmp(words[1], "-s") == 0)
		add_community_or_user(conf, words + 2, count - 2, 3);
	else
		add_community_or_user(conf, words, count, 3);
}

/* access GROUP CONTEXT MODEL LEVEL PREFIX READ WRITE NOTIFY */
static void add_access(struct snmpdconf *conf, char **words, int count)
{
	struct snmpdconf_grant *grant = count > 6 ? add_grant(conf, words[1]) : NULL;

	if (grant)
		snprintf(grant->view, sizeof(grant->view), "%s", words[6]);
}

/* authuser|authgroup|authcommunity TYPES WHO [LEVEL] [OID | -V VIEW] */
static void add_auth(struct snmpdconf *conf, char **words, int count)
{
	if (count > 2 && strstr(words[1], "read"))
		add_community_or_user(conf, words + 1, count - 1, 3);
}

static void set_master(struct snmpdconf *conf, char **words, int count)
{
	conf->master = conf->master || (count > 1 && (strcasecmp(words[1], "agentx") == 0 ||
							     strcasecmp(words[1], "all") == 0 ||
							     strcasecmp(words[1], "yes") == 0 ||
							     strcasecmp(words[1], "on") == 0));
}

static void set_socket(struct snmpdconf *conf, char **words, int count)
{
	if (count > 1)
		snprintf(conf->socket, sizeof(conf->socket), "%s", words[1]);
}

static bool is_loopback(const char *address)
{
	return strstr(address, "127.0.0.1") || strstr(address, "localhost") ||
	       strstr(address, "[::1]") || strncmp(address, "unix:", 5) == 0;
}

/* Addresses are words, or one word with commas between. */
static void add_address(struct snmpdconf *conf, char **words, int count)
{
	for (int i = 1; i < count; i++) {
		char *rest, *address;

		for (address = strtok_r(words[i], ",", &rest); address;
			address = strtok_r(NULL, ",", &rest))
			conf->outside = conf->outside || !is_loopback(address);
	}
}

static void add_sink(struct snmpdconf *conf, char **words, int count)
{
	conf->sinks = conf->sinks || count > 1;
}

static const struct {
	const char *word;
	void (*take)(struct snmpdconf *conf, char **words, int count);
} directives[] = {
	{"master", set_master},
	{"agentXSocket", set_socket},
	{"agentAddress", add_address},
	{"view", add_view},
	{"rocommunity", add_community},
	{"rocommunity6", add_community},
	{"rwcommunity", add_community},
	{"rwcommunity6", add_community},
	{"rouser", add_user},
	{"rwuser", add_user},
	{"access", add_access},
	{"authuser", add_auth},
	{"authgroup", add_auth},
	{"authcommunity", add_auth},
	{"trapsink", add_sink},
	{"trap2sink", add_sink},
	{"informsink", add_sink},
	{"trapsess", add_sink},
};

/* Splits a line where it stands; a word may be in quotes. */
static int split(char *line, char *words[WORDS])
{
	int count = 0;

	while (count < WORDS) {
		line += strspn(line, " \t\r\n");
		if (!*line || *line == '#')
			break;
		if (*line == '"' || *line == '\'') {
			char quote = *line++;

			words[count++] = line;
			line += strcspn(line, (char[]){quote, '\0'});
		} else {
			words[count++] = line;
			line += strcspn(line, " \t\r\n");
		}
		if (*line)
			*line++ = '\0';
	}
	return count;
}

static void read_matching(
	struct snmpdconf *conf, const char *folder, const char *pattern, unsigned depth)
{
	glob_t found = {0};
	char path[512];

	snprintf(path, sizeof(path), "%s%s%s", folder, *folder ? "/" : "", pattern);
	if (glob(path, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(conf, found.gl_pathv[i], depth + 1);
	}
	globfree(&found);
}

static void take_line(struct snmpdconf *conf, char *line, const char *folder, unsigned depth)
{
	char *words[WORDS];
	int count = split(line, words);

	if (count > 1 && strcasecmp(words[0], "includeDir") == 0)
		read_matching(conf, words[1], "*.conf", depth);
	else if (count > 1 &&
		 (strcasecmp(words[0], "includeFile") == 0 || strcasecmp(words[0], "include") == 0))
		read_matching(conf, words[1][0] == '/' ? "" : folder, words[1], depth);
	for (size_t i = 0; count && i < sizeof(directives) / sizeof(directives[0]); i++) {
		if (strcasecmp(words[0], directives[i].word) == 0)
			directives[i].take(conf, words, count);
	}
}

static void read_file(struct snmpdconf *conf, const char *path, unsigned depth)
{
	FILE *stream = depth < DEPTH_MAX ? fopen(path, "re") : NULL;
	char folder[256] = "", *line = NULL;
	const char *slash = strrchr(path, '/');
	size_t room = 0;

	if (!stream)
		return;
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	conf->read = true;
	while (getline(&line, &room, stream) > 0)
		take_line(conf, line, folder, depth);
	free(line);
	fclose(stream);
}

void snmpdconf_read(struct snmpdconf *conf, const char *path)
{
	*conf = (struct snmpdconf){0};
	read_file(conf, path, 0);
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

/* How much of `wanted` lies below `subtree`: the length of the latter, or 0 if it does not. */
static size_t covers(const char *subtree, const char *wanted)
{
	char numbers[SNMPDCONF_WORD + 16];
	size_t length;

	subtree = numbers_of(subtree, numbers, sizeof(numbers));
	length = strlen(subtree);
	if (strncmp(subtree, wanted, length) != 0 || (wanted[length] && wanted[length] != '.'))
		return 0;
	return length;
}

bool snmpdconf_shows(const struct snmpdconf *conf, const char *view, const char *subtree)
{
	size_t longest = 0;
	bool shown = strcmp(view, "all") == 0 || strcmp(view, "_all_") == 0;

	for (size_t i = 0; i < conf->view_count; i++) {
		const struct snmpdconf_view *line = &conf->views[i];
		size_t length = strcmp(line->name, view) == 0 ? covers(line->subtree, subtree) : 0;

		if (length <= longest)
			continue;
		longest = length;
		shown = line->included;
	}
	return shown;
}

bool snmpdconf_anybody(const struct snmpdconf *conf, const char *subtree)
{
	for (size_t i = 0; i < conf->grant_count; i++) {
		const struct snmpdconf_grant *grant = &conf->grants[i];

		if (grant->view[0]	    ? snmpdconf_shows(conf, grant->view, subtree)
			: grant->subtree[0] ? covers(grant->subtree, subtree) > 0
					    : true)
			return true;
	}
	return false;
}

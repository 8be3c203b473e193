/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/snmpdconf.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/masterpath.h"

#define WORDS	  12
#define DEPTH_MAX 8 /* of files that include others */

static void read_file(struct snmpdconf *conf, const char *path, unsigned depth);

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

static void take_line(
	struct snmpdconf *conf, char *line, const char *folder, unsigned depth, const char *place)
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
	if (count)
		snmpdrules_take(&conf->rules, words, count, place);
}

static void read_file(struct snmpdconf *conf, const char *path, unsigned depth)
{
	FILE *stream = depth < DEPTH_MAX ? fopen(path, "re") : NULL;
	char folder[256] = "", place[SNMPDCONF_WORD], *line = NULL;
	unsigned number = 0;
	const char *slash = strrchr(path, '/');
	size_t room = 0;

	if (!stream)
		return;
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	conf->read = true;
	while (getline(&line, &room, stream) > 0) {
		snprintf(place, sizeof(place), "%s:%u", path, ++number);
		take_line(conf, line, folder, depth, place);
	}
	free(line);
	fclose(stream);
}

const char *snmpdconf_socket(const struct snmpdconf *conf)
{
	return conf->socket[0] ? conf->socket : MASTERPATH_DEFAULT;
}

bool snmpdconf_listens(const struct snmpdconf *conf, const char *address)
{
	const char *wanted = masterpath_of(address);
	char places[SNMPDCONF_WORD], *rest, *place;

	snprintf(places, sizeof(places), "%s", snmpdconf_socket(conf));
	for (place = strtok_r(places, ",", &rest); place; place = strtok_r(NULL, ",", &rest)) {
		const char *path = masterpath_of(place);

		if (path && wanted ? strcmp(path, wanted) == 0 : strcmp(place, address) == 0)
			return true;
	}
	return false;
}

void snmpdconf_read(struct snmpdconf *conf, const char *path)
{
	*conf = (struct snmpdconf){0};
	read_file(conf, path, 0);
}

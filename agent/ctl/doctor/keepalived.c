/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/keepalived.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRAM	     "keepalived"
#define COMMAND_LINE 4096

static bool is_in(const char *pid, uint64_t network)
{
	struct stat status;
	char path[300];

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	return stat(path, &status) == 0 && status.st_ino == network;
}

/* The arguments, each ended by a zero octet; how long they are together. */
static size_t read_arguments(const char *pid, char arguments[COMMAND_LINE])
{
	char path[300];
	FILE *stream;
	size_t length;

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	stream = fopen(path, "re");
	if (!stream)
		return 0;
	length = fread(arguments, 1, COMMAND_LINE - 1, stream);
	arguments[length] = '\0';
	fclose(stream);
	return length;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Short options may stand together: "-lx"; what has other characters is a value. */
static bool asks_for_snmp(const char *argument)
{
	const char *letter = argument + 1;

	if (argument[0] != '-')
		return false;
	if (strcmp(argument, "--snmp") == 0)
		return true;
	while (isalpha((unsigned char)*letter))
		letter++;
	return !*letter && strchr(argument, 'x');
}

static enum keepalived look_at(const char *pid, uint64_t network)
{
	char arguments[COMMAND_LINE];
	size_t length = read_arguments(pid, arguments);

	if (!length || strcmp(base_name(arguments), PROGRAM) != 0 || !is_in(pid, network))
		return KEEPALIVED_NONE;
	for (size_t at = strlen(arguments) + 1; at < length; at += strlen(arguments + at) + 1) {
		if (asks_for_snmp(arguments + at))
			return KEEPALIVED_SERVES_SNMP;
	}
	return KEEPALIVED_RUNS;
}

enum keepalived keepalived_look(uint64_t network)
{
	enum keepalived found = KEEPALIVED_NONE, one;
	DIR *folder = opendir("/proc");
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		one = look_at(entry->d_name, network);
		if (one > found)
			found = one;
	}
	if (folder)
		closedir(folder);
	return found;
}

/* SPDX-License-Identifier: ISC */
#include "agent/conf/rtnames.h"

#include <errno.h>
#include <glob.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/etc/iproute2/"

static const struct {
	const char *file;
	const char *name;
	uint32_t number;
} built_in[] = {
	{"rt_tables", "main", RT_TABLE_MAIN},
	{"rt_tables", "local", RT_TABLE_LOCAL},
	{"rt_tables", "default", RT_TABLE_DEFAULT},
	{"rt_protos", "kernel", RTPROT_KERNEL},
	{"rt_protos", "boot", RTPROT_BOOT},
	{"rt_protos", "static", RTPROT_STATIC},
	{"rt_protos", "zebra", RTPROT_ZEBRA},
	{"rt_protos", "bird", RTPROT_BIRD},
	{"rt_protos", "dhcp", RTPROT_DHCP},
	{"rt_protos", "keepalived", RTPROT_KEEPALIVED},
};

/* "100 uplink" or "0x64 uplink", # begins a comment. */
static int find_in(const char *path, const char *name, uint32_t maximum, uint32_t *number)
{
	FILE *stream = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int result = -ENOENT;

	if (!stream)
		return -ENOENT;
	while (result < 0 && getline(&line, &room, stream) >= 0) {
		char *rest = NULL;
		unsigned long value = strtoul(line, &rest, 0);
		const char *word = strtok(rest, " \t\r\n");

		if (rest != line && word && line[0] != '#' && strcmp(word, name) == 0 &&
			value <= maximum) {
			*number = (uint32_t)value;
			result = 0;
		}
	}
	free(line);
	fclose(stream);
	return result;
}

int conf_rtname(const char *file, const char *name, uint32_t maximum, uint32_t *number)
{
	char path[128];
	glob_t found = {0};
	int result;

	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (strcmp(built_in[i].file, file) == 0 && strcmp(built_in[i].name, name) == 0) {
			*number = built_in[i].number;
			return 0;
		}
	snprintf(path, sizeof(path), FOLDER "%s", file);
	result = find_in(path, name, maximum, number);
	snprintf(path, sizeof(path), FOLDER "%s.d/*.conf", file);
	if (result < 0 && glob(path, 0, NULL, &found) == 0)
		for (size_t i = 0; result < 0 && i < found.gl_pathc; i++)
			result = find_in(found.gl_pathv[i], name, maximum, number);
	globfree(&found);
	return result;
}

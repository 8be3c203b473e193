/* SPDX-License-Identifier: ISC */
#include "agent/core/facts.h"

#include <dirent.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/conf/text/source.h"
#include "agent/core/core.h"
#include "agent/core/jsontext.h"
#include "agent/core/show/show.h"
#include "agent/core/state.h"
#include "lib/agentxnotes.h"
#include "lib/consumer.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/masterpath.h"

#define ENGINE_THREAD "engine\n"

static const struct {
	uint32_t flag;
	const char *name;
} modules[] = {
	{IMAGE_SNMP_RFCV3, "VRRPV3-MIB"},
	{IMAGE_SNMP_RFCV2, "VRRP-MIB"},
	{IMAGE_SNMP_KEEPALIVED, "KEEPALIVED-MIB"},
};

static json_t *module_names(uint64_t flags)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (flags & modules[i].flag)
			json_array_append_new(list, json_string(modules[i].name));
	}
	return list;
}

static uint32_t served(const struct globals *globals)
{
	return (globals->snmp_rfcv3 ? IMAGE_SNMP_RFCV3 : 0u) |
	       (globals->snmp_rfcv2 ? IMAGE_SNMP_RFCV2 : 0u) |
	       (globals->snmp_keepalived ? IMAGE_SNMP_KEEPALIVED : 0u);
}

static const char *master_of(const struct core_state *state)
{
	const char *address = state->options->agentx ? state->options->agentx
						     : state->config->globals.snmp_socket;

	return address ? address : MASTERPATH_DEFAULT;
}

static json_t *confinement(const _Atomic uint64_t *notes)
{
	static const char *const words[] = {[AGENTX_NOT_YET] = "none-yet",
		[AGENTX_UNCONFINED] = "unconfined",
		[AGENTX_ALONE] = "alone",
		[AGENTX_NETWORK] = "network"};
	uint64_t confined = notes[NOTE_CONFINED];
	struct utsname host = {.machine = ""};

	uname(&host);
	return json_pack("{s:s, s:i, s:i, s:s, s:s}", "reach",
		words[confined <= AGENTX_NETWORK ? confined : AGENTX_NOT_YET], "landlock",
		(int)notes[NOTE_LANDLOCK], "filter", (int)notes[NOTE_FILTER], "kernel",
		host.release, "machine", host.machine);
}

static json_t *snmp(const struct core_state *state)
{
	const struct globals *globals = &state->config->globals;
	const char *master = master_of(state);
	const char *path = masterpath_of(master);
	static const char *const sessions[] = {[AGENTX_NEVER] = "never",
		[AGENTX_TRYING] = "trying",
		[AGENTX_ATTACHED] = "attached"};
	struct consumer *consumer =
		consumer_open(INHERIT_RING, INHERIT_AGENTX_BOOKMARKS, CONSUMER_AGENTX);
	const _Atomic uint64_t *notes;
	uint64_t session, problem;
	json_t *object;

	if (!consumer)
		return json_null();
	notes = consumer_notes(consumer);
	session = notes[NOTE_SESSION];
	problem = notes[NOTE_PROBLEM];
	object = json_pack("{s:o, s:o, s:s, s:s?, s:o, s:o, s:b, s:o}", "master", json_text(master),
		"socket", path ? json_text(path) : json_null(), "session",
		sessions[session <= AGENTX_ATTACHED ? session : AGENTX_NEVER], "problem",
		problem ? strerror((int)problem) : NULL, "served", module_names(served(globals)),
		"taken", module_names(notes[NOTE_TAKEN]), "traps", globals->snmp_traps,
		"confinement", confinement(notes));
	consumer_close(consumer);
	return object;
}

static bool first_line(char *line, int size, const char *path)
{
	FILE *stream = fopen(path, "re");
	bool read = stream && fgets(line, size, stream);

	if (stream)
		fclose(stream);
	return read;
}

/* The real-time priority of the thread of that name in our parent, or 0. */
static int thread_priority(const char *wanted)
{
	struct sched_param parameter = {0};
	char path[320], name[32];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)getppid());
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		snprintf(
			path, sizeof(path), "/proc/%d/task/%s/comm", (int)getppid(), entry->d_name);
		if (!first_line(name, sizeof(name), path) || strcmp(name, wanted) != 0)
			continue;
		if (sched_getscheduler(atoi(entry->d_name)) != SCHED_OTHER)
			sched_getparam(atoi(entry->d_name), &parameter);
		break;
	}
	if (folder)
		closedir(folder);
	return parameter.sched_priority;
}

static json_int_t locked_memory(void)
{
	char path[64], line[256];
	long long kilobytes = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)getppid());
	stream = fopen(path, "re");
	while (stream && fgets(line, sizeof(line), stream)) {
		if (sscanf(line, "VmLck: %lld kB", &kilobytes) == 1)
			break;
	}
	if (stream)
		fclose(stream);
	return (json_int_t)kilobytes * 1024;
}

static json_int_t network(void)
{
	struct stat status;

	return stat("/proc/self/ns/net", &status) == 0 ? (json_int_t)status.st_ino : 0;
}

static bool has_changed(const struct conf_text *text)
{
	FILE *stream = fopen(text->name, "re");
	char *bytes = malloc(text->length + 1);
	bool changed = true;

	if (stream && bytes)
		changed = fread(bytes, 1, text->length + 1, stream) != text->length ||
			  memcmp(bytes, text->text, text->length) != 0;
	if (stream)
		fclose(stream);
	free(bytes);
	return changed;
}

static json_t *files(const struct conf_source *source)
{
	json_t *list = json_array();

	for (size_t i = 0; i < source->text_count; i++)
		json_array_append_new(
			list, json_pack("{s:o, s:b}", "file", json_text(source->texts[i].name),
				      "changed", has_changed(&source->texts[i])));
	return list;
}

json_t *facts_document(const struct core_state *state)
{
	return json_pack("{s:i, s:o, s:{s:i, s:I}, s:I, s:o}", "schema", SHOW_SCHEMA, "snmp",
		snmp(state), "process", "real_time_priority", thread_priority(ENGINE_THREAD),
		"locked_memory", locked_memory(), "network", network(), "files",
		files(state->source));
}

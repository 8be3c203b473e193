/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent/ctl/complete.h"
#include "agent/ctl/detail.h"
#include "agent/ctl/doctor/doctor.h"
#include "agent/ctl/logview.h"
#include "agent/ctl/request.h"
#include "agent/ctl/save.h"
#include "agent/ctl/stats.h"
#include "agent/ctl/table.h"
#include "agent/ctl/watch.h"

#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* vrrpctl asks a running agent over its control socket. */

struct arguments {
	const char *socket;
	bool json;
	int count; /* words behind the command */
	char **words;
};

static int show(const struct arguments *arguments)
{
	json_t *answer;

	if (arguments->count)
		return detail_command(arguments->socket, arguments->json, arguments->words[0]);
	answer = request_answer(arguments->socket, json_pack("{s:s}", "command", "show"));
	if (answer && arguments->json)
		request_print(answer);
	else if (answer)
		table_print(answer, stdout, isatty(STDOUT_FILENO));
	json_decref(answer);
	return answer ? 0 : 1;
}

static int watch(const struct arguments *arguments)
{
	return watch_command(arguments->socket, arguments->json);
}

static int stats(const struct arguments *arguments)
{
	return stats_command(
		arguments->socket, arguments->json, arguments->count ? arguments->words[0] : NULL);
}

static int doctor(const struct arguments *arguments)
{
	return doctor_command(arguments->socket, arguments->json,
		arguments->count ? arguments->words[0] : DOCTOR_SNMPD_CONF);
}

/* "log [NAME] [COUNT]": a number by itself is a count; before one, a name. */
static int log_of(const struct arguments *arguments)
{
	const char *name = arguments->count ? arguments->words[0] : NULL;
	const char *last = arguments->count ? arguments->words[arguments->count - 1] : "";
	char *end = NULL;
	long count = strtol(last, &end, 10);

	if (end == last || *end) {
		if (arguments->count == 2) {
			fprintf(stderr, "vrrpctl: how many events? \"%s\" is no number\n", last);
			return 2;
		}
		count = LOGVIEW_USUAL;
	} else if (arguments->count == 1) {
		name = NULL;
	}
	return logview_command(
		arguments->socket, arguments->json, name, count > INT_MAX ? -1 : (int)count);
}

static void print_warnings(const json_t *answer)
{
	const json_t *warning;
	size_t index;

	json_array_foreach(json_object_get(answer, "warnings"), index, warning)
	{
		fprintf(stderr, "vrrpctl: warning: %s\n", json_string_value(warning));
	}
}

/* Asks for a change; when it is done nothing is said but what a file with it is warned of. */
static int change(const struct arguments *arguments, json_t *request)
{
	json_t *answer = request_answer(arguments->socket, request);

	if (answer && arguments->json)
		request_print(answer);
	else
		print_warnings(answer);
	json_decref(answer);
	return answer ? 0 : 1;
}

/* All words from the third on make up the value, as on a line of the file. */
static int set(const struct arguments *arguments)
{
	char value[2048] = "";
	size_t length = 0;

	for (int i = 2; i < arguments->count; i++) {
		length += (size_t)snprintf(value + length, sizeof(value) - length, "%s%s",
			i > 2 ? " " : "", arguments->words[i]);
		if (length >= sizeof(value)) {
			fputs("vrrpctl: the value is too long\n", stderr);
			return 2;
		}
	}
	return change(arguments,
		json_pack("{s:s, s:s, s:s, s:s}", "command", "set", "name", arguments->words[0],
			"word", arguments->words[1], "value", value));
}

/* Of one router, or of "all". */
static int change_named(const struct arguments *arguments, const char *command)
{
	const char *name = arguments->words[0];

	return change(arguments, json_pack("{s:s, s:s?}", "command", command, "name",
					 strcmp(name, "all") == 0 ? NULL : name));
}

static int drain(const struct arguments *arguments)
{
	return change_named(arguments, "drain");
}

static int undrain(const struct arguments *arguments)
{
	return change_named(arguments, "undrain");
}

static void print_aside(const json_t *answer)
{
	const char *aside = json_string_value(json_object_get(answer, "aside"));

	if (aside && *aside)
		printf("# Set aside: the file has no such vrrp_instance, or has the router "
		       "itself.\n%s",
			aside);
}

static int print_text(const struct arguments *arguments, const char *command, const char *key)
{
	json_t *answer = request_answer(arguments->socket, json_pack("{s:s}", "command", command));
	const char *text = json_string_value(json_object_get(answer, key));

	if (answer && arguments->json) {
		request_print(answer);
	} else if (text) {
		fputs(text, stdout);
		print_aside(answer);
	}
	json_decref(answer);
	return answer ? 0 : 1;
}

static int config_show(const struct arguments *arguments)
{
	return print_text(arguments, "config-show", "configuration");
}

static int config_diff(const struct arguments *arguments)
{
	return print_text(arguments, "config-diff", "difference");
}

static int config_check(const struct arguments *arguments)
{
	json_t *answer =
		request_answer(arguments->socket, json_pack("{s:s}", "command", "config-check"));
	const char *result = json_string_value(json_object_get(answer, "result"));
	int status = result && strcmp(result, "refused") != 0 ? 0 : 1;

	if (answer && arguments->json)
		request_print(answer);
	else if (answer)
		fputs(json_string_value(json_object_get(answer, "text")), stderr);
	if (answer && !arguments->json)
		printf("%s: a reload would %s it\n",
			json_string_value(json_object_get(answer, "file")),
			status == 0 ? "take" : "refuse");
	json_decref(answer);
	return status;
}

static int config_reload(const struct arguments *arguments)
{
	json_t *answer = request_answer(arguments->socket, json_pack("{s:s}", "command", "reload"));

	if (answer && arguments->json)
		request_print(answer);
	else if (answer)
		puts(json_string_value(json_object_get(answer, "result")));
	json_decref(answer);
	return answer ? 0 : 1;
}

static int config_revert(const struct arguments *arguments)
{
	bool all = arguments->count == 0 || strcmp(arguments->words[0], "all") == 0;

	return change(arguments, json_pack("{s:s, s:s?, s:s?}", "command", "config-revert", "name",
					 all ? NULL : arguments->words[0], "word",
					 arguments->count > 1 ? arguments->words[1] : NULL));
}

static int config_save(const struct arguments *arguments)
{
	return save_configuration(arguments->socket, arguments->json);
}

static const struct {
	const char *words[2]; /* the command, and what of it */
	int least, most;      /* words behind it */
	int (*run)(const struct arguments *arguments);
	const char *synopsis, *text;
} commands[] = {
	{{"show"}, 0, 1, show, "show [NAME]", "the virtual routers and their states"},
	{{"watch"}, 0, 0, watch, "watch", "the same, kept up to date, with what happens"},
	{{"stats"}, 0, 1, stats, "stats [NAME]", "what was sent, heard and dropped"},
	{{"log"}, 0, 2, log_of, "log [NAME] [COUNT]", "what happened, as far back as it is known"},
	{{"doctor"}, 0, 1, doctor, "doctor [SNMPD.CONF]", "what is wrong, and what to do"},
	{{"set"}, 2, 64, set, "set NAME WORD [VALUE]", "change what a vrrp_instance says"},
	{{"drain"}, 1, 1, drain, "drain NAME|all", "take a router out of service"},
	{{"undrain"}, 1, 1, undrain, "undrain NAME|all", "put it back"},
	{{"config", "show"}, 0, 0, config_show, "config show", "the configuration in force"},
	{{"config", "diff"}, 0, 0, config_diff, "config diff", "what management changed of it"},
	{{"config", "check"}, 0, 0, config_check, "config check",
		"whether a reload would take the file"},
	{{"config", "reload"}, 0, 0, config_reload, "config reload", "read the file anew"},
	{{"config", "revert"}, 0, 2, config_revert, "config revert [NAME [WORD]]",
		"take those changes back"},
	{{"config", "save"}, 0, 0, config_save, "config save", "write them into the file"},
};

static void usage(FILE *stream)
{
	fputs("usage: vrrpctl [--socket PATH] [--json] COMMAND\n\n", stream);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stream, "  %-28s %s\n", commands[i].synopsis, commands[i].text);
	fputs("\n"
	      "  --socket PATH  the agent's control socket (" RUNSTATEDIR
	      "/vrrp-agent/control.sock)\n"
	      "  --json         print the document itself\n"
	      "  --version      show the version\n",
		stream);
}

/* 0 to go on, otherwise the exit status plus one. */
static int parse_options(struct arguments *arguments, int argc, char **argv)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "s:jVh", options, NULL)) >= 0) {
		switch (option) {
		case 's':
			arguments->socket = optarg;
			break;
		case 'j':
			arguments->json = true;
			break;
		case 'V':
			puts(PACKAGE_STRING);
			return 1;
		case 'h':
			usage(stdout);
			return 1;
		default:
			fputs("vrrpctl --help says what there is; behind -- a word may begin "
			      "with -\n",
				stderr);
			return 3;
		}
	}
	arguments->words = argv + optind;
	arguments->count = argc - optind;
	return 0;
}

/* How many words of the command are there, or 0 if it is another. */
static int match(const char *const words[2], const struct arguments *arguments)
{
	if (arguments->count < 1 || strcmp(arguments->words[0], words[0]) != 0)
		return 0;
	if (!words[1])
		return 1;
	return arguments->count > 1 && strcmp(arguments->words[1], words[1]) == 0 ? 2 : 0;
}

/* "complete -- WORD...": what may stand where the last word is, for shells. */
static int complete(const struct arguments *arguments)
{
	int typed = arguments->count > 0 ? arguments->count - 1 : 0;
	struct arguments before = {.count = typed, .words = arguments->words};

	if (typed == 0)
		puts("--json\n--socket\n--version\n--help");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *const *words = commands[i].words;

		if (typed == 0 && (i == 0 || strcmp(words[0], commands[i - 1].words[0]) != 0))
			puts(words[0]);
		else if (typed == 0)
			continue;
		else if (match(words, &before))
			complete_place(arguments->socket, commands[i].synopsis, typed);
		else if (typed == 1 && words[1] && strcmp(words[0], before.words[0]) == 0)
			puts(words[1]);
	}
	return 0;
}

/* What there is instead: of a command that takes another word, its own. */
static int no_command(const struct arguments *arguments)
{
	const char *first = arguments->count ? arguments->words[0] : "";
	const char *second = arguments->count > 1 ? arguments->words[1] : NULL;
	bool found = false;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		found |= commands[i].words[1] && strcmp(commands[i].words[0], first) == 0;
	if (found && second)
		fprintf(stderr, "vrrpctl: there is no command \"%s %s\"\n", first, second);
	else if (found)
		fprintf(stderr, "vrrpctl: what of \"%s\"?\n", first);
	else if (arguments->count)
		fprintf(stderr, "vrrpctl: there is no command \"%s\"\n", first);
	if (!found) {
		usage(stderr);
		return 2;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].words[0], first) == 0)
			fprintf(stderr, "usage: vrrpctl %-28s %s\n", commands[i].synopsis,
				commands[i].text);
	return 2;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.socket = RUNSTATEDIR "/vrrp-agent/control.sock"};
	int end = parse_options(&arguments, argc, argv);

	if (end)
		return end - 1;
	if (arguments.count == 1 && strcmp(arguments.words[0], "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (arguments.count && strcmp(arguments.words[0], "complete") == 0) {
		arguments.words++;
		arguments.count--;
		return complete(&arguments);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		int taken = match(commands[i].words, &arguments);

		if (!taken)
			continue;
		arguments.words += taken;
		arguments.count -= taken;
		if (arguments.count >= commands[i].least && arguments.count <= commands[i].most)
			return request_end(commands[i].run(&arguments), arguments.json);
		fprintf(stderr, "usage: vrrpctl %s\n", commands[i].synopsis);
		return 2;
	}
	return no_command(&arguments);
}

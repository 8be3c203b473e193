/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent/ctl/table.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* vrrpctl asks a running agent over its control socket. */

#define ANSWER_SECONDS 5

struct arguments {
	const char *socket;
	const char *command;
	bool json;
};

static void usage(FILE *stream)
{
	fputs("usage: vrrpctl [--socket PATH] [--json] show\n"
	      "\n"
	      "  show           the virtual routers and their states\n"
	      "\n"
	      "  --socket PATH  the agent's control socket (" RUNSTATEDIR
	      "/vrrp-agent/control.sock)\n"
	      "  --json         print the document itself\n"
	      "  --version      show the version\n",
		stream);
}

static int connect_to(const char *path)
{
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "vrrpctl: %s: too long for a socket's name\n", path);
		return -1;
	}
	strcpy(address.sun_path, path);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	}
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	fprintf(stderr, "vrrpctl: no agent answers at %s: %s%s\n", path, strerror(errno),
		errno == EACCES ? "; run vrrpctl as root or as a member of the socket's group"
		: errno == ENOENT || errno == ECONNREFUSED
			? "; is vrrp-agent running? (--socket PATH names another)"
			: "");
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The answer's document, or NULL after saying why there is none. */
static json_t *ask(const char *path, const char *command)
{
	json_t *request = json_pack("{s:s}", "command", command);
	json_error_t error = {.text = "the connection was closed"};
	json_t *answer = NULL;
	FILE *stream;
	int fd = connect_to(path);

	stream = fd >= 0 ? fdopen(fd, "r+") : NULL;
	if (stream) {
		json_dumpf(request, stream, JSON_COMPACT);
		fputc('\n', stream);
		fflush(stream);
		answer = json_loadf(stream, JSON_DISABLE_EOF_CHECK, &error);
		if (!answer && ferror(stream) && errno == EAGAIN)
			fprintf(stderr,
				"vrrpctl: the agent at %s did not answer within %d s; its log may "
				"say what holds it up\n",
				path, ANSWER_SECONDS);
		else if (!answer)
			fprintf(stderr, "vrrpctl: the agent's answer can't be read: %s\n",
				error.text);
		fclose(stream);
	}
	json_decref(request);
	return answer;
}

static int show(const struct arguments *arguments)
{
	json_t *answer = ask(arguments->socket, "show");
	const char *error = json_string_value(json_object_get(answer, "error"));
	int status = answer && !error ? 0 : 1;

	if (error)
		fprintf(stderr, "vrrpctl: %s\n", error);
	else if (answer && arguments->json)
		json_dumpf(answer, stdout, JSON_INDENT(2));
	else if (answer)
		table_print(answer, stdout, isatty(STDOUT_FILENO));
	if (!status && arguments->json)
		putchar('\n');
	json_decref(answer);
	return status;
}

static const struct {
	const char *word;
	int (*run)(const struct arguments *arguments);
} commands[] = {
	{"show", show},
};

/* 0 to go on, otherwise the exit status plus one. */
static int parse(struct arguments *arguments, int argc, char **argv)
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
			usage(stderr);
			return 3;
		}
	}
	if (optind != argc - 1) {
		usage(stderr);
		return 3;
	}
	arguments->command = argv[optind];
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.socket = RUNSTATEDIR "/vrrp-agent/control.sock"};
	int end = parse(&arguments, argc, argv);

	if (end)
		return end - 1;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(arguments.command, commands[i].word) == 0)
			return commands[i].run(&arguments);
	}
	fprintf(stderr, "vrrpctl: there is no command \"%s\"\n", arguments.command);
	usage(stderr);
	return 2;
}

/* SPDX-License-Identifier: ISC */
#include "agent/options.h"

#include "agent/keepalivedoptions.h"
#include "lib/log.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum long_option {
	OPTION_NO_SNMP = 256,
	OPTION_NO_KERNEL_FILTER,
	OPTION_STATE_DIR,
	OPTION_RUN_DIR,
	OPTION_ROLE,
	OPTION_RELEASE,
	OPTION_CHECK_SOURCE,
	OPTION_GROUP_OF,
	OPTION_NET_NAMESPACE,
	OPTION_CHECK_SOCKET,
	OPTION_ACTIVATED,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'f'},
	{"config-id", required_argument, NULL, 'i'},
	{"test", no_argument, NULL, 't'},
	{"agentx-socket", required_argument, NULL, 'x'},
	{"no-snmp", no_argument, NULL, OPTION_NO_SNMP},
	{"no-kernel-filter", no_argument, NULL, OPTION_NO_KERNEL_FILTER},
	{"state-dir", required_argument, NULL, OPTION_STATE_DIR},
	{"run-dir", required_argument, NULL, OPTION_RUN_DIR},
	{"level", required_argument, NULL, 'l'},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{"role", required_argument, NULL, OPTION_ROLE},
	{"release", no_argument, NULL, OPTION_RELEASE},
	{"check-source", no_argument, NULL, OPTION_CHECK_SOURCE},
	{"group-of", required_argument, NULL, OPTION_GROUP_OF},
	{"net-namespace", required_argument, NULL, OPTION_NET_NAMESPACE},
	{"check-socket", required_argument, NULL, OPTION_CHECK_SOCKET},
	{"activated", no_argument, NULL, OPTION_ACTIVATED},
};

#define LETTERS	     "f:i:tx:l:Vh"
#define OPTION_COUNT (sizeof(long_options) / sizeof(long_options[0]))

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_SUPERVISOR] = "supervisor",
	[ROLE_CORE] = "core",
	[ROLE_AGENTX] = "agentx",
	[ROLE_CHECK] = "check",
};

const char *role_name(enum role role)
{
	return role_names[role];
}

void options_usage(FILE *stream)
{
	fputs("usage: vrrp-agent [-f FILE] [-i ID] [-t] [-x AGENTX-SOCKET] [--no-snmp]\n"
	      "                  [--no-kernel-filter] [--state-dir DIR] [--run-dir DIR] "
	      "[--check-socket SOCKET] [-l "
	      "LEVEL]\n"
	      "                  [--release] [-V] [-h]\n"
	      "\n"
	      "  -f, --config FILE           configuration (" SYSCONFDIR
	      "/vrrp-agent/vrrp-agent.conf)\n"
	      "  -i, --config-id ID          take its lines that begin with @ID (the host's name "
	      "up "
	      "to its first dot)\n"
	      "  -t, --test                  check it: exit 0 good, 1 usable with warnings, 2 "
	      "refused\n"
	      "  -x, --agentx-socket SOCKET  where snmpd listens for subagents\n"
	      "      --no-snmp               run without SNMP\n"
	      "      --no-kernel-filter      let the kernel check no advertisement\n"
	      "      --state-dir DIR         what must survive a reboot (" LOCALSTATEDIR
	      "/lib/vrrp-agent)\n"
	      "      --run-dir DIR           control socket and journal (" RUNSTATEDIR
	      "/vrrp-agent)\n"
	      "      --check-socket SOCKET   where the service manager starts the check process\n"
	      "      --release               take away what a program that has died left\n"
	      "  -l, --level LEVEL           emerg alert crit error warning notice info debug "
	      "(info)\n"
	      "  -V, --version               show the version\n"
	      "  -h, --help                  show this\n",
		stream);
}

static int set_role(struct options *options, const char *name)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		if (strcmp(name, role_names[role]) == 0) {
			options->role = (enum role)role;
			return 0;
		}
	}
	fprintf(stderr, "vrrp-agent: there is no role \"%s\"\n", name);
	return -1;
}

static int set_level(struct options *options, const char *word)
{
	options->level = log_parse_level(word);
	if (options->level >= 0)
		return 0;
	fprintf(stderr,
		"vrrp-agent: -l %s: not a level; choose one of emerg, alert, crit, error, warning, "
		"notice, info, debug. keepalived's -l is not needed: messages go to standard "
		"error\n",
		word);
	return -1;
}

static int set_agentx(struct options *options, const char *socket)
{
	options->agentx = socket;
	if (socket[0] != '-')
		return 0;
	fprintf(stderr,
		"vrrp-agent: -x needs the path of snmpd's socket, not \"%s\". keepalived's -x is "
		"%s\n",
		socket, keepalived_snmp);
	return -1;
}

/* The caller goes on, so that all of them are told. */
static int tell_keepalived(int option)
{
	char name[32];
	const char *instead = keepalived_option(option, name);

	if (instead)
		fprintf(stderr, "vrrp-agent: %s is an option of keepalived: %s\n", name, instead);
	else
		options_usage(stderr);
	return instead ? 1 : -1;
}

/* 0; 1: told, there may be more; -1: told, and that is all. */
static int set_option(struct options *options, int option, const char *argument)
{
	switch (option) {
	case 'f':
		options->config = argument;
		return 0;
	case 'i':
		options->config_id = argument;
		return 0;
	case 't':
		options->test = true;
		return 0;
	case 'x':
		return set_agentx(options, argument);
	case 'l':
		return set_level(options, argument);
	case 'V':
		options->version = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	case OPTION_NO_SNMP:
		options->no_snmp = true;
		return 0;
	case OPTION_NO_KERNEL_FILTER:
		options->no_kernel_filter = true;
		return 0;
	case OPTION_STATE_DIR:
		options->state_dir = argument;
		return 0;
	case OPTION_RUN_DIR:
		options->run_dir = argument;
		return 0;
	case OPTION_RELEASE:
		options->release = true;
		return 0;
	case OPTION_CHECK_SOURCE:
		options->check_source = true;
		return 0;
	case OPTION_ROLE:
		return set_role(options, argument);
	case OPTION_GROUP_OF:
		options->group_of = argument;
		return 0;
	case OPTION_NET_NAMESPACE:
		options->net_namespace = argument;
		return 0;
	case OPTION_CHECK_SOCKET:
		options->check_socket = argument;
		return 0;
	case OPTION_ACTIVATED:
		options->activated = true;
		return 0;
	default:
		return tell_keepalived(option);
	}
}

int options_parse(struct options *options, int argc, char **argv)
{
	struct option words[OPTION_COUNT + KEEPALIVED_OPTIONS_MAX + 1];
	char letters[sizeof(LETTERS) + 3 * KEEPALIVED_OPTIONS_MAX] = LETTERS;
	int option, result, told = 0;

	*options = (struct options){
		.config = SYSCONFDIR "/vrrp-agent/vrrp-agent.conf",
		.state_dir = LOCALSTATEDIR "/lib/vrrp-agent",
		.run_dir = RUNSTATEDIR "/vrrp-agent",
		.level = LOG_INFO,
	};
	memcpy(words, long_options, sizeof(long_options));
	keepalived_options_add(words + OPTION_COUNT, letters + strlen(LETTERS));
	while ((option = getopt_long(argc, argv, letters, words, NULL)) >= 0) {
		result = set_option(options, option, optarg);
		if (result < 0)
			return -1;
		told |= result;
	}
	if (told)
		return -1;
	if (optind < argc) {
		fprintf(stderr, "vrrp-agent: unexpected argument \"%s\"\n", argv[optind]);
		return -1;
	}
	return 0;
}

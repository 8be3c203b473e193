/* SPDX-License-Identifier: ISC */
#include "agent/keepalivedoptions.h"

#include <assert.h>
#include <stdio.h>

#define FIRST 1024 /* beyond the numbers of our own */

static const char console[] = "not needed: messages go to standard error";
static const char no_process_file[] =
	"there are no process files; the process is the one that was started";

const char keepalived_snmp[] = "not needed: VRRPV3-MIB is always served, the rest by "
			       "enable_snmp_vrrp and enable_snmp_rfcv2 in global_defs";

/* Without the letters and words that we have as well: -f -i -t -h -l -x -V, --config-id, --help and
 * --version. */
static const struct {
	const char *word; /* NULL: only the letter */
	char letter;	  /* 0: only the word */
	int argument;	  /* of getopt_long() */
	const char *instead;
} options[] = {
	{"use-file", 0, required_argument, "write -f FILE"},
	{"config-test", 0, optional_argument, "write -t"},
	{NULL, 'v', no_argument, "write -V"},
	{"dont-fork", 'n', no_argument, "not needed: it stays in the foreground"},
	{"vrrp", 'P', no_argument, "not needed: it does nothing but VRRP"},
	{"log-console", 0, no_argument, console},
	{"no-syslog", 'G', no_argument, console},
	{"log-detail", 'D', no_argument, "not needed; -l debug says more"},
	{"log-file", 'g', optional_argument, "lead standard error into a file"},
	{"log-facility", 'S', required_argument,
		"messages go to standard error, and under systemd to the journal"},
	{"dump-conf", 'd', no_argument, "'vrrpctl config show' shows the configuration"},
	{"pid", 'p', required_argument, no_process_file},
	{"vrrp_pid", 'r', required_argument, no_process_file},
	{"checkers_pid", 'c', required_argument, no_process_file},
	{"bfd_pid", 'b', required_argument, no_process_file},
	{"snmp", 0, no_argument, keepalived_snmp},
	{"snmp-agent-socket", 'A', required_argument, "write -x SOCKET"},
	{"namespace", 's', required_argument,
		"write net_namespace NAME at the top of the configuration"},
	{"umask", 'u', required_argument, "write umask MASK into global_defs"},
	{"all-config", 'e', no_argument, "write includea where a file that is missing is an error"},
	{"release-vips", 'X', no_argument, "not needed: addresses are given up at the end"},
	{"dont-release-vrrp", 0, no_argument,
		"vrrp_keep_on_restart in global_defs keeps addresses over a restart"},
	{"dont-respawn", 'R', no_argument, "a process that dies is always started again"},
	{"address-monitoring", 'a', no_argument, "use 'ip monitor address'"},
	{"signum", 0, required_argument,
		"RELOAD is HUP, DATA is USR1, STOP is TERM: SIGNALS in vrrp-agent(8)"},
	{"core-dump", 'm', no_argument, "core dumps are up to the service manager"},
	{"core-dump-pattern", 'M', optional_argument, "set kernel.core_pattern by sysctl"},
	{"all", 0, no_argument, "not needed: there is no process to choose"},
	{"check", 'C', no_argument, "there are no health checks of real servers"},
	{"dont-release-ipvs", 'I', no_argument, "there is no IPVS"},
	{"no_bfd", 'B', no_argument, "not needed: there is no BFD"},
	{"genhash", 'T', no_argument, "there are no health checks of real servers"},
};

#define COUNT (sizeof(options) / sizeof(options[0]))

static_assert(COUNT <= KEEPALIVED_OPTIONS_MAX, "callers have the room");

void keepalived_options_add(struct option *words, char *letters)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (options[i].word)
			*words++ = (struct option){
				options[i].word, options[i].argument, NULL, FIRST + (int)i};
		if (!options[i].letter)
			continue;
		*letters++ = options[i].letter;
		for (int colons = options[i].argument; colons > 0; colons--)
			*letters++ = ':';
	}
	*words = (struct option){0};
	*letters = '\0';
}

const char *keepalived_option(int option, char name[32])
{
	for (size_t i = 0; i < COUNT; i++) {
		if (option == FIRST + (int)i)
			snprintf(name, 32, "--%s", options[i].word);
		else if (option == options[i].letter)
			snprintf(name, 32, "-%c", option);
		else
			continue;
		return options[i].instead;
	}
	return NULL;
}

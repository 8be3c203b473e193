/* SPDX-License-Identifier: ISC */
#ifndef AGENT_OPTIONS_H
#define AGENT_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

/* Which process of the agent this is. */
enum role {
	ROLE_SUPERVISOR,
	ROLE_CORE,
	ROLE_AGENTX,
	ROLE_CHECK,
	ROLE_COUNT
};

/* What the command line says. */
struct options {
	const char *config;    /* -f */
	const char *config_id; /* -i; NULL: by the name of the host */
	const char *state_dir; /* --state-dir */
	const char *run_dir;   /* --run-dir */
	const char *agentx;    /* -x; NULL: net-snmp's default */
	int level;	       /* -l; syslog's number */
	bool no_snmp;	       /* --no-snmp */
	bool no_kernel_filter; /* --no-kernel-filter */
	bool test;	       /* -t */
	bool release;	       /* --release */
	bool check_source;     /* a program that is to be replaced tries its successor */
	bool version;	       /* -V */
	bool help;	       /* -h */
	const char *group_of;  /* --group-of: the AgentX address of the configuration, for agentx */
	const char *net_namespace; /* --net-namespace: that the supervisor has entered, for core */
	const char *check_socket;  /* --check-socket: of check's own unit; NULL: none */
	bool activated;		   /* --activated: check, as the service manager starts it */
	enum role role;		   /* the supervisor's children are told theirs */
};

/* Reads the command line.  0, or -1 after saying on standard error what is wrong with it. */
int options_parse(struct options *options, int argc, char **argv);

void options_usage(FILE *stream);

/* "core"; the word that the supervisor passes on, and the name in logs. */
const char *role_name(enum role role);

#endif

/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent/activation.h"
#include "agent/core/candidate.h"
#include "agent/core/control.h"
#include "agent/core/core.h"
#include "agent/core/events/events.h"
#include "agent/core/show/show.h"
#include "agent/netentry.h"
#include "agent/options.h"
#include "agent/privileges.h"
#include "agent/realtime.h"
#include "agent/release.h"
#include "agent/snmp/agentx.h"
#include "agent/supervisor.h"
#include "check/check.h"
#include "lib/cpusched.h"
#include "lib/inherit.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/* -t: says all that is wrong with the file; the exit status is the verdict. */
static int test_configuration(const struct options *options)
{
	struct conf_diagnostics diagnostics = {0};
	enum conf_result result;

	netentry_try(options);
	/* Core reads the file with these, so what it can't read shall not pass here. */
	privileges_drop(ROLE_CORE, NULL);
	result = candidate_test(options->config, options->config_id, &diagnostics);

	conf_diagnostics_print(&diagnostics, stderr);
	conf_diagnostics_clear(&diagnostics);
	return (int)result;
}

static int test_source(void)
{
	struct conf_diagnostics diagnostics = {0};
	enum conf_result result;

	privileges_drop(ROLE_CORE, NULL);
	result = candidate_test_source(INHERIT_SOURCE, &diagnostics);
	if (result == CONF_REFUSED)
		conf_diagnostics_print(&diagnostics, stderr);
	conf_diagnostics_clear(&diagnostics);
	return (int)result;
}

static int run_core(const struct options *options)
{
	static const struct core_service services[] = {
		{"event log", events_start, events_stop},
		{"control socket", control_start, control_stop},
		{0},
	};
	struct core_options core = {.path = options->config,
		.config_id = options->config_id,
		.state_dir = options->state_dir,
		.run_dir = options->run_dir,
		.agentx = options->agentx,
		.net_namespace = options->net_namespace,
		.show = show_document,
		.services = services};

	return core_run(&core);
}

static int run_agentx(const struct options *options)
{
	struct agentx_options agentx = {.socket = options->agentx};

	return agentx_run(&agentx);
}

/* In a unit of its own, with the descriptors of the agent that has connected to its socket. */
static int activate(struct options *options)
{
	int error = activation_take(&options->level);

	if (!error)
		return 0;
	log_open(role_name(options->role), options->level);
	if (error == -ESTALE)
		log_message(LOG_NOTICE,
			"the agent that asks runs another version of the program, and starts its "
			"check process itself until it is restarted");
	else
		log_message(LOG_ERR, "no agent's check process: %s", strerrordesc_np(-error));
	return error;
}

/* What ps and top show: the kernel's own name for what was executed by /proc/self/exe is "exe". */
static void name_process(enum role role)
{
	char name[16];

	snprintf(
		name, sizeof(name), "vrrp-%s", role == ROLE_SUPERVISOR ? "agent" : role_name(role));
	prctl(PR_SET_NAME, name);
}

static int run_role(const struct options *options, char **arguments)
{
	int error;

	name_process(options->role);
	log_open(role_name(options->role), options->level);
	if (options->role == ROLE_SUPERVISOR)
		return supervisor_run(options, arguments);
	realtime_forgo();
	if (options->role == ROLE_CHECK)
		cpusched_begin();
	else
		cpusched_forgo();
	error = privileges_drop(
		options->role, options->agentx ? options->agentx : options->group_of);
	if (error) {
		log_message(LOG_ERR, "privileges can't be dropped: %s", strerrordesc_np(-error));
		return CORE_EXIT_FAILED;
	}
	switch (options->role) {
	case ROLE_CORE:
		return run_core(options);
	case ROLE_AGENTX:
		return run_agentx(options);
	default:
		return check_run(
			options->activated ? LIFELINE_STRANGER_SLEEP_MS : LIFELINE_SLEEP_MS);
	}
}

int main(int argc, char **argv)
{
	struct options options;

	if (options_parse(&options, argc, argv) < 0)
		return CORE_EXIT_REFUSED;
	if (options.help) {
		options_usage(stdout);
		return 0;
	}
	if (options.version) {
		puts(PACKAGE_STRING);
		return 0;
	}
	if (options.test)
		return test_configuration(&options);
	if (options.check_source)
		return test_source();
	if (options.release)
		return release_run(&options);
	if (options.activated && activate(&options) < 0)
		return CORE_EXIT_FAILED;
	return run_role(&options, argv);
}

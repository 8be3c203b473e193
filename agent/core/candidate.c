/* SPDX-License-Identifier: ISC */
#include "agent/core/candidate.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "agent/conf/load.h"
#include "agent/conf/syncgroup.h"
#include "agent/conf/validate.h"
#include "agent/core/host.h"
#include "agent/core/netnamespace.h"
#include "agent/core/rights.h"
#include "agent/core/script_user.h"
#include "lib/descriptor.h"
#include "lib/image.h"

void candidate_clear(struct candidate *candidate)
{
	conf_source_free(candidate->source);
	config_free(candidate->config);
	slots_free(candidate->slots);
	overlay_aside_clear(&candidate->aside);
	*candidate = (struct candidate){0};
}

int candidate_read(struct candidate *candidate, const char *path, const char *config_id,
	struct conf_diagnostics *diagnostics)
{
	const struct conf_place place = {.file = path};
	int error = conf_source_read(path, config_id, &candidate->source);

	if (error)
		conf_diagnose(diagnostics, CONF_ERROR, &place, "cannot read the file: %s%s",
			conf_source_problem(error),
			error == -ENOENT ? "; create it, or name another with -f" : "");
	return error;
}

int candidate_copy_source(struct candidate *candidate, const struct conf_source *source)
{
	int fd = memfd_create("vrrp-source", MFD_CLOEXEC);
	int error = fd < 0 ? -errno : conf_source_save(source, fd);

	if (!error)
		error = conf_source_restore(fd, &candidate->source);
	descriptor_close(fd);
	return error;
}

/* Allowed, but seldom meant: a file that was cut off, or an include that matched nothing. */
static void check_empty(const struct candidate *candidate, struct conf_diagnostics *diagnostics)
{
	const struct conf_place place = {.file = candidate->source->texts[0].name};

	if (candidate->config->instance_count == 0)
		conf_diagnose(diagnostics, CONF_WARNING, &place,
			"there is no vrrp_instance in it: no virtual router will run");
}

/* Users, groups and namespaces of this host. */
static void check_names(const struct config *config, struct conf_diagnostics *diagnostics)
{
	script_user_check(config, diagnostics);
	rights_check(config, diagnostics);
	netnamespace_check(config, diagnostics);
}

/* Everything that the file alone can get wrong, here and in what the language leaves to others:
 * users of this host, and what images can't express. */
static int parse(struct candidate *candidate, struct conf_diagnostics *diagnostics)
{
	struct host *host = host_look();
	struct conf_host questions = host_questions(host);

	candidate->config = conf_load_source(candidate->source, &questions, diagnostics);
	host_free(host);
	if (!candidate->config)
		return -EINVAL;
	check_empty(candidate, diagnostics);
	check_names(candidate->config, diagnostics);
	conf_finish_diagnostics(diagnostics, candidate->source);
	return conf_diagnostics_result(diagnostics) == CONF_REFUSED ? -EINVAL : 0;
}

void candidate_review(struct config *config, struct conf_diagnostics *diagnostics)
{
	struct host *host = host_look();
	struct conf_host questions = host_questions(host);

	if (conf_validate(config, &questions, diagnostics) < 0)
		diagnostics->out_of_memory = true;
	host_free(host);
	check_names(config, diagnostics);
}

enum conf_result candidate_test(
	const char *path, const char *config_id, struct conf_diagnostics *diagnostics)
{
	struct candidate candidate = {0};

	if (candidate_read(&candidate, path, config_id, diagnostics) == 0)
		parse(&candidate, diagnostics);
	candidate_clear(&candidate);
	return conf_diagnostics_result(diagnostics);
}

enum conf_result candidate_test_source(int source, struct conf_diagnostics *diagnostics)
{
	struct candidate candidate = {0};
	bool good = conf_source_restore(source, &candidate.source) == 0 &&
		    parse(&candidate, diagnostics) == 0;

	candidate_clear(&candidate);
	return good ? conf_diagnostics_result(diagnostics) : CONF_REFUSED;
}

static int plan_slots(
	struct candidate *candidate, const struct slots *held, struct conf_diagnostics *diagnostics)
{
	const struct conf_place place = {.file = candidate->source->texts[0].name};

	candidate->slots = slots_plan(held, candidate->config);
	if (candidate->slots)
		return 0;
	if (errno != ENOSPC)
		return -errno;
	conf_diagnose(diagnostics, CONF_ERROR, &place,
		"%zu virtual routers are more than the %d that fit, or too many were replaced at "
		"once: reload in two steps",
		candidate->config->instance_count, IMAGE_SLOTS);
	return -EINVAL;
}

int candidate_build(struct candidate *candidate, const char *path, const char *text, size_t length,
	const struct slots *held, struct conf_diagnostics *diagnostics)
{
	int error = parse(candidate, diagnostics);

	if (!error)
		error = overlay_apply(
			candidate->config, path, text, length, &candidate->aside, diagnostics);
	if (!error)
		error = plan_slots(candidate, held, diagnostics);
	conf_finish_diagnostics(diagnostics, candidate->source);
	return error;
}

int candidate_validate(struct candidate *candidate, const struct store *store,
	const struct slots *held, struct conf_diagnostics *diagnostics)
{
	size_t length;
	const char *text = store_text(store, &length);

	return candidate_build(candidate, store_path(store), text, length, held, diagnostics);
}

int candidate_may_replace(const struct candidate *candidate, const char *entered,
	struct conf_diagnostics *diagnostics)
{
	int error = netnamespace_check_entered(
		candidate->config, candidate->source->texts[0].name, entered, diagnostics);

	conf_finish_diagnostics(diagnostics, candidate->source);
	return error;
}

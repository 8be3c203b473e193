/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_CANDIDATE_H
#define AGENT_CORE_CANDIDATE_H

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"
#include "agent/conf/text/source.h"
#include "agent/core/overlay.h"
#include "agent/core/slots.h"
#include "agent/core/store.h"

/* A configuration that may come into force, or is: the text it was read from, its model with the
 * overlay applied, and its slots.  Begins as {0}; owns all its parts. */
struct candidate {
	struct conf_source *source;
	struct config *config;
	struct slots *slots;
	struct overlay_aside aside;
};

void candidate_clear(struct candidate *candidate);

/* Reads the file and all it includes into candidate->source; `config_id` is -i, or NULL.  0, or a
 * negative errno and an error among the diagnostics.  May block on the disk. */
int candidate_read(struct candidate *candidate, const char *path, const char *config_id,
	struct conf_diagnostics *diagnostics);

/* The same from a text that has been read. */
int candidate_copy_source(struct candidate *candidate, const struct conf_source *source);

/* The same judgement of a configuration that is built already.  Fills in what follows from other
 * values. */
void candidate_review(struct config *config, struct conf_diagnostics *diagnostics);

/* What -t does: reads and checks the file as a start or a reload would, without the store. */
enum conf_result candidate_test(
	const char *path, const char *config_id, struct conf_diagnostics *diagnostics);

/* The same for a text that was accepted before, perhaps by another version of the program. */
enum conf_result candidate_test_source(int source, struct conf_diagnostics *diagnostics);

/* Parses and validates candidate->source, checks that the users of scripts exist, applies what the
 * store holds, and plans slots after those `held`.  0; -EINVAL: refused, the diagnostics have an
 * error; -ENOMEM. */
int candidate_validate(struct candidate *candidate, const struct store *store,
	const struct slots *held, struct conf_diagnostics *diagnostics);

/* The same with the overlay in `text`, whose diagnostics name it `path`. */
int candidate_build(struct candidate *candidate, const char *path, const char *text, size_t length,
	const struct slots *held, struct conf_diagnostics *diagnostics);

/* Whether a program that has entered that network namespace (NULL: none) may run with it, now that
 * it is validated.  0, or -EINVAL and an error among the diagnostics. */
int candidate_may_replace(const struct candidate *candidate, const char *entered,
	struct conf_diagnostics *diagnostics);

#endif

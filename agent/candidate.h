/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CANDIDATE_H
#define AGENT_CANDIDATE_H

#include "agent/conf/diagnose.h"
#include "agent/conf/source.h"
#include "agent/model.h"
#include "agent/overlay.h"
#include "agent/slots.h"
#include "agent/store.h"

/* A configuration that may come into force, or is: the text it was read from, its model with the
 * overlay applied, and its slots.  Begins as {0}; owns all its parts. */
struct candidate {
	struct conf_source *source;
	struct config *config;
	struct slots *slots;
	struct overlay_aside aside;
};

void candidate_clear(struct candidate *candidate);

/* Reads the file and all it includes into candidate->source.  0, or a negative errno and an error
 * among the diagnostics.  May block on the disk. */
int candidate_read(
	struct candidate *candidate, const char *path, struct conf_diagnostics *diagnostics);

/* Adds an error for all that the file may say but this host or program can't do: users and groups
 * of scripts that do not exist, and what images can't express.  Part of checking a file, wherever
 * that is done. */
void candidate_check(const struct config *config, struct conf_diagnostics *diagnostics);

/* Parses and validates candidate->source, applies what the store holds, does candidate_check, and
 * plans slots after those `held`.  0; -EINVAL: refused, the diagnostics have an
 * error; -ENOMEM. */
int candidate_validate(struct candidate *candidate, const struct store *store,
	const struct slots *held, struct conf_diagnostics *diagnostics);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_PROGRAMCHECK_H
#define AGENT_CORE_PROGRAMCHECK_H

#include <stdbool.h>
#include <sys/types.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* Warns of a program that could not be run as that user if it were asked for at once.  What this
 * process may not look at is not judged. */
void program_check(const char *name, uid_t uid, const struct origin *origin,
	struct conf_diagnostics *diagnostics);

/* Warns of words that only a shell would know, since none is asked. Whether argv[0] names a
 * program. */
bool program_check_words(
	const char *const *argv, const struct origin *origin, struct conf_diagnostics *diagnostics);

#endif

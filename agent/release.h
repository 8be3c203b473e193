/* SPDX-License-Identifier: ISC */
#ifndef AGENT_RELEASE_H
#define AGENT_RELEASE_H

#include "agent/options.h"

/* --release: what systemd runs after the program has ended, however it did.  Takes away from the
 * kernel what the program left there, unless another runs by now or its successor is about to go on
 * with it.  Returns the exit status. */
int release_run(const struct options *options);

/* The same in the network namespace of that name ("": where the process is), by one that has taken
 * the run directory and ends afterwards.  It keeps no power but that to change the network. */
int release_in(const struct options *options, const char *name);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_NETENTRY_H
#define AGENT_NETENTRY_H

#include "agent/core/firstlook.h"
#include "agent/options.h"

#include <stdbool.h>

struct handed_over;

/* The program's way into the network namespace that its configuration names (net_namespace).  Only
 * while the process has one thread; entering needs SYS_ADMIN. */

/* Enters it, before anything else is opened: the name is read by a process without any power.  Of
 * a file that is refused it is not known: then the namespace of the last run is entered, since what
 * that left is there.  What the last run left in another namespace is taken away.  A program that
 * another has become stays where it is.
 *
 * The run directory is taken.  `look` become those of the file, or of the last run: the name, and
 * how many routers about; 0: unknown.  0 or a negative errno; the log says why. */
int netentry_enter(
	const struct options *options, struct handed_over *handed, struct firstlook *look);

/* The same for a program that only looks at the configuration, as far as it can. */
void netentry_try(const struct options *options);

#endif

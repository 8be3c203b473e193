/* SPDX-License-Identifier: ISC */
#ifndef AGENT_KEEPALIVEDOPTIONS_H
#define AGENT_KEEPALIVEDOPTIONS_H

#include <getopt.h>

/* keepalived's command line, so that who brings one along is told what to write instead. */

#define KEEPALIVED_OPTIONS_MAX 40

/* Puts its options behind ours, for getopt_long(): its words into `words`, with room for
 * KEEPALIVED_OPTIONS_MAX and the end, its letters, with their colons, into `letters`, with room for
 * 3 * KEEPALIVED_OPTIONS_MAX and the end. Letters and words that we have as well are not among
 * them. */
void keepalived_options_add(struct option *words, char *letters);

/* What to do instead of --snmp, and of its letter, -x, which means something else to us. */
extern const char keepalived_snmp[];

/* What to do instead of an option that getopt_long() has found; `name` becomes how it is written.
 * NULL: it is none of these. */
const char *keepalived_option(int option, char name[32]);

#endif

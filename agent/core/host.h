/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_HOST_H
#define AGENT_CORE_HOST_H

#include <stdbool.h>

#include "agent/conf/hostquery.h"

/* What a check of the configuration may ask about the machine it runs on: its interfaces, and the
 * addresses they have, without those that vrrp-agent has set itself. */

struct host;

/* A snapshot of now.  NULL when the kernel doesn't tell: then nothing is asked.  May wait for the
 * kernel. */
struct host *host_look(void);

/* Takes NULL; returns NULL. */
struct host *host_free(struct host *host);

/* Whether the interface has an address of the family (AF_INET, AF_INET6) that could be the source
 * of advertisements; in IPv6 a link-local one. */
bool host_has_primary(const struct host *host, const char *interface, int family);

/* The questions of `host` (or none, if it is NULL), which must live as long as they are asked. */
struct conf_host host_questions(struct host *host);

#endif

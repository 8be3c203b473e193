/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_HOST_H
#define AGENT_CORE_HOST_H

#include "agent/conf/host.h"

/* What a check of the configuration may ask about the machine it runs on: its interfaces, and the
 * addresses they have, without those that vrrp-agent has set itself. */

struct host;

/* A snapshot of now.  NULL when the kernel doesn't tell: then nothing is asked.  May wait for the
 * kernel. */
struct host *host_look(void);

/* Takes NULL; returns NULL. */
struct host *host_free(struct host *host);

/* The questions of `host` (or none, if it is NULL), which must live as long as they are asked. */
struct conf_host host_questions(struct host *host);

#endif

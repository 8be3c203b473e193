/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_HOSTQUERY_H
#define AGENT_CONF_HOSTQUERY_H

#include <stdbool.h>

#include "agent/conf/items.h"

/* What a check may ask about the host; members may be NULL: then nothing is said. */
struct conf_host {
	/* Whether the address is configured on the interface, or on any for NULL, and not by this
	 * program. */
	bool (*is_local_address)(
		void *context, const char *interface, const struct ip_address *address);
	/* Whether there is such an interface now. */
	bool (*has_interface)(void *context, const char *interface);
	void *context;
};

#endif

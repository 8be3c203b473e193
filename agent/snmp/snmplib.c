/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent/snmp/snmplib.h"

#include "lib/library.h"
#include "lib/log.h"

#include <errno.h>
#include <stdbool.h>

struct snmplib snmplib;

static const struct library_function functions[] = {
#define PLACE(name) {#name, &snmplib.name},
	SNMPLIB_FUNCTIONS(PLACE)
#undef PLACE
};

int snmplib_load(void)
{
	static bool loaded, told;
	const char *problem;

	if (loaded)
		return 0;
	problem = library_load(NETSNMP_LIBRARY, functions, sizeof(functions) / sizeof(*functions));
	loaded = !problem;
	if (loaded)
		return 0;
	if (!told)
		log_message(LOG_ERR,
			"SNMP is not served: net-snmp is needed (Debian: libsnmp40), or the option "
			"--no-snmp: %s; it is looked for again and again",
			problem);
	told = true;
	return -ELIBACC;
}

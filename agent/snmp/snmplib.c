/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent/snmp/snmplib.h"

#include "lib/library.h"
#include "lib/log.h"

#include <errno.h>

struct snmplib snmplib;

static const struct library_function functions[] = {
#define PLACE(name) {#name, &snmplib.name},
	SNMPLIB_FUNCTIONS(PLACE)
#undef PLACE
};

int snmplib_load(void)
{
	const char *problem =
		library_load(NETSNMP_LIBRARY, functions, sizeof(functions) / sizeof(*functions));

	if (!problem)
		return 0;
	log_message(LOG_ERR, "net-snmp is needed (Debian: libsnmp40): %s", problem);
	return -ELIBACC;
}

/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "agent/snmp/snmplib.h"

#include "lib/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

struct snmplib snmplib;

static const struct {
	const char *name;
	void *place;
} functions[] = {
#define PLACE(name) {#name, &snmplib.name},
	SNMPLIB_FUNCTIONS(PLACE)
#undef PLACE
};

int snmplib_load(void)
{
	void *library = dlopen(NETSNMP_LIBRARY, RTLD_LAZY | RTLD_LOCAL);

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		void *found = library ? dlsym(library, functions[i].name) : NULL;

		if (!found) {
			log_message(
				LOG_ERR, "net-snmp is needed (Debian: libsnmp40): %s", dlerror());
			return -ELIBACC;
		}
		memcpy(functions[i].place, &found, sizeof(found));
	}
	return 0;
}

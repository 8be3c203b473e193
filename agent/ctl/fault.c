/* SPDX-License-Identifier: ISC */
#include "agent/ctl/fault.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A link that is down is another matter. */
static bool lacks_interface(const json_t *router, const char *fault)
{
	return strcmp(fault, "link") == 0 &&
	       json_is_true(json_object_get(router, "interface_missing"));
}

const char *fault_other_name(const json_t *router)
{
	return json_string_value(json_object_get(router, "interface_renamed_to"));
}

void fault_write(char out[FAULT_ROOM], const json_t *router)
{
	const char *fault = json_string_value(json_array_get(json_object_get(router, "faults"), 0));
	const char *name = fault_other_name(router);

	if (!fault)
		fault = "";
	if (!lacks_interface(router, fault))
		snprintf(out, FAULT_ROOM, "%s", fault);
	else if (name)
		snprintf(out, FAULT_ROOM, "renamed to %s", name);
	else
		snprintf(out, FAULT_ROOM, "no interface");
}

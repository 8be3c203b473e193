/* SPDX-License-Identifier: ISC */
/* garp_group: what its words can't tell each by itself. */
#include "agent/conf/validate.h"

#include <string.h>

static const struct origin *origin_of(const struct garp_group *group)
{
	for (size_t i = 0; i < GARP_GROUP_ATTRIBUTES; i++)
		if (group->origins[i].kind != ORIGIN_DEFAULT)
			return &group->origins[i];
	return &group->origins[0];
}

static bool names(const struct garp_group *group, const char *interface)
{
	if (group->interface && strcmp(group->interface, interface) == 0)
		return true;
	for (size_t i = 0; i < group->interfaces.count; i++)
		if (strcmp(group->interfaces.items[i], interface) == 0)
			return true;
	return false;
}

static void check_interface(const struct garp_group_list *list, const struct garp_group *group,
	const char *interface, struct conf_diagnostics *diagnostics)
{
	if (!*interface || strlen(interface) >= IFNAMSIZ) {
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin_of(group),
			"garp_group: '%s' is no name of an interface", interface);
		return;
	}
	for (const struct garp_group *other = list->items; other < group; other++)
		if (names(other, interface))
			conf_diagnose_origin(diagnostics, CONF_WARNING, origin_of(group),
				"garp_group: %s is in another one before, which counts", interface);
}

void conf_validate_garp_groups(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const struct garp_group_list *list = &config->globals.garp_groups;

	for (size_t i = 0; i < list->count; i++) {
		const struct garp_group *group = &list->items[i];

		if (!group->garp_interval_ns && !group->gna_interval_ns)
			conf_diagnose_origin(diagnostics, CONF_WARNING, origin_of(group),
				"garp_group without garp_interval and gna_interval does nothing "
				"but end the pauses of vrrp_garp_interval on its interfaces");
		if (!group->interface && group->interfaces.count == 0)
			conf_diagnose_origin(diagnostics, CONF_WARNING, origin_of(group),
				"garp_group without an interface does nothing");
		if (group->interface)
			check_interface(list, group, group->interface, diagnostics);
		for (size_t k = 0; k < group->interfaces.count; k++)
			check_interface(list, group, group->interfaces.items[k], diagnostics);
	}
}

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SNMP_MIB_H
#define AGENT_SNMP_MIB_H

#include "agent/snmp/column.h"

#include <stddef.h>

/* Look-up in the MIBs: which object a name means, which follows it, and its value. */

/* The column of the module that a name below its root belongs to, with the sub-identifiers that
 * follow it in *instance and *instance_length; NULL if there is none. */
const struct mib_column *mib_find(const struct mib_module *module, const struct mib_table **table,
	const unsigned long *oids, size_t length, const unsigned long **instance,
	size_t *instance_length);

/* GET of a name below the module's root.  `source->now` and `source->master_began` are the caller's
 * to set. */
enum mib_result mib_get(const struct mib *mib, const struct mib_module *module,
	const unsigned long *oids, size_t length, struct mib_source *source,
	const struct mib_column **column, struct mib_value *value);

/* GETNEXT: the first instance after a name below the root, its name below the root in *name. */
enum mib_result mib_next(const struct mib *mib, const struct mib_module *module,
	const unsigned long *oids, size_t length, struct mib_source *source,
	const struct mib_column **column, struct mib_value *value, struct mib_name *name);

#endif

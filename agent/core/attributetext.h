/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_ATTRIBUTETEXT_H
#define AGENT_CORE_ATTRIBUTETEXT_H

#include <stdbool.h>

#include "agent/conf/model.h"

/* What a vrrp_instance says of one attribute, in the language of the file; where nobody wrote it,
 * what would mean the default.  The caller's; NULL: no memory. */
char *attributetext_of(const struct instance *instance, enum instance_attribute attribute);

/* Whether that may have a password in it. */
bool attributetext_is_secret(enum instance_attribute attribute);

#endif

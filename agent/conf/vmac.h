/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_VMAC_H
#define AGENT_CONF_VMAC_H

#include <stdint.h>
#include <stdio.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* Virtual MAC devices: what use_vmac says, their names and addresses. */

/* Gives each its name, and checks names and addresses against each other and the interfaces.
 * 0 or -ENOMEM. */
int conf_validate_vmacs(struct config *config, struct conf_diagnostics *diagnostics);

/* The virtual MAC address of the instance, as written or RFC 9568's. */
void conf_vmac_octets(const struct instance *instance, uint8_t octets[6]);

/* The interface that gets the address. */
const char *conf_address_device(
	const struct instance *instance, const struct virtual_address *address);

/* The words behind use_vmac, each with a blank before it. */
void conf_write_vmac(const struct virtual_mac *vmac, FILE *stream);

#endif

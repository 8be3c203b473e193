/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_VALIDATE_H
#define AGENT_CONF_VALIDATE_H

#include "agent/conf/hostquery.h"
#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/*
 * The rules between values. Also does what keepalived does where values of a file exclude each
 * other, with a warning: authentication in version 3, nopreempt with state MASTER, and the like.
 * What came by SNMP or vrrpctl is left as it is. Fills in what follows from other values.
 */
int conf_validate(
	struct config *config, const struct conf_host *host, struct conf_diagnostics *diagnostics);

/* The rules of one instance, without those between instances. */
void conf_validate_instance(
	struct config *config, struct instance *instance, struct conf_diagnostics *diagnostics);

/* Error when another instance has its identity. The index must know all the others. */
void conf_validate_identity(const struct config *config, const struct instance *instance,
	struct conf_diagnostics *diagnostics);

/* Warns of addresses that two instances have on one device; part of conf_validate().  0 or
 * -ENOMEM. */
int conf_validate_shared(const struct config *config, struct conf_diagnostics *diagnostics);

/* Warns of what is missing on this host, or is its own already; part of conf_validate().  `host`
 * may be NULL. */
void conf_check_host(const struct config *config, const struct conf_host *host,
	struct conf_diagnostics *diagnostics);

/* The FIFOs and what reads them. */
void conf_validate_hooks(const struct config *config, struct conf_diagnostics *diagnostics);

/* Warns of a garp_group that does not do what was meant. */
void conf_validate_garp_groups(const struct config *config, struct conf_diagnostics *diagnostics);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EDIT_EDITROW_H
#define AGENT_CORE_EDIT_EDITROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "agent/core/edit/refusal.h"
#include "agent/core/edit/rowstatus.h"
#include "agent/core/host.h"
#include "lib/message.h"

/* What one set asks of one virtual router, gathered from its changes: inside
 * agent/core/edit/edit.c. */

/* How the names of virtual routers begin that management makes: snmp-IFNAME-VRID-4 (or 6). */
#define EDIT_NAME_PREFIX "snmp-"

struct edit_address {
	struct virtual_address value;
	int change; /* that made it what it is, or -1 */
};

struct edit_row {
	const struct message_change *identity; /* interface, family, VRID */
	struct instance *instance;	       /* NULL: there was none */
	char *name;
	enum row_state state;	  /* before */
	enum row_request request; /* meant if status_change is not -1 */
	int status_change;	  /* that sets its RowStatus, or -1 */
	int address_change;	  /* the last that is about an address, or -1 */
	struct edit_address *addresses;
	bool primary_set;     /* in this set */
	size_t address_count; /* as it shall be, from when address_change is not -1 */
};

struct edit_rows {
	struct config *config;
	struct edit_row list[MESSAGE_CHANGES_MAX];
	size_t count;
};

/* `name` stays NULL if memory is short. */
void edit_row_begin(
	struct edit_row *row, const struct config *config, const struct message_change *change);
void edit_row_end(struct edit_row *row);

/* Whether there will be no such router. */
bool edit_row_is_gone(const struct edit_row *row);

/* Whether this set makes it. */
bool edit_row_is_new(const struct edit_row *row);

/* Whether it will be in service. */
bool edit_row_serves(const struct edit_row *row);

/* Changes its list of addresses as an ATTRIBUTE_ADDRESS_STATUS asks. */
bool edit_row_address(struct edit_row *row, struct config *config,
	const struct message_change *change, uint32_t index, struct refusal *refusal);

/* Refuses what would be in service without a virtual address, or comes into service without one to
 * send from: written, or the interface's own (`host` NULL: that is not asked). */
bool edit_row_complete(
	const struct edit_row *row, const struct host *host, struct refusal *refusal);

#endif

/* SPDX-License-Identifier: ISC */
#include "agent/core/edit/editrow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/core/slots.h"
#include "lib/image.h"

/* The name of a virtual router that SNMP makes; NULL: out of memory. */
static char *new_name(const struct message_change *change)
{
	char *name;

	if (asprintf(&name, EDIT_NAME_PREFIX "%s-%u-%d", change->interface, change->vrid,
		    change->family == IMAGE_IPV4 ? 4 : 6) < 0)
		return NULL;
	return name;
}

static enum row_state state_of(const struct instance *instance)
{
	if (!instance)
		return ROW_ABSENT;
	if (instance->admin_state == ADMIN_UP)
		return ROW_ACTIVE;
	return instance_active_addresses(instance) > 0 ? ROW_NOT_IN_SERVICE : ROW_NOT_READY;
}

void edit_row_begin(
	struct edit_row *row, const struct config *config, const struct message_change *change)
{
	*row = (struct edit_row){
		.identity = change,
		.instance = config_find_identity(config, change->interface,
			slots_family_to_af(change->family), change->vrid),
		.status_change = -1,
		.address_change = -1,
	};
	row->name = row->instance ? strdup(row->instance->name) : new_name(change);
	row->state = state_of(row->instance);
}

void edit_row_end(struct edit_row *row)
{
	free(row->addresses);
	free(row->name);
}

bool edit_row_is_gone(const struct edit_row *row)
{
	if (row->status_change < 0)
		return row->state == ROW_ABSENT;
	return row->request == ROW_DESTROY;
}

bool edit_row_is_new(const struct edit_row *row)
{
	return row->status_change >= 0 && row_creates(row->request);
}

bool edit_row_serves(const struct edit_row *row)
{
	return row->status_change < 0 ? row->state == ROW_ACTIVE : row_serves(row->request);
}

/* The addresses as they are, and room for one more. */
static bool reserve(struct edit_row *row)
{
	size_t held = row->instance ? row->instance->addresses.count : 0;
	struct edit_address *grown;
	bool first = !row->addresses;

	if (!first)
		held = row->address_count;
	grown = reallocarray(row->addresses, held + 1, sizeof(*grown));
	if (!grown)
		return false;
	row->addresses = grown;
	for (size_t i = 0; first && i < held; i++)
		grown[i] = (struct edit_address){row->instance->addresses.items[i], -1};
	row->address_count = held;
	return true;
}

static struct ip_address address_of(const struct message_change *change)
{
	struct ip_address address = {.family = slots_family_to_af(change->family)};

	if (address.family == AF_INET)
		memcpy(&address.v4, change->address, sizeof(address.v4));
	else
		memcpy(&address.v6, change->address, sizeof(address.v6));
	return address;
}

static struct edit_address *find_address(struct edit_row *row, const struct ip_address *address)
{
	for (size_t i = 0; i < row->address_count; i++) {
		if (ip_address_equal(&row->addresses[i].value.address, address))
			return &row->addresses[i];
	}
	return NULL;
}

static void add_address(
	struct edit_row *row, const struct ip_address *address, int index, bool serves)
{
	row->addresses[row->address_count++] = (struct edit_address){
		.value = {.address = *address,
			.prefix_length = address->family == AF_INET ? 32 : 128,
			.admin_state = serves ? ADMIN_UP : ADMIN_DOWN},
		.change = index,
	};
}

/* A file may list it more than once; so in the next one. */
static void remove_address(struct edit_row *row, const struct ip_address *address)
{
	size_t kept = 0;

	for (size_t i = 0; i < row->address_count; i++)
		if (!ip_address_equal(&row->addresses[i].value.address, address))
			row->addresses[kept++] = row->addresses[i];
	row->address_count = kept;
}

static void change_address(
	struct edit_row *row, const struct ip_address *address, int index, bool serves)
{
	for (size_t i = 0; i < row->address_count; i++) {
		struct edit_address *held = &row->addresses[i];

		if (!ip_address_equal(&held->value.address, address))
			continue;
		held->value.admin_state = serves ? ADMIN_UP : ADMIN_DOWN;
		held->change = index;
	}
}

static void set_address(struct edit_row *row, const struct ip_address *wanted, bool is_held,
	int index, enum row_request request)
{
	if (request == ROW_DESTROY)
		remove_address(row, wanted);
	else if (!is_held)
		add_address(row, wanted, index, row_serves(request));
	else
		change_address(row, wanted, index, row_serves(request));
	row->address_change = index;
}

static enum row_state address_state(const struct edit_address *address)
{
	if (!address)
		return ROW_ABSENT;
	return address->value.admin_state == ADMIN_UP ? ROW_ACTIVE : ROW_NOT_IN_SERVICE;
}

bool edit_row_address(struct edit_row *row, struct config *config,
	const struct message_change *change, uint32_t index, struct refusal *refusal)
{
	enum row_request request = (enum row_request)change->value;
	struct ip_address wanted = address_of(change);
	struct edit_address *held;

	if (edit_row_is_gone(row) && request == ROW_DESTROY)
		return true;
	if (edit_row_is_gone(row))
		return refuse(refusal,
			row->state == ROW_ABSENT && row_creates(request) ? MESSAGE_NO_ROUTER
									 : MESSAGE_INCONSISTENT,
			index, "there is no virtual router %u of IPv%d on %s for the address",
			change->vrid, change->family == IMAGE_IPV4 ? 4 : 6, change->interface);
	if (!reserve(row))
		return refuse(refusal, MESSAGE_BUSY, index, "out of memory");
	held = find_address(row, &wanted);
	if (held && held->change >= 0 && row_creates(request))
		return true; /* said twice in one set */
	if (!row_allows(address_state(held), request))
		return refuse(refusal, MESSAGE_INCONSISTENT, index,
			"%s: RowStatus %" PRId64 " is not possible for an address it %s", row->name,
			change->value, held ? "has" : "does not have");
	set_address(row, &wanted, held != NULL, (int)index, request);
	return true;
}

static size_t addresses_in_service(const struct edit_row *row)
{
	size_t count = 0;

	if (row->address_change < 0)
		return row->instance ? instance_active_addresses(row->instance) : 0;
	for (size_t i = 0; i < row->address_count; i++)
		count += row->addresses[i].value.admin_state == ADMIN_UP;
	return count;
}

static bool has_primary(const struct edit_row *row, const struct host *host)
{
	const struct instance *instance = row->instance;

	return row->primary_set ||
	       (instance && (instance->unicast.source.family ||
				    instance->unicast.multicast_source.family ||
				    instance->ignore_link)) ||
	       host_has_primary(
		       host, row->identity->interface, slots_family_to_af(row->identity->family));
}

bool edit_row_complete(const struct edit_row *row, const struct host *host, struct refusal *refusal)
{
	int index = row->status_change >= 0 ? row->status_change : row->address_change;

	if (index < 0 || edit_row_is_gone(row) || !edit_row_serves(row))
		return true;
	if (addresses_in_service(row) == 0)
		return refuse(refusal, MESSAGE_INCONSISTENT, (uint32_t)index,
			"%s can't be in service without an address in service", row->name);
	if (!host || row->state == ROW_ACTIVE || has_primary(row, host))
		return true;
	return refuse(refusal, MESSAGE_INCONSISTENT, (uint32_t)index,
		"%s can't be in service: %s has no %s address to send from", row->name,
		row->identity->interface,
		row->identity->family == IMAGE_IPV4 ? "IPv4" : "link-local");
}

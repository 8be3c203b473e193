/* SPDX-License-Identifier: ISC */
#include "agent/snmp/readers.h"

#include "agent/snmp/put.h"
#include "vrrp/protocol/reason.h"

/* RowStatus's numbers (RFC 2579). */
enum {
	ROW_ACTIVE = 1,
	ROW_NOT_IN_SERVICE = 2,
	ROW_NOT_READY = 3
};

void mib_read_virtual_mac(const struct mib_source *source, struct mib_value *value)
{
	put_octets(value, source->row.router.virtual_mac, sizeof(source->row.router.virtual_mac));
}

void mib_read_status(const struct mib_source *source, struct mib_value *value)
{
	value->number = (uint32_t)vrrp_state_mib_status((enum vrrp_state)source->row.router.state);
}

void mib_read_priority(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.priority;
}

void mib_read_address_count(const struct mib_source *source, struct mib_value *value)
{
	value->number = source->row.router.address_count;
}

void mib_read_preempt(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->row.router.preempt);
}

void mib_read_accept(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->row.router.accept);
}

/* A router of the configuration is in service unless it was taken out of it; what else holds it up
 * shows in its status.  One without an address could not be put into service as it is. */
void mib_read_row_status(const struct mib_source *source, struct mib_value *value)
{
	const struct status_router *router = &source->row.router;

	if (!router->disabled)
		value->number = ROW_ACTIVE;
	else if (router->address_count == 0)
		value->number = ROW_NOT_READY;
	else
		value->number = ROW_NOT_IN_SERVICE;
}

void mib_read_address_row_status(const struct mib_source *source, struct mib_value *value)
{
	value->number = accepted_is_in_service(source->configured, source->address)
				? ROW_ACTIVE
				: ROW_NOT_IN_SERVICE;
}

void mib_read_traps(const struct mib_source *source, struct mib_value *value)
{
	put_truth(value, source->image && (image_header(source->image)->flags & IMAGE_TRAPS));
}

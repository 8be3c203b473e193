/* SPDX-License-Identifier: ISC */
#include "vrrp/net/leftover.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "vrrp/net/address.h"
#include "vrrp/net/netlink.h"

struct batch {
	struct image_address addresses[ADDRESS_CHANGES_MAX];
	struct address_change changes[ADDRESS_CHANGES_MAX];
	unsigned int count;
};

static bool is_still_theirs(const struct monitor *monitor, const struct journal_record *record)
{
	const char *name = monitor_name(monitor, record->index);
	uint8_t prefix;

	switch (monitor_presence(monitor, record->index, &record->address, &prefix)) {
	case MONITOR_TAGGED:
		return true;
	case MONITOR_PRESENT:
		return prefix == record->prefix_length && name &&
		       strcmp(name, record->interface) == 0;
	case MONITOR_ABSENT:
	case MONITOR_STRANGER:
		break;
	}
	return false;
}

static void add(struct batch *batch, const struct journal_record *record)
{
	struct image_address *address = &batch->addresses[batch->count];

	*address = (struct image_address){
		.family = record->address.family, .prefix_length = record->prefix_length};
	memcpy(address->address, record->address.bytes, sizeof(address->address));
	batch->changes[batch->count++] =
		(struct address_change){.address = address, .index = record->index};
}

int leftover_remove(
	const struct monitor *monitor, const struct journal_record *records, size_t count)
{
	struct batch batch = {.count = 0};
	int fd = netlink_open(0);

	if (fd < 0)
		return fd;
	for (size_t i = 0; i < count; i++) {
		if (records[i].kind == JOURNAL_ADDRESS && is_still_theirs(monitor, &records[i]))
			add(&batch, &records[i]);
		if (batch.count == ADDRESS_CHANGES_MAX || (batch.count && i + 1 == count)) {
			address_apply(fd, batch.changes, batch.count);
			batch.count = 0;
		}
	}
	close(fd);
	return 0;
}

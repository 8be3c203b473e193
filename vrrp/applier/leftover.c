/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/leftover.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "vrrp/net/ifaddress.h"
#include "vrrp/net/netlink.h"

#define TRIES 3

struct batch {
	struct image_address addresses[ADDRESS_CHANGES_MAX];
	struct address_change changes[ADDRESS_CHANGES_MAX];
	unsigned int count;
};

static bool is_still_theirs(const struct monitor *monitor, const struct journal_record *record)
{
	uint8_t prefix;

	switch (monitor_presence(monitor, record->index, &record->address, &prefix)) {
	case MONITOR_TAGGED:
		return true;
	case MONITOR_PRESENT:
		return prefix == record->prefix_length;
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

static bool is_gone(int error)
{
	return error == 0 || error == -EADDRNOTAVAIL || error == -ENODEV || error == -ENXIO;
}

/* Removing what is gone already does no harm, so that what was not answered is asked for again. */
static int remove_batch(int fd, struct batch *batch)
{
	int error = 0;

	for (int tries = 0; tries < TRIES; tries++) {
		address_apply(fd, batch->changes, batch->count);
		error = 0;
		for (unsigned int i = 0; i < batch->count; i++)
			if (!is_gone(batch->changes[i].error))
				error = batch->changes[i].error;
		if (!error)
			break;
	}
	batch->count = 0;
	return error;
}

int leftover_remove(
	const struct monitor *monitor, const struct journal_record *records, size_t count)
{
	struct batch batch = {.count = 0};
	int fd = netlink_open(0), error = 0;

	if (fd < 0)
		return fd;
	for (size_t i = 0; i < count; i++) {
		if (records[i].kind == JOURNAL_ADDRESS && is_still_theirs(monitor, &records[i]))
			add(&batch, &records[i]);
		if (batch.count == ADDRESS_CHANGES_MAX || (batch.count && i + 1 == count)) {
			int failed = remove_batch(fd, &batch);

			error = error ? error : failed;
		}
	}
	close(fd);
	return error;
}

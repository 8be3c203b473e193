/* SPDX-License-Identifier: ISC */
#include "vrrp/net/filter.h"

#include "lib/descriptor.h"
#include "vrrp/net/filter_entry.h"

#include <asm/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct filter {
	int descriptors[FILTER_DESCRIPTORS];
	struct filter_entry *entries; /* the kernel's; [0] is the head */
	size_t size;
	uint32_t mask;
};

static void close_all(const int descriptors[FILTER_DESCRIPTORS])
{
	for (int i = 0; i < FILTER_DESCRIPTORS; i++)
		descriptor_close(descriptors[i]);
}

static void *map_octets(int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* How many places there are says the head. */
static int map_entries(struct filter *filter)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct filter_head head, *first = map_octets(filter->descriptors[FILTER_MAP], page);

	if (!first)
		return -errno;
	head = *first;
	munmap(first, page);
	if (head.layout != FILTER_LAYOUT || head.mask & (head.mask + 1) || head.mask > UINT16_MAX)
		return -EPROTO;
	filter->mask = (uint32_t)head.mask;
	filter->size = (filter->mask + 2) * sizeof(*filter->entries);
	filter->entries = map_octets(filter->descriptors[FILTER_MAP], filter->size);
	return filter->entries ? 0 : -errno;
}

/* What the predecessor left there. */
static void release_all(struct filter *filter)
{
	for (uint32_t place = 1; place <= filter_places(filter); place++)
		filter_release(filter, place);
}

struct filter *filter_open(const int descriptors[FILTER_DESCRIPTORS])
{
	struct filter *filter = calloc(1, sizeof(*filter));
	int error;

	if (!filter) {
		close_all(descriptors);
		return NULL;
	}
	memcpy(filter->descriptors, descriptors, sizeof(filter->descriptors));
	error = map_entries(filter);
	if (!error) {
		release_all(filter);
		return filter;
	}
	filter_close(filter);
	errno = -error;
	return NULL;
}

struct filter *filter_close(struct filter *filter)
{
	if (!filter)
		return NULL;
	if (filter->entries)
		munmap(filter->entries, filter->size);
	close_all(filter->descriptors);
	free(filter);
	return NULL;
}

int filter_descriptor(const struct filter *filter, enum filter_descriptor which)
{
	return filter->descriptors[which];
}

uint32_t filter_places(const struct filter *filter)
{
	return filter->mask + 1;
}

int filter_attach(const struct filter *filter, int fd, enum vrrp_family family)
{
	const int program =
		filter->descriptors[family == VRRP_IPV4 ? FILTER_PROGRAM4 : FILTER_PROGRAM6];

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) < 0 ? -errno
											: 0;
}

void filter_detach(int fd)
{
	const int ignored = 0;

	setsockopt(fd, SOL_SOCKET, SO_DETACH_BPF, &ignored, sizeof(ignored));
}

/* ---- Places ---- */

static uint32_t probe(const struct filter *filter, uint64_t key, uint32_t step)
{
	return 1 + ((filter_hash(key) + step) & filter->mask);
}

static uint32_t find(const struct filter *filter, uint64_t key, uint64_t wanted)
{
	for (uint32_t step = 0; step < FILTER_PROBES; step++) {
		const uint32_t place = probe(filter, key, step);

		if (filter->entries[place].key == wanted)
			return place;
	}
	return 0;
}

uint32_t filter_claim(struct filter *filter, uint32_t interface, uint8_t family, uint8_t vrid)
{
	const uint64_t key = filter_key(interface, family, vrid);
	uint32_t place;

	if (find(filter, key, key))
		return 0;
	place = find(filter, key, 0);
	if (place) {
		filter_pass(filter, place);
		__atomic_store_n(&filter->entries[place].key, key, __ATOMIC_SEQ_CST);
	}
	return place;
}

void filter_release(struct filter *filter, uint32_t place)
{
	if (!place)
		return;
	filter_pass(filter, place);
	__atomic_store_n(&filter->entries[place].key, 0, __ATOMIC_SEQ_CST);
}

/* ---- Entries ---- */

static bool is_kept_kind(const struct vrrp_datagram *datagram)
{
	if (datagram->received != datagram->ip.length || datagram->received > FILTER_PAYLOAD)
		return false;
	return !datagram->ip_header || datagram->ip_header_length == FILTER_IPV4_HEADER;
}

/* Odd while it is written, and while it holds nothing. */
void filter_pass(struct filter *filter, uint32_t place)
{
	struct filter_entry *entry = &filter->entries[place];

	if (entry->sequence & 1)
		return;
	__atomic_add_fetch(&entry->sequence, 1, __ATOMIC_SEQ_CST);
}

bool filter_keep(struct filter *filter, uint32_t place, const struct vrrp_datagram *datagram,
	uint64_t passed)
{
	struct filter_entry *entry = &filter->entries[place];
	const size_t octets = vrrp_address_length(datagram->ip.source.family);

	if (!is_kept_kind(datagram))
		return false;
	filter_pass(filter, place);
	memset(&entry->signature, 0, sizeof(entry->signature));
	memcpy(entry->signature.source, datagram->ip.source.bytes, octets);
	memcpy(entry->signature.destination, datagram->ip.destination.bytes, octets);
	memcpy(entry->signature.payload, datagram->payload, datagram->received);
	entry->length = (uint16_t)datagram->received;
	entry->hops = datagram->ip.ttl;
	entry->opened = passed;
	__atomic_add_fetch(&entry->sequence, 1, __ATOMIC_SEQ_CST);
	return true;
}

uint64_t filter_passed(const struct filter *filter, uint32_t place)
{
	return __atomic_load_n(&filter->entries[place].passed, __ATOMIC_SEQ_CST);
}

uint64_t filter_passed_at(const struct filter *filter, uint32_t place)
{
	return __atomic_load_n(&filter->entries[place].passed_at, __ATOMIC_SEQ_CST);
}

/* The time is written before the count. */
uint64_t filter_count(const struct filter *filter, uint32_t place, uint64_t *heard)
{
	const struct filter_entry *entry = &filter->entries[place];
	const uint64_t count = __atomic_load_n(&entry->count, __ATOMIC_SEQ_CST);

	*heard = __atomic_load_n(&entry->heard, __ATOMIC_SEQ_CST);
	return count;
}

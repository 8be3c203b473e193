/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/address.h"

#include <string.h>

#include "vrrp/protocol/limits.h"

static const uint8_t zeros[16];

size_t vrrp_address_length(enum vrrp_family family)
{
	switch (family) {
	case VRRP_IPV4:
		return 4;
	case VRRP_IPV6:
		return 16;
	case VRRP_FAMILY_NONE:
		break;
	}
	return 0;
}

struct vrrp_address vrrp_address_make(enum vrrp_family family, const void *bytes)
{
	struct vrrp_address address = {.family = (uint8_t)family};

	memcpy(address.bytes, bytes, vrrp_address_length(family));
	return address;
}

int vrrp_address_compare(const struct vrrp_address *left, const struct vrrp_address *right)
{
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	return memcmp(left->bytes, right->bytes, vrrp_address_length(left->family));
}

bool vrrp_address_equal(const struct vrrp_address *left, const struct vrrp_address *right)
{
	return vrrp_address_compare(left, right) == 0;
}

bool vrrp_address_is_unspecified(const struct vrrp_address *address)
{
	return memcmp(address->bytes, zeros, vrrp_address_length(address->family)) == 0;
}

static bool is_loopback(const struct vrrp_address *address)
{
	if (address->family == VRRP_IPV4)
		return address->bytes[0] == 127;
	return address->family == VRRP_IPV6 && memcmp(address->bytes, zeros, 15) == 0 &&
	       address->bytes[15] == 1;
}

bool vrrp_address_is_multicast(const struct vrrp_address *address)
{
	if (address->family == VRRP_IPV4)
		return (address->bytes[0] & 0xf0) == 0xe0;
	return address->family == VRRP_IPV6 && address->bytes[0] == 0xff;
}

void vrrp_address_group_mac(const struct vrrp_address *group, uint8_t *mac)
{
	if (group->family == VRRP_IPV4) {
		memcpy(mac, (const uint8_t[]){0x01, 0x00, 0x5e, group->bytes[1] & 0x7f}, 4);
		memcpy(mac + 4, group->bytes + 2, 2);
	} else {
		memset(mac, 0x33, 2);
		memcpy(mac + 2, group->bytes + 12, 4);
	}
}

bool vrrp_address_is_link_local(const struct vrrp_address *address)
{
	if (address->family == VRRP_IPV4)
		return address->bytes[0] == 169 && address->bytes[1] == 254;
	return address->family == VRRP_IPV6 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

bool vrrp_address_is_valid_source(const struct vrrp_address *address)
{
	static const uint8_t broadcast[4] = {255, 255, 255, 255};

	if (!vrrp_address_is_set(address) || vrrp_address_is_unspecified(address))
		return false;
	if (is_loopback(address) || vrrp_address_is_multicast(address))
		return false;
	return address->family != VRRP_IPV4 || memcmp(address->bytes, broadcast, 4) != 0;
}

/* Addresses to be brought into order: `stride` octets apart, `length` of each count. */
struct array {
	const uint8_t *octets;
	size_t stride;
	size_t length;
};

static const uint8_t *array_at(const struct array *array, uint8_t index)
{
	return array->octets + index * array->stride;
}

static void sift_down(const struct array *array, uint8_t *heap, size_t root, size_t count)
{
	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		uint8_t swap = heap[root];

		if (child + 1 < count &&
			memcmp(array_at(array, heap[child]), array_at(array, heap[child + 1]),
				array->length) < 0)
			child++;
		if (memcmp(array_at(array, swap), array_at(array, heap[child]), array->length) >= 0)
			return;
		heap[root] = heap[child];
		heap[child] = swap;
	}
}

/* A heap sort of indices: qsort() may allocate, and quicksort's worst case could be sent. */
static void sort_indices(const struct array *array, uint8_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		order[i] = (uint8_t)i;
	for (size_t root = count / 2; root-- > 0;)
		sift_down(array, order, root, count);
	for (size_t last = count; last-- > 1;) {
		uint8_t greatest = order[0];

		order[0] = order[last];
		order[last] = greatest;
		sift_down(array, order, 0, last);
	}
}

static bool same_in_order(const struct array *left, const uint8_t *left_order,
	const struct array *right, const uint8_t *right_order, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *a = array_at(left, left_order ? left_order[i] : (uint8_t)i);
		const uint8_t *b = array_at(right, right_order ? right_order[i] : (uint8_t)i);

		if (memcmp(a, b, left->length) != 0)
			return false;
	}
	return true;
}

bool vrrp_address_same_set(enum vrrp_family family, const uint8_t *wire, size_t wire_count,
	const struct vrrp_address *list, size_t list_count)
{
	const size_t length = vrrp_address_length(family);
	const struct array heard = {wire, length, length};
	const struct array own = {list_count ? list->bytes : NULL, sizeof(*list), length};
	uint8_t heard_order[VRRP_ADDRESSES_MAX], own_order[VRRP_ADDRESSES_MAX];

	if (wire_count != list_count || wire_count > VRRP_ADDRESSES_MAX)
		return false;
	for (size_t i = 0; i < list_count; i++) {
		if (list[i].family != family)
			return false;
	}
	if (same_in_order(&heard, NULL, &own, NULL, wire_count))
		return true;
	sort_indices(&heard, heard_order, wire_count);
	sort_indices(&own, own_order, list_count);
	return same_in_order(&heard, heard_order, &own, own_order, wire_count);
}

/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/checksum.h"

#include "lib/hot.h"
#include "vrrp/protocol/limits.h"

HOT uint32_t vrrp_checksum_add(uint32_t sum, const uint8_t *data, size_t length)
{
	/* 65535 words of 65535 fit into 32 bits; a message has at most a few thousand. */
	for (; length > 1; data += 2, length -= 2)
		sum += (uint32_t)(data[0] << 8 | data[1]);
	if (length > 0)
		sum += (uint32_t)(data[0] << 8);
	return sum;
}

HOT uint32_t vrrp_checksum_pseudo_header(
	const struct vrrp_address *source, const struct vrrp_address *destination, size_t length)
{
	const size_t octets = vrrp_address_length(source->family);
	uint32_t sum = 0;

	/* The headers of the two families differ in layout but not in what adds up. */
	sum = vrrp_checksum_add(sum, source->bytes, octets);
	sum = vrrp_checksum_add(sum, destination->bytes, octets);
	return sum + (uint32_t)length + VRRP_IP_PROTOCOL;
}

HOT uint16_t vrrp_checksum_finish(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

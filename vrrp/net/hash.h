/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_HASH_H
#define VRRP_NET_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 2166136261u

/* FNV-1a over length octets; start with HASH_START or the hash of what comes before. */
static inline uint32_t hash_octets(uint32_t hash, const void *octets, size_t length)
{
	const uint8_t *at = octets;

	for (; length; length--)
		hash = (hash ^ *at++) * 16777619u;
	return hash;
}

#endif

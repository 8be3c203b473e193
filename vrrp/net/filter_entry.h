/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_FILTER_ENTRY_H
#define VRRP_NET_FILTER_ENTRY_H

#include <linux/types.h>

/* What the engine and the kernel's filter (filter.bpf.c) share: an array of entries of which each
 * tells the kernel one advert whose repetitions it is to keep to itself.  The engine writes it by
 * plain stores; entry 0 is the head, the others are a hash table whose keys lie within
 * FILTER_PROBES places of where their hash points.
 *
 * Who writes what: `heard`, `count`, `passed` and `passed_at` are the kernel's, all else is the
 * engine's.
 *
 * The kernel believes an entry whose sequence is even and the same before and behind its look at
 * it, and keeps only while it has let through exactly as many packets for the key as the engine had
 * read and dealt with when it opened the entry.  So one that the engine has not dealt with yet,
 * wherever it is on its way, closes the entry by itself, and nothing overtakes it.  What was let
 * through and then lost would leave the two counts apart for ever: vrrp/repeats.c says when the
 * engine takes over the kernel's.  What stays possible:
 *  - An advert that is being judged on another processor while the engine closes the entry may
 *    still be kept.  It is as if it had come a moment later, and been lost: its time is not seen
 *    for the deadline that was just judged.  It is counted when the router is next learned; not at
 *    all if there is no such time: after the last look of an engine that is replaced, or when the
 *    place is released, where it counts for the one that has the place next.
 *  - Two processors that judge at once leave either one's time in `heard`: they are as close as the
 *    packets were. */

#define FILTER_LAYOUT  0x76727003u /* another number for another layout */
#define FILTER_PROBES  8
#define FILTER_PAYLOAD 112 /* octets; longer adverts are not kept */

#define FILTER_IPV4_HEADER 20 /* without options */
#define FILTER_IPV6_HEADER 40

/* Compared as a whole; octets beyond the payload are 0. */
struct filter_signature {
	__u8 source[16];
	__u8 destination[16];
	__u8 payload[FILTER_PAYLOAD];
};

struct filter_entry {
	__u64 key;	 /* filter_key(), 0: the place is free; the head: FILTER_LAYOUT */
	__u64 passed;	 /* packets let through, for this key and those that had the place before */
	__u64 passed_at; /* when the last of them was, CLOCK_MONOTONIC; written before it is counted
			  */
	__u64 heard;	 /* when one was last kept, CLOCK_MONOTONIC */
	__u64 count;	 /* of those kept */
	__u64 opened;	 /* keep what repeats the signature while `passed` is this */
	__u32 sequence;
	__u16 length; /* of the payload */
	__u8 hops;    /* TTL or hop limit */
	__u8 reserved;
	struct filter_signature signature;
};

struct filter_head {
	__u64 layout;
	__u64 mask; /* places - 1 */
};

static inline __u64 filter_key(__u32 interface, __u8 family, __u8 vrid)
{
	return (__u64)interface << 16 | (__u64)family << 8 | vrid;
}

static inline __u32 filter_hash(__u64 key)
{
	return (__u32)((key * 0x9e3779b97f4a7c15ull) >> 32);
}

#endif

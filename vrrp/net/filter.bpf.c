/* SPDX-License-Identifier: ISC */
/* Runs in the kernel, at a raw socket: keeps to itself the adverts of which the engine has said
 * that a repetition says nothing new, and notes that and when they came.  All else passes, and
 * when it came is noted as well. */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "vrrp/net/filter_entry.h"

#define WHOLE	   0xffffffffu
#define KEPT	   0
#define IPV4	   1 /* enum vrrp_family */
#define IPV6	   2
#define WORDS	   (sizeof(struct filter_signature) / sizeof(__u64))
#define NO_OPTIONS 0x45 /* version 4, five words */
#define VRRP	   112

#define READ(place)	    (*(const volatile __typeof__(place) *)&(place))
#define WRITE(place, value) (*(volatile __typeof__(place) *)&(place) = (value))

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the loader sets it */
	__type(key, __u32);
	__type(value, struct filter_entry);
} entries SEC(".maps");

/* What is compared, and where in the socket's view of the packet the payload begins. */
struct packet {
	struct filter_signature signature;
	__u32 offset;
	__u8 hops;
	__u8 family;
	bool plain; /* an IP header of the usual length */
};

static __always_inline struct filter_entry *find(__u64 key)
{
	__u32 place = 0;
	struct filter_head *head = bpf_map_lookup_elem(&entries, &place);
	__u32 start = filter_hash(key);

	if (!head)
		return NULL;
	for (__u32 i = 0; i < FILTER_PROBES; i++) {
		struct filter_entry *entry;

		place = 1 + ((start + i) & (__u32)head->mask);
		entry = bpf_map_lookup_elem(&entries, &place);
		if (entry && READ(entry->key) == key)
			return entry;
	}
	return NULL;
}

/* Nothing is moved over it, on any processor: an atomic operation that returns a value is a full
 * barrier. */
static __always_inline __u32 fence(struct filter_entry *entry)
{
	return __sync_fetch_and_add(&entry->sequence, 0);
}

static __always_inline bool repeats(
	struct __sk_buff *skb, struct filter_entry *entry, struct packet *packet, __u64 key)
{
	const __u64 *known = (const __u64 *)&entry->signature;
	const __u64 *seen = (const __u64 *)&packet->signature;
	__u32 sequence = fence(entry);
	__u32 length = READ(entry->length);
	__u64 differs = 0;

	if (sequence & 1 || READ(entry->passed) != READ(entry->opened))
		return false;
	if (!packet->plain || packet->hops != READ(entry->hops) || length < 8 ||
		length > FILTER_PAYLOAD || skb->len != packet->offset + length)
		return false;
	if (bpf_skb_load_bytes(skb, packet->offset, packet->signature.payload, length) < 0)
		return false;
	for (__u32 i = 0; i < WORDS; i++)
		differs |= known[i] ^ seen[i];
	differs |= READ(entry->key) ^ key; /* another's by now */
	return !differs && fence(entry) == sequence;
}

static __always_inline int judge(struct __sk_buff *skb, struct packet *packet)
{
	struct filter_entry *entry;
	__u64 key;
	__u8 vrid;

	if (bpf_skb_load_bytes(skb, packet->offset + 1, &vrid, 1) < 0)
		return WHOLE;
	key = filter_key(skb->ifindex, packet->family, vrid);
	entry = find(key);
	if (!entry)
		return WHOLE;
	if (!repeats(skb, entry, packet, key)) {
		WRITE(entry->passed_at, bpf_ktime_get_ns());
		__sync_fetch_and_add(&entry->passed, 1);
		return WHOLE;
	}
	WRITE(entry->heard, bpf_ktime_get_ns());
	__sync_fetch_and_add(&entry->count, 1);
	return KEPT;
}

/* A raw IPv4 socket sees the packet from its IP header on. */
SEC("socket")
int filter_ipv4(struct __sk_buff *skb)
{
	struct packet packet = {.family = IPV4};
	__u8 header[FILTER_IPV4_HEADER];

	if (bpf_skb_load_bytes(skb, 0, header, sizeof(header)) < 0)
		return WHOLE;
	packet.offset = (header[0] & 15) * 4;
	packet.plain = header[0] == NO_OPTIONS;
	packet.hops = header[8];
	__builtin_memcpy(packet.signature.source, header + 12, 4);
	__builtin_memcpy(packet.signature.destination, header + 16, 4);
	return judge(skb, &packet);
}

/* A raw IPv6 socket sees what follows the IP header and its extensions. */
SEC("socket")
int filter_ipv6(struct __sk_buff *skb)
{
	struct packet packet = {.family = IPV6};
	__u8 header[FILTER_IPV6_HEADER];

	if (bpf_skb_load_bytes_relative(skb, 0, header, sizeof(header), BPF_HDR_START_NET) < 0)
		return WHOLE;
	packet.plain = header[6] == VRRP;
	packet.hops = header[7];
	__builtin_memcpy(packet.signature.source, header + 8, 16);
	__builtin_memcpy(packet.signature.destination, header + 24, 16);
	return judge(skb, &packet);
}

char filter_license[] SEC("license") = "ISC";

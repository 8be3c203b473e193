/* SPDX-License-Identifier: ISC */
#include "vrrp/net/send.h"

#include "lib/hot.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_MESSAGES_A_CALL 1024 /* UIO_MAXIOV: sendmmsg silently takes no more */

/* Linux has had it since 2.2; the C library calls its number MSG_PROXY. */
#define MSG_PROBE 0x10

union name {
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
	struct sockaddr_ll link;
};

struct slot {
	union name name;
	struct iovec payload;
	_Alignas(struct cmsghdr)
		uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	int error;
};

struct vrrp_send {
	enum vrrp_family family; /* VRRP_FAMILY_NONE: frames */
	unsigned int capacity;
	unsigned int count;
	struct mmsghdr *messages;
	struct slot *slots;
};

static struct vrrp_send *new_batch(enum vrrp_family family, unsigned int capacity)
{
	struct vrrp_send *batch;

	batch = calloc(1, sizeof(*batch));
	if (!batch)
		return NULL;
	batch->family = family;
	batch->capacity = capacity;
	batch->messages = calloc(capacity, sizeof(*batch->messages));
	batch->slots = calloc(capacity, sizeof(*batch->slots));
	if (!batch->messages || !batch->slots)
		return vrrp_send_free(batch);
	for (unsigned int i = 0; i < capacity; i++) {
		struct msghdr *header = &batch->messages[i].msg_hdr;

		header->msg_name = &batch->slots[i].name;
		header->msg_iov = &batch->slots[i].payload;
		header->msg_iovlen = 1;
	}
	return batch;
}

struct vrrp_send *vrrp_send_new(int family, unsigned int capacity)
{
	if (family == AF_INET || family == AF_INET6)
		return new_batch(family == AF_INET ? VRRP_IPV4 : VRRP_IPV6, capacity);
	errno = EAFNOSUPPORT;
	return NULL;
}

struct vrrp_send *vrrp_send_new_frames(unsigned int capacity)
{
	return new_batch(VRRP_FAMILY_NONE, capacity);
}

struct vrrp_send *vrrp_send_free(struct vrrp_send *batch)
{
	if (batch) {
		free(batch->messages);
		free(batch->slots);
		free(batch);
	}
	return NULL;
}

HOT void vrrp_send_clear(struct vrrp_send *batch)
{
	batch->count = 0;
}

HOT unsigned int vrrp_send_count(const struct vrrp_send *batch)
{
	return batch->count;
}

static void attach_packet_information(struct msghdr *header, struct slot *slot, int level, int type,
	const void *info, size_t length)
{
	struct cmsghdr *control = (struct cmsghdr *)slot->control;

	control->cmsg_level = level;
	control->cmsg_type = type;
	control->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(control), info, length);
	header->msg_control = slot->control;
	header->msg_controllen = CMSG_SPACE(length);
}

static void address_ipv4(struct msghdr *header, struct slot *slot, int interface,
	const struct vrrp_address *source, const struct vrrp_address *destination)
{
	struct in_pktinfo info = {.ipi_ifindex = interface};

	memcpy(&info.ipi_spec_dst, source->bytes, sizeof(info.ipi_spec_dst));
	slot->name.ipv4 = (struct sockaddr_in){.sin_family = AF_INET};
	memcpy(&slot->name.ipv4.sin_addr, destination->bytes, sizeof(slot->name.ipv4.sin_addr));
	header->msg_namelen = sizeof(slot->name.ipv4);
	attach_packet_information(header, slot, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
}

static void address_ipv6(struct msghdr *header, struct slot *slot, int interface,
	const struct vrrp_address *source, const struct vrrp_address *destination)
{
	struct in6_pktinfo info = {.ipi6_ifindex = (unsigned int)interface};

	memcpy(&info.ipi6_addr, source->bytes, sizeof(info.ipi6_addr));
	slot->name.ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
	memcpy(&slot->name.ipv6.sin6_addr, destination->bytes, sizeof(slot->name.ipv6.sin6_addr));
	/* A scope is refused for global addresses only when it contradicts the interface. */
	slot->name.ipv6.sin6_scope_id = (uint32_t)interface;
	header->msg_namelen = sizeof(slot->name.ipv6);
	attach_packet_information(header, slot, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

/* The next free message with its payload, or NULL. */
static struct slot *take_slot(struct vrrp_send *batch, const void *payload, size_t length)
{
	struct slot *slot;

	if (batch->count == batch->capacity)
		return NULL;
	slot = &batch->slots[batch->count++];
	slot->payload.iov_base = (void *)payload;
	slot->payload.iov_len = length;
	slot->error = 0;
	return slot;
}

HOT int vrrp_send_append(struct vrrp_send *batch, int interface, const struct vrrp_address *source,
	const struct vrrp_address *destination, const void *payload, size_t length)
{
	struct msghdr *header;
	struct slot *slot;

	if (batch->family == VRRP_FAMILY_NONE || source->family != batch->family ||
		destination->family != batch->family)
		return -EAFNOSUPPORT;
	slot = take_slot(batch, payload, length);
	if (!slot)
		return -ENOBUFS;
	header = &batch->messages[batch->count - 1].msg_hdr;
	if (batch->family == VRRP_IPV4)
		address_ipv4(header, slot, interface, source, destination);
	else
		address_ipv6(header, slot, interface, source, destination);
	return (int)batch->count - 1;
}

void vrrp_send_set_ttl(struct vrrp_send *batch, unsigned int index, uint8_t ttl)
{
	const int value = ttl;
	const bool ipv4 = batch->family == VRRP_IPV4;
	struct msghdr *header = &batch->messages[index].msg_hdr;
	/* Behind the packet information, which each message has. */
	struct cmsghdr *control =
		(struct cmsghdr *)(void *)(batch->slots[index].control + header->msg_controllen);

	control->cmsg_level = ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
	control->cmsg_type = ipv4 ? IP_TTL : IPV6_HOPLIMIT;
	control->cmsg_len = CMSG_LEN(sizeof(value));
	memcpy(CMSG_DATA(control), &value, sizeof(value));
	header->msg_controllen += CMSG_SPACE(sizeof(value));
}

int vrrp_send_append_frame(struct vrrp_send *batch, int interface, const void *frame, size_t length)
{
	struct slot *slot;

	if (batch->family != VRRP_FAMILY_NONE)
		return -EAFNOSUPPORT;
	slot = take_slot(batch, frame, length);
	if (!slot)
		return -ENOBUFS;
	slot->name.link = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_ifindex = interface};
	batch->messages[batch->count - 1].msg_hdr.msg_namelen = sizeof(slot->name.link);
	return (int)batch->count - 1;
}

HOT unsigned int vrrp_send_flush(struct vrrp_send *batch, int fd)
{
	unsigned int failed = 0, i = 0;
	int full = 0;

	while (i < batch->count) {
		unsigned int left = batch->count - i;
		int sent = -1;

		if (!full) {
			sent = sendmmsg(fd, &batch->messages[i],
				left < MAX_MESSAGES_A_CALL ? left : MAX_MESSAGES_A_CALL,
				MSG_DONTWAIT);
			if (sent < 0 && errno == EINTR)
				continue;
			if (sent < 0 && errno == EAGAIN)
				full = -EAGAIN;
		}
		if (sent > 0) {
			i += (unsigned int)sent;
			continue;
		}
		batch->slots[i++].error = full ? full : -errno;
		failed++;
	}
	return failed;
}

void vrrp_send_probe(const struct vrrp_send *batch, int fd)
{
	if (batch->family != VRRP_FAMILY_NONE && batch->count)
		sendmmsg(fd, batch->messages, batch->count, MSG_DONTWAIT | MSG_PROBE);
}

int vrrp_send_error(const struct vrrp_send *batch, unsigned int index)
{
	return batch->slots[index].error;
}

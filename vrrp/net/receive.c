/* SPDX-License-Identifier: ISC */
#include "vrrp/net/receive.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MAX_SLOTS 1024
#define CONTROL_SPACE                                                       \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)) + \
		CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(struct timespec)))

struct slot {
	struct sockaddr_storage name;
	struct iovec buffer;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_SPACE];
	_Alignas(struct ip) uint8_t octets[VRRP_RECEIVE_OCTETS];
};

struct vrrp_receive {
	unsigned int capacity;
	bool more;
	uint32_t overruns;
	struct mmsghdr *messages;
	struct slot *slots;
	struct vrrp_datagram *datagrams;
};

struct vrrp_receive *vrrp_receive_new(unsigned int slots)
{
	struct vrrp_receive *batch;

	if (slots < 1 || slots > MAX_SLOTS) {
		errno = EINVAL;
		return NULL;
	}
	batch = calloc(1, sizeof(*batch));
	if (!batch)
		return NULL;
	batch->capacity = slots;
	batch->messages = calloc(slots, sizeof(*batch->messages));
	batch->slots = calloc(slots, sizeof(*batch->slots));
	batch->datagrams = calloc(slots, sizeof(*batch->datagrams));
	if (!batch->messages || !batch->slots || !batch->datagrams)
		return vrrp_receive_free(batch);
	for (unsigned int i = 0; i < slots; i++) {
		struct slot *slot = &batch->slots[i];
		struct msghdr *header = &batch->messages[i].msg_hdr;

		slot->buffer.iov_base = slot->octets;
		slot->buffer.iov_len = sizeof(slot->octets);
		header->msg_name = &slot->name;
		header->msg_iov = &slot->buffer;
		header->msg_iovlen = 1;
		header->msg_control = slot->control;
	}
	return batch;
}

struct vrrp_receive *vrrp_receive_free(struct vrrp_receive *batch)
{
	if (batch) {
		free(batch->messages);
		free(batch->slots);
		free(batch->datagrams);
		free(batch);
	}
	return NULL;
}

static struct vrrp_address ipv4_address(const struct in_addr *in)
{
	struct vrrp_address address = {.family = VRRP_IPV4};

	memcpy(address.bytes, in, sizeof(*in));
	return address;
}

static struct vrrp_address ipv6_address(const struct in6_addr *in)
{
	struct vrrp_address address = {.family = VRRP_IPV6};

	memcpy(address.bytes, in, sizeof(*in));
	return address;
}

static int read_int(const struct cmsghdr *control)
{
	int value;

	memcpy(&value, CMSG_DATA(control), sizeof(value));
	return value;
}

static void read_ipv4_info(const struct cmsghdr *control, struct vrrp_datagram *datagram)
{
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(control), sizeof(info));
	datagram->interface = info.ipi_ifindex;
	datagram->ip.destination = ipv4_address(&info.ipi_addr);
}

static void read_ipv6_info(const struct cmsghdr *control, struct vrrp_datagram *datagram)
{
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(control), sizeof(info));
	datagram->interface = (int)info.ipi6_ifindex;
	datagram->ip.destination = ipv6_address(&info.ipi6_addr);
}

static void read_socket_control(
	struct vrrp_receive *batch, const struct cmsghdr *control, struct vrrp_datagram *datagram)
{
	struct timespec stamp;

	switch (control->cmsg_type) {
	case SO_RXQ_OVFL:
		memcpy(&batch->overruns, CMSG_DATA(control), sizeof(batch->overruns));
		break;
	case SCM_TIMESTAMPNS:
		memcpy(&stamp, CMSG_DATA(control), sizeof(stamp));
		datagram->realtime = (uint64_t)stamp.tv_sec * 1000000000u + (uint64_t)stamp.tv_nsec;
		break;
	}
}

static void read_control(
	struct vrrp_receive *batch, struct msghdr *header, struct vrrp_datagram *datagram)
{
	struct cmsghdr *control;

	for (control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control)) {
		if (control->cmsg_level == SOL_SOCKET)
			read_socket_control(batch, control, datagram);
		else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO)
			read_ipv4_info(control, datagram);
		else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TTL)
			datagram->ip.ttl = (uint8_t)read_int(control);
		else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO)
			read_ipv6_info(control, datagram);
		else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_HOPLIMIT)
			datagram->ip.ttl = (uint8_t)read_int(control);
	}
}

/* A raw IPv4 socket hands over the IP header too.  The kernel has checked it and has cut off what
 * lay beyond its total length; only a cut by our own buffer can contradict it. */
static bool strip_ipv4_header(const struct slot *slot, size_t wire, struct vrrp_datagram *datagram)
{
	struct ip header;
	size_t captured = wire < sizeof(slot->octets) ? wire : sizeof(slot->octets);
	size_t length;

	if (captured < sizeof(header))
		return false;
	memcpy(&header, slot->octets, sizeof(header));
	length = (size_t)header.ip_hl * 4;
	if (length < sizeof(header) || length > captured)
		return false;
	datagram->ip_header = slot->octets;
	datagram->ip_header_length = length;
	datagram->payload = slot->octets + length;
	datagram->received = captured - length;
	datagram->ip.length = wire - length;
	return true;
}

static bool read_datagram(
	struct vrrp_receive *batch, unsigned int index, struct vrrp_datagram *datagram)
{
	struct slot *slot = &batch->slots[index];
	struct mmsghdr *message = &batch->messages[index];
	const struct sockaddr_in *name4 = (const struct sockaddr_in *)&slot->name;
	const struct sockaddr_in6 *name6 = (const struct sockaddr_in6 *)&slot->name;
	size_t wire = message->msg_len;

	*datagram = (struct vrrp_datagram){0};
	read_control(batch, &message->msg_hdr, datagram);
	if (slot->name.ss_family == AF_INET) {
		datagram->ip.source = ipv4_address(&name4->sin_addr);
		return strip_ipv4_header(slot, wire, datagram);
	}
	datagram->ip.source = ipv6_address(&name6->sin6_addr);
	datagram->payload = slot->octets;
	datagram->received = wire < sizeof(slot->octets) ? wire : sizeof(slot->octets);
	datagram->ip.length = wire;
	return true;
}

int vrrp_receive_read(struct vrrp_receive *batch, int fd, unsigned int limit)
{
	unsigned int wanted = limit < batch->capacity ? limit : batch->capacity;
	int heard, kept = 0;

	batch->more = false;
	batch->overruns = 0; /* told with each packet, once there are any */
	for (unsigned int i = 0; i < wanted; i++) {
		batch->messages[i].msg_hdr.msg_namelen = sizeof(batch->slots[i].name);
		batch->messages[i].msg_hdr.msg_controllen = CONTROL_SPACE;
	}
	/* MSG_TRUNC makes msg_len the packet's real length. */
	heard = recvmmsg(fd, batch->messages, wanted, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (heard < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	batch->more = (unsigned int)heard == wanted;
	for (int i = 0; i < heard; i++)
		kept += read_datagram(batch, (unsigned int)i, &batch->datagrams[kept]);
	return kept;
}

const struct vrrp_datagram *vrrp_receive_datagram(
	const struct vrrp_receive *batch, unsigned int index)
{
	return &batch->datagrams[index];
}

bool vrrp_receive_more(const struct vrrp_receive *batch)
{
	return batch->more;
}

uint32_t vrrp_receive_overruns(const struct vrrp_receive *batch)
{
	return batch->overruns;
}

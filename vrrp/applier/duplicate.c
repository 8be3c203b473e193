/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/duplicate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/descriptor.h"

#define READ_EVERY NSEC_PER_SEC
#define TELL_AGAIN (60 * NSEC_PER_SEC)

/* The former Active answers our first gratuitous ARP while it still has the address; that may be
 * read as late as with the next look.  Who keeps it answers the next ones as well. */
#define HANDED_ON (READ_EVERY + NSEC_PER_SEC)

#define PLACES	   256	/* hosts with an address that are remembered, so many are told a minute */
#define HOSTS_MAX  4	/* the same of one address: anybody can make MAC addresses up */
#define FRAMES_MAX 2048 /* read at once */

struct heard {
	uint32_t number; /* of the interface */
	struct vrrp_address address;
	uint8_t mac[6];
	uint64_t at; /* ns, 0: this place is free */
	bool told;
};

struct duplicates {
	struct monitor *monitor;
	struct owned_book *book;
	duplicate_teller tell;
	void *context;
	int arp; /* -1 while nothing is held */
	int neighbours;
	int frames;	  /* epoll: readable when a frame comes while it is waited for */
	bool waits;	  /* the last look found none */
	uint64_t read_at; /* when to look again otherwise */
	struct heard heard[PLACES];
};

struct duplicates *duplicates_new(
	struct monitor *monitor, struct owned_book *book, duplicate_teller tell, void *context)
{
	struct duplicates *duplicates = calloc(1, sizeof(*duplicates));

	if (!duplicates)
		return NULL;
	*duplicates = (struct duplicates){.monitor = monitor,
		.book = book,
		.tell = tell,
		.context = context,
		.arp = -1,
		.neighbours = -1,
		.frames = epoll_create1(EPOLL_CLOEXEC)};
	return duplicates->frames < 0 ? duplicates_free(duplicates) : duplicates;
}

static void close_sockets(struct duplicates *duplicates)
{
	descriptor_close(duplicates->arp);
	descriptor_close(duplicates->neighbours);
	duplicates->arp = -1;
	duplicates->neighbours = -1;
	duplicates->waits = false;
}

struct duplicates *duplicates_free(struct duplicates *duplicates)
{
	if (!duplicates)
		return NULL;
	close_sockets(duplicates);
	descriptor_close(duplicates->frames);
	free(duplicates);
	return NULL;
}

/* What can't be opened is not heard; nothing else depends on it. */
static void open_sockets(struct duplicates *duplicates)
{
	struct icmp6_filter filter;
	int on = 1;

	duplicates->arp =
		socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETHERTYPE_ARP));
	if (duplicates->arp >= 0)
		setsockopt(duplicates->arp, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	duplicates->neighbours =
		socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6);
	if (duplicates->neighbours < 0)
		return;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &filter);
	setsockopt(duplicates->neighbours, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
	setsockopt(duplicates->neighbours, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

/* ---- What was heard ---- */

static const struct owned *held(
	struct duplicates *duplicates, uint32_t number, const struct vrrp_address *address)
{
	const struct owned *owned = owned_find(duplicates->book, number, address);

	return owned && owned->wanted && owned->state == OWNED_OURS ? owned : NULL;
}

/* Its host is still to be told of, or was lately. */
static bool rests(const struct heard *heard, uint64_t now)
{
	return heard->at && (!heard->told || now - heard->at < TELL_AGAIN);
}

/* A place for what was heard of that host; NULL: it has one, or there are enough. */
static struct heard *new_place(struct duplicates *duplicates, uint32_t number,
	const struct vrrp_address *address, const uint8_t mac[6], uint64_t now)
{
	struct heard *place = NULL;
	unsigned int hosts = 0;

	for (unsigned int i = 0; i < PLACES; i++) {
		struct heard *heard = &duplicates->heard[i];

		if (!rests(heard, now)) {
			place = heard;
			continue;
		}
		if (heard->number != number || !vrrp_address_equal(&heard->address, address))
			continue;
		if (++hosts == HOSTS_MAX || memcmp(heard->mac, mac, sizeof(heard->mac)) == 0)
			return NULL;
	}
	return place;
}

static void take(struct duplicates *duplicates, int index, const struct vrrp_address *address,
	const uint8_t mac[6], uint64_t now)
{
	uint32_t number = monitor_number_at(duplicates->monitor, (uint32_t)index);
	const struct owned *owned;
	struct heard *heard;

	if (number == MONITOR_NO_NUMBER ||
		memcmp(mac, monitor_interface(duplicates->monitor, number)->mac, 6) == 0)
		return;
	owned = held(duplicates, number, address);
	if (!owned || now < owned->set_at + HANDED_ON)
		return;
	heard = new_place(duplicates, number, address, mac, now);
	if (!heard)
		return;
	*heard = (struct heard){.number = number, .address = *address, .at = now};
	memcpy(heard->mac, mac, sizeof(heard->mac));
}

static bool read_arp(struct duplicates *duplicates, uint64_t now)
{
	struct sockaddr_ll from;
	socklen_t from_length = sizeof(from);
	struct ether_arp arp;
	struct vrrp_address address;
	ssize_t length = recvfrom(
		duplicates->arp, &arp, sizeof(arp), 0, (struct sockaddr *)&from, &from_length);

	if (length < 0)
		return false;
	if ((size_t)length < sizeof(arp) || ntohs(arp.arp_pro) != ETHERTYPE_IP ||
		arp.arp_hln != ETH_ALEN || arp.arp_pln != sizeof(struct in_addr) ||
		from.sll_pkttype == PACKET_OUTGOING)
		return true;
	address = vrrp_address_make(VRRP_IPV4, arp.arp_spa);
	take(duplicates, from.sll_ifindex, &address, arp.arp_sha, now);
	return true;
}

/* The target's link-layer address among the options, or NULL. */
static const uint8_t *link_address(const uint8_t *options, size_t length)
{
	while (length >= 8 && options[1] && 8u * options[1] <= length) {
		if (options[0] == ND_OPT_TARGET_LINKADDR)
			return options + 2;
		length -= 8u * options[1];
		options += 8u * options[1];
	}
	return NULL;
}

static int index_of(struct msghdr *header)
{
	struct in6_pktinfo info = {0};

	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part))
		if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO)
			memcpy(&info, CMSG_DATA(part), sizeof(info));
	return (int)info.ipi6_ifindex;
}

static bool read_neighbour(struct duplicates *duplicates, uint64_t now)
{
	_Alignas(struct nd_neighbor_advert) uint8_t octets[256];
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct iovec part = {.iov_base = octets, .iov_len = sizeof(octets)};
	struct msghdr header = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	const struct nd_neighbor_advert *advert = (const void *)octets;
	ssize_t length = recvmsg(duplicates->neighbours, &header, 0);
	struct vrrp_address address;
	const uint8_t *mac;

	if (length < 0)
		return false;
	if ((size_t)length < sizeof(*advert))
		return true;
	mac = link_address(octets + sizeof(*advert), (size_t)length - sizeof(*advert));
	address = vrrp_address_make(VRRP_IPV6, advert->nd_na_target.s6_addr);
	if (mac)
		take(duplicates, index_of(&header), &address, mac, now);
	return true;
}

static void tell_those_due(struct duplicates *duplicates, uint64_t now)
{
	for (unsigned int i = 0; i < PLACES; i++) {
		struct heard *heard = &duplicates->heard[i];
		const struct owned *owned;

		if (!heard->at || heard->told || now - heard->at < READ_EVERY)
			continue;
		owned = held(duplicates, heard->number, &heard->address);
		if (owned)
			duplicates->tell(duplicates->context, owned, heard->mac);
		heard->told = owned != NULL;
		if (!owned)
			heard->at = 0;
	}
}

static bool read_frames(struct duplicates *duplicates, uint64_t now)
{
	int arp = 0, neighbours = 0;

	while (arp < FRAMES_MAX && read_arp(duplicates, now))
		arp++;
	while (neighbours < FRAMES_MAX && read_neighbour(duplicates, now))
		neighbours++;
	return arp || neighbours;
}

static bool change_watch(struct duplicates *duplicates, int change)
{
	const int sockets[] = {duplicates->arp, duplicates->neighbours};
	struct epoll_event event = {.events = EPOLLIN};
	bool changed = true;

	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
		if (sockets[i] >= 0)
			changed &= epoll_ctl(duplicates->frames, change, sockets[i], &event) == 0;
	return changed;
}

/* Whether the next frame shall wake us up.  Where that can't be had, frames are looked for. */
static void wait_for_frames(struct duplicates *duplicates, bool wait)
{
	if (wait == duplicates->waits)
		return;
	duplicates->waits = wait && change_watch(duplicates, EPOLL_CTL_ADD);
	if (!duplicates->waits)
		change_watch(duplicates, EPOLL_CTL_DEL);
}

int duplicates_fd(const struct duplicates *duplicates)
{
	return duplicates->frames;
}

uint64_t duplicates_work(struct duplicates *duplicates, bool holding, uint64_t now)
{
	if (!holding) {
		close_sockets(duplicates);
		duplicates->read_at = 0;
		return UINT64_MAX;
	}
	if (!duplicates->waits && now < duplicates->read_at)
		return duplicates->read_at;
	if (duplicates->arp < 0 && duplicates->neighbours < 0)
		open_sockets(duplicates);
	tell_those_due(duplicates, now);
	wait_for_frames(duplicates, !read_frames(duplicates, now));
	duplicates->read_at = now + READ_EVERY;
	return duplicates->waits ? UINT64_MAX : duplicates->read_at;
}

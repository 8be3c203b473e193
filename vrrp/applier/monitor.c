/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/monitor.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/descriptor.h"
#include "vrrp/applier/interface_board.h"
#include "vrrp/applier/mirror.h"
#include "vrrp/net/ifaddress.h"
#include "vrrp/net/netlink.h"
#include "vrrp/net/news.h"

#define LEAST_MTU4  68 /* below that, the kernel takes the family off an interface */
#define FIRST_TRIES 20
#define LEAST_MTU6  1280

struct monitor {
	struct monitor_listener listener;
	struct mirror mirror;
	struct interface_board *board;
	int fd;
	int dump_fd;
	bool quiet;	/* nobody is told: the first reading */
	bool knows_tag; /* the kernel tells IFA_PROTO */
	bool stale;	/* news were lost and have not been made up for */
};

/* ---- Interfaces by number ---- */

static void tell(struct monitor *monitor, uint32_t number, unsigned int changes)
{
	if (number == MONITOR_NO_NUMBER)
		return;
	interface_board_touch(monitor->board, number);
	if (changes && !monitor->quiet)
		monitor->listener.interface_changed(monitor->listener.context, number, changes);
}

static void unbind(struct monitor *monitor, uint32_t number)
{
	interface_board_bind(monitor->board, number, NULL);
	tell(monitor, number, MONITOR_INDEX);
}

static void bind_number(struct monitor *monitor, uint32_t number, struct mirror_link *link)
{
	if (interface_board_link(monitor->board, number))
		unbind(monitor, number);
	interface_board_bind(monitor->board, number, link);
	tell(monitor, number, MONITOR_INDEX);
}

uint32_t monitor_number(struct monitor *monitor, const char *name)
{
	uint32_t number = interface_board_find(monitor->board, name);

	if (number != MONITOR_NO_NUMBER)
		return number;
	return interface_board_add(monitor->board, name, mirror_link_named(&monitor->mirror, name));
}

const struct applier_interface *monitor_interface(const struct monitor *monitor, uint32_t number)
{
	return interface_board_row(monitor->board, number);
}

uint32_t monitor_number_at(const struct monitor *monitor, uint32_t index)
{
	const struct mirror_link *link = mirror_link(&monitor->mirror, index);

	return link ? link->number : MONITOR_NO_NUMBER;
}

bool monitor_is_on(const struct monitor *monitor, uint32_t number)
{
	const struct mirror_link *link = interface_board_link(monitor->board, number);

	return link && link->flags & IFF_UP;
}

bool monitor_is_ethernet(const struct monitor *monitor, uint32_t number)
{
	const struct mirror_link *link = interface_board_link(monitor->board, number);

	return link && link->ethernet;
}

const char *monitor_name(const struct monitor *monitor, uint32_t index)
{
	const struct mirror_link *link = mirror_link(&monitor->mirror, index);

	return link ? link->name : NULL;
}

enum monitor_presence monitor_presence(const struct monitor *monitor, uint32_t index,
	const struct vrrp_address *address, uint8_t *prefix_length)
{
	const struct mirror_address *entry = mirror_address(&monitor->mirror, index, address, -1);

	if (!entry)
		return MONITOR_ABSENT;
	if (prefix_length)
		*prefix_length = entry->prefix_length;
	if (entry->tag == ADDRESS_TAG)
		return MONITOR_TAGGED;
	return monitor->knows_tag ? MONITOR_STRANGER : MONITOR_PRESENT;
}

bool monitor_holds(const struct monitor *monitor, const struct vrrp_address *address)
{
	return mirror_holds(&monitor->mirror, address, IFA_F_TENTATIVE | IFA_F_DADFAILED);
}

/* ---- News of links ---- */

static void forget_link(struct monitor *monitor, struct mirror_link *link)
{
	uint32_t number = link->number, index = link->index;

	if (number == MONITOR_NO_NUMBER) {
		mirror_remove_link(link);
		return;
	}
	interface_board_bind(monitor->board, number, NULL);
	mirror_remove_link(link);
	if (!monitor->quiet)
		monitor->listener.link_gone(monitor->listener.context, number, index);
	tell(monitor, number, MONITOR_INDEX);
}

static void rename_link(struct monitor *monitor, struct mirror_link *link, const char *name)
{
	uint32_t number = interface_board_find(monitor->board, name);

	if (link->number != MONITOR_NO_NUMBER)
		unbind(monitor, link->number);
	mirror_name_link(&monitor->mirror, link, name);
	if (number != MONITOR_NO_NUMBER)
		bind_number(monitor, number, link);
}

/* Takes over what is told and returns what changed by it. */
static unsigned int update_link(struct mirror_link *link, const struct link_news *news)
{
	unsigned int changes = news->announces ? MONITOR_MAC : 0;
	uint32_t mtu = news->has_mtu ? news->mtu : link->mtu;

	if ((link->flags ^ news->flags) & IFF_UP)
		changes |= MONITOR_ADMIN;
	link->flags = news->flags;
	if ((link->mtu < LEAST_MTU4 && mtu >= LEAST_MTU4) ||
		(link->mtu < LEAST_MTU6 && mtu >= LEAST_MTU6))
		changes |= MONITOR_USABLE;
	link->mtu = mtu;
	link->ethernet = news->ethernet;
	if (news->has_mac && memcmp(link->mac, news->mac, MIRROR_MAC) != 0) {
		memcpy(link->mac, news->mac, MIRROR_MAC);
		changes |= MONITOR_MAC;
	}
	return changes;
}

static void take_link(struct monitor *monitor, const struct nlmsghdr *message)
{
	struct mirror_link *link;
	struct link_news news;
	unsigned int changes;

	if (!news_read_link(message, &news))
		return;
	link = mirror_link(&monitor->mirror, news.index);
	if (news.gone) {
		if (link)
			forget_link(monitor, link);
		return;
	}
	if (!news.has_name)
		return;
	if (!link)
		link = mirror_add_link(&monitor->mirror, news.index);
	if (!link)
		return;
	link->seen = true;
	changes = update_link(link, &news);
	if (link->number != MONITOR_NO_NUMBER)
		interface_board_show(monitor->board, link->number);
	if (strcmp(link->name, news.name) != 0)
		rename_link(monitor, link, news.name);
	tell(monitor, link->number, changes);
}

/* ---- News of addresses ---- */

static void tell_address(const struct monitor *monitor, const struct vrrp_address *address)
{
	if (!monitor->quiet)
		monitor->listener.address_changed(monitor->listener.context, address);
}

static void forget_address(struct monitor *monitor, struct mirror_address *entry)
{
	struct vrrp_address address = entry->address;
	uint32_t number = entry->link->number, index = entry->link->index;
	uint8_t prefix_length = entry->prefix_length;

	mirror_remove_address(entry);
	tell_address(monitor, &address);
	if (number == MONITOR_NO_NUMBER)
		return;
	interface_board_touch(monitor->board, number);
	if (!monitor->quiet)
		monitor->listener.address_gone(
			monitor->listener.context, number, index, &address, prefix_length);
}

static void update_address(
	struct monitor *monitor, struct mirror_address *entry, const struct address_news *news)
{
	bool had_failed = entry->flags & IFA_F_DADFAILED;

	entry->scope = news->scope;
	entry->flags = news->flags;
	entry->tag = news->tag;
	entry->seen = true;
	if (entry->tag)
		monitor->knows_tag = true;
	interface_board_touch(monitor->board, entry->link->number);
	tell_address(monitor, &entry->address);
	if (entry->flags & IFA_F_DADFAILED && !had_failed && !monitor->quiet &&
		entry->link->number != MONITOR_NO_NUMBER)
		monitor->listener.dad_failed(
			monitor->listener.context, entry->link->number, &entry->address);
}

static void take_address(struct monitor *monitor, const struct nlmsghdr *message)
{
	struct mirror_address *entry;
	struct mirror_link *link;
	struct address_news news;

	if (!news_read_address(message, &news))
		return;
	link = mirror_link(&monitor->mirror, news.index);
	if (!link)
		return;
	entry = mirror_address(&monitor->mirror, link->index, &news.address, news.prefix_length);
	if (news.gone) {
		if (entry)
			forget_address(monitor, entry);
		/* The news that it came may have been lost, or not been sent yet (IPv6). */
		else if (link->number != MONITOR_NO_NUMBER && !monitor->quiet)
			monitor->listener.address_gone(monitor->listener.context, link->number,
				link->index, &news.address, news.prefix_length);
		return;
	}
	if (!entry)
		entry = mirror_add_address(
			&monitor->mirror, link, &news.address, news.prefix_length);
	if (entry)
		update_address(monitor, entry, &news);
}

/* ---- Reading ---- */

static void take_news(void *context, const struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		take_link(context, message);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		take_address(context, message);
		break;
	}
}

static void begin_dump(struct monitor *monitor)
{
	struct mirror_address *address;
	struct mirror_link *link;

	for (unsigned int i = 0; i < MIRROR_LINK_BUCKETS; i++) {
		LIST_FOREACH (link, &monitor->mirror.by_index[i], by_index) {
			link->seen = false;
			TAILQ_FOREACH (address, &link->addresses, in_link)
				address->seen = false;
		}
	}
}

static void forget_unseen_addresses(struct monitor *monitor, struct mirror_link *link)
{
	struct mirror_address *address, *next;

	for (address = TAILQ_FIRST(&link->addresses); address; address = next) {
		next = TAILQ_NEXT(address, in_link);
		if (!address->seen)
			forget_address(monitor, address);
	}
}

static void forget_unseen(struct monitor *monitor)
{
	struct mirror_link *link, *next;

	for (unsigned int i = 0; i < MIRROR_LINK_BUCKETS; i++) {
		for (link = LIST_FIRST(&monitor->mirror.by_index[i]); link; link = next) {
			next = LIST_NEXT(link, by_index);
			if (link->seen)
				forget_unseen_addresses(monitor, link);
			else
				forget_link(monitor, link);
		}
	}
}

/* What changes while it is read is among the news that are read afterwards, so that a reading that
 * was disturbed, and left something out, must not be taken for a proof of absence. */
static int read_everything(struct monitor *monitor)
{
	int links, addresses;

	begin_dump(monitor);
	links = netlink_dump(monitor->dump_fd, RTM_GETLINK, take_news, monitor);
	if (links && links != -EINTR)
		return links;
	addresses = netlink_dump(monitor->dump_fd, RTM_GETADDR, take_news, monitor);
	if (addresses && addresses != -EINTR)
		return addresses;
	if (links || addresses)
		return -EAGAIN;
	forget_unseen(monitor);
	return 0;
}

static int resync(struct monitor *monitor)
{
	int error = read_everything(monitor);

	if (error)
		return error;
	for (uint32_t number = 0; number < interface_board_count(monitor->board); number++)
		if (interface_board_link(monitor->board, number))
			tell(monitor, number, MONITOR_UNSURE);
	monitor->listener.resynced(monitor->listener.context);
	return 0;
}

int monitor_read(struct monitor *monitor)
{
	int error;

	/* Empties the queue even after a loss, so that less is lost while everything is read. */
	while ((error = netlink_read(monitor->fd, take_news, monitor)) == -ENOBUFS)
		monitor->stale = true;
	if (error || !monitor->stale)
		return error;
	error = resync(monitor);
	if (error)
		return error;
	monitor->stale = false;
	return monitor_read(monitor);
}

void monitor_doubt(struct monitor *monitor)
{
	monitor->stale = true;
}

int monitor_fd(const struct monitor *monitor)
{
	return monitor->fd;
}

/* ---- What the engine is shown ---- */

void monitor_publish(struct monitor *monitor)
{
	interface_board_publish(monitor->board);
}

struct worklist *monitor_worklist(const struct monitor *monitor)
{
	return interface_board_worklist(monitor->board);
}

const struct board *monitor_board(const struct monitor *monitor)
{
	return interface_board_rows(monitor->board);
}

/* ---- Opening and closing ---- */

static int open_parts(struct monitor *monitor)
{
	int error, tries = 0;

	monitor->fd = netlink_open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
	if (monitor->fd < 0)
		return monitor->fd;
	monitor->dump_fd = netlink_open(0);
	if (monitor->dump_fd < 0)
		return monitor->dump_fd;
	monitor->board = interface_board_new(monitor->listener.is_ours, monitor->listener.context);
	if (!monitor->board)
		return -errno;
	monitor->quiet = true;
	do {
		error = read_everything(monitor);
	} while (error == -EAGAIN && ++tries < FIRST_TRIES);
	/* On a host that never rests the rest is read by and by. */
	if (error == -EAGAIN) {
		monitor->stale = true;
		error = 0;
	}
	monitor->quiet = false;
	return error;
}

struct monitor *monitor_open(const struct monitor_listener *listener)
{
	struct monitor *monitor = calloc(1, sizeof(*monitor));
	int error;

	if (!monitor)
		return NULL;
	monitor->listener = *listener;
	monitor->fd = -1;
	monitor->dump_fd = -1;
	error = open_parts(monitor);
	if (!error)
		return monitor;
	monitor_close(monitor);
	errno = -error;
	return NULL;
}

struct monitor *monitor_close(struct monitor *monitor)
{
	if (!monitor)
		return NULL;
	mirror_clear(&monitor->mirror);
	interface_board_free(monitor->board);
	descriptor_close(monitor->fd);
	descriptor_close(monitor->dump_fd);
	free(monitor);
	return NULL;
}

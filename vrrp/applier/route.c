/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static size_t octets_of(const struct image_route *route)
{
	return route->family == IMAGE_IPV4 ? 4 : 16;
}

static int find_index(struct monitor *monitor, const struct image_hop *hop, uint32_t *index)
{
	uint32_t number;

	*index = 0;
	if (!hop->interface[0])
		return 0;
	number = monitor_number(monitor, hop->interface);
	if (number == MONITOR_NO_NUMBER)
		return -ENOSPC;
	*index = monitor_interface(monitor, number)->index;
	return *index ? 0 : -ENODEV;
}

static void begin(struct requests *requests, const struct image_route *route, bool add)
{
	const struct rtmsg body = {
		.rtm_family = route->family == IMAGE_IPV4 ? AF_INET : AF_INET6,
		.rtm_dst_len = route->destination_length,
		.rtm_src_len = route->from_length,
		.rtm_tos = route->tos,
		.rtm_table = route->table < 256 ? (unsigned char)route->table : RT_TABLE_UNSPEC,
		.rtm_protocol = route->protocol,
		.rtm_scope = route->scope,
		.rtm_type = route->type,
		.rtm_flags = route->hop.flags & IMAGE_HOP_ONLINK ? RTNH_F_ONLINK : 0,
	};
	uint16_t flags = NLM_F_CREATE;

	if (route->flags & IMAGE_ROUTE_APPEND)
		flags |= NLM_F_APPEND;
	request_begin(
		requests, add ? RTM_NEWROUTE : RTM_DELROUTE, add ? flags : 0, &body, sizeof(body));
}

static void put_hop(
	struct requests *requests, const struct image_route *route, const struct image_hop *hop)
{
	if (hop->flags & IMAGE_HOP_GATEWAY)
		request_put(requests, RTA_GATEWAY, hop->gateway, octets_of(route));
}

static int put_hops(struct requests *requests, struct monitor *monitor,
	const struct image_route *route, const struct image_hop *hops)
{
	size_t nest = request_nest(requests, RTA_MULTIPATH);
	int result = 0;

	for (uint32_t i = 0; i < route->hops.count; i++) {
		struct rtnexthop *next = request_append(requests, sizeof(*next));
		size_t before = requests->last->nlmsg_len - sizeof(*next);
		uint32_t index;
		int error = find_index(monitor, &hops[i], &index);

		if (error)
			result = error;
		put_hop(requests, route, &hops[i]);
		*next = (struct rtnexthop){
			.rtnh_len = (unsigned short)(requests->last->nlmsg_len - before),
			.rtnh_flags = hops[i].flags & IMAGE_HOP_ONLINK ? RTNH_F_ONLINK : 0,
			.rtnh_hops = hops[i].weight,
			.rtnh_ifindex = (int)index,
		};
	}
	request_nest_end(requests, nest);
	return result;
}

static void put_metrics(struct requests *requests, const struct image_route *route)
{
	size_t nest = request_nest(requests, RTA_METRICS);

	for (uint16_t i = 1; i < IMAGE_ROUTE_METRICS; i++)
		if (route->metrics_set & 1u << i)
			request_put_u32(requests, i, route->metrics[i]);
	request_nest_end(requests, nest);
}

static void put_details(struct requests *requests, const struct image_route *route)
{
	if (route->metrics_set)
		put_metrics(requests, route);
	if (route->flags & IMAGE_ROUTE_PREF)
		request_put_u8(requests, RTA_PREF, route->pref);
}

int route_put(struct requests *requests, struct monitor *monitor, const struct image_route *route,
	const struct image_hop *hops, bool add)
{
	size_t octets = octets_of(route);
	uint32_t index;
	int result;

	begin(requests, route, add);
	request_put_u32(requests, RTA_TABLE, route->table);
	if (route->destination_length)
		request_put(requests, RTA_DST, route->destination, octets);
	if (route->flags & IMAGE_ROUTE_FROM)
		request_put(requests, RTA_SRC, route->from, octets);
	if (route->metric)
		request_put_u32(requests, RTA_PRIORITY, route->metric);
	if (route->flags & IMAGE_ROUTE_SOURCE)
		request_put(requests, RTA_PREFSRC, route->source, octets);
	if (add)
		put_details(requests, route);
	if (route->hops.count)
		return put_hops(requests, monitor, route, hops);
	result = find_index(monitor, &route->hop, &index);
	if (index)
		request_put_u32(requests, RTA_OIF, index);
	put_hop(requests, route, &route->hop);
	return result;
}

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_LINEWORDS_H
#define AGENT_CONF_LINEWORDS_H

#include "agent/conf/wordnotation.h"

/* The part of the table in words.c that is about lines of routes and rules; included there alone.
 */

/* clang-format off */
/* in a route, besides its type and destination */
#define ROUTE_WORDS \
	ROUTE("to", SUPPORTED, "destination, where it is not the first word"), \
	ROUTE("via", SUPPORTED, "gateway"), \
	ROUTE("gw", SUPPORTED, "older spelling of via"), \
	ROUTE("or", SUPPORTED, "a second gateway; older spelling of nexthop"), \
	ROUTE("dev", SUPPORTED, "interface"), \
	ROUTE("oif", SUPPORTED, "the same as dev"), \
	ROUTE("onlink", SUPPORTED, "the gateway is on the link, whatever its subnet"), \
	ROUTE("nexthop", SUPPORTED, "one of several: via, dev, onlink, weight"), \
	ROUTE("weight", SUPPORTED, "share of a next hop, 1..256"), \
	ROUTE("src", SUPPORTED, "source of packets this host sends"), \
	ROUTE("from", SUPPORTED, "IPv6: only packets from this prefix"), \
	ROUTE("table", SUPPORTED, "routing table, number or name"), \
	ROUTE("metric", SUPPORTED, "the lowest wins"), \
	ROUTE("priority", SUPPORTED, "the same as metric"), \
	ROUTE("preference", SUPPORTED, "the same as metric"), \
	ROUTE("protocol", SUPPORTED, "who made it, number or name; keepalived"), \
	ROUTE("tos", SUPPORTED, "type of service"), \
	ROUTE("dsfield", SUPPORTED, "the same as tos"), \
	ROUTE("scope", SUPPORTED, "global, site, link, host, nowhere or 0..255"), \
	ROUTE("inet", SUPPORTED, "IPv4"), \
	ROUTE("inet6", SUPPORTED, "IPv6"), \
	ROUTE("pref", SUPPORTED, "IPv6 router preference: low, medium, high"), \
	ROUTE("append", SUPPORTED, "behind those of the same destination and metric"), \
	ROUTE("add", SUPPORTED, "before them, as without this word"), \
	ROUTE("prepend", SUPPORTED, "before them, as without this word"), \
	ROUTE("no_track", SUPPORTED, "not put back when somebody else removes it"), \
	ROUTE("mtu", SUPPORTED, "path MTU; with lock before the number, fixed"), \
	ROUTE("advmss", SUPPORTED, "TCP segment size advertised"), \
	ROUTE("hoplimit", SUPPORTED, "hop limit sent"), \
	ROUTE("window", SUPPORTED, "largest TCP window"), \
	ROUTE("cwnd", SUPPORTED, "largest congestion window"), \
	ROUTE("ssthresh", SUPPORTED, "slow start threshold"), \
	ROUTE("reordering", SUPPORTED, "reordering expected"), \
	ROUTE("initcwnd", SUPPORTED, "first congestion window"), \
	ROUTE("initrwnd", SUPPORTED, "first receive window"), \
	ROUTE("quickack", SUPPORTED, "acknowledge at once"), \
	ROUTE("rto_min", SUPPORTED, "least TCP retransmission timeout, in ms or with a unit"), \
	ROUTE("encap", REFUSED, "lightweight tunnel"), \
	ROUTE("as", REFUSED, "rewrite the destination"), \
	ROUTE("rtt", REFUSED, "round trip time"), \
	ROUTE("rttvar", REFUSED, "variance of the round trip time"), \
	ROUTE("realms", REFUSED, "realms of a route"), \
	ROUTE("congctl", REFUSED, "congestion control"), \
	ROUTE("features", REFUSED, "ECN"), \
	ROUTE("expires", REFUSED, "lifetime of a route"), \
	ROUTE("ttl-propagate", REFUSED, "MPLS"), \
	ROUTE("fastopen_no_cookie", REFUSED, "TCP Fast Open"), \
	ROUTE("vrf", REFUSED, "VRF of the route; use table"), \
	ROUTE("track_group", REFUSED, "instances that depend on a static route")

/* in a routing rule */
#define RULE_WORDS \
	RULE("from", SUPPORTED, "source prefix, or all"), \
	RULE("to", SUPPORTED, "destination prefix, or all"), \
	RULE("not", SUPPORTED, "for all other packets"), \
	RULE("iif", SUPPORTED, "interface it came in by"), \
	RULE("dev", SUPPORTED, "the same as iif"), \
	RULE("oif", SUPPORTED, "interface a socket is bound to"), \
	RULE("tos", SUPPORTED, "type of service"), \
	RULE("dsfield", SUPPORTED, "the same as tos"), \
	RULE("fwmark", SUPPORTED, "mark, or mark/mask"), \
	RULE("preference", SUPPORTED, "the lowest is asked first"), \
	RULE("priority", SUPPORTED, "the same as preference"), \
	RULE("order", SUPPORTED, "the same as preference"), \
	RULE("table", SUPPORTED, "routing table, number or name"), \
	RULE("lookup", SUPPORTED, "the same as table"), \
	RULE("goto", SUPPORTED, "go on at this preference"), \
	RULE("nop", SUPPORTED, "do nothing"), \
	RULE("blackhole", SUPPORTED, "drop"), \
	RULE("prohibit", SUPPORTED, "drop, and say prohibited"), \
	RULE("unreachable", SUPPORTED, "drop, and say unreachable"), \
	RULE("l3mdev", SUPPORTED, "the table of the VRF"), \
	RULE("suppress_prefixlength", SUPPORTED, "not by routes up to this prefix length"), \
	RULE("sup_pl", SUPPORTED, "the same as suppress_prefixlength"), \
	RULE("suppress_ifgroup", SUPPORTED, "not by routes over this group of interfaces"), \
	RULE("sup_group", SUPPORTED, "the same as suppress_ifgroup"), \
	RULE("realms", SUPPORTED, "TO or FROM/TO, in numbers"), \
	RULE("uidrange", SUPPORTED, "user numbers, such as 10-20"), \
	RULE("ipproto", SUPPORTED, "protocol, number or name"), \
	RULE("sport", SUPPORTED, "source ports, such as 10-20"), \
	RULE("dport", SUPPORTED, "destination ports, such as 10-20"), \
	RULE("protocol", SUPPORTED, "who made it, number or name; keepalived"), \
	RULE("inet", SUPPORTED, "IPv4"), \
	RULE("inet6", SUPPORTED, "IPv6"), \
	RULE("no_track", SUPPORTED, "not put back when somebody else removes it"), \
	RULE("tun_id", REFUSED, "key of a tunnel"), \
	RULE("track_group", REFUSED, "instances that depend on a static rule")
/* clang-format on */

#endif

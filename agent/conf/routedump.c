/* SPDX-License-Identifier: ISC */
/* Routes and routing rules as lines of the configuration. */
#include <linux/fib_rules.h>
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "agent/conf/parse.h"
#include "agent/conf/value.h"
#include "agent/conf/valuedump.h"

static struct ip_address address_of(uint8_t family, const uint8_t octets[16])
{
	struct ip_address address = {.family = family == IMAGE_IPV4 ? AF_INET : AF_INET6};

	if (family == IMAGE_IPV4)
		memcpy(&address.v4, octets, sizeof(address.v4));
	else
		memcpy(&address.v6, octets, sizeof(address.v6));
	return address;
}

static void write_address(uint8_t family, const uint8_t octets[16], FILE *stream)
{
	const struct ip_address address = address_of(family, octets);

	conf_write_address(&address, stream);
}

static void write_prefix(
	uint8_t family, const uint8_t octets[16], unsigned int length, FILE *stream)
{
	write_address(family, octets, stream);
	fprintf(stream, "/%u", length);
}

static void write_hop(uint8_t family, const struct image_hop *hop, FILE *stream)
{
	if (hop->flags & IMAGE_HOP_GATEWAY) {
		fputs(" via ", stream);
		write_address(family, hop->gateway, stream);
	}
	if (hop->interface[0]) {
		fputs(" dev ", stream);
		conf_write_word(hop->interface, stream);
	}
	if (hop->flags & IMAGE_HOP_ONLINK)
		fputs(" onlink", stream);
}

static void write_hops(const struct route *route, FILE *stream)
{
	for (uint32_t i = 0; i < route->value.hops.count; i++) {
		fputs(" nexthop", stream);
		write_hop(route->value.family, &route->hops[i], stream);
		fprintf(stream, " weight %u", route->hops[i].weight + 1u);
	}
}

static const struct {
	uint8_t number;
	const char *word;
} rtax_words[] = {
	{RTAX_MTU, "mtu"},
	{RTAX_ADVMSS, "advmss"},
	{RTAX_HOPLIMIT, "hoplimit"},
	{RTAX_WINDOW, "window"},
	{RTAX_CWND, "cwnd"},
	{RTAX_SSTHRESH, "ssthresh"},
	{RTAX_REORDERING, "reordering"},
	{RTAX_INITCWND, "initcwnd"},
	{RTAX_INITRWND, "initrwnd"},
	{RTAX_QUICKACK, "quickack"},
	{RTAX_RTO_MIN, "rto_min"},
};

static void write_rtax(const struct image_route *value, FILE *stream)
{
	for (size_t i = 0; i < sizeof(rtax_words) / sizeof(rtax_words[0]); i++) {
		uint8_t number = rtax_words[i].number;

		if (value->metrics_set & 1u << number)
			fprintf(stream, " %s%s %u", rtax_words[i].word,
				value->metrics[RTAX_LOCK] & 1u << number ? " lock" : "",
				value->metrics[number]);
	}
}

static void write_number(const char *word, uint32_t number, FILE *stream)
{
	if (number)
		fprintf(stream, " %s %u", word, number);
}

static void write_flag(const char *word, bool set, FILE *stream)
{
	if (set)
		fprintf(stream, " %s", word);
}

static const char *pref_word(uint8_t pref)
{
	return pref == ICMPV6_ROUTER_PREF_MEDIUM ? "medium"
	       : pref == ICMPV6_ROUTER_PREF_HIGH ? "high"
						 : "low";
}

void conf_write_route(const struct route *route, FILE *stream)
{
	const struct image_route *value = &route->value;

	if (value->type != RTN_UNICAST)
		fprintf(stream, "%s ", conf_route_type(value->type));
	write_prefix(value->family, value->destination, value->destination_length, stream);
	if (value->flags & IMAGE_ROUTE_FROM) {
		fputs(" from ", stream);
		write_prefix(value->family, value->from, value->from_length, stream);
	}
	if (value->hops.count == 0)
		write_hop(value->family, &value->hop, stream);
	if (value->flags & IMAGE_ROUTE_SOURCE) {
		fputs(" src ", stream);
		write_address(value->family, value->source, stream);
	}
	if (value->table != RT_TABLE_MAIN)
		write_number("table", value->table, stream);
	write_number("metric", value->metric, stream);
	if (value->protocol != RTPROT_KEEPALIVED)
		fprintf(stream, " protocol %u", value->protocol);
	write_number("tos", value->tos, stream);
	if (value->scope) {
		fputs(" scope ", stream);
		conf_write_scope(value->scope, stream);
	}
	if (value->flags & IMAGE_ROUTE_PREF)
		fprintf(stream, " pref %s", pref_word(value->pref));
	write_rtax(value, stream);
	write_flag("append", value->flags & IMAGE_ROUTE_APPEND, stream);
	write_flag("no_track", value->flags & IMAGE_ROUTE_NO_TRACK, stream);
	write_hops(route, stream);
}

static void write_action(const struct image_rule *value, FILE *stream)
{
	switch (value->action) {
	case FR_ACT_GOTO:
		fprintf(stream, " goto %u", value->target);
		break;
	case FR_ACT_NOP:
		fputs(" nop", stream);
		break;
	case FR_ACT_BLACKHOLE:
		fputs(" blackhole", stream);
		break;
	case FR_ACT_PROHIBIT:
		fputs(" prohibit", stream);
		break;
	case FR_ACT_UNREACHABLE:
		fputs(" unreachable", stream);
		break;
	default:
		if (value->flags & IMAGE_RULE_L3MDEV)
			fputs(" l3mdev", stream);
		else
			fprintf(stream, " table %u", value->table);
	}
}

static void write_range(const char *word, uint32_t first, uint32_t last, FILE *stream)
{
	fprintf(stream, " %s %u-%u", word, first, last);
}

static void write_selectors(const struct image_rule *value, FILE *stream)
{
	if (value->flags & IMAGE_RULE_TO) {
		fputs(" to ", stream);
		write_prefix(value->family, value->to, value->to_length, stream);
	}
	if (value->in[0]) {
		fputs(" iif ", stream);
		conf_write_word(value->in, stream);
	}
	if (value->out[0]) {
		fputs(" oif ", stream);
		conf_write_word(value->out, stream);
	}
	write_number("tos", value->tos, stream);
	if (value->flags & IMAGE_RULE_MARK)
		fprintf(stream, " fwmark 0x%x", value->mark);
	if (value->flags & IMAGE_RULE_MASK)
		fprintf(stream, "/0x%x", value->mask);
	if (value->flags & IMAGE_RULE_USERS)
		write_range("uidrange", value->users[0], value->users[1], stream);
	write_number("ipproto", value->ip_protocol, stream);
	if (value->flags & IMAGE_RULE_SOURCE_PORTS)
		write_range("sport", value->source_ports[0], value->source_ports[1], stream);
	if (value->flags & IMAGE_RULE_DESTINATION_PORTS)
		write_range(
			"dport", value->destination_ports[0], value->destination_ports[1], stream);
}

void conf_write_rule(const struct rule *rule, FILE *stream)
{
	const struct image_rule *value = &rule->value;

	fputs(value->family == IMAGE_IPV4 ? "inet" : "inet6", stream);
	write_flag("not", value->flags & IMAGE_RULE_NOT, stream);
	fputs(" from ", stream);
	if (value->flags & IMAGE_RULE_FROM)
		write_prefix(value->family, value->from, value->from_length, stream);
	else
		fputs("all", stream);
	write_selectors(value, stream);
	write_action(value, stream);
	if (value->flags & IMAGE_RULE_SUPPRESS_PREFIX)
		fprintf(stream, " suppress_prefixlength %u", value->suppress_prefix);
	if (value->flags & IMAGE_RULE_SUPPRESS_GROUP)
		fprintf(stream, " suppress_ifgroup %u", value->suppress_group);
	if (value->realms)
		fprintf(stream, " realms %u/%u", value->realms >> 16, value->realms & 0xffff);
	if (rule->numbered)
		fprintf(stream, " preference %u", value->preference);
	if (value->protocol != RTPROT_KEEPALIVED)
		fprintf(stream, " protocol %u", value->protocol);
	write_flag("no_track", value->flags & IMAGE_RULE_NO_TRACK, stream);
}

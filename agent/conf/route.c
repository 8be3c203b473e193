/* SPDX-License-Identifier: ISC */
/* Lines of virtual_routes and static_routes. */
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "agent/conf/line.h"
#include "agent/conf/parse.h"
#include "agent/conf/value.h"

#ifndef ICMPV6_ROUTER_PREF_LOW
#define ICMPV6_ROUTER_PREF_LOW 0x3
#endif

/* A route while its line is read. */
struct draft {
	struct route route;
	bool has_destination;
	bool typed;    /* its type was written */
	bool has_hop;  /* via, dev or onlink, outside of nexthop */
	bool in_hops;  /* nexthop has begun, and goes on to the end of the line */
	bool or_begun; /* the older spelling of nexthop */
};

/* The numbers are of rtnetlink; a route of the last four leads nowhere. */
static const struct {
	const char *word;
	uint8_t type;
} types[] = {
	{"unicast", RTN_UNICAST},
	{"local", RTN_LOCAL},
	{"broadcast", RTN_BROADCAST},
	{"anycast", RTN_ANYCAST},
	{"multicast", RTN_MULTICAST},
	{"blackhole", RTN_BLACKHOLE},
	{"unreachable", RTN_UNREACHABLE},
	{"prohibit", RTN_PROHIBIT},
	{"throw", RTN_THROW},
};

const char *conf_route_type(uint8_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return types[i].word;
	return "unicast";
}

bool conf_route_leads_nowhere(uint8_t type)
{
	return type == RTN_BLACKHOLE || type == RTN_UNREACHABLE || type == RTN_PROHIBIT ||
	       type == RTN_THROW;
}

/* Every address of a line is of one family, which the first of them settles. */
static bool take_family(struct conf_line *line, const struct conf_argument *argument, int family)
{
	struct draft *draft = line->item;
	uint8_t wanted = family == AF_INET6 ? IMAGE_IPV6 : IMAGE_IPV4;

	if (family == AF_UNSPEC)
		return true;
	if (draft->route.value.family && draft->route.value.family != wanted)
		return conf_line_bad(line, argument,
			"'%s' is of another family than the rest of the route", argument->value);
	draft->route.value.family = wanted;
	return true;
}

static void copy_octets(uint8_t octets[16], const struct ip_address *address)
{
	memset(octets, 0, 16);
	if (address->family == AF_INET)
		memcpy(octets, &address->v4, sizeof(address->v4));
	else if (address->family == AF_INET6)
		memcpy(octets, &address->v6, sizeof(address->v6));
}

/* Clears the bits behind a prefix; whether there were any. */
static bool clear_host_bits(uint8_t octets[16], unsigned int length)
{
	bool some = false;

	for (unsigned int bit = length; bit < 8 * 16; bit++) {
		some |= octets[bit / 8] & 0x80 >> bit % 8;
		octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	}
	return some;
}

static bool take_prefix(struct conf_line *line, const struct conf_argument *argument,
	uint8_t octets[16], uint8_t *length)
{
	struct ip_address address, clear = {.family = AF_INET};

	if (conf_read_prefix(argument->value, &address, length) < 0)
		return conf_line_bad(line, argument,
			"'%s' is not a prefix such as 10.0.0.0/8 or default", argument->value);
	if (!take_family(line, argument, address.family))
		return false;
	copy_octets(octets, &address);
	if (address.family == AF_UNSPEC || !clear_host_bits(octets, *length))
		return true;
	memcpy(&clear.v4, octets, sizeof(clear.v4));
	if (address.family == AF_INET)
		return conf_line_bad(line, argument,
			"'%s' has bits set behind its prefix length: write %s/%u", argument->value,
			conf_address_text(&clear).text, *length);
	/* the kernel refuses such a route of IPv4, and clears the bits of one of IPv6 */
	conf_diagnose(line->parser->diagnostics, CONF_WARNING, &argument->place,
		"'%s' has bits set behind its prefix length: they have no effect", argument->value);
	return true;
}

static bool take_destination(struct conf_line *line, const struct conf_argument *argument)
{
	struct draft *draft = line->item;

	if (draft->has_destination)
		return conf_line_bad(line, argument,
			"unknown word '%s' in a route: it has its destination already; another "
			"route begins a line",
			argument->value);
	draft->has_destination = true;
	return take_prefix(line, argument, draft->route.value.destination,
		&draft->route.value.destination_length);
}

/* An address, perhaps with inet or inet6 before it. */
static bool take_address(
	struct conf_line *line, const struct conf_option *option, uint8_t octets[16])
{
	const struct conf_argument *value;
	struct ip_address address;

	if (!conf_line_skip(line, "inet"))
		conf_line_skip(line, "inet6");
	value = conf_line_value(line, option);
	if (!value)
		return false;
	if (conf_read_address(value->value, &address) < 0)
		return conf_line_bad(
			line, value, "%s '%s' is not an IP address", option->word, value->value);
	copy_octets(octets, &address);
	return take_family(line, value, address.family);
}

/* The hop that via and dev speak of: the last nexthop, or the only one. */
static struct image_hop *hop_of(struct draft *draft)
{
	struct route *route = &draft->route;

	if (route->value.hops.count > 0)
		return &route->hops[route->value.hops.count - 1];
	draft->has_hop = true;
	return &route->value.hop;
}

static bool add_hop(struct conf_line *line, const struct conf_argument *argument)
{
	struct draft *draft = line->item;
	struct route *route = &draft->route;
	uint32_t count = route->value.hops.count;
	struct image_hop *hops;

	if (count == IMAGE_HOPS_MAX)
		return conf_line_bad(line, argument, "more than %d next hops", IMAGE_HOPS_MAX);
	hops = conf_append(line->parser, route->hops, count, sizeof(*hops));
	if (!hops)
		return false;
	hops[count] = (struct image_hop){0};
	route->hops = hops;
	route->value.hops.count++;
	return true;
}

static bool option_to(struct conf_line *line, const struct conf_option *option)
{
	const struct conf_argument *value = conf_line_value(line, option);

	return value && take_destination(line, value);
}

static bool option_via(struct conf_line *line, const struct conf_option *option)
{
	struct image_hop *hop = hop_of(line->item);

	hop->flags |= IMAGE_HOP_GATEWAY;
	return take_address(line, option, hop->gateway);
}

static bool option_dev(struct conf_line *line, const struct conf_option *option)
{
	return conf_line_interface(line, option, hop_of(line->item)->interface);
}

static bool option_onlink(struct conf_line *line, const struct conf_option *option)
{
	hop_of(line->item)->flags |= IMAGE_HOP_ONLINK;
	return true;
}

static bool option_nexthop(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *word = &line->statement->words[line->at - 1];

	if (draft->has_hop)
		return conf_line_bad(
			line, word, "nexthop does not go with via, dev or onlink before it");
	return add_hop(line, word);
}

/* "via A or B": A becomes the first of two. */
static bool option_or(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *word = &line->statement->words[line->at - 1];
	struct image_hop first = draft->route.value.hop;

	if (draft->route.value.hops.count > 0 || !(first.flags & IMAGE_HOP_GATEWAY))
		return conf_line_bad(
			line, word, "or belongs behind one via; use nexthop for several");
	if (!add_hop(line, word) || !add_hop(line, word))
		return false;
	draft->route.hops[0] = first;
	draft->route.value.hop = (struct image_hop){0};
	draft->has_hop = false;
	draft->or_begun = true;
	return option_via(line, option);
}

static bool option_weight(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	uint32_t weight;

	if (draft->route.value.hops.count == 0)
		return conf_line_bad(line, &line->statement->words[line->at - 1],
			"weight belongs behind nexthop");
	if (!conf_line_number(line, option, 1, 256, &weight))
		return false;
	hop_of(draft)->weight = (uint8_t)(weight - 1);
	return true;
}

static bool option_src(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	draft->route.value.flags |= IMAGE_ROUTE_SOURCE;
	return take_address(line, option, draft->route.value.source);
}

static bool option_from(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *value = conf_line_value(line, option);

	draft->route.value.flags |= IMAGE_ROUTE_FROM;
	return value &&
	       take_prefix(line, value, draft->route.value.from, &draft->route.value.from_length) &&
	       take_family(line, value, AF_INET6);
}

static bool option_table(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	uint32_t *table = &draft->route.value.table;

	if (!conf_line_named(line, option, "rt_tables", UINT32_MAX, table))
		return false;
	if (*table == 0)
		return conf_line_bad(line, &line->statement->words[line->at - 1],
			"there is no table 0; leave it out for the main table");
	return true;
}

static bool option_metric(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	return conf_line_number(line, option, 0, UINT32_MAX, &draft->route.value.metric);
}

static bool option_protocol(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	uint32_t protocol;

	if (!conf_line_named(line, option, "rt_protos", 255, &protocol))
		return false;
	draft->route.value.protocol = (uint8_t)protocol;
	return true;
}

static bool option_tos(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	uint32_t tos;

	if (!conf_line_number(line, option, 0, 255, &tos))
		return false;
	draft->route.value.tos = (uint8_t)tos;
	return true;
}

static bool option_scope(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *value = conf_line_value(line, option);

	if (!value)
		return false;
	if (conf_read_scope(value->value, &draft->route.value.scope) == 0)
		return true;
	return conf_line_bad(line, value,
		"scope '%s' is not global, site, link, host, nowhere or 0..255", value->value);
}

static bool option_inet(struct conf_line *line, const struct conf_option *option)
{
	return take_family(line, &line->statement->words[line->at - 1], (int)option->number);
}

static bool option_flag(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	draft->route.value.flags |= option->number;
	return true;
}

/* A metric of the kernel's, by its number; "lock" keeps path MTU discovery and its like from
 * changing it. */
static bool option_rtax(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	struct image_route *value = &draft->route.value;

	if (conf_line_skip(line, "lock")) {
		value->metrics_set |= 1u << RTAX_LOCK;
		value->metrics[RTAX_LOCK] |= 1u << option->number;
	}
	value->metrics_set |= 1u << option->number;
	return conf_line_number(line, option, 0, UINT32_MAX, &value->metrics[option->number]);
}

/* "200ms", "1s"; a number alone counts milliseconds, as in the kernel. */
static bool option_time(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *value = conf_line_value(line, option);
	size_t digits = value ? strspn(value->value, "0123456789") : 0;
	const char *unit = value ? value->value + digits : NULL;
	bool seconds = unit && strcmp(unit, "s") == 0;
	char number[12] = "";
	uint32_t time;

	if (!value)
		return false;
	if (digits < sizeof(number))
		memcpy(number, value->value, digits);
	if ((*unit && !seconds && strcmp(unit, "ms") != 0) ||
		conf_read_u32(number, seconds ? 4000000 : UINT32_MAX, &time) < 0)
		return conf_line_bad(line, value, "%s '%s' is not a time such as 200ms or 1s",
			option->word, value->value);
	draft->route.value.metrics_set |= 1u << option->number;
	draft->route.value.metrics[option->number] = seconds ? time * 1000 : time;
	return true;
}

static bool option_pref(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *value = conf_line_value(line, option);

	if (!value)
		return false;
	draft->route.value.flags |= IMAGE_ROUTE_PREF;
	if (strcmp(value->value, "low") == 0)
		draft->route.value.pref = ICMPV6_ROUTER_PREF_LOW;
	else if (strcmp(value->value, "medium") == 0)
		draft->route.value.pref = ICMPV6_ROUTER_PREF_MEDIUM;
	else if (strcmp(value->value, "high") == 0)
		draft->route.value.pref = ICMPV6_ROUTER_PREF_HIGH;
	else
		return conf_line_bad(
			line, value, "pref '%s' is not low, medium or high", value->value);
	return take_family(line, value, AF_INET6);
}

static const struct conf_option options[] = {
	{"to", option_to, 0},
	{"via", option_via, 0},
	{"gw", option_via, 0},
	{"or", option_or, 0},
	{"dev", option_dev, 0},
	{"oif", option_dev, 0},
	{"onlink", option_onlink, 0},
	{"nexthop", option_nexthop, 0},
	{"weight", option_weight, 0},
	{"src", option_src, 0},
	{"from", option_from, 0},
	{"table", option_table, 0},
	{"metric", option_metric, 0},
	{"priority", option_metric, 0},
	{"preference", option_metric, 0},
	{"protocol", option_protocol, 0},
	{"tos", option_tos, 0},
	{"dsfield", option_tos, 0},
	{"scope", option_scope, 0},
	{"inet", option_inet, AF_INET},
	{"inet6", option_inet, AF_INET6},
	{"pref", option_pref, 0},
	{"append", option_flag, IMAGE_ROUTE_APPEND},
	{"add", option_flag, 0},
	{"prepend", option_flag, 0},
	{"no_track", option_flag, IMAGE_ROUTE_NO_TRACK},
	{"mtu", option_rtax, RTAX_MTU},
	{"advmss", option_rtax, RTAX_ADVMSS},
	{"hoplimit", option_rtax, RTAX_HOPLIMIT},
	{"window", option_rtax, RTAX_WINDOW},
	{"cwnd", option_rtax, RTAX_CWND},
	{"ssthresh", option_rtax, RTAX_SSTHRESH},
	{"reordering", option_rtax, RTAX_REORDERING},
	{"initcwnd", option_rtax, RTAX_INITCWND},
	{"initrwnd", option_rtax, RTAX_INITRWND},
	{"quickack", option_rtax, RTAX_QUICKACK},
	{"rto_min", option_time, RTAX_RTO_MIN},
	{NULL, NULL, 0},
};

static bool take_type(struct conf_line *line)
{
	struct draft *draft = line->item;
	const struct conf_argument *argument = conf_line_peek(line);

	for (size_t i = 0; !draft->typed && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, argument->value) == 0) {
			draft->typed = true;
			draft->route.value.type = types[i].type;
			line->at++;
			return true;
		}
	return false;
}

/* Words of the table come with their values; the one that is none of them is the destination. */
static bool read_words(struct conf_line *line)
{
	const struct conf_argument *argument;

	while ((argument = conf_line_peek(line)) != NULL) {
		bool known = conf_word_find(CONTEXT_ROUTE, argument->value);
		struct ip_address address;
		uint8_t length;

		if (take_type(line))
			continue;
		if (known || conf_read_prefix(argument->value, &address, &length) < 0) {
			/* what looks like an address shall not be called an unknown word */
			if (!known && strpbrk(argument->value, "./:"))
				return take_destination(line, argument);
			if (!conf_line_option(line, options))
				return false;
		} else if (!take_destination(line, conf_line_next(line))) {
			return false;
		}
	}
	return true;
}

static bool check(struct conf_line *line)
{
	struct draft *draft = line->item;
	struct image_route *value = &draft->route.value;
	const struct conf_argument *first = &line->statement->words[0];
	bool leads = draft->has_hop || value->hops.count > 0;

	if (!draft->has_destination)
		return conf_line_bad(line, first,
			"the route has no destination: write 'default' or a prefix such as "
			"10.0.0.0/8 first");
	if (conf_route_leads_nowhere(value->type) && leads)
		return conf_line_bad(line, first,
			"a %s route leads nowhere: via, dev and nexthop do not go with it",
			conf_route_type(value->type));
	if (!conf_route_leads_nowhere(value->type) && !leads)
		return conf_line_bad(line, first,
			"the route needs via, dev or nexthop, or one of blackhole, unreachable, "
			"prohibit and throw");
	for (uint32_t i = 0; i < value->hops.count; i++)
		if (!(draft->route.hops[i].flags & IMAGE_HOP_GATEWAY) &&
			!draft->route.hops[i].interface[0])
			return conf_line_bad(line, first, "next hop %u needs via or dev", i + 1);
	if (!value->family)
		value->family = IMAGE_IPV4;
	return true;
}

void conf_assign_route(
	struct conf_parser *parser, struct route_list *list, const struct conf_statement *statement)
{
	struct draft draft = {.route.value = {.type = RTN_UNICAST,
				      .table = RT_TABLE_MAIN,
				      .protocol = RTPROT_KEEPALIVED}};
	struct conf_line line = {parser, statement, 0, CONTEXT_ROUTE, &draft};
	struct route *items;

	if (!read_words(&line) || !check(&line))
		return;
	if (draft.or_begun)
		conf_diagnose(parser->diagnostics, CONF_WARNING, &statement->words[0].place,
			"'or' is an older spelling of nexthop");
	draft.route.origin = conf_origin(parser, &statement->words[0].place);
	items = conf_append(parser, list->items, list->count, sizeof(*items));
	if (!items)
		return;
	list->items = items;
	list->items[list->count++] = draft.route;
}

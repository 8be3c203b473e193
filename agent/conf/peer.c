/* SPDX-License-Identifier: ISC */
/* Lines of unicast_peer, and the addresses of hosts. */
#include <string.h>

#include "agent/conf/line.h"
#include "agent/conf/meant.h"
#include "agent/conf/parse.h"
#include "agent/conf/text/decimal.h"
#include "agent/conf/value.h"
#include "vrrp/protocol/limits.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

/* mcast_src_ip is the source of what is sent to a group. */
static bool is_taken_for_group(const char *what, const struct ip_address *address)
{
	return strcmp(what, "mcast_src_ip") == 0 && conf_address_is_multicast(address);
}

bool conf_assign_address_of_host(struct conf_parser *parser, const struct conf_argument *argument,
	const char *what, struct ip_address *value)
{
	struct ip_address address;
	const char *problem;
	uint8_t length;

	if (conf_read_prefix(argument->value, &address, &length) < 0 ||
		address.family == AF_UNSPEC) {
		error(parser, argument, "%s '%s' is not an IP address: %s", what, argument->value,
			conf_meant_host(what));
		return false;
	}
	problem = conf_address_problem(&address);
	if (problem) {
		error(parser, argument, "%s '%s' is %s: %s", what, argument->value, problem,
			is_taken_for_group(what, &address)
				? "the group is vrrp_mcast_group4 or vrrp_mcast_group6 in "
				  "global_defs"
				: conf_meant_host(what));
		return false;
	}
	if (strchr(argument->value, '/'))
		conf_diagnose(parser->diagnostics, CONF_WARNING, &argument->place,
			"%s '%s': the prefix length has no effect", what, argument->value);
	*value = address;
	return true;
}

/* min_ttl N or max_ttl N at words[*at]; moves *at behind it. */
static bool read_limit(struct conf_parser *parser, const struct conf_statement *statement,
	size_t *at, struct unicast_peer *peer)
{
	const struct conf_argument *word = &statement->words[(*at)++], *value;
	const bool is_minimum = strcmp(word->value, "min_ttl") == 0;
	uint64_t number;

	if (!is_minimum && strcmp(word->value, "max_ttl") != 0) {
		error(parser, word,
			"'%s' behind a unicast peer: only min_ttl and max_ttl can follow",
			word->value);
		return false;
	}
	if (*at == statement->count) {
		error(parser, word, "%s needs a whole number, 0..%d", word->value, VRRP_TTL);
		return false;
	}
	value = &statement->words[(*at)++];
	if (conf_read_number(value->value, 0, VRRP_TTL, &number) < 0) {
		error(parser, value, "%s '%s' must be a whole number, 0..%d", word->value,
			value->value, VRRP_TTL);
		return false;
	}
	*(is_minimum ? &peer->ttl_min : &peer->ttl_max) = (uint8_t)number;
	return true;
}

static bool read_peer(struct conf_parser *parser, const struct conf_statement *statement,
	struct unicast_peer *peer)
{
	const struct conf_argument *first = &statement->words[0];

	if (!conf_assign_address_of_host(parser, first, "unicast peer", &peer->address))
		return false;
	for (size_t at = 1; at < statement->count;)
		if (!read_limit(parser, statement, &at, peer))
			return false;
	if (peer->ttl_min > peer->ttl_max) {
		error(parser, first, "unicast peer %s: min_ttl %u is above max_ttl %u",
			first->value, peer->ttl_min, peer->ttl_max);
		return false;
	}
	return true;
}

void conf_assign_peer(struct conf_parser *parser, struct unicast_peer_list *list,
	const struct conf_statement *statement)
{
	struct unicast_peer peer = {.ttl_max = VRRP_TTL};
	struct unicast_peer *items;

	/* a bad line still counts, so that the list is not called empty as well */
	if (!read_peer(parser, statement, &peer))
		peer.address.family = AF_UNSPEC;
	peer.origin = conf_origin(parser, &statement->words[0].place);
	items = conf_append(parser, list->items, list->count, sizeof(*items));
	if (!items)
		return;
	list->items = items;
	list->items[list->count++] = peer;
}

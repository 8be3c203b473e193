/* SPDX-License-Identifier: ISC */
/* Lines of virtual_ipaddress and track_interface. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "agent/conf/parse.h"
#include "agent/conf/value.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

#define WEIGHT_MAX	  253
#define BROADCAST_LEN_MAX 30 /* RFC 3021: shorter host parts have none */

static bool read_prefix(struct conf_parser *parser, const struct conf_argument *argument,
	const char *slash, struct virtual_address *address)
{
	unsigned most = address->address.family == AF_INET ? 32 : 128;
	uint64_t length = most;

	if (slash && conf_read_number(slash + 1, 0, most, &length) < 0) {
		error(parser, argument, "prefix length '%s' is not a whole number, 0..%u",
			slash + 1, most);
		return false;
	}
	address->prefix_length = (uint8_t)length;
	return true;
}

/* What no host may hold as an address for others, or NULL. */
static const char *address_problem(const struct ip_address *address)
{
	uint32_t v4 = address->family == AF_INET ? ntohl(address->v4.s_addr) : 1;

	if (v4 == 0 || (address->family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&address->v6)))
		return "the unspecified address";
	if (address->family == AF_INET ? IN_MULTICAST(v4) : IN6_IS_ADDR_MULTICAST(&address->v6))
		return "a multicast address";
	if (address->family == AF_INET ? v4 >> 24 == 127 : IN6_IS_ADDR_LOOPBACK(&address->v6))
		return "a loopback address";
	if (v4 == INADDR_BROADCAST)
		return "the broadcast address";
	return NULL;
}

static bool read_virtual_address(struct conf_parser *parser, const struct conf_argument *argument,
	struct virtual_address *address)
{
	const char *slash = strchr(argument->value, '/'), *problem;
	char text[INET6_ADDRSTRLEN] = "";
	size_t length = slash ? (size_t)(slash - argument->value) : strlen(argument->value);

	if (length < sizeof(text))
		memcpy(text, argument->value, length);
	if (conf_read_address(text, &address->address) < 0) {
		error(parser, argument, "'%s' is not an IP address", argument->value);
		return false;
	}
	problem = address_problem(&address->address);
	if (problem) {
		error(parser, argument, "'%s' is %s", argument->value, problem);
		return false;
	}
	return read_prefix(parser, argument, slash, address);
}

static bool option_broadcast(struct conf_parser *parser, const struct conf_argument *value,
	struct virtual_address *address)
{
	uint32_t hosts = address->prefix_length < 32 ? UINT32_MAX >> address->prefix_length : 0;
	struct ip_address written;

	if (address->address.family != AF_INET) {
		error(parser, value, "an IPv6 address has no broadcast address");
		return false;
	}
	if (strcmp(value->value, "+") == 0 || strcmp(value->value, "-") == 0) {
		if (address->prefix_length > BROADCAST_LEN_MAX) {
			error(parser, value, "prefix length %u is too long for a broadcast address",
				address->prefix_length);
			return false;
		}
		address->broadcast = address->address.v4;
		if (value->value[0] == '+')
			address->broadcast.s_addr |= htonl(hosts);
		else
			address->broadcast.s_addr &= ~htonl(hosts);
	} else if (conf_read_address(value->value, &written) == 0 && written.family == AF_INET) {
		address->broadcast = written.v4;
	} else {
		error(parser, value, "broadcast address '%s' is not an IPv4 address, + or -",
			value->value);
		return false;
	}
	address->broadcast_kind = BROADCAST_ADDRESS;
	return true;
}

static bool option_device(struct conf_parser *parser, const struct conf_argument *value,
	struct virtual_address *address)
{
	const char *problem = conf_interface_problem(value->value);

	if (problem) {
		error(parser, value, "dev '%s' %s", value->value, problem);
		return false;
	}
	address->device = conf_keep(parser, value->value);
	return true;
}

static bool option_scope(struct conf_parser *parser, const struct conf_argument *value,
	struct virtual_address *address)
{
	if (address->address.family != AF_INET) {
		error(parser, value, "the scope of an IPv6 address cannot be chosen");
		return false;
	}
	if (conf_read_scope(value->value, &address->scope) == 0)
		return true;
	error(parser, value, "scope '%s' is not global, site, link, host, nowhere or 0..255",
		value->value);
	return false;
}

static bool option_label(struct conf_parser *parser, const struct conf_argument *value,
	struct virtual_address *address)
{
	if (!value->value[0] || strlen(value->value) > VIRTUAL_ADDRESS_LABEL_MAX) {
		error(parser, value, "label '%s' is %s", value->value,
			value->value[0] ? "longer than 15 characters" : "empty");
		return false;
	}
	address->label = conf_keep(parser, value->value);
	return true;
}

static bool option_admin_state(struct conf_parser *parser, const struct conf_argument *value,
	struct virtual_address *address)
{
	bool down = strcmp(value->value, "down") == 0;

	if (!down && strcmp(value->value, "up") != 0) {
		error(parser, value, "admin_state '%s' is neither up nor down", value->value);
		return false;
	}
	address->admin_state = down ? ADMIN_DOWN : ADMIN_UP;
	return true;
}

/* How options are read; those without a function only have their value skipped. */
static const struct {
	const char *word;
	bool has_value;
	bool (*read)(struct conf_parser *parser, const struct conf_argument *value,
		struct virtual_address *address);
} options[] = {
	{"brd", true, option_broadcast},
	{"broadcast", true, option_broadcast},
	{"dev", true, option_device},
	{"scope", true, option_scope},
	{"label", true, option_label},
	{"admin_state", true, option_admin_state},
	{"peer", true, NULL},
	{"preferred_lft", true, NULL},
};

static void unknown_option(struct conf_parser *parser, const struct conf_argument *argument)
{
	const struct conf_word *near = conf_word_suggest(CONTEXT_ADDRESS, argument->value);

	if (argument->value[0] >= '0' && argument->value[0] <= '9')
		error(parser, argument, "'%s' must go on a line of its own", argument->value);
	else if (near)
		error(parser, argument, "unknown word '%s' behind an address; did you mean %s?",
			argument->value, near->word);
	else
		error(parser, argument, "unknown word '%s' behind an address", argument->value);
}

/* The option at words[*at]; moves *at behind it. */
static bool read_option(struct conf_parser *parser, const struct conf_statement *statement,
	size_t *at, struct virtual_address *address)
{
	const struct conf_argument *argument = &statement->words[(*at)++], *value;
	const struct conf_word *word = conf_word_find(CONTEXT_ADDRESS, argument->value);
	bool good;

	if (!word) {
		unknown_option(parser, argument);
		return false;
	}
	good = conf_check_status(parser, word, &argument->place);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i].word, word->word) != 0)
			continue;
		if (*at == statement->count) {
			error(parser, argument, "%s needs a value", word->word);
			return false;
		}
		value = &statement->words[(*at)++];
		return options[i].read ? options[i].read(parser, value, address) : good;
	}
	return good;
}

void conf_assign_address(struct conf_parser *parser, struct address_list *list,
	const struct conf_statement *statement)
{
	struct virtual_address address = {0};
	struct virtual_address *items;
	bool good = read_virtual_address(parser, &statement->words[0], &address);

	for (size_t at = 1; good && at < statement->count;)
		good = read_option(parser, statement, &at, &address);
	/* a bad line still counts, so that the list is not called empty as well */
	if (!good)
		address.address.family = AF_UNSPEC;
	address.origin = conf_origin(parser, &statement->words[0].place);
	items = conf_append(parser, list->items, list->count, sizeof(*items));
	if (!items)
		return;
	list->items = items;
	list->items[list->count++] = address;
}

static bool read_weight(struct conf_parser *parser, const struct conf_statement *statement,
	struct tracked_interface *tracked)
{
	const struct conf_argument *words = statement->words;

	if (statement->count < 2)
		return true;
	if (strcmp(words[1].value, "weight") != 0) {
		error(parser, &words[1], "'%s' behind an interface: only weight can follow",
			words[1].value);
		return false;
	}
	if (statement->count < 3) {
		error(parser, &words[1], "weight needs a whole number, -%d..%d", WEIGHT_MAX,
			WEIGHT_MAX);
		return false;
	}
	if (conf_read_signed(words[2].value, -WEIGHT_MAX, WEIGHT_MAX, &tracked->weight) < 0) {
		error(parser, &words[2], "weight '%s' is not a whole number, -%d..%d",
			words[2].value, WEIGHT_MAX, WEIGHT_MAX);
		return false;
	}
	if (statement->count < 4)
		return true;
	tracked->reverse = strcmp(words[3].value, "reverse") == 0;
	if (statement->count > 4 ||
		(!tracked->reverse && strcmp(words[3].value, "noreverse") != 0)) {
		error(parser, &words[statement->count > 4 ? 4 : 3],
			"'%s' behind a weight: only reverse or noreverse can follow",
			words[statement->count > 4 ? 4 : 3].value);
		return false;
	}
	return true;
}

void conf_assign_interface(struct conf_parser *parser, struct tracked_interface_list *list,
	const struct conf_statement *statement)
{
	struct tracked_interface tracked = {0};
	const struct conf_argument *name = &statement->words[0];
	const char *problem = conf_interface_problem(name->value);
	struct tracked_interface *items;

	if (problem) {
		error(parser, name, "tracked interface '%s' %s", name->value, problem);
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name->value) == 0) {
			error(parser, name, "interface %s is tracked twice", name->value);
			return;
		}
	if (!read_weight(parser, statement, &tracked))
		return;
	tracked.name = conf_keep(parser, name->value);
	tracked.origin = conf_origin(parser, &name->place);
	items = conf_append(parser, list->items, list->count, sizeof(*items));
	if (!items)
		return;
	list->items = items;
	list->items[list->count++] = tracked;
}

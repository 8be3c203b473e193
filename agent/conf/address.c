/* SPDX-License-Identifier: ISC */
/* Lines of virtual_ipaddress and track_interface. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "agent/conf/line.h"
#include "agent/conf/meant.h"
#include "agent/conf/parse.h"
#include "agent/conf/text/decimal.h"
#include "agent/conf/value.h"

#define error(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_ERROR, &(argument)->place, __VA_ARGS__)

#define warning(parser, argument, ...) \
	conf_diagnose((parser)->diagnostics, CONF_WARNING, &(argument)->place, __VA_ARGS__)

#define WEIGHT_MAX	  253
#define BROADCAST_LEN_MAX 30 /* RFC 3021: shorter host parts have none */

static uint32_t host_bits(const struct virtual_address *address)
{
	return address->prefix_length < 32 ? UINT32_MAX >> address->prefix_length : 0;
}

static bool read_prefix(struct conf_parser *parser, const struct conf_argument *argument,
	const char *slash, struct virtual_address *address)
{
	unsigned most = address->address.family == AF_INET ? 32 : 128;
	const unsigned meant = slash && most == 32 ? conf_meant_prefix(slash + 1) : 0;
	uint64_t length = most;

	if (meant > 0) {
		error(parser, argument, "netmask '%s': write the prefix length, %s/%u", slash + 1,
			conf_address_text(&address->address).text, meant);
		return false;
	}
	if (slash && conf_read_number(slash + 1, 0, most, &length) < 0) {
		error(parser, argument, "prefix length '%s' must be a whole number, 1..%u",
			slash + 1, most);
		return false;
	}
	/* of IPv6 it would be a default route as well */
	if (length == 0) {
		error(parser, argument,
			"prefix length 0 makes every address there is one of this subnet: write "
			"that of the subnet, such as %s/%u, or leave it out",
			conf_address_text(&address->address).text, most == 32 ? 24 : 64);
		return false;
	}
	address->prefix_length = (uint8_t)length;
	return true;
}

/* The first and the last address of a subnet reach all its hosts, not the one that has it. */
static void warn_of_broadcast(struct conf_parser *parser, const struct conf_argument *argument,
	const struct virtual_address *address)
{
	const uint32_t hosts = host_bits(address), bits = ntohl(address->address.v4.s_addr) & hosts;

	if (address->address.family == AF_INET && address->prefix_length <= BROADCAST_LEN_MAX &&
		(bits == 0 || bits == hosts))
		warning(parser, argument,
			"'%s' is the %s address of that subnet, which other hosts take for a "
			"broadcast: check the address and the prefix length",
			argument->value, bits ? "last" : "first");
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
		error(parser, argument, "'%s' is not an IP address%s", argument->value,
			conf_meant_comment(argument->value)
				? "; a comment begins with # or !"
				: ": write one such as 192.0.2.1/24 or 2001:db8::1/64, no name");
		return false;
	}
	problem = conf_address_problem(&address->address);
	if (problem) {
		error(parser, argument, "'%s' is %s: %s", argument->value, problem,
			conf_meant_host(""));
		return false;
	}
	if (!read_prefix(parser, argument, slash, address))
		return false;
	warn_of_broadcast(parser, argument, address);
	return true;
}

static bool option_broadcast(struct conf_line *line, const struct conf_option *option)
{
	struct virtual_address *address = line->item;
	const struct conf_argument *value = conf_line_value(line, option);
	uint32_t hosts = host_bits(address);
	struct ip_address written;

	if (!value)
		return false;
	if (address->address.family != AF_INET)
		return conf_line_bad(
			line, value, "an IPv6 address has no broadcast address: remove brd");
	if (strcmp(value->value, "+") == 0 || strcmp(value->value, "-") == 0) {
		if (address->prefix_length > BROADCAST_LEN_MAX)
			return conf_line_bad(line, value,
				"prefix length %u is too long for a broadcast address: remove brd",
				address->prefix_length);
		address->broadcast = address->address.v4;
		if (value->value[0] == '+')
			address->broadcast.s_addr |= htonl(hosts);
		else
			address->broadcast.s_addr &= ~htonl(hosts);
	} else if (conf_read_address(value->value, &written) == 0 && written.family == AF_INET) {
		address->broadcast = written.v4;
	} else {
		return conf_line_bad(line, value,
			"broadcast address '%s' is not an IPv4 address, + or -", value->value);
	}
	address->broadcast_kind = BROADCAST_ADDRESS;
	return true;
}

static bool option_device(struct conf_line *line, const struct conf_option *option)
{
	struct virtual_address *address = line->item;
	char name[IFNAMSIZ];

	if (!conf_line_interface(line, option, name))
		return false;
	address->device = conf_keep(line->parser, name);
	return true;
}

static bool option_scope(struct conf_line *line, const struct conf_option *option)
{
	struct virtual_address *address = line->item;
	const struct conf_argument *value = conf_line_value(line, option);

	if (!value)
		return false;
	if (conf_read_scope(value->value, &address->scope) < 0)
		return conf_line_bad(line, value,
			"scope '%s' is not global, site, link, host, nowhere or 0..255",
			value->value);
	if (address->address.family == AF_INET)
		return true;
	/* as OpenStack writes it behind each link-local address; the kernel would ignore it */
	address->scope = 0;
	warning(line->parser, value,
		"scope has no effect: an IPv6 address has the one that is "
		"in it");
	return true;
}

static bool option_label(struct conf_line *line, const struct conf_option *option)
{
	struct virtual_address *address = line->item;
	const struct conf_argument *value = conf_line_value(line, option);

	if (!value)
		return false;
	if (!value->value[0] || strlen(value->value) > VIRTUAL_ADDRESS_LABEL_MAX)
		return conf_line_bad(line, value, "label '%s' is %s", value->value,
			value->value[0] ? "longer than 15 characters" : "empty");
	address->label = conf_keep(line->parser, value->value);
	return true;
}

static bool option_admin_state(struct conf_line *line, const struct conf_option *option)
{
	struct virtual_address *address = line->item;
	const struct conf_argument *value = conf_line_value(line, option);
	bool down = value && strcmp(value->value, "down") == 0;

	if (!value)
		return false;
	if (!down && strcmp(value->value, "up") != 0)
		return conf_line_bad(
			line, value, "admin_state '%s' is neither up nor down", value->value);
	address->admin_state = down ? ADMIN_DOWN : ADMIN_UP;
	return true;
}

static bool option_preferred(struct conf_line *line, const struct conf_option *option)
{
	struct virtual_address *address = line->item;

	address->flags |= IMAGE_ADDRESS_PREFERRED;
	address->preferred = IMAGE_FOREVER;
	if (conf_line_skip(line, "forever"))
		return true;
	return conf_line_number(line, option, 0, IMAGE_FOREVER - 1, &address->preferred);
}

static bool option_flag(struct conf_line *line, const struct conf_option *option)
{
	struct virtual_address *address = line->item;
	const struct conf_argument *word = &line->statement->words[line->at - 1];

	if (address->address.family == AF_INET &&
		option->number & (IMAGE_ADDRESS_DAD | IMAGE_ADDRESS_HOME))
		warning(line->parser, word, "%s has no effect: it is for IPv6 addresses",
			option->word);
	else
		address->flags |= option->number;
	return true;
}

static bool option_without_effect(struct conf_line *line, const struct conf_option *option)
{
	return true;
}

static const struct conf_option options[] = {
	{"brd", option_broadcast, 0},
	{"broadcast", option_broadcast, 0},
	{"dev", option_device, 0},
	{"scope", option_scope, 0},
	{"label", option_label, 0},
	{"admin_state", option_admin_state, 0},
	{"preferred_lft", option_preferred, 0},
	{"-nodad", option_flag, IMAGE_ADDRESS_DAD},
	{"home", option_flag, IMAGE_ADDRESS_HOME},
	{"noprefixroute", option_flag, IMAGE_ADDRESS_NO_ROUTE},
	{"no_track", option_flag, IMAGE_ADDRESS_NO_TRACK},
	{"mngtmpaddr", option_without_effect, 0},
	{"autojoin", option_without_effect, 0},
	{NULL, NULL, 0},
};

static bool read_options(struct conf_line *line)
{
	const struct virtual_address *address = line->item;
	const struct conf_argument *argument;

	while ((argument = conf_line_peek(line)) != NULL) {
		unsigned length = conf_meant_prefix(argument->value);

		if (length > 0)
			return conf_line_bad(line, argument,
				"netmask '%s': write the prefix length behind the address, %s/%u",
				argument->value, conf_address_text(&address->address).text, length);
		if (argument->value[0] >= '0' && argument->value[0] <= '9')
			return conf_line_bad(line, argument, "'%s' must go on a line of its own",
				argument->value);
		if (!conf_line_option(line, options))
			return false;
	}
	return true;
}

void conf_assign_address(struct conf_parser *parser, struct address_list *list,
	const struct conf_statement *statement)
{
	struct virtual_address address = {0};
	struct conf_line line = {parser, statement, 1, CONTEXT_ADDRESS, &address};
	struct virtual_address *items;
	bool good =
		read_virtual_address(parser, &statement->words[0], &address) && read_options(&line);

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
		error(parser, &words[2], "weight '%s' must be a whole number, -%d..%d",
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
			error(parser, name, "interface %s is tracked twice: remove one line",
				name->value);
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

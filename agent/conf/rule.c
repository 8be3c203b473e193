/* SPDX-License-Identifier: ISC */
/* Lines of virtual_rules and static_rules. */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netdb.h>
#include <string.h>

#include "agent/conf/line.h"
#include "agent/conf/parse.h"
#include "agent/conf/value.h"

/* A rule while its line is read. */
struct draft {
	struct rule rule;
	bool acts; /* it has its action */
};

static const struct conf_argument *last_word(const struct conf_line *line)
{
	return &line->statement->words[line->at - 1];
}

static bool take_family(struct conf_line *line, int family)
{
	struct draft *draft = line->item;
	uint8_t wanted = family == AF_INET6 ? IMAGE_IPV6 : IMAGE_IPV4;

	if (family == AF_UNSPEC)
		return true;
	if (draft->rule.value.family && draft->rule.value.family != wanted)
		return conf_line_bad(line, last_word(line),
			"'%s' is of another family than the rest of the rule",
			last_word(line)->value);
	draft->rule.value.family = wanted;
	return true;
}

static bool option_prefix(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	struct image_rule *value = &draft->rule.value;
	uint8_t *octets = option->number == IMAGE_RULE_FROM ? value->from : value->to;
	uint8_t *length =
		option->number == IMAGE_RULE_FROM ? &value->from_length : &value->to_length;
	const struct conf_argument *argument = conf_line_value(line, option);
	struct ip_address address;

	if (!argument)
		return false;
	if (conf_read_prefix(argument->value, &address, length) < 0)
		return conf_line_bad(line, argument,
			"%s '%s' is not a prefix such as 10.0.0.0/8 or all", option->word,
			argument->value);
	memset(octets, 0, 16);
	if (address.family == AF_INET)
		memcpy(octets, &address.v4, sizeof(address.v4));
	else if (address.family == AF_INET6)
		memcpy(octets, &address.v6, sizeof(address.v6));
	if (*length > 0)
		value->flags |= option->number;
	return take_family(line, address.family);
}

static bool option_interface(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	return conf_line_interface(
		line, option, option->number ? draft->rule.value.out : draft->rule.value.in);
}

static bool option_tos(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	uint32_t tos;

	if (!conf_line_number(line, option, 0, 255, &tos))
		return false;
	draft->rule.value.tos = (uint8_t)tos;
	return true;
}

/* A field of a number, flagged as set where it has a flag. */
static bool read_number(struct conf_line *line, const struct conf_option *option, uint32_t *field)
{
	struct draft *draft = line->item;

	draft->rule.value.flags |= option->number;
	return conf_line_number(line, option, 0, UINT32_MAX, field);
}

static bool option_suppress_prefix(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	return read_number(line, option, &draft->rule.value.suppress_prefix);
}

static bool option_suppress_group(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	return read_number(line, option, &draft->rule.value.suppress_group);
}

static bool option_preference(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	draft->rule.numbered = true;
	return read_number(line, option, &draft->rule.value.preference);
}

/* Two numbers with something between them; the second one may be missing. */
static bool read_pair(const char *text, char between, uint32_t maximum, uint32_t pair[2])
{
	const char *second = strchr(text, between);
	char first[16] = "";
	size_t length = second ? (size_t)(second - text) : strlen(text);

	if (length >= sizeof(first))
		return false;
	memcpy(first, text, length);
	if (conf_read_u32(first, maximum, &pair[0]) < 0)
		return false;
	return !second || conf_read_u32(second + 1, maximum, &pair[1]) == 0;
}

static bool option_mark(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	struct image_rule *value = &draft->rule.value;
	const struct conf_argument *argument = conf_line_value(line, option);
	uint32_t pair[2] = {0};

	if (!argument)
		return false;
	if (!read_pair(argument->value, '/', UINT32_MAX, pair))
		return conf_line_bad(
			line, argument, "fwmark '%s' is not MARK or MARK/MASK", argument->value);
	value->flags |= IMAGE_RULE_MARK;
	value->mark = pair[0];
	if (strchr(argument->value, '/')) {
		value->flags |= IMAGE_RULE_MASK;
		value->mask = pair[1];
	}
	return true;
}

static bool option_realms(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *argument = conf_line_value(line, option);
	uint32_t pair[2] = {0};

	if (!argument)
		return false;
	if (!read_pair(argument->value, '/', 65535, pair))
		return conf_line_bad(line, argument, "realms '%s' is not TO or FROM/TO in numbers",
			argument->value);
	draft->rule.value.realms = strchr(argument->value, '/') ? pair[0] << 16 | pair[1] : pair[0];
	return true;
}

static bool read_range(struct conf_line *line, const struct conf_option *option, uint32_t maximum,
	uint32_t pair[2])
{
	struct draft *draft = line->item;
	const struct conf_argument *argument = conf_line_value(line, option);

	if (!argument)
		return false;
	draft->rule.value.flags |= option->number;
	if (strchr(argument->value, '-') && read_pair(argument->value, '-', maximum, pair) &&
		pair[0] <= pair[1])
		return true;
	return conf_line_bad(line, argument, "%s '%s' is not a range such as 10-20, up to %u",
		option->word, argument->value, maximum);
}

static bool option_users(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	return read_range(line, option, UINT32_MAX - 1, draft->rule.value.users);
}

static bool option_ports(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	uint16_t *ports = option->number == IMAGE_RULE_SOURCE_PORTS
				  ? draft->rule.value.source_ports
				  : draft->rule.value.destination_ports;
	uint32_t pair[2] = {0};

	if (!read_range(line, option, 65534, pair))
		return false;
	if (pair[0] == 0)
		return conf_line_bad(line, last_word(line), "%s begins at 1", option->word);
	ports[0] = (uint16_t)pair[0];
	ports[1] = (uint16_t)pair[1];
	return true;
}

static bool option_ip_protocol(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_argument *argument = conf_line_value(line, option);
	const struct protoent *known;
	uint32_t number;

	if (!argument)
		return false;
	if (conf_read_u32(argument->value, 255, &number) < 0) {
		known = getprotobyname(argument->value);
		if (!known)
			return conf_line_bad(line, argument,
				"unknown protocol '%s': write its number, or a name in "
				"/etc/protocols",
				argument->value);
		number = (uint32_t)known->p_proto;
	}
	draft->rule.value.ip_protocol = (uint8_t)number;
	return true;
}

static bool option_protocol(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	uint32_t protocol;

	if (!conf_line_named(line, option, "rt_protos", 255, &protocol))
		return false;
	draft->rule.value.protocol = (uint8_t)protocol;
	return true;
}

static bool option_flag(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;

	draft->rule.value.flags |= option->number;
	return true;
}

static bool option_inet(struct conf_line *line, const struct conf_option *option)
{
	return take_family(line, (int)option->number);
}

static bool option_action(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	struct image_rule *value = &draft->rule.value;
	bool good = true;

	if (draft->acts)
		return conf_line_bad(line, last_word(line),
			"a rule has one of table, goto, nop, blackhole, prohibit, unreachable and "
			"l3mdev");
	draft->acts = true;
	value->action = (uint8_t)option->number;
	if (value->action == FR_ACT_TO_TBL)
		good = conf_line_named(line, option, "rt_tables", UINT32_MAX, &value->table);
	else if (value->action == FR_ACT_GOTO)
		good = conf_line_number(line, option, 1, UINT32_MAX, &value->target);
	if (good && value->action == FR_ACT_TO_TBL && value->table == 0)
		return conf_line_bad(line, last_word(line),
			"there is no table 0; 'table main' is the main table");
	return good;
}

static bool option_l3mdev(struct conf_line *line, const struct conf_option *option)
{
	struct draft *draft = line->item;
	const struct conf_option table = {option->word, NULL, FR_ACT_NOP};

	draft->rule.value.flags |= IMAGE_RULE_L3MDEV;
	if (!option_action(line, &table))
		return false;
	draft->rule.value.action = FR_ACT_TO_TBL;
	return true;
}

static const struct conf_option options[] = {
	{"from", option_prefix, IMAGE_RULE_FROM},
	{"to", option_prefix, IMAGE_RULE_TO},
	{"not", option_flag, IMAGE_RULE_NOT},
	{"iif", option_interface, 0},
	{"dev", option_interface, 0},
	{"oif", option_interface, 1},
	{"tos", option_tos, 0},
	{"dsfield", option_tos, 0},
	{"fwmark", option_mark, 0},
	{"preference", option_preference, 0},
	{"priority", option_preference, 0},
	{"order", option_preference, 0},
	{"table", option_action, FR_ACT_TO_TBL},
	{"lookup", option_action, FR_ACT_TO_TBL},
	{"goto", option_action, FR_ACT_GOTO},
	{"nop", option_action, FR_ACT_NOP},
	{"blackhole", option_action, FR_ACT_BLACKHOLE},
	{"prohibit", option_action, FR_ACT_PROHIBIT},
	{"unreachable", option_action, FR_ACT_UNREACHABLE},
	{"l3mdev", option_l3mdev, 0},
	{"suppress_prefixlength", option_suppress_prefix, IMAGE_RULE_SUPPRESS_PREFIX},
	{"sup_pl", option_suppress_prefix, IMAGE_RULE_SUPPRESS_PREFIX},
	{"suppress_ifgroup", option_suppress_group, IMAGE_RULE_SUPPRESS_GROUP},
	{"sup_group", option_suppress_group, IMAGE_RULE_SUPPRESS_GROUP},
	{"realms", option_realms, 0},
	{"uidrange", option_users, IMAGE_RULE_USERS},
	{"ipproto", option_ip_protocol, 0},
	{"sport", option_ports, IMAGE_RULE_SOURCE_PORTS},
	{"dport", option_ports, IMAGE_RULE_DESTINATION_PORTS},
	{"protocol", option_protocol, 0},
	{"inet", option_inet, AF_INET},
	{"inet6", option_inet, AF_INET6},
	{"no_track", option_flag, IMAGE_RULE_NO_TRACK},
	{NULL, NULL, 0},
};

static bool read_rule(struct conf_line *line)
{
	struct draft *draft = line->item;
	struct image_rule *value = &draft->rule.value;
	const struct conf_argument *first = &line->statement->words[0];

	while (conf_line_peek(line))
		if (!conf_line_option(line, options))
			return false;
	if (!draft->acts)
		return conf_line_bad(line, first,
			"the rule needs an action: table, goto, nop, blackhole, prohibit, "
			"unreachable or l3mdev");
	if (value->action == FR_ACT_GOTO && draft->rule.numbered &&
		value->target <= value->preference)
		return conf_line_bad(line, first,
			"goto %u does not lead behind the rule's own preference, %u: name a "
			"greater one",
			value->target, value->preference);
	if (value->flags & (IMAGE_RULE_SUPPRESS_PREFIX | IMAGE_RULE_SUPPRESS_GROUP) &&
		value->action != FR_ACT_TO_TBL)
		return conf_line_bad(
			line, first, "suppress_prefixlength and suppress_ifgroup need a table");
	if (!value->family)
		value->family = IMAGE_IPV4;
	return true;
}

void conf_assign_rule(
	struct conf_parser *parser, struct rule_list *list, const struct conf_statement *statement)
{
	struct draft draft = {.rule.value.protocol = RTPROT_KEEPALIVED};
	struct conf_line line = {parser, statement, 0, CONTEXT_RULE, &draft};
	struct rule *items;

	if (!read_rule(&line))
		return;
	draft.rule.origin = conf_origin(parser, &statement->words[0].place);
	items = conf_append(parser, list->items, list->count, sizeof(*items));
	if (!items)
		return;
	list->items = items;
	list->items[list->count++] = draft.rule;
}

/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/rule.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

static void put_name(struct requests *requests, uint16_t type, const char *name)
{
	if (name[0])
		request_put(requests, type, name, strlen(name) + 1);
}

static void put_ports(struct requests *requests, uint16_t type, const uint16_t ports[2])
{
	const struct fib_rule_port_range range = {.start = ports[0], .end = ports[1]};

	request_put(requests, type, &range, sizeof(range));
}

static void put_packet(struct requests *requests, const struct image_rule *rule)
{
	const struct fib_rule_uid_range users = {.start = rule->users[0], .end = rule->users[1]};

	if (rule->flags & IMAGE_RULE_MARK)
		request_put_u32(requests, FRA_FWMARK, rule->mark);
	if (rule->flags & IMAGE_RULE_MASK)
		request_put_u32(requests, FRA_FWMASK, rule->mask);
	if (rule->flags & IMAGE_RULE_USERS)
		request_put(requests, FRA_UID_RANGE, &users, sizeof(users));
	if (rule->ip_protocol)
		request_put_u8(requests, FRA_IP_PROTO, rule->ip_protocol);
	if (rule->flags & IMAGE_RULE_SOURCE_PORTS)
		put_ports(requests, FRA_SPORT_RANGE, rule->source_ports);
	if (rule->flags & IMAGE_RULE_DESTINATION_PORTS)
		put_ports(requests, FRA_DPORT_RANGE, rule->destination_ports);
}

static void put_action(struct requests *requests, const struct image_rule *rule)
{
	if (rule->flags & IMAGE_RULE_L3MDEV)
		request_put_u8(requests, FRA_L3MDEV, 1);
	else if (rule->action == FR_ACT_TO_TBL)
		request_put_u32(requests, FRA_TABLE, rule->table);
	if (rule->action == FR_ACT_GOTO)
		request_put_u32(requests, FRA_GOTO, rule->target);
	if (rule->flags & IMAGE_RULE_SUPPRESS_PREFIX)
		request_put_u32(requests, FRA_SUPPRESS_PREFIXLEN, rule->suppress_prefix);
	if (rule->flags & IMAGE_RULE_SUPPRESS_GROUP)
		request_put_u32(requests, FRA_SUPPRESS_IFGROUP, rule->suppress_group);
	if (rule->realms)
		request_put_u32(requests, FRA_FLOW, rule->realms);
}

void rule_put(struct requests *requests, const struct image_rule *rule, bool add)
{
	size_t octets = rule->family == IMAGE_IPV4 ? 4 : 16;
	const struct fib_rule_hdr body = {
		.family = rule->family == IMAGE_IPV4 ? AF_INET : AF_INET6,
		.dst_len = rule->flags & IMAGE_RULE_TO ? rule->to_length : 0,
		.src_len = rule->flags & IMAGE_RULE_FROM ? rule->from_length : 0,
		.tos = rule->tos,
		.table = rule->table < 256 ? (uint8_t)rule->table : RT_TABLE_UNSPEC,
		.action = rule->action,
		.flags = rule->flags & IMAGE_RULE_NOT ? FIB_RULE_INVERT : 0,
	};

	request_begin(requests, add ? RTM_NEWRULE : RTM_DELRULE,
		add ? NLM_F_CREATE | NLM_F_EXCL : 0, &body, sizeof(body));
	request_put_u32(requests, FRA_PRIORITY, rule->preference);
	request_put_u8(requests, FRA_PROTOCOL, rule->protocol);
	if (rule->flags & IMAGE_RULE_FROM)
		request_put(requests, FRA_SRC, rule->from, octets);
	if (rule->flags & IMAGE_RULE_TO)
		request_put(requests, FRA_DST, rule->to, octets);
	put_name(requests, FRA_IIFNAME, rule->in);
	put_name(requests, FRA_OIFNAME, rule->out);
	put_packet(requests, rule);
	put_action(requests, rule);
}

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_ITEMS_H
#define AGENT_CONF_ITEMS_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/text/origin.h"
#include "lib/image.h"
#include "vrrp/protocol/limits.h"

/*
 * What more than one block of the configuration is made of: addresses, routes, rules, what is
 * tracked, commands, and the settings that instances take from global_defs.  Times are nanoseconds;
 * strings and arrays are of the config's arena (model.h).
 */

#define VIRTUAL_ADDRESS_LABEL_MAX (IFNAMSIZ - 1)

struct ip_address {
	int family; /* AF_INET, AF_INET6, or AF_UNSPEC = not set */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

enum broadcast_kind {
	BROADCAST_NONE, /* not written: the kernel gets no broadcast address */
	BROADCAST_ADDRESS,
};

struct virtual_address {
	struct ip_address address;
	uint8_t prefix_length;	/* 32 or 128 when not written */
	uint8_t scope;		/* RT_SCOPE_*; RT_SCOPE_UNIVERSE when not written */
	uint8_t broadcast_kind; /* enum broadcast_kind */
	struct in_addr broadcast;
	const char *device;  /* NULL = the interface of the instance */
	const char *label;   /* NULL = none */
	uint8_t admin_state; /* enum admin_state; down: listed, neither held nor advertised */
	uint32_t flags;	     /* enum image_address_flag, but for the broadcast address */
	uint32_t preferred;  /* seconds, IMAGE_FOREVER, where IMAGE_ADDRESS_PREFERRED */
	struct origin origin;
};

struct address_list {
	struct virtual_address *items;
	size_t count;
};

/* A route as the image has it, but for its hops, which are here. */
struct route {
	struct image_route value; /* `hops` counts only */
	struct image_hop *hops;
	struct origin origin;
};

struct route_list {
	struct route *items;
	size_t count;
};

struct rule {
	struct image_rule value;
	bool numbered; /* its preference was written; else it is given one by its place */
	struct origin origin;
};

struct rule_list {
	struct rule *items;
	size_t count;
};

struct tracked_interface {
	const char *name;
	int weight; /* -253..253; 0 = the instance goes to fault when the link is down */
	bool reverse;
	struct origin origin;
};

struct tracked_interface_list {
	struct tracked_interface *items;
	size_t count;
};

/* A line of track_script, track_process or track_file. */
struct tracked {
	const char *name;
	int weight;   /* as written; else resolved: the tracker's */
	bool reverse; /* the same */
	bool weight_written;
	bool reverse_written;
	struct origin origin;
};

struct tracked_list {
	struct tracked *items;
	size_t count;
};

struct string_list {
	const char **items;
	size_t count;
};

/* A command: argv is NULL-terminated; argc 0 = not configured. */
struct notify_script {
	const char **argv;
	size_t argc;
	const char *user;  /* NULL = script_user of the globals */
	const char *group; /* NULL = the group of the user */
	bool bare;	   /* the word alone was written, without a command */
};

struct weight {
	int value;
	bool reverse;
};

/* Whether something is in service: RowStatus' active against notInService. */
enum admin_state {
	ADMIN_UP,
	ADMIN_DOWN,
};

/* What decides the election besides priority and preemption. */
struct election_settings {
	bool strict;
	bool skip_address_check;
	bool no_lower_answer;
	bool answer_higher;
	bool owner_ignores;
	uint8_t down_adverts; /* 1..100 */
};

#define GARP_DELAY_DEFAULT  (5 * VRRP_SECOND)
#define GARP_REPEAT_DEFAULT 5

/* How gratuitous ARP and unsolicited neighbour advertisements are repeated. */
struct garp_settings {
	uint64_t delay_ns;   /* second burst after a takeover; 0 = none */
	uint64_t refresh_ns; /* while active; 0 = never */
	uint32_t repeat;     /* frames per address in a burst */
	uint32_t refresh_repeat;
	uint64_t lower_delay_ns; /* second burst after a lower priority was heard; 0 = none */
	uint32_t lower_repeat;	 /* frames per address in such a burst; 0 = none */
};

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_MODEL_H
#define AGENT_CONF_MODEL_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/text/origin.h"
#include "lib/image.h"
#include "lib/placement.h"
#include "vrrp/protocol/limits.h"

/*
 * The typed configuration: what the file, SNMP and vrrpctl edit together.
 *
 * A config owns every string, array and instance in it through one arena, so a
 * single config_free() releases all. Replaced values stay in the arena until
 * then; config_copy() makes a compact copy.
 *
 * Not thread-safe: one owner at a time. Times are nanoseconds.
 */

#define VIRTUAL_ADDRESS_LABEL_MAX (IFNAMSIZ - 1)
#define INSTANCE_AUTH_DATA_LENGTH 8

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

/* A router that is spoken to by unicast. */
struct unicast_peer {
	struct ip_address address; /* AF_UNSPEC: the line was bad */
	uint8_t ttl_min;	   /* 0 when not written */
	uint8_t ttl_max;	   /* 255 when not written */
	struct origin origin;
};

struct unicast_peer_list {
	struct unicast_peer *items;
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

/* A command: argv is NULL-terminated; argc 0 = not configured. */
struct notify_script {
	const char **argv;
	size_t argc;
	const char *user;  /* NULL = script_user of the globals */
	const char *group; /* NULL = the group of the user */
	bool bare;	   /* the word alone was written, without a command */
};

/* What is run for the program as a whole, and the FIFOs that it writes. */
struct hook_settings {
	struct notify_script commands[IMAGE_HOOKS];
	struct notify_script fifos[IMAGE_FIFOS]; /* of each: its path alone, and whose it is */
	uint32_t startup_timeout;		 /* s, 1..1000 */
	uint32_t shutdown_timeout;
	bool priority_changes; /* notify_priority_changes of instances that do not say */
	bool states_on_reload;
};

enum tracker_attribute {
	TRACKER_SCRIPT,
	TRACKER_INTERVAL,
	TRACKER_TIMEOUT,
	TRACKER_WEIGHT,
	TRACKER_RISE,
	TRACKER_FALL,
	TRACKER_USER,
	TRACKER_PROCESS,
	TRACKER_PARAMETERS,
	TRACKER_QUORUM,
	TRACKER_QUORUM_MAX,
	TRACKER_FORK_DELAY,
	TRACKER_TERMINATE_DELAY,
	TRACKER_FULL_COMMAND,
	TRACKER_FILE,
	TRACKER_INIT_FILE,
	TRACKER_ATTRIBUTES
};

struct weight {
	int value;
	bool reverse;
};

/* init_file */
struct init_file {
	int value;
	bool written;
	bool overwrite; /* also a file that is there */
};

/* vrrp_script, vrrp_track_process, track_file: what track_* names. */
struct tracker {
	const char *name;
	uint8_t kind;		      /* enum image_tracker_kind */
	struct weight weight;	      /* in instances which say nothing else */
	struct notify_script command; /* of a script, its user that of `user`; of a process */
	uint64_t interval_ns;	      /* of a script */
	uint64_t timeout_ns;
	uint32_t rise;
	uint32_t fall;
	uint8_t parameters; /* of a process: enum image_parameters */
	bool full_command;
	uint32_t quorum;	/* processes needed, 1..65535 */
	uint32_t quorum_max;	/* and allowed, 0..65535; UINT32_MAX: any number */
	uint64_t fork_delay_ns; /* a change by a fork, or an end, has to last so long to count */
	uint64_t terminate_delay_ns;
	const char *path; /* of a file */
	struct init_file init_file;
	bool unreadable; /* only before it is refused */
	struct origin origin;
	struct origin origins[TRACKER_ATTRIBUTES];
};

struct tracker_list {
	struct tracker *items; /* in the order of the file */
	size_t count;
};

struct string_list {
	const char **items;
	size_t count;
};

/* use_vmac: the virtual MAC address on a device of its own. */
struct virtual_mac {
	bool used;
	uint8_t octets_written; /* 0: RFC 9568's; 5: the VRID follows; 6 */
	uint8_t octets[6];
	const char *name; /* NULL: made of vmac_prefix and the VRID */
};

enum initial_state {
	INITIAL_BACKUP,
	INITIAL_MASTER,
};

/* Whether something is in service: RowStatus' active against notInService. */
enum admin_state {
	ADMIN_UP,
	ADMIN_DOWN,
};

/* What the checksum of a version 3 advertisement over IPv4 covers. */
enum checksum_kind {
	CHECKSUM_AUTO,	  /* nobody wrote it: as the active router does */
	CHECKSUM_PSEUDO,  /* with the pseudo-header */
	CHECKSUM_MESSAGE, /* the message alone, as in version 2 (RFC 9568 5.2.8) */
};

enum auth_type {
	AUTH_NONE,
	AUTH_PASS, /* RFC 2338 simple text password, VRRPv2 only */
	AUTH_AH,   /* RFC 2338 IP authentication header, VRRPv2 only */
};

/* old_unicast_checksum: the checksum of keepalived before 1.3.7, version 3 over IPv4 unicast. */
enum old_checksum {
	OLD_CHECKSUM_AUTO, /* nobody wrote it: as the active router does */
	OLD_CHECKSUM_ALWAYS,
	OLD_CHECKSUM_NEVER, /* not even taken from others */
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

/* How adverts find their peers. */
struct unicast_settings {
	struct unicast_peer_list peers;	    /* none: multicast */
	struct ip_address source;	    /* unicast_src_ip */
	struct ip_address multicast_source; /* mcast_src_ip; the same unless the other is written */
	uint8_t ttl;			    /* 1..255 */
	uint8_t old_checksum;		    /* enum old_checksum */
	bool fault_without_peer;
	bool track_source;
};

/* How gratuitous ARP and unsolicited neighbour advertisements are repeated. */
#define GARP_DELAY_DEFAULT  (5 * VRRP_SECOND)
#define GARP_REPEAT_DEFAULT 5

struct garp_settings {
	uint64_t delay_ns;   /* second burst after a takeover; 0 = none */
	uint64_t refresh_ns; /* while active; 0 = never */
	uint32_t repeat;     /* frames per address in a burst */
	uint32_t refresh_repeat;
	uint64_t lower_delay_ns; /* second burst after a lower priority was heard; 0 = none */
	uint32_t lower_repeat;	 /* frames per address in such a burst; 0 = none */
};

enum garp_group_attribute {
	GARP_GROUP_GARP_INTERVAL,
	GARP_GROUP_GNA_INTERVAL,
	GARP_GROUP_INTERFACE,
	GARP_GROUP_INTERFACES,
	GARP_GROUP_ATTRIBUTES
};

/* garp_group: interfaces that share the pauses between announcements. */
struct garp_group {
	uint64_t garp_interval_ns; /* 0 = none */
	uint64_t gna_interval_ns;
	const char *interface; /* or NULL */
	struct string_list interfaces;
	struct origin origins[GARP_GROUP_ATTRIBUTES];
};

struct garp_group_list {
	struct garp_group *items;
	size_t count;
};

/* How the kernel treats a process of ours. */
struct process_settings {
	struct placement placement;
	uint32_t real_time_limit; /* µs of CPU at real time without waiting; 0 = not written */
	bool no_swap;
	uint32_t monitor_buffer; /* of check: of the process connector, octets; 0 = not written */
	bool monitor_force;	 /* the same, beyond the system's limit */
};

/* Of the table that holds accept mode. */
struct firewall_settings {
	int32_t priority; /* of its chain */
	bool counters;
};

/* Mail about transitions.  Strings are NULL when not written. */
struct mail_settings {
	struct string_list to;
	const char *from;
	const char *server; /* as written, with its port if any */
	const char *helo;
	uint64_t timeout_ns;
	bool alert;
	bool alert_vrrp; /* where written, before `alert`; resolved: what instances begin with */
	bool no_faults;
	uint8_t tls; /* enum image_mail_tls */
	const char *ca;
	const char *user;
	const char *password_file; /* the password itself is never here */
};

enum global_attribute {
	GLOBAL_ROUTER_ID,
	GLOBAL_VRRP_VERSION,
	GLOBAL_MULTICAST_V4,
	GLOBAL_MULTICAST_V6,
	GLOBAL_STRICT,
	GLOBAL_SKIP_ADDRESS_CHECK,
	GLOBAL_NO_LOWER_ANSWER,
	GLOBAL_ANSWER_HIGHER,
	GLOBAL_OWNER_IGNORES,
	GLOBAL_DOWN_ADVERTS,
	GLOBAL_SCRIPT_USER,
	GLOBAL_SCRIPT_SECURITY,
	GLOBAL_KEEP_ON_RESTART,
	GLOBAL_GARP_DELAY,
	GLOBAL_GARP_REPEAT,
	GLOBAL_GARP_REFRESH,
	GLOBAL_GARP_REFRESH_REPEAT,
	GLOBAL_GARP_LOWER_DELAY,
	GLOBAL_GARP_LOWER_REPEAT,
	GLOBAL_GARP_INTERVAL,
	GLOBAL_GNA_INTERVAL,
	GLOBAL_MIN_GARP,
	GLOBAL_SNMP_KEEPALIVED,
	GLOBAL_SNMP_CHECKER,
	GLOBAL_SNMP_RFCV2,
	GLOBAL_SNMP_RFCV3,
	GLOBAL_SNMP_TRAPS,
	GLOBAL_SNMP_SOCKET,
	GLOBAL_SNMP_CONTEXT,
	GLOBAL_CHANGE_GROUP,
	GLOBAL_VIEW_GROUP,
	GLOBAL_MAIL_TO,
	GLOBAL_MAIL_FROM,
	GLOBAL_SMTP_SERVER,
	GLOBAL_SMTP_HELO,
	GLOBAL_SMTP_TIMEOUT,
	GLOBAL_SMTP_ALERT,
	GLOBAL_SMTP_ALERT_VRRP,
	GLOBAL_NO_FAULT_MAIL,
	GLOBAL_SMTP_TLS,
	GLOBAL_SMTP_TLS_CA,
	GLOBAL_SMTP_USER,
	GLOBAL_SMTP_PASSWORD_FILE,
	GLOBAL_DEFAULT_INTERFACE,
	GLOBAL_STATIC_ADDRESSES,
	GLOBAL_STATIC_ROUTES,
	GLOBAL_STATIC_RULES,
	GLOBAL_VMAC_PREFIX,
	GLOBAL_STARTUP_DELAY,
	GLOBAL_RT_PRIORITY,
	GLOBAL_STARTUP_SCRIPT,
	GLOBAL_STARTUP_TIMEOUT,
	GLOBAL_SHUTDOWN_SCRIPT,
	GLOBAL_SHUTDOWN_TIMEOUT,
	GLOBAL_FIFO,
	GLOBAL_FIFO_SCRIPT,
	GLOBAL_VRRP_FIFO,
	GLOBAL_VRRP_FIFO_SCRIPT,
	GLOBAL_PRIORITY_CHANGES,
	GLOBAL_STATES_ON_RELOAD,
	GLOBAL_ENGINE_NICE,
	GLOBAL_ENGINE_PROCESSORS,
	GLOBAL_ENGINE_TIME_LIMIT,
	GLOBAL_CHECK_NICE,
	GLOBAL_CHECK_PROCESSORS,
	GLOBAL_CHECK_NO_SWAP,
	GLOBAL_PROCESS_BUFFER,
	GLOBAL_PROCESS_BUFFER_FORCE,
	GLOBAL_UMASK,
	GLOBAL_NET_NAMESPACE,
	GLOBAL_FIREWALL_PRIORITY,
	GLOBAL_FIREWALL_COUNTERS,
	GLOBAL_LOG_UNKNOWN_VRIDS,
	GLOBAL_KERNEL_FILTER,
	GLOBAL_ATTRIBUTES
};

/* global_defs. Strings are NULL when not written. */
struct globals {
	const char *router_id;
	unsigned vrrp_version; /* 2 or 3; IPv6 instances use 3 whatever this says */
	struct ip_address multicast_v4;
	struct ip_address multicast_v6;
	struct election_settings election;

	const char *script_user;
	const char *script_group;
	bool script_security;
	struct hook_settings hooks;

	bool keep_on_restart;
	bool kernel_filter;
	uint8_t rt_priority; /* of the engine, 1..99; 0 = not written */
	struct process_settings engine_process;
	struct process_settings check_process;
	uint32_t umask;		   /* 0..0777, or IMAGE_UMASK_NONE */
	const char *net_namespace; /* NULL = where the program is started */
	struct firewall_settings firewall;
	bool log_unknown_vrids;
	uint64_t startup_delay_ns; /* from the program's start to that of the instances */
	struct garp_settings garp;
	bool min_garp;		   /* one announcement, no second burst, unless they are written */
	uint64_t garp_interval_ns; /* between two on an interface; 0 = none */
	uint64_t gna_interval_ns;
	struct garp_group_list garp_groups; /* in the order of the file */

	bool snmp_keepalived; /* KEEPALIVED-MIB, its VRRP part */
	bool snmp_checker;    /* KEEPALIVED-MIB, its virtual-server part */
	bool snmp_rfcv2;      /* VRRP-MIB, RFC 2787 */
	bool snmp_rfcv3;      /* VRRPV3-MIB, RFC 6527; on by default */
	bool snmp_traps;
	const char *snmp_socket;  /* NULL = net-snmp's default */
	const char *change_group; /* vrrpctl_group; NULL: root alone */
	const char *view_group;	  /* vrrpctl_view_group; the same */
	const char *snmp_context; /* NULL = the default context */

	struct mail_settings mail;
	const char *vmac_prefix; /* NULL = vrrp */

	const char *default_interface;	      /* of static addresses; NULL = eth0 */
	struct address_list static_addresses; /* of both families */
	struct route_list static_routes;
	struct rule_list static_rules;

	struct origin origins[GLOBAL_ATTRIBUTES];
};

enum instance_attribute {
	INSTANCE_NAME,
	INSTANCE_INTERFACE,
	INSTANCE_VRID,
	INSTANCE_ADMIN_STATE,
	INSTANCE_NATIVE_IPV6,
	INSTANCE_VERSION,
	INSTANCE_PRIORITY,
	INSTANCE_INTERVAL,
	INSTANCE_STATE,
	INSTANCE_CHECKSUM,
	INSTANCE_PREEMPT,
	INSTANCE_PREEMPT_DELAY,
	INSTANCE_ACCEPT,
	INSTANCE_AUTH_TYPE,
	INSTANCE_AUTH_DATA,
	INSTANCE_ADDRESSES,
	INSTANCE_EXCLUDED,
	INSTANCE_ROUTES,
	INSTANCE_RULES,
	INSTANCE_PROMOTE_SECONDARIES,
	INSTANCE_UNICAST_PEERS,
	INSTANCE_UNICAST_SOURCE,
	INSTANCE_MULTICAST_SOURCE,
	INSTANCE_UNICAST_TTL,
	INSTANCE_UNICAST_FAULT,
	INSTANCE_TRACK_SOURCE,
	INSTANCE_OLD_CHECKSUM,
	INSTANCE_IGNORE_LINK,
	INSTANCE_STRICT,
	INSTANCE_SKIP_ADDRESS_CHECK,
	INSTANCE_NO_LOWER_ANSWER,
	INSTANCE_ANSWER_HIGHER,
	INSTANCE_OWNER_IGNORES,
	INSTANCE_DOWN_ADVERTS,
	INSTANCE_TRACK_INTERFACE,
	INSTANCE_TRACK_SCRIPT,
	INSTANCE_TRACK_PROCESS,
	INSTANCE_TRACK_FILE,
	INSTANCE_NOTIFY_MASTER,
	INSTANCE_NOTIFY_BACKUP,
	INSTANCE_NOTIFY_FAULT,
	INSTANCE_NOTIFY_STOP,
	INSTANCE_NOTIFY,
	INSTANCE_NOTIFY_DELETED,
	INSTANCE_NOTIFY_LOWER,
	INSTANCE_PRIORITY_CHANGES,
	INSTANCE_GARP_DELAY,
	INSTANCE_GARP_REPEAT,
	INSTANCE_GARP_REFRESH,
	INSTANCE_GARP_REFRESH_REPEAT,
	INSTANCE_GARP_LOWER_DELAY,
	INSTANCE_GARP_LOWER_REPEAT,
	INSTANCE_SMTP_ALERT,
	INSTANCE_VMAC,
	INSTANCE_VMAC_XMIT_BASE,
	INSTANCE_ATTRIBUTES
};

/* One virtual router. Identity is (interface, family, vrid); the name is an attribute. */
struct instance {
	const char *name;
	const char *interface;	   /* NULL only before validation */
	int family;		   /* of its addresses: AF_INET or AF_INET6 */
	uint8_t vrid;		   /* 1..255; 0 only before validation */
	uint8_t version;	   /* 2 or 3, resolved: always 3 for IPv6 */
	uint8_t priority;	   /* 1..255; 255 = owner of the addresses */
	uint8_t initial_state;	   /* enum initial_state */
	uint8_t checksum;	   /* enum checksum_kind */
	uint8_t admin_state;	   /* enum admin_state; down: it stays in Initialize */
	bool native_ipv6;	   /* the family of an instance that has no address yet */
	uint64_t interval_ns;	   /* v2: whole seconds 1..255; v3: 10 ms..40.95 s */
	uint64_t preempt_delay_ns; /* 0..1000 s */
	bool preempt;
	bool accept;
	bool smtp_alert;
	uint8_t auth_type;			      /* enum auth_type */
	uint8_t auth_data[INSTANCE_AUTH_DATA_LENGTH]; /* padded with zeros */
	struct address_list addresses; /* in the order of the file; 1..255 of those in service,
					  or of any while the instance is down */
	struct address_list excluded;  /* held, not advertised; of both families */
	struct route_list routes;
	struct rule_list rules;
	bool promote_secondaries;
	struct unicast_settings unicast;
	struct election_settings election;
	bool ignore_link; /* dont_track_primary */
	struct tracked_interface_list track_interfaces;
	struct tracked_list tracked[IMAGE_TRACKER_KIND_COUNT]; /* by kind */
	struct notify_script notify_master;
	struct notify_script notify_backup;
	struct notify_script notify_fault;
	struct notify_script notify_stop;
	struct notify_script notify;
	struct notify_script notify_deleted; /* also as the word alone */
	struct notify_script notify_lower;   /* notify_master_rx_lower_pri */
	bool priority_changes;		     /* told to the FIFOs */
	struct garp_settings garp;
	bool unreadable; /* only before it is refused: what is missing may have been written */
	struct virtual_mac vmac;
	uint32_t group;		 /* its vrrp_sync_group: number from 1, resolved; 0: none */
	uint32_t group_place;	 /* among its members */
	const char *vmac_device; /* its name, resolved; NULL: none */
	bool vmac_xmit_base;	 /* advertise with the MAC address of the interface */

	struct origin origins[INSTANCE_ATTRIBUTES];
};

struct arena;
struct config_index;
struct sync_group; /* agent/conf/syncgroup.h */

struct config {
	struct globals globals;
	struct instance **instances; /* in the order of the file */
	size_t instance_count;
	struct sync_group **groups;
	size_t group_count;
	struct string_list destroyed; /* instances of the file that management took away, sorted */
	struct tracker_list trackers;

	/* private to model.c */
	size_t instance_room, group_room;
	struct config_index *index;
	const struct tracker **tracker_order; /* by kind and name, of config_reindex() */
	struct arena *arena;
};

/* A new configuration with every default in place and no instance; NULL: out of memory. */
struct config *config_new(void);

/* Takes NULL; returns NULL. */
struct config *config_free(struct config *config);

/* An independent, compact copy with the same origins; NULL: out of memory. */
struct config *config_copy(const struct config *config);

/* Whether two models mean the same; origins and what was destroyed do not count, the order of
 * instances does. */
bool config_equal(const struct config *a, const struct config *b);
bool instance_equal(const struct instance *a, const struct instance *b);

/* Memory of the config's arena, zeroed; freed with the config. NULL: out of memory. */
void *config_alloc(struct config *config, size_t size);

/* A terminated copy in the arena. NULL: out of memory. */
const char *config_string(struct config *config, const char *text, size_t length);

/* The index behind config_find_name() and its like, for the model's own files. NULL: out of memory.
 */
struct config_index *config_index_new(void);

/* Takes NULL; returns NULL. */
struct config_index *config_index_free(struct config_index *index);

/* Takes in the instance that was appended last. 0 or -ENOMEM, and then nothing has changed. */
int config_index_added(struct config *config);

/* Anew, for the instances that there are; their number has not grown. */
void config_index_fill(struct config *config);

/*
 * Append an instance with the defaults of its kind. Returns NULL when memory is
 * short or the name is taken. It is found by name at once, by identity after
 * config_reindex().
 */
struct instance *config_add_instance(struct config *config, const char *name);

/* Append a garp_group; pointers to others are no longer valid. NULL: memory is short. */
struct garp_group *config_add_garp_group(struct config *config);

/* Append a tracker with the defaults of its kind; pointers to others are no longer valid.  NULL:
 * memory is short. */
struct tracker *config_add_tracker(
	struct config *config, enum image_tracker_kind kind, const char *name);

/* Take an instance out; -ENOENT when it is not of this config. */
int config_remove_instance(struct config *config, struct instance *instance);

/*
 * Call after interface, family, vrid or name of any instance changed. With
 * duplicates the first instance of the file is the one found. 0 or -ENOMEM.
 */
int config_reindex(struct config *config);

/* Takes out instances of the file and remembers their names; to be undone by config_free() only.
 * The list comes back in another order. 0 or -ENOMEM, and then nothing has changed. */
int config_destroy_instances(struct config *config, struct instance **list, size_t count);

/* In O(log n): whether that took it out. */
bool config_was_destroyed(const struct config *config, const char *name);

/* Addresses in service. */
size_t instance_active_addresses(const struct instance *instance);

/* Look-ups in constant time; NULL = there is none. */
struct instance *config_find_name(const struct config *config, const char *name);
struct instance *config_find_identity(
	const struct config *config, const char *interface, int family, uint8_t vrid);

/* In O(log n), after config_reindex(). */
const struct tracker *config_find_tracker(
	const struct config *config, enum image_tracker_kind kind, const char *name);

/* Fill in what follows from other values: family, version, and garp from the globals. */
void config_resolve(struct config *config);
void config_resolve_globals(struct config *config);
void config_resolve_instance(const struct config *config, struct instance *instance);

/* The interface of static addresses that name none. */
const char *config_default_interface(const struct config *config);

bool ip_address_equal(const struct ip_address *a, const struct ip_address *b);

#endif

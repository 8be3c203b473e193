/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_GLOBALS_H
#define AGENT_CONF_GLOBALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/items.h"
#include "agent/conf/text/origin.h"
#include "lib/cpusched.h"
#include "lib/image.h"

/* global_defs, and what else stands once in a configuration, as model.h has it. */

/* What is run for the program as a whole, and the FIFOs that it writes. */
struct hook_settings {
	struct notify_script commands[IMAGE_HOOKS];
	struct notify_script fifos[IMAGE_FIFOS]; /* of each: its path alone, and whose it is */
	uint32_t startup_timeout;		 /* s, 1..1000 */
	uint32_t shutdown_timeout;
	bool priority_changes; /* notify_priority_changes of instances that do not say */
	bool states_on_reload;
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
	struct cpusched cpusched;
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
	GLOBAL_CPU_LATENCY,
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
	uint8_t rt_priority;  /* of the engine, 1..99; 0 = not written */
	uint32_t cpu_latency; /* µs that a processor may take to wake, or CPULATENCY_NONE */
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

#endif

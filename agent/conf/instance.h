/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_INSTANCE_H
#define AGENT_CONF_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/items.h"
#include "agent/conf/text/origin.h"
#include "lib/image.h"

/* vrrp_instance, as model.h has it. */

#define INSTANCE_AUTH_DATA_LENGTH 8

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

#endif

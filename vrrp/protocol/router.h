/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_ROUTER_H
#define VRRP_PROTOCOL_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vrrp/protocol/address.h"
#include "vrrp/protocol/ah.h"
#include "vrrp/protocol/auth.h"
#include "vrrp/protocol/checksum.h"
#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/peer.h"
#include "vrrp/protocol/reason.h"

/* One virtual router, what happens to it and what it asks for.  step.h says how they work together.
 */

struct vrrp_configuration {
	const struct vrrp_address *addresses; /* the caller's; step.h says for how long */
	size_t address_count;	       /* 1..255, of `family`, in the order to be sent; version
					  2 goes without as well */
	const struct vrrp_peer *peers; /* the caller's too, rising by their address */
	size_t peer_count;	       /* 0: multicast */
	struct vrrp_address group;     /* where adverts go, and must have been sent to, unless
					  there are peers */
	uint64_t interval;	       /* ns, within the version's range */
	uint64_t preempt_delay;	       /* ns, 0 = none */
	struct vrrp_auth auth;	       /* version 2 */
	uint8_t family;		       /* enum vrrp_family: part of the identity */
	uint8_t vrid;		       /* part of the identity */
	uint8_t version;	       /* VRRP_VERSION_2 (IPv4) or VRRP_VERSION_3 */
	uint8_t priority;	       /* 1..255 before tracking */
	uint8_t checksum;	       /* enum vrrp_checksum_mode */
	uint8_t down_adverts;	       /* that may be missed; 0: VRRP_DOWN_ADVERTS_DEFAULT */
	uint8_t ttl;		       /* of adverts to peers; 0: VRRP_TTL */
	bool preempt;
	bool accept;		    /* Accept_Mode: not the protocol's to act on, kept with it */
	bool strict;		    /* drop an IPv6 list that does not begin link-local */
	bool skip_address_check;    /* compare no list of the Active that was heard before */
	bool no_group_checksum;	    /* take no VRRP_CHECKSUM_GROUP */
	bool ignore_link;	    /* a link that is down is no fault */
	bool no_lower_answer;	    /* do not answer a lower priority, as before RFC 9568 */
	bool answer_higher;	    /* advertise once more when yielding to a higher priority */
	bool owner_ignores;	    /* priority 255 heeds no advert at all */
	bool stop_from_active_only; /* priority 0 counts only from the current Active */
	bool announce_on_lower;	    /* announce again when a lower priority is heard */
};

/* Why a started router is not running; several may hold at once. */
enum vrrp_fault {
	VRRP_FAULT_LINK = 1 << 0,
	VRRP_FAULT_ADDRESS = 1 << 1,
	VRRP_FAULT_TRACKING = 1 << 2,
	VRRP_FAULT_APPLY = 1 << 3,
	VRRP_FAULT_GROUP = 1 << 4, /* of another member of its sync group */
};

#define VRRP_NEVER UINT64_MAX

/* All times are absolute ns. */
struct vrrp_state_block {
	struct vrrp_address primary; /* what we send from; none = no usable address */
	struct vrrp_address active;  /* the Active last accepted; ourselves when Active; or none */
	uint64_t since;		     /* of the present state */
	uint64_t up_since;	     /* since Backup or Active; 0 in Initialize and Fault */
	uint64_t deadline;	     /* VRRP_NEVER = disarmed */
	uint64_t timer_base;	     /* Backup: from when Active_Down (or the skew) runs */
	uint64_t active_interval;    /* Active_Adver_Interval */
	uint64_t last_heard;	     /* last valid advert of another router; 0 = none yet */
	uint64_t preempt_at;	     /* end of the preemption delay; VRRP_NEVER = not begun */
	uint64_t answer_after;	     /* no advert in answer to another before this */
	uint64_t tell_after;	     /* a lower priority that was heard is not told before this */
	uint64_t announce_after;     /* no announcement in answer to an advert before this */
	uint64_t pace;		     /* ns between adverts while paced_left is not 0 */
	int32_t tracked_sum;
	uint8_t state;		 /* enum vrrp_state */
	uint8_t faults;		 /* enum vrrp_fault, or-ed */
	uint8_t priority;	 /* the effective one */
	uint8_t active_priority; /* of `active` */
	uint8_t lower_priority;	 /* of what was discarded last, while lower_heard */
	uint8_t checksum_form;	 /* enum vrrp_checksum_form: what we send (version 3, IPv4) */
	uint8_t other_form_run;	 /* adverts in a row of the Active in the other form */
	uint8_t apply_failures;	 /* times in a row that the addresses could not be set */
	uint8_t paced_left;	 /* adverts still to leave at the pace before a longer interval */
	bool started;
	bool interval_learned; /* active_interval is a peer's */
	bool stop_heard;       /* the running timer is the skew after priority 0 */
	bool lower_heard;      /* a lower priority was discarded since timer_base */
	bool announce_due;     /* ADDRESSES_APPLIED is to announce */
	bool grouped;	       /* its sync group says when it goes Active */
	bool willing;	       /* Backup, grouped: it would be Active if it were alone */
};

struct vrrp_statistics {
	uint64_t transitions; /* to Active */
	uint64_t received;    /* valid adverts */
	uint64_t sent;
	uint64_t stop_received; /* priority 0 */
	uint64_t stop_sent;
	uint64_t answers_withheld;	     /* by the cap on answers */
	uint64_t forms[VRRP_CHECKSUM_FORMS]; /* valid version 3 IPv4 adverts, by checksum */
	uint64_t errors[VRRP_COUNTERS];	     /* RFC 6527's */
	uint64_t drops[VRRP_DROPS];	     /* the same by exact reason, noted ones included */
	uint8_t new_master;		     /* enum vrrp_new_master; stays after Active is left */
	uint8_t last_error;		     /* enum vrrp_counter of the last that has a number */
};

struct vrrp_router {
	struct vrrp_configuration configuration;
	struct vrrp_state_block state;
	struct vrrp_ah_state ah; /* AuthType 2 */
	struct vrrp_statistics statistics;
};

enum vrrp_event_type {
	VRRP_EVENT_START,
	VRRP_EVENT_SHUTDOWN, /* `removed` */
	VRRP_EVENT_ADVERT,   /* `advert`: decoded by vrrp_packet_decode() without an error */
	VRRP_EVENT_REJECTED, /* `rejected`: vrrp_packet_decode() found an error; counted here */
	VRRP_EVENT_DEADLINE,
	VRRP_EVENT_LINK,       /* `link`: also when only the address changed */
	VRRP_EVENT_TRACKED,    /* `tracked`: also for no change */
	VRRP_EVENT_CONFIGURED, /* `configuration`: copied; same family and VRID */
	VRRP_EVENT_ADDRESSES_APPLIED,
	VRRP_EVENT_ADDRESSES_FAILED,
	VRRP_EVENT_GROUP, /* `group`: of its sync group (group.h) */
	VRRP_EVENT_SLEPT, /* `slept`: so long nothing ran, and the clock stood still, ns */
};

enum vrrp_group_order {
	VRRP_GROUP_JOIN,
	VRRP_GROUP_LEAVE,
	VRRP_GROUP_ACTIVE,
	VRRP_GROUP_BACKUP,
	VRRP_GROUP_FAULT,
	VRRP_GROUP_FAULT_GONE,
};

struct vrrp_event {
	enum vrrp_event_type type;
	union {
		const struct vrrp_view *advert;
		struct {
			enum vrrp_drop drop;
			struct vrrp_address source;
		} rejected;
		struct {
			bool up;
			struct vrrp_address primary; /* to send from; none = no usable address */
		} link;
		struct {
			int32_t sum; /* of the weights that apply now */
			bool failed; /* something tracked without a weight is down */
		} tracked;
		const struct vrrp_configuration *configuration;
		enum vrrp_group_order group;
		bool removed; /* shutdown: for good, because it is not configured any more */
		uint64_t slept;
	};
};

enum vrrp_action_type {
	VRRP_ACTION_SEND_ADVERT, /* `advert` */
	VRRP_ACTION_ARM,	 /* `deadline` */
	VRRP_ACTION_DISARM,
	VRRP_ACTION_OWN_ADDRESSES,  /* `own`: desired state; true again = look again */
	VRRP_ACTION_ANNOUNCE,	    /* gratuitous ARP or unsolicited NA for each address: `lower` */
	VRRP_ACTION_STATE_CHANGED,  /* `changed` */
	VRRP_ACTION_PROTOCOL_ERROR, /* `error`: counted already; limit the rate of the telling */
	VRRP_ACTION_CHECKSUM_LEARNED, /* `form` is sent from now on */
	VRRP_ACTION_LOWER_HEARD,      /* `heard`: by the Active, no more often than it answers */
};

struct vrrp_state_change {
	struct vrrp_address peer; /* whose advert caused or (before a takeover) last upheld it */
	uint64_t silence;  /* ns since a valid advert was last heard in this state; 0 = none was */
	uint64_t waited;   /* ns: the Active_Down or skew that ran out; 0 = none did */
	uint8_t old_state; /* enum vrrp_state */
	uint8_t new_state;
	uint8_t reason;	       /* enum vrrp_transition */
	uint8_t priority;      /* our effective one */
	uint8_t peer_priority; /* 0 if there is no peer, or it said so */
};

struct vrrp_action {
	enum vrrp_action_type type;
	union {
		struct {
			uint8_t priority;
		} advert;
		uint64_t deadline; /* absolute ns */
		bool own;
		bool lower; /* because a lower priority was heard */
		struct vrrp_state_change changed;
		struct {
			enum vrrp_drop drop;
			bool dropped; /* false: noted, but processed */
			struct vrrp_address source;
		} error;
		enum vrrp_checksum_form form;
		struct {
			struct vrrp_address source;
			uint8_t priority;
		} heard;
	};
};

#define VRRP_ACTIONS_MAX 12

struct vrrp_actions {
	unsigned int count;
	struct vrrp_action list[VRRP_ACTIONS_MAX];
};

#endif

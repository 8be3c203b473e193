/* SPDX-License-Identifier: ISC */
#ifndef LIB_IMAGE_H
#define LIB_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/cpusched.h"

/* Configuration image: the validated configuration as one flat, sealed document, without pointers.
 * The core process builds it; the engine, the applier, agentx and check read it.  A reader trusts
 * nothing in it before image_open() has checked every offset, count, name and range.
 *
 * A *whole* image (base_generation 0) holds every virtual router; one that is missing is to go.  A
 * *delta* changes an accepted image of generation base_generation: it holds the routers that are
 * new or different, and the slots of those to go, so that changing one of 10,000 routers costs one.
 *
 * A router keeps its slot for as long as it exists: it is its row on the status board. */

#define IMAGE_SLOTS	 16384 /* virtual routers one agent can hold */
#define IMAGE_INTERFACES 4096  /* interfaces that a configuration can name */
#define IMAGE_GROUPS	 4096  /* sync groups */
#define IMAGE_TRACKERS	 4096  /* trackers one agent can have */

/* The longest time in an image, ns: sums of a few never overflow. */
#define IMAGE_TIME_MAX (UINT32_MAX * 1000000000ull)

struct image_span {
	uint32_t first; /* index into the array of that kind */
	uint32_t count;
};

/* What the check process runs for the program as a whole. */
enum image_hook {
	IMAGE_HOOK_STARTUP,
	IMAGE_HOOK_SHUTDOWN,
	IMAGE_HOOK_FIFO,      /* reads the FIFO of the same place in `fifos` */
	IMAGE_HOOK_VRRP_FIFO, /* the same */
	IMAGE_HOOKS
};

enum image_fifo_kind {
	IMAGE_FIFO_ALL,	 /* notify_fifo */
	IMAGE_FIFO_VRRP, /* vrrp_notify_fifo */
	IMAGE_FIFOS
};

/* A FIFO that is told what happens. */
struct image_fifo {
	uint32_t path; /* string; 0: there is none */
	uint32_t uid;  /* whose it is, if it has to be made */
	uint32_t gid;
};

enum image_mail_tls {
	IMAGE_MAIL_TLS_OFF,
	IMAGE_MAIL_TLS_TRY,	 /* where the server offers STARTTLS, with any certificate */
	IMAGE_MAIL_TLS_REQUIRED, /* STARTTLS, and the certificate is the server's */
	IMAGE_MAIL_TLS_IMPLICIT, /* the same, from the first octet on */
};

#define IMAGE_MAILBOX_MAX 320 /* characters */
#define IMAGE_HOST_MAX	  255
#define IMAGE_MAIL_STATES 4

/* How mail is sent.  Without a server or recipients there is none.  The password is not here: who
 * sends mail reads its file. */
struct image_mail {
	uint64_t timeout;    /* for one step of the server's, ns; 0: the usual one */
	uint32_t recipients; /* string: the first; the others follow it */
	uint32_t recipient_count;
	uint32_t from; /* string, as those below; 0: none was written */
	uint32_t server;
	uint32_t helo;
	uint32_t ca; /* a file of certificates */
	uint32_t user;
	uint32_t password_file;
	uint16_t port;
	uint8_t tls; /* enum image_mail_tls */
	uint8_t reserved[5];
	/* By enum vrrp_state: how a mail calls the state, a string; 0: it is not told. */
	uint32_t words[IMAGE_MAIL_STATES];
};

enum image_flag {
	IMAGE_TRAPS = 1 << 0,		  /* enable_traps */
	IMAGE_SNMP_RFCV3 = 1 << 1,	  /* serve VRRPV3-MIB */
	IMAGE_SNMP_RFCV2 = 1 << 2,	  /* serve VRRP-MIB */
	IMAGE_SNMP_KEEPALIVED = 1 << 3,	  /* serve the VRRP part of KEEPALIVED-MIB */
	IMAGE_KEEP_ON_RESTART = 1 << 4,	  /* a successor goes on where the program stops */
	IMAGE_CHECK_NO_SWAP = 1 << 5,	  /* check keeps its memory */
	IMAGE_FIREWALL_COUNTERS = 1 << 6, /* in the rules of accept mode */
	IMAGE_LOG_UNKNOWN = 1 << 7,	  /* tell of VRIDs that no router has */
	IMAGE_STATES_ON_RELOAD = 1 << 8,  /* the FIFOs are told every state after a reload */
	IMAGE_PROCESS_FORCE = 1 << 9,	  /* process_buffer may exceed the system's limit */
	IMAGE_PLAIN_SOCKETS = 1 << 10,	  /* the kernel shall check no advert */
};

/* Nobody said what files shall not permit. */
#define IMAGE_UMASK_NONE UINT32_MAX

struct image_header {
	uint64_t magic;
	uint64_t size;	     /* of the whole document, octets */
	uint64_t generation; /* of this configuration; never 0 */
	uint64_t base_generation;
	uint32_t flags;	       /* enum image_flag */
	uint32_t snmp_socket;  /* string: where the AgentX master listens; 0: its default */
	uint32_t snmp_context; /* string: the SNMP context of the MIBs; 0: the default one */
	uint32_t router_id;    /* string: this node's name */
	struct image_span routers, addresses, peers, tracks, commands, removed, strings;
	struct image_span routes, hops, rules;
	/* Held for as long as the program runs; only in whole images. */
	struct image_span static_addresses, static_routes, static_rules;
	struct image_span paces, uses;
	struct image_span groups, trackers;   /* only in whole images */
	struct image_span hooks[IMAGE_HOOKS]; /* in `commands`: one or none */
	struct image_fifo fifos[IMAGE_FIFOS];
	uint32_t startup_timeout; /* s, of the hook */
	uint32_t shutdown_timeout;
	uint64_t garp_interval; /* between two gratuitous ARPs on an interface, ns; 0: none */
	uint64_t gna_interval;	/* the same of neighbour advertisements */
	uint64_t startup_delay; /* from the program's start to that of the routers, ns */
	uint8_t group4[4];	/* where IPv4 advertisements go */
	uint8_t group6[16];
	struct cpusched check_cpusched; /* of the process that runs scripts */
	uint32_t umask;		   /* of the files that are made: 0 to 0777, or IMAGE_UMASK_NONE */
	int32_t firewall_priority; /* of the chain of accept mode */
	uint32_t process_buffer;   /* of the process connector's socket, octets; 0: the usual one */
	struct image_mail mail;
};

/* As everywhere between the parts of the agent: InetAddressType's numbers (RFC 4001). */
enum image_family {
	IMAGE_IPV4 = 1,
	IMAGE_IPV6 = 2
};

enum image_router_flag {
	IMAGE_ROUTER_PREEMPT = 1 << 0,
	IMAGE_ROUTER_ACCEPT = 1 << 1,
	IMAGE_ROUTER_DISABLED = 1 << 2,	     /* administratively down: Initialize */
	IMAGE_ROUTER_PROMOTE = 1 << 3,	     /* promote_secondaries */
	IMAGE_ROUTER_TELL_LOWER = 1 << 4,    /* somebody wants EVENT_LOWER_HEARD */
	IMAGE_ROUTER_TELL_PRIORITY = 1 << 5, /* the FIFOs are told of EVENT_PRIORITY */
	IMAGE_ROUTER_TELL_DELETED = 1 << 6,  /* its removal is told as DELETED, not as FAULT */
};

/* What is configured and has no effect on the protocol, but is shown. */
enum image_shown {
	IMAGE_SHOWN_MASTER = 1 << 0, /* state MASTER was written */
	IMAGE_SHOWN_ALERT = 1 << 1,  /* smtp_alert */
};

enum image_auth {
	IMAGE_AUTH_NONE,
	IMAGE_AUTH_PASS,
	IMAGE_AUTH_AH
};

enum image_checksum {
	IMAGE_CHECKSUM_AUTO,
	IMAGE_CHECKSUM_PSEUDO,
	IMAGE_CHECKSUM_MESSAGE,
	IMAGE_CHECKSUM_GROUP /* unicast: with the group's address in the pseudo-header */
};

/* Whom a router hears and answers, and what is a fault. */
enum image_election_flag {
	IMAGE_ELECTION_STRICT = 1 << 0,
	IMAGE_ELECTION_SKIP_ADDRESSES = 1 << 1,	   /* skip_check_adv_addr */
	IMAGE_ELECTION_NO_LOWER_ANSWER = 1 << 2,   /* lower_prio_no_advert */
	IMAGE_ELECTION_ANSWER_HIGHER = 1 << 3,	   /* higher_prio_send_advert */
	IMAGE_ELECTION_OWNER_IGNORES = 1 << 4,	   /* owner_ignore_adverts */
	IMAGE_ELECTION_IGNORE_LINK = 1 << 5,	   /* dont_track_primary */
	IMAGE_ELECTION_TRACK_SOURCE = 1 << 6,	   /* a fault while no interface has `source` */
	IMAGE_ELECTION_NO_PEER = 1 << 7,	   /* always in fault: unicast without peers */
	IMAGE_ELECTION_NO_GROUP_CHECKSUM = 1 << 8, /* do not take IMAGE_CHECKSUM_GROUP */
};

struct image_router {
	uint32_t slot;
	uint32_t name;	     /* string: the instance's name */
	char interface[16];  /* with family and VRID: its identity */
	uint8_t family;	     /* enum image_family */
	uint8_t vrid;	     /* 1-255 */
	uint8_t version;     /* 2, 3 */
	uint8_t priority;    /* 1-255, as configured */
	uint8_t auth;	     /* enum image_auth */
	uint8_t checksum;    /* enum image_checksum */
	uint8_t flags;	     /* enum image_router_flag */
	uint8_t garp_repeat; /* announcements in a row when it becomes active, and again after
				garp_delay */
	uint8_t auth_data[8];
	uint64_t interval;	/* advertisement interval, ns */
	uint64_t preempt_delay; /* ns */
	uint64_t garp_delay;	/* from the first round of announcements to the second, ns; 0: no
				   second */
	uint64_t garp_refresh;	/* announce again every so often while active, ns; 0: never */
	uint8_t garp_refresh_repeat;
	uint8_t shown;		   /* enum image_shown */
	uint8_t down_adverts;	   /* adverts missed until the takeover, at least 1 */
	uint8_t ttl;		   /* of adverts to peers, at least 1 */
	uint8_t source_family;	   /* enum image_family: `source` is set; else 0 */
	uint16_t election;	   /* enum image_election_flag */
	uint8_t vmac_xmit_base;	   /* advertise with the MAC of the interface, not `mac` */
	uint8_t mac[6];		   /* virtual MAC, where there is a device for it */
	uint8_t garp_lower_repeat; /* announcements when a lower priority is heard; 0: none */
	uint8_t reserved;
	uint64_t garp_lower_delay; /* from these to the second round, ns; 0: no second */
	char vmac[16];		   /* that device, which the applier makes, or empty */
	uint8_t source[16];	   /* what to send from, instead of the interface's address */
	uint32_t group;		   /* its sync group's slot + 1, in deltas too; 0: it is in none */
	uint32_t group_place;	   /* among the members, in the order of the file */
	struct image_span peers;   /* none: multicast */
	struct image_span addresses; /* virtual addresses, the first one first on the wire; none
					only in a router that is down */
	struct image_span excluded;  /* held as they are, but not advertised: right behind them */
	struct image_span dormant;   /* addresses not in service: for those who show them */
	struct image_span routes, rules;
	struct image_span tracks;
	struct image_span uses;
	struct image_span commands;
};

/* How fast announcements may follow each other on an interface, where that is not the same as
 * everywhere.  Interfaces of one group share their pauses. */
struct image_pace {
	char interface[16];
	uint32_t group;
	uint32_t reserved;
	uint64_t garp_interval; /* ns; 0: none */
	uint64_t gna_interval;
};

enum image_address_flag {
	IMAGE_ADDRESS_BROADCAST = 1 << 0, /* `broadcast` is set */
	IMAGE_ADDRESS_DAD = 1 << 1,	  /* IPv6: look for a duplicate first */
	IMAGE_ADDRESS_HOME = 1 << 2,	  /* IPv6: Mobile IPv6 home address */
	IMAGE_ADDRESS_NO_ROUTE = 1 << 3,  /* without the route to its prefix */
	IMAGE_ADDRESS_PREFERRED = 1 << 4, /* `preferred` is set */
	IMAGE_ADDRESS_NO_TRACK = 1 << 5,  /* not put back when somebody else removes it */
};

#define IMAGE_FOREVER UINT32_MAX

struct image_address {
	uint8_t family; /* enum image_family */
	uint8_t prefix_length;
	uint8_t scope;	    /* rtnetlink's RT_SCOPE_* */
	uint8_t flags;	    /* enum image_address_flag */
	char interface[16]; /* where it is set, never empty */
	char label[16];	    /* or empty */
	uint8_t address[16];
	uint8_t broadcast[4];
	uint32_t preferred; /* seconds it is preferred, or IMAGE_FOREVER */
};

enum image_hop_flag {
	IMAGE_HOP_GATEWAY = 1 << 0, /* `gateway` is set */
	IMAGE_HOP_ONLINK = 1 << 1,
};

/* Where a route leads. */
struct image_hop {
	char interface[16]; /* or empty: the kernel finds it by the gateway */
	uint8_t gateway[16];
	uint8_t weight; /* of several, less 1 */
	uint8_t flags;	/* enum image_hop_flag */
	uint8_t reserved[2];
};

#define IMAGE_HOPS_MAX 32 /* of one route */

#define IMAGE_ROUTE_METRICS 18 /* RTAX_*, by their numbers */

enum image_route_flag {
	IMAGE_ROUTE_SOURCE = 1 << 0,   /* `source` is set */
	IMAGE_ROUTE_APPEND = 1 << 1,   /* behind those it is equal to, not before them */
	IMAGE_ROUTE_NO_TRACK = 1 << 2, /* not put back when somebody else removes it */
	IMAGE_ROUTE_PREF = 1 << 3,     /* IPv6: `pref` is set */
	IMAGE_ROUTE_FROM = 1 << 4,     /* IPv6: `from` is set */
};

/* The zero of a field is the kernel's default. */
struct image_route {
	uint8_t family; /* enum image_family */
	uint8_t type;	/* RTN_* */
	uint8_t scope;	/* RT_SCOPE_* */
	uint8_t protocol;
	uint8_t tos;
	uint8_t destination_length;
	uint8_t from_length;
	uint8_t pref;	/* ICMPv6's router preference */
	uint32_t flags; /* enum image_route_flag */
	uint32_t table;
	uint32_t metric;
	uint32_t metrics_set; /* 1 << RTAX_*: metrics[] counts */
	uint32_t metrics[IMAGE_ROUTE_METRICS];
	uint8_t destination[16];
	uint8_t from[16];
	uint8_t source[16];	/* of packets this host sends by it */
	struct image_hop hop;	/* the only one */
	struct image_span hops; /* instead, if there are several */
};

enum image_rule_flag {
	IMAGE_RULE_NOT = 1 << 0,
	IMAGE_RULE_FROM = 1 << 1,
	IMAGE_RULE_TO = 1 << 2,
	IMAGE_RULE_MARK = 1 << 3,
	IMAGE_RULE_MASK = 1 << 4,
	IMAGE_RULE_L3MDEV = 1 << 5,
	IMAGE_RULE_SUPPRESS_PREFIX = 1 << 6,
	IMAGE_RULE_USERS = 1 << 7,
	IMAGE_RULE_SOURCE_PORTS = 1 << 8,
	IMAGE_RULE_DESTINATION_PORTS = 1 << 9,
	IMAGE_RULE_NO_TRACK = 1 << 10, /* as of routes */
	IMAGE_RULE_SUPPRESS_GROUP = 1 << 11,
};

struct image_rule {
	uint8_t family; /* enum image_family */
	uint8_t action; /* FR_ACT_* */
	uint8_t tos;
	uint8_t protocol;    /* RTPROT_*: who made it */
	uint8_t ip_protocol; /* or 0 */
	uint8_t from_length;
	uint8_t to_length;
	uint8_t reserved;
	uint32_t flags; /* enum image_rule_flag */
	uint32_t preference;
	uint32_t table;
	uint32_t mark, mask;
	uint32_t target; /* of goto */
	uint32_t suppress_prefix;
	uint32_t suppress_group;
	uint32_t realms;
	uint32_t users[2];
	uint16_t source_ports[2];
	uint16_t destination_ports[2];
	uint8_t from[16], to[16];
	char in[16], out[16]; /* interfaces, or empty */
};

/* A router that is spoken to by unicast.  A router's peers rise by their address. */
struct image_peer {
	uint8_t address[16]; /* of the router's family */
	uint8_t ttl_min;     /* of what is taken from it */
	uint8_t ttl_max;
	uint8_t reserved[2];
};

/* An interface whose state counts for a router: weight 0 means FAULT while it is down, another
 * weight is added to the priority while it is up (positive) or while it is down (negative).
 * `reverse`: FAULT while it is up; the weight is subtracted instead. */
struct image_track {
	char interface[16];
	int32_t weight;
	uint32_t reverse; /* 0, 1 */
};

/* What the check process watches: X(name, word). */
#define IMAGE_TRACKER_KINDS(X) \
	X(SCRIPT, "script")    \
	X(PROCESS, "process")  \
	X(FILE, "file")

enum image_tracker_kind {
#define X(name, word) IMAGE_TRACKER_##name,
	IMAGE_TRACKER_KINDS(X)
#undef X
	IMAGE_TRACKER_KIND_COUNT
};

/* How the parameters of a PROCESS are compared: param_match, and what it is where nobody wrote it.
 */
enum image_parameters {
	IMAGE_PARAMETERS_UNSAID,  /* as they are, if any are given; else they don't count */
	IMAGE_PARAMETERS_EXACT,	  /* these and no others */
	IMAGE_PARAMETERS_PARTIAL, /* these first, others may follow */
	IMAGE_PARAMETERS_INITIAL, /* the command line begins so, the last one may be longer */
	IMAGE_PARAMETERS_COUNT
};

#define IMAGE_COMMAND_LINE 4096 /* octets of a PROCESS with its parameters, a zero behind each */

enum image_tracker_flag {
	IMAGE_TRACKER_FULL_COMMAND = 1 << 0, /* PROCESS: compare the command line, not the name */
	IMAGE_TRACKER_INIT = 1 << 1,	     /* FILE: write init_value when the program starts, */
	IMAGE_TRACKER_OVERWRITE = 1 << 2,    /* even if there is one */
};

/* Something whose state counts for routers.  The check process finds it out (lib/tracker.h) and
 * tells the engine.  Trackers are only in whole images; a delta's uses mean those of the last whole
 * one.  A tracker keeps its slot for as long as one of its kind and name exists. */
struct image_tracker {
	uint32_t slot;
	uint32_t name;	    /* string */
	uint8_t kind;	    /* enum image_tracker_kind */
	uint8_t parameters; /* PROCESS: enum image_parameters */
	uint8_t flags;	    /* enum image_tracker_flag */
	uint8_t reserved;
	uint32_t argument_count;  /* SCRIPT, PROCESS: the command, at least 1; FILE: its path */
	uint32_t arguments;	  /* string: the first; the others follow it */
	uint32_t uid, gid;	  /* SCRIPT: as whom it runs */
	uint32_t rise, fall;	  /* SCRIPT: results in a row that change the state, at least 1 */
	int32_t init_value;	  /* FILE */
	uint32_t quorum;	  /* PROCESS: so many have to run, */
	uint32_t quorum_max;	  /* and no more than so many */
	uint64_t fork_delay;	  /* PROCESS: ns that a change by a fork has to last, */
	uint64_t terminate_delay; /* and one by an end */
	uint64_t interval; /* SCRIPT: from the start of one run to that of the next, ns, not 0 */
	uint64_t timeout;  /* SCRIPT: of a run, ns, not 0 */
};

#define IMAGE_WEIGHT_MAX 254

/* A tracker that counts for a router.  Weight 0 means FAULT while it has failed; another weight is
 * added to the priority while it is OK (positive) or while it has failed (negative), and of a FILE
 * is the factor of its number.  `reverse`: FAULT while it is OK; the weight is subtracted instead.
 */
struct image_use {
	uint32_t tracker; /* slot */
	int32_t weight;
	uint32_t reverse;
	uint32_t reserved;
};

enum image_command_flag {
	IMAGE_COMMAND_PRIORITY = 1 << 0, /* append the priority as the last argument */
};

/* When a command is run.  The first ones are the states that a router or a group enters, by the
 * numbers of enum vrrp_state. */
enum image_occasion {
	IMAGE_ON_STOP,
	IMAGE_ON_BACKUP,
	IMAGE_ON_ACTIVE,
	IMAGE_ON_FAULT,
	IMAGE_ON_DELETED, /* it was removed from the configuration */
	IMAGE_ON_GONE,	  /* the same, unless it was in Fault anyway */
	IMAGE_ON_LOWER,	  /* Active, it heard a lower priority */
	IMAGE_OCCASIONS
};

/* A program that is run when something happens to a router. */
struct image_command {
	uint32_t argument_count; /* at least 1 */
	uint32_t arguments;	 /* string: the first; the others follow it */
	uint32_t uid;
	uint32_t gid;
	uint8_t occasion; /* enum image_occasion */
	uint8_t flags;	  /* enum image_command_flag */
	uint8_t reserved[2];
};

enum image_group_flag {
	IMAGE_GROUP_ALERT = 1 << 0,	      /* smtp_alert */
	IMAGE_GROUP_TRACKING_WEIGHT = 1 << 1, /* weights of its members' own trackers count */
};

/* vrrp_sync_group: routers that change their state together.  Its members are the routers whose
 * `group` it is.  It keeps its slot, one of its own kind, for as long as its name is there. */
struct image_group {
	uint32_t slot;
	uint32_t name; /* string */
	uint8_t flags; /* enum image_group_flag */
	uint8_t reserved[7];
	struct image_span commands; /* for its own changes: EVENT_GROUP */
};

struct image;

/* Maps and checks the document behind `fd` (which stays the caller's).  NULL with errno EPERM if it
 * is not sealed, EBADMSG if anything in it is out of bounds, or what mapping it failed with. */
struct image *image_open(int fd);

/* The same for bytes in memory, which must stay as they are while the image is in use. */
struct image *image_open_bytes(const void *bytes, size_t size);

/* Another who holds the image, maybe in another thread: both close it.  Returns it. */
struct image *image_hold(struct image *image);

/* The last one's call frees it.  Takes NULL; returns NULL. */
struct image *image_close(struct image *image);

/* What image_open() asks before anybody sees the image: of the header of a document of so many
 * octets first, since that says where the rest is, and of all the rest then. */
bool image_header_is_sound(const struct image_header *header, size_t size);
bool image_is_sound(const struct image *image);

const struct image_header *image_header(const struct image *image);

/* Arrays; their lengths are in the header's spans.  Slots rise strictly in routers, groups,
 * trackers and removed. */
const struct image_router *image_routers(const struct image *image);
const struct image_address *image_addresses(const struct image *image);
const struct image_peer *image_peers(const struct image *image);
const struct image_track *image_tracks(const struct image *image);
const struct image_tracker *image_trackers(const struct image *image);
const struct image_use *image_uses(const struct image *image);
const struct image_command *image_commands(const struct image *image);
const uint32_t *image_removed(const struct image *image);
const struct image_pace *image_paces(const struct image *image);
const struct image_route *image_routes(const struct image *image);
const struct image_hop *image_hops(const struct image *image);
const struct image_rule *image_rules(const struct image *image);
const struct image_group *image_groups(const struct image *image);

/* A string by its offset. */
const char *image_string(const struct image *image, uint32_t offset);

/* The same in two programs that lay images out alike. */
uint64_t image_layout_id(void);

/* Where each array of a document with these spans begins, and how large the document is.  For the
 * builder; the header begins at 0. */
struct image_layout {
	size_t routers, addresses, peers, tracks, commands, removed, routes, hops, rules, paces,
		groups, trackers, uses, strings, size;
};

struct image_layout image_layout(const struct image_header *header);

#define IMAGE_MAGIC 0x3147414d49505256ull /* "VRPIMAG1" */

#endif

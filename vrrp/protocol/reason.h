/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_REASON_H
#define VRRP_PROTOCOL_REASON_H

/* Every enumeration that is counted, logged or shown, each said once, here. */

/* The error counters of RFC 6527: X(name, ProtoErrReason).  Checksum, version and VRID errors are
 * scalars there, the others columns of vrrpv3StatisticsTable. */
#define VRRP_COUNTER_LIST(X) \
	X(NONE, 0)           \
	X(TTL, 1)            \
	X(VERSION, 2)        \
	X(CHECKSUM, 3)       \
	X(VRID, 4)           \
	X(INTERVAL, 0)       \
	X(TYPE, 0)           \
	X(ADDRESS_LIST, 0)   \
	X(LENGTH, 0)

enum vrrp_counter {
#define X(name, error) VRRP_COUNTER_##name,
	VRRP_COUNTER_LIST(X)
#undef X
	VRRP_COUNTERS
};

/* What can be wrong with an advertisement: X(name, word, text, counter).  Some of these are only
 * noted and the advertisement is processed all the same, where the RFC of its version says so. */
#define VRRP_DROP_LIST(X)                                                                          \
	X(NONE, "none", "nothing is wrong", NONE)                                                  \
	X(TTL, "ttl", "the TTL or hop limit is not what it has to be", TTL)                        \
	X(VERSION, "version", "the version is neither 2 nor 3, or 2 over IPv6", VERSION)           \
	X(TYPE, "type", "the type is not advertisement", TYPE)                                     \
	X(TRUNCATED, "truncated", "the packet is shorter than its headers say", LENGTH)            \
	X(COUNT_ZERO, "no-address", "the address count is 0", LENGTH)                              \
	X(TRAILER, "no-trailer", "the version 2 trailer is missing (CARP?)", LENGTH)               \
	X(SURPLUS, "surplus", "octets follow the end of the message", LENGTH)                      \
	X(CHECKSUM, "checksum", "the checksum is wrong", CHECKSUM)                                 \
	X(VRID_ZERO, "vrid-zero", "the VRID is 0", VRID)                                           \
	X(VRID_UNKNOWN, "vrid-unknown", "no virtual router of this VRID is configured here", VRID) \
	X(INTERVAL_ZERO, "interval-zero", "the advertisement interval is 0", INTERVAL)             \
	X(VERSION_DIFFERS, "version-differs", "the version is not the configured one", VERSION)    \
	X(DESTINATION, "destination", "it was not sent to where this router listens", NONE)        \
	X(SOURCE, "source", "the source is no address a host may send from", NONE)                 \
	X(SOURCE_OWN, "source-own", "the source is this router's own sending address", NONE)       \
	X(AUTH_UNKNOWN, "auth-unknown", "the authentication type is unknown", NONE)                \
	X(AUTH_TYPE, "auth-type", "the authentication type is not the configured one", NONE)       \
	X(AUTH_FAILED, "auth-failed", "the password is wrong", NONE)                               \
	X(AUTH_REPLAYED, "auth-replayed", "its sequence number is not a new one", NONE)            \
	X(NOT_A_PEER, "not-a-peer", "the sender is none of the unicast peers", NONE)               \
	X(INTERVAL_DIFFERS, "interval-differs", "the interval is not the configured one",          \
		INTERVAL)                                                                          \
	X(LIST_DIFFERS, "addresses-differ", "the addresses are not the configured ones",           \
		ADDRESS_LIST)                                                                      \
	X(NOT_LINK_LOCAL, "not-link-local", "the first IPv6 address is not link-local",            \
		ADDRESS_LIST)                                                                      \
	X(STOP_STRANGER, "stop-stranger", "priority 0 from a router that is not the Active", NONE) \
	X(OWNER_CONFLICT, "owner-conflict", "two routers claim to own the addresses", NONE)

enum vrrp_drop {
#define X(name, word, text, counter) VRRP_DROP_##name,
	VRRP_DROP_LIST(X)
#undef X
	VRRP_DROPS
};

/* States: X(name, word, keepalived's word, status of RFC 6527, state of KEEPALIVED-MIB). */
#define VRRP_STATE_LIST(X)                        \
	X(INITIALIZE, "initialize", "STOP", 1, 0) \
	X(BACKUP, "backup", "BACKUP", 2, 1)       \
	X(ACTIVE, "active", "MASTER", 3, 2)       \
	X(FAULT, "fault", "FAULT", 1, 3)

enum vrrp_state {
#define X(name, word, keepalived, status, keepalived_status) VRRP_STATE_##name,
	VRRP_STATE_LIST(X)
#undef X
	VRRP_STATES
};

/* vrrpv3StatisticsNewMasterReason (RFC 6527), with its numbers: X(name, word). */
#define VRRP_NEW_MASTER_LIST(X)     \
	X(NOT_MASTER, "not-master") \
	X(PRIORITY, "priority")     \
	X(PREEMPTED, "preempted")   \
	X(NO_RESPONSE, "master-no-response")

enum vrrp_new_master {
#define X(name, word) VRRP_NEW_MASTER_##name,
	VRRP_NEW_MASTER_LIST(X)
#undef X
	VRRP_NEW_MASTERS
};

/* Why the state changed: X(name, word, text). */
#define VRRP_TRANSITION_LIST(X)                                                     \
	X(STARTUP, "startup", "started")                                            \
	X(OWNER, "owner", "owns the addresses")                                     \
	X(SILENCE, "silence", "no advertisement was heard in time")                 \
	X(STOP_HEARD, "stop-heard", "the Active said that it is leaving")           \
	X(PREEMPT, "preempt", "only lower priorities were heard")                   \
	X(HIGHER_PRIORITY, "higher-priority", "a higher priority was heard")        \
	X(GREATER_ADDRESS, "greater-address",                                       \
		"the same priority was heard from a greater address")               \
	X(SHUTDOWN, "shutdown", "was told to stop")                                 \
	X(LINK_DOWN, "link-down", "the interface is down")                          \
	X(NO_ADDRESS, "no-address", "the interface lacks the address to send from") \
	X(ADDRESSES_FAILED, "addresses-failed", "the addresses could not be set")   \
	X(TRACKING, "tracking", "something tracked has failed")                     \
	X(RECOVERED, "recovered", "the fault is gone")                              \
	X(GROUP, "sync-group", "its sync group moved")                              \
	X(REMOVED, "removed", "is not configured any more")

enum vrrp_transition {
#define X(name, word, text) VRRP_TRANSITION_##name,
	VRRP_TRANSITION_LIST(X)
#undef X
	VRRP_TRANSITIONS
};

/* The tables' texts: static strings, never NULL, "unknown" beyond the table.  A word is short,
 * lower case and stable (JSON, counters); a text completes a log line. */
const char *vrrp_drop_word(enum vrrp_drop drop);
const char *vrrp_drop_text(enum vrrp_drop drop);
enum vrrp_counter vrrp_drop_counter(enum vrrp_drop drop);

/* ProtoErrReason of RFC 6527, 0 where the notification knows none. */
int vrrp_counter_proto_error(enum vrrp_counter counter);

const char *vrrp_state_word(enum vrrp_state state);
const char *vrrp_state_keepalived_word(enum vrrp_state state); /* MASTER BACKUP FAULT STOP */
int vrrp_state_mib_status(enum vrrp_state state);	       /* RFC 6527 and RFC 2787 */
int vrrp_state_keepalived_status(enum vrrp_state state);       /* KEEPALIVED-MIB */

const char *vrrp_new_master_word(enum vrrp_new_master reason);
const char *vrrp_transition_word(enum vrrp_transition reason);
const char *vrrp_transition_text(enum vrrp_transition reason);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef LIB_MESSAGE_H
#define LIB_MESSAGE_H

#include "lib/tracker.h"

#include <stddef.h>
#include <stdint.h>

#include "lib/cpusched.h"

/* Messages on the channels between the threads and processes of one agent: commands and their
 * answers, never data that could be had from the status board, the event ring or a configuration
 * image.
 *
 * name, body's structure, what it says.  The table is the one source of types and sizes. */
#define MESSAGES(X)                                                                           \
	/* child -> supervisor */                                                             \
	X(MEANS, struct message_none, "attached: its pidfd, then its /proc/PID/stat")         \
	X(READY, struct message_none, "started; id: generation of the configuration, or 0")   \
	X(SOURCE, struct message_source, "the accepted configuration's text, attached")       \
	X(RELOADED, struct message_outcome, "a reload has ended")                             \
	/* check -> supervisor -> check */                                                    \
	X(PROCESSES_WANTED, struct message_processes, "open the kernel's process connector")  \
	X(PROCESSES, struct message_refusal, "it is attached, or refused for this reason")    \
	/* supervisor -> engine, a thread of its process */                                   \
	X(CHANNEL, struct message_channel, "the channel to a process: its number, to keep")   \
	/* supervisor -> child or engine */                                                   \
	X(PEER, struct message_peer, "the channel to another process, attached")              \
	X(SOURCE_LOST, struct message_none, "SOURCE came without its text; it is to be sent") \
	X(RELOAD, struct message_none, "read the configuration from the disk")                \
	X(HANDOVER, struct message_none, "send the configuration image in force")             \
	X(DUMP, struct message_none, "write the state as JSON to the run directory")          \
	X(STOP, struct message_none, "stop in order")                                         \
	X(FREEZE, struct message_none, "end as things are; another program goes on")          \
	/* engine -> supervisor */                                                            \
	X(STOPPED, struct message_none, "every router is down and its addresses are removed") \
	X(RESUMED, struct message_none, "what the predecessor left and nobody wants may go") \
	/* core -> engine, agentx, check, supervisor */                                       \
	X(IMAGE, struct message_none, "a configuration image, attached; id: its generation")  \
	/* engine -> core */                                                                  \
	X(IMAGE_RESULT, struct message_outcome, "the image id was accepted or refused")       \
	/* check -> engine; id: the generation of the image that check has */                 \
	X(TRACKERS, struct message_trackers, "the states of these trackers")                  \
	X(BEGIN, struct message_none, "startup_script has ended, or there is none")           \
	/* agentx -> core; id: the transaction */                                             \
	X(SET_PREPARE, struct message_set, "validate and stage these changes")                \
	X(SET_APPLY, struct message_none, "make the staged changes durable and effective")    \
	X(SET_UNDO, struct message_none, "put everything back as it was before SET_APPLY")    \
	X(SET_FORGET, struct message_none, "the transaction is over")                         \
	/* core -> agentx */                                                                  \
	X(SET_RESULT, struct message_outcome, "the answer to SET_PREPARE, SET_APPLY or SET_UNDO") \
	/* agentx -> the process beside it -> agentx */                                       \
	X(CONNECT, struct message_none, "connect to the AgentX master")                       \
	X(CONNECTED, struct message_refusal, "the connection, attached, or why there is none")

enum message_type {
	MESSAGE_INVALID,
#define X(name, body, text) MESSAGE_##name,
	MESSAGES(X)
#undef X
	MESSAGE_TYPE_COUNT
};

/* Id of MESSAGE_STOP: another program takes this one's place and goes on.  Else 0. */
#define MESSAGE_STOP_SUCCEEDED 1

/* What begins every message. */
struct message_head {
	uint32_t type; /* enum message_type */
	uint32_t size; /* of the whole message, octets */
	uint64_t id;   /* what it refers to; its meaning depends on the type */
};

struct message_none {
	struct message_head head;
};

/* The processes and threads that a channel can lead to. */
enum message_peer_role {
	PEER_CORE,
	PEER_AGENTX,
	PEER_CHECK,
	PEER_ROLE_COUNT
};

struct message_peer {
	struct message_head head;
	uint32_t role; /* enum message_peer_role */
	uint32_t reserved;
};

/* Attached, a descriptor needs a free one in the process that gets it; this one has it already. */
struct message_channel {
	struct message_head head;
	uint32_t role; /* enum message_peer_role */
	int32_t fd;    /* the receiver's from now on */
};

#define SHUTDOWN_SECONDS_MAX 1000

struct message_source {
	struct message_head head;
	char agentx[256];	    /* where it says that the AgentX master listens; "": nothing */
	uint32_t rt_priority;	    /* of the engine, 1-99; 0: the usual one */
	uint32_t rt_limit;	    /* µs of CPU at real time without a pause; 0: none */
	struct cpusched cpusched; /* of the process of supervisor, engine and applier */
	uint32_t shutdown;	    /* s that shutdown_script has; 0: there is none */
	uint32_t cpu_latency;	    /* µs that a processor may take to wake, or CPULATENCY_NONE */
};

struct message_processes {
	struct message_head head;
	uint32_t buffer; /* of what is received, octets; 0: the usual one */
	uint32_t force;	 /* 0, 1: beyond the system's limit */
};

struct message_refusal {
	struct message_head head;
	int32_t error; /* negative errno, or 0 */
	uint32_t reserved;
};

enum message_error {
	MESSAGE_OK,
	MESSAGE_NO_ROUTER,    /* there is no such virtual router, and none is made */
	MESSAGE_NO_CREATION,  /* there can't be one */
	MESSAGE_NO_ROOM,      /* there are too many */
	MESSAGE_WRONG_VALUE,  /* out of range, whatever the rest is */
	MESSAGE_INCONSISTENT, /* not possible together with the rest */
	MESSAGE_READ_ONLY,    /* can't be changed in this router (an owner's priority) */
	MESSAGE_BUSY,	      /* another transaction is under way */
	MESSAGE_STORE_FAILED, /* could not be made durable */
	MESSAGE_REFUSED,      /* the engine refused the configuration */
	MESSAGE_UNKNOWN,      /* no such transaction, or not in this phase */
	MESSAGE_BAD_FILE,     /* the configuration file was refused */
	MESSAGE_ERROR_COUNT
};

struct message_outcome {
	struct message_head head;
	uint32_t error; /* enum message_error */
	uint32_t index; /* which change of the set is to blame, from 0 */
	char text[240]; /* what a person reads; may be empty */
};

/* What of a virtual router can be changed, and what the value means. */
enum message_attribute {
	ATTRIBUTE_PRIORITY,
	ATTRIBUTE_INTERVAL,	   /* centiseconds */
	ATTRIBUTE_PREEMPT,	   /* 0, 1 */
	ATTRIBUTE_ACCEPT,	   /* 0, 1 */
	ATTRIBUTE_PRIMARY_ADDRESS, /* the value is `address` */
	ATTRIBUTE_ROW_STATUS,	   /* RowStatus of the router */
	ATTRIBUTE_ADDRESS_STATUS,  /* RowStatus of its virtual address `address` */
	ATTRIBUTE_COUNT
};

struct message_change {
	char interface[16];
	uint8_t family; /* enum image_family */
	uint8_t vrid;
	uint8_t attribute; /* enum message_attribute */
	uint8_t reserved[5];
	int64_t value;
	uint8_t address[16]; /* of that family */
};

#define MESSAGE_CHANGES_MAX 64

struct message_set {
	struct message_head head;
	uint32_t count; /* 1 to MESSAGE_CHANGES_MAX */
	uint32_t reserved;
	struct message_change changes[MESSAGE_CHANGES_MAX];
};

#define MESSAGE_TRACKERS_MAX 128

struct message_trackers {
	struct message_head head;
	uint32_t count; /* 1 to MESSAGE_TRACKERS_MAX */
	uint32_t reserved;
	struct tracker_report reports[MESSAGE_TRACKERS_MAX];
};

/* Room for any message. */
union message {
	struct message_head head;
	struct message_peer peer;
	struct message_channel channel;
	struct message_source source;
	struct message_processes processes;
	struct message_refusal refusal;
	struct message_outcome outcome;
	struct message_set set;
	struct message_trackers trackers;
};

/* Begins a message of `type`: everything else in it is zero. */
void message_init(union message *message, enum message_type type, uint64_t id);

/* 0 if `size` received octets are a well-formed message, -EBADMSG if not: its type exists, its size
 * is the type's, texts end, names are not empty and numbers are in the range of their enum. */
int message_check(const union message *message, size_t size);

/* For logs: "SET_APPLY". */
const char *message_type_name(uint32_t type);

#endif

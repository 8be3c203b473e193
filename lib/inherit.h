/* SPDX-License-Identifier: ISC */
#ifndef LIB_INHERIT_H
#define LIB_INHERIT_H

/* The descriptors that a child process of the supervisor finds open, by number.  What a role does
 * not use is closed in it.  The supervisor duplicates them to these numbers when it executes the
 * program anew in the child's role. */
enum inherited_fd {
	INHERIT_SUPERVISOR = 3, /* channel to the supervisor; its end is the order to exit */
	INHERIT_BOARD,		/* status board, read-only */
	INHERIT_RING,		/* event ring, read-only */
	INHERIT_BOOKMARKS,	/* lib/consumer.h: agentx its own, the others all but that one's */
	INHERIT_WAKE,		/* eventfd: there are new events for this process */
	INHERIT_CORE,		/* agentx, check: channel to core */
	INHERIT_ENGINE,		/* core, check: channel to the engine */
	INHERIT_AGENTX,		/* core: channel to agentx */
	INHERIT_CHECK,		/* core: channel to check */
	INHERIT_SOURCE,		/* core: the accepted configuration's text; absent at first start */
	INHERIT_LIFELINE,	/* lib/lifeline.h */
	INHERIT_NETSPACE, /* check that somebody else starts: the network namespace to enter */
	INHERIT_AGENTX_BOOKMARKS, /* core: what agentx has as its bookmarks */
	INHERIT_END
};

/* The descriptor of that number, close-on-exec from now on, if it is what is asked for; -1
 * if there is none: whoever does not run when a child begins has no channel to it.  To be asked
 * before the child opens anything itself: a free number would be taken.  What whoever started the
 * service left open at such a number is not ours. */
int inherited_channel(enum inherited_fd number);
int inherited_memory(enum inherited_fd number); /* sealed */
int inherited_timer(enum inherited_fd number);

#endif

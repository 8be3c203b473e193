/* SPDX-License-Identifier: ISC */
#ifndef LIB_AGENTXNOTES_H
#define LIB_AGENTXNOTES_H

/* Words that agentx leaves to its next life, and to core, which shows some (consumer_notes() in
 * lib/consumer.h). */
enum agentx_note {
	NOTE_NOTIFIED, /* notifications that the master has taken, over all lives */
	NOTE_REFUSED,  /* and that it has not */
	NOTE_GROUP,    /* one more than the group that was tried to be joined last, 0: none was */
	NOTE_TRIES,    /* how often in a row */
	NOTE_SESSION,  /* enum agentx_session */
	NOTE_PROBLEM,  /* why there is no session: an errno, 0: it is not known */
	NOTE_TAKEN,    /* what another subagent serves already: enum image_flag, or-ed */
	NOTE_CONFINED, /* enum agentx_confined */
	NOTE_LANDLOCK, /* the version that confines it, or a negative errno (lib/confine.h) */
	NOTE_FILTER,   /* 0, or a negative errno */
};

enum agentx_session {
	AGENTX_NEVER, /* no agentx process has run */
	AGENTX_TRYING,
	AGENTX_ATTACHED,
};

enum agentx_confined {
	AGENTX_NOT_YET,	   /* it does so when it knows where its master listens */
	AGENTX_UNCONFINED, /* a build with a sanitizer */
	AGENTX_ALONE,
	AGENTX_NETWORK, /* may still read files and connect: its master is not behind a path */
};

#endif

/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_MAILTEXT_H
#define CHECK_MAIL_MAILTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What a mail about a transition says.  Its subject, sender, recipients and body are keepalived's,
 * octet by octet, because filters look at them; a subject that is not ASCII is written as RFC 2047
 * wants it. */
struct mailtext {
	const char *router_id;
	const char *from;
	const char *host; /* for the Message-ID */
	char *const *to;
	uint32_t to_count;
	const char *name; /* of the instance or the sync group */
	const char *word; /* of the state: MASTER, BACKUP, FAULT */
	bool group;
	time_t at;	 /* when it happened */
	uint64_t moment; /* the same on a clock that nobody sets; */
	uint64_t number; /* both together tell mails apart, but not attempts */
};

/* Headers and body with CRLF, without the dots of SMTP; to be freed.  Whatever the strings hold,
 * none of them ends a header or begins another.  NULL: no memory. */
char *mailtext_compose(const struct mailtext *mail, size_t *length);

#endif

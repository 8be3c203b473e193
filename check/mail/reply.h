/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_REPLY_H
#define CHECK_MAIL_REPLY_H

#include "check/mail/outcome.h"

#include <stdbool.h>
#include <stddef.h>

/* What a mail server answers, and what the process that has heard it says of it: whoever the server
 * is, it may say anything. */

#define REPLY_MAX 256

/* Zero: nothing was said. */
struct reply {
	char last[REPLY_MAX];	 /* the last one that is complete */
	char refusal[REPLY_MAX]; /* the last one that was a refusal */
	int code;		 /* of `last` */
	unsigned int later;	 /* refusals that are not for good */
};

/* A line of the server's, with its end. */
void reply_take(struct reply *reply, const char *line, size_t length);

/* What came of the mail.  `sent`: libcurl is content; `error`: its words otherwise.  *text lives as
 * long as both. */
enum delivery_outcome reply_judge(
	const struct reply *reply, bool sent, const char *error, const char **text);

/* The `length` octets of a sending process's report, for which `text` has DELIVERY_REPORT: what of
 * it a person may read stays.  False: it has not said what came of the mail. */
bool reply_read_report(char *text, size_t length, enum delivery_outcome *outcome);

#endif

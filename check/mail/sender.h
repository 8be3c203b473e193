/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_SENDER_H
#define CHECK_MAIL_SENDER_H

#include "check/mail/delivery.h"

#include <systemd/sd-event.h>

/* The process that makes one attempt to send a mail (check/mail/delivery.h): forked, watched from
 * outside, and killed when it takes too long. */

struct sender;

/* Called once at the end of an attempt, which is gone then.  `text` says why, or holds the server's
 * last refusal of a recipient, or nothing; without characters that a log can't bear. */
typedef void (*sender_ended)(void *context, enum delivery_outcome outcome, const char *text);

/* Begins an attempt; `delivery` and what it points to need not live on.  0, or a negative errno:
 * nothing was begun and `ended` is not called. */
int sender_start(struct sender **sender, sd_event *loop, const struct delivery *delivery,
	sender_ended ended, void *context);

/* Kills the attempt; `ended` is not called.  NULL is fine. */
struct sender *sender_abandon(struct sender *sender);

#endif

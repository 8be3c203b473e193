/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_SMTP_H
#define CHECK_MAIL_SMTP_H

#include "check/mail/delivery.h"

#include <systemd/sd-event.h>

/* One attempt to send a mail, watched from outside. */

struct smtp;

/* Called once at the end of an attempt, which is gone then.  `text` says why, or holds the server's
 * last refusal of a recipient, or nothing; without characters that a log can't bear. */
typedef void (*smtp_ended)(void *context, enum delivery_outcome outcome, const char *text);

/* Begins an attempt; `delivery` and what it points to need not live on.  0, or a negative errno:
 * nothing was begun and `ended` is not called. */
int smtp_start(struct smtp **smtp, sd_event *loop, const struct delivery *delivery,
	smtp_ended ended, void *context);

/* Kills the attempt; `ended` is not called.  NULL is fine. */
struct smtp *smtp_abandon(struct smtp *smtp);

#endif

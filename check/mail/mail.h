/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_MAIL_H
#define CHECK_MAIL_MAIL_H

#include "check/config/scripttable.h"
#include "lib/consumer.h"
#include "lib/image.h"

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* From transitions to mail: one queue, whose mails leave one after the other in the order of the
 * transitions, each by a process of its own (check/mail/sender.h).  What may yet succeed is tried
 * again after MAIL_RETRY_MIN_MS, doubling up to MAIL_RETRY_MAX_MS, or at once when the
 * configuration leads elsewhere.
 *
 * It reads the event ring by a bookmark of its own, which follows the oldest mail that has not
 * left: when this process is killed, its successor finds in the ring what was queued.  So a mail is
 * sent at least once, and has the same Message-ID each time.  Lost are, and counted and logged:
 * what the server refuses for good, the oldest of more than MAIL_QUEUE_MAX, what is MAIL_AGE_MAX_S
 * old, what waits when mail is taken out of the configuration or the program ends.
 *
 * A process that may not become the user who mail is sent as (delivery_is_possible) says so once,
 * and leaves everything to its successor. */

#define MAIL_QUEUE_MAX	  256
#define MAIL_AGE_MAX_S	  86400
#define MAIL_RETRY_MIN_MS 2000
#define MAIL_RETRY_MAX_MS 300000

struct mail;

/* Uses all three for as long as it lives.  The consumer is opened as CONSUMER_MAIL, and its notes
 * are lib/mailnotes.h's.  NULL: errno says why. */
struct mail *mail_create(
	sd_event *loop, struct consumer *consumer, const struct scripttable *table);

/* Kills an attempt that is under way. */
struct mail *mail_free(struct mail *mail);

/* There may be new events. */
void mail_pump(struct mail *mail);

/* A new image, which the table has taken already.  0 or -ENOMEM. */
int mail_image(struct mail *mail, const struct image *image);

/* What the ring holds now is still sent, each mail being tried once; `succeeded`: by another
 * program that goes on with the ring, and is left all from the first failure on. */
void mail_stop(struct mail *mail, bool succeeded);

/* Whether nothing is left to be sent, or, after mail_stop, to be tried. */
bool mail_idle(const struct mail *mail);

/* Mails that have not left. */
unsigned int mail_waiting(const struct mail *mail);

#endif

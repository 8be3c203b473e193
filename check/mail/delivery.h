/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_DELIVERY_H
#define CHECK_MAIL_DELIVERY_H

#include "check/mail/mailsettings.h"
#include "check/mail/outcome.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* One attempt to send one mail, in a process of its own: whatever name service, TLS and the mail
 * server do, they do it to a process that has no power and that can be killed. */

/* What is sent. */
struct delivery {
	const struct mailsettings *settings;
	const char *name;
	const char *word;
	bool group;
	time_t at;
	uint64_t moment; /* as in check/mail/mailtext.h, with `number` */
	uint64_t number;
};

/* How long an attempt may take in all. */
static inline uint32_t delivery_limit_ms(const struct mailsettings *settings)
{
	return 4 * settings->timeout_ms;
}

#define DELIVERY_USER 65534 /* nobody; user and group */

/* Whether this process may become DELIVERY_USER, as its children must.  One that isn't root stays
 * who it is. */
bool delivery_is_possible(void);

/* In the child: reads what only root may (the password, the certificates), becomes nobody, sends,
 * writes a report (DELIVERY_REPORT) to `report`, and exits.  Ends with `parent`. */
_Noreturn void delivery_run(const struct delivery *delivery, pid_t parent, int report);

#endif

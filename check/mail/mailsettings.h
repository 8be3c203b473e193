/* SPDX-License-Identifier: ISC */
#ifndef CHECK_MAIL_MAILSETTINGS_H
#define CHECK_MAIL_MAILSETTINGS_H

#include "lib/image.h"

#include <stdbool.h>
#include <stdint.h>

/* How mail is sent, as the last image has it.  Strings are NULL when not written. */
struct mailsettings {
	char *router_id;
	char *server; /* NULL: no mail is sent */
	char *helo;
	char *from;
	char *ca;
	char *user;
	char *password_file;
	char *words[IMAGE_MAIL_STATES]; /* NULL: the state is not told */
	char **to;
	uint32_t to_count; /* 0: no mail is sent */
	uint32_t timeout_ms;
	uint16_t port;
	uint8_t tls; /* enum image_mail_tls */
};

/* A copy; NULL: no memory. */
struct mailsettings *mailsettings_make(const struct image *image);

struct mailsettings *mailsettings_free(struct mailsettings *settings);

/* Whether both lead to the same server in the same way. */
bool mailsettings_same_way(const struct mailsettings *a, const struct mailsettings *b);

#endif

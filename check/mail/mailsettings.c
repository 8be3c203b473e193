/* SPDX-License-Identifier: ISC */
#include "check/mail/mailsettings.h"

#include "lib/clock.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_USUAL_MS 30000
#define TIMEOUT_MAX_MS	 600000

static bool copy(char **to, const struct image *image, uint32_t offset)
{
	if (!offset)
		return true;
	*to = strdup(image_string(image, offset));
	return *to;
}

static bool copy_recipients(struct mailsettings *settings, const struct image *image)
{
	const struct image_mail *mail = &image_header(image)->mail;
	const char *next = image_string(image, mail->recipients);

	settings->to = calloc((size_t)mail->recipient_count + 1, sizeof(*settings->to));
	if (!settings->to)
		return false;
	for (; settings->to_count < mail->recipient_count; settings->to_count++) {
		settings->to[settings->to_count] = strdup(next);
		if (!settings->to[settings->to_count])
			return false;
		next += strlen(next) + 1;
	}
	return true;
}

static uint32_t timeout_of(const struct image_mail *mail)
{
	uint64_t timeout = mail->timeout / NSEC_PER_MSEC;

	if (!timeout)
		return TIMEOUT_USUAL_MS;
	return timeout < TIMEOUT_MAX_MS ? (uint32_t)timeout : TIMEOUT_MAX_MS;
}

struct mailsettings *mailsettings_make(const struct image *image)
{
	const struct image_mail *mail = &image_header(image)->mail;
	struct mailsettings *settings = calloc(1, sizeof(*settings));
	bool copied;

	if (!settings)
		return NULL;
	settings->timeout_ms = timeout_of(mail);
	settings->port = mail->port;
	settings->tls = mail->tls;
	copied = copy(&settings->router_id, image, image_header(image)->router_id) &&
		 copy(&settings->server, image, mail->server) &&
		 copy(&settings->helo, image, mail->helo) &&
		 copy(&settings->from, image, mail->from) && copy(&settings->ca, image, mail->ca) &&
		 copy(&settings->user, image, mail->user) &&
		 copy(&settings->password_file, image, mail->password_file) &&
		 copy_recipients(settings, image);
	for (size_t i = 0; copied && i < IMAGE_MAIL_STATES; i++)
		copied = copy(&settings->words[i], image, mail->words[i]);
	return copied ? settings : mailsettings_free(settings);
}

struct mailsettings *mailsettings_free(struct mailsettings *settings)
{
	if (!settings)
		return NULL;
	for (uint32_t i = 0; settings->to && i < settings->to_count; i++)
		free(settings->to[i]);
	for (size_t i = 0; i < IMAGE_MAIL_STATES; i++)
		free(settings->words[i]);
	free(settings->to);
	free(settings->router_id);
	free(settings->server);
	free(settings->helo);
	free(settings->from);
	free(settings->ca);
	free(settings->user);
	free(settings->password_file);
	free(settings);
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool mailsettings_same_way(const struct mailsettings *a, const struct mailsettings *b)
{
	bool equal = same(a->server, b->server) && a->port == b->port && a->tls == b->tls &&
		     same(a->helo, b->helo) && same(a->from, b->from) && same(a->ca, b->ca) &&
		     same(a->user, b->user) && same(a->password_file, b->password_file) &&
		     a->timeout_ms == b->timeout_ms && a->to_count == b->to_count;

	for (uint32_t i = 0; equal && i < a->to_count; i++)
		equal = same(a->to[i], b->to[i]);
	return equal;
}

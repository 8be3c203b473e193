/* SPDX-License-Identifier: ISC */
/* Mail: what its words can't tell each by itself. */
#include "agent/conf/mailrules.h"

#include "agent/conf/syncgroup.h"
#include "lib/image.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PORT_SMTP  25
#define PORT_SMTPS 465

static bool is_host(const char *text)
{
	struct in6_addr ignored;

	if (strchr(text, ':'))
		return inet_pton(AF_INET6, text, &ignored) == 1;
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-._") == strlen(text);
}

const char *conf_mail_server(const char *text, uint8_t tls, char *host, size_t room, uint16_t *port)
{
	size_t length = strcspn(text, " ");
	const char *number = text + length;
	unsigned long value;

	if (length >= room)
		return "the name of the mail server is too long";
	memcpy(host, text, length);
	host[length] = '\0';
	if (!is_host(host))
		return "the mail server must be a name, an IPv4 or an IPv6 address";
	*port = tls == IMAGE_MAIL_TLS_IMPLICIT ? PORT_SMTPS : PORT_SMTP;
	if (!*number)
		return NULL;
	number++;
	if (!*number || strlen(number) > 5 || strspn(number, "0123456789") != strlen(number))
		return "behind the mail server there may be its port, a number";
	value = strtoul(number, NULL, 10);
	if (!value || value > UINT16_MAX)
		return "a port is a number from 1 to 65535";
	*port = (uint16_t)value;
	return NULL;
}

/* A mailbox as it stands in a header and on the wire without quotes. */
static bool is_mailbox(const char *text)
{
	if (!*text || strlen(text) > IMAGE_MAILBOX_MAX)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text >= 0x7f || strchr("<>(),;:\\\"[]", *text))
			return false;
	return true;
}

static void check_mailbox(const char *text, const struct origin *origin, const char *word,
	struct conf_diagnostics *diagnostics)
{
	if (text && !is_mailbox(text))
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"%s: '%s' is no mail address such as root@example.com", word, text);
}

static void check_path(const char *text, const struct origin *origin, const char *word,
	struct conf_diagnostics *diagnostics)
{
	if (text && text[0] != '/')
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"%s must be an absolute path, not '%s'", word, text);
}

static void check_server(const struct globals *globals, struct conf_diagnostics *diagnostics)
{
	const struct mail_settings *mail = &globals->mail;
	char host[IMAGE_HOST_MAX + 1];
	const char *wrong = NULL;
	uint16_t port;

	if (mail->server)
		wrong = conf_mail_server(mail->server, mail->tls, host, sizeof(host), &port);
	if (wrong)
		conf_diagnose_origin(diagnostics, CONF_ERROR, &globals->origins[GLOBAL_SMTP_SERVER],
			"smtp_server: %s", wrong);
	if (mail->helo && !is_host(mail->helo) && mail->helo[0] != '[')
		conf_diagnose_origin(diagnostics, CONF_ERROR, &globals->origins[GLOBAL_SMTP_HELO],
			"smtp_helo_name must be a host's name, not '%s'", mail->helo);
}

/* A password goes to nobody whose certificate was not looked at. */
static void check_secrets(const struct globals *globals, struct conf_diagnostics *diagnostics)
{
	const struct mail_settings *mail = &globals->mail;
	const struct origin *origins = globals->origins;

	check_path(mail->ca, &origins[GLOBAL_SMTP_TLS_CA], "smtp_tls_ca", diagnostics);
	check_path(mail->password_file, &origins[GLOBAL_SMTP_PASSWORD_FILE], "smtp_password_file",
		diagnostics);
	if (mail->ca && mail->tls < IMAGE_MAIL_TLS_REQUIRED)
		conf_diagnose_origin(diagnostics, CONF_ERROR, &origins[GLOBAL_SMTP_TLS_CA],
			"smtp_tls_ca needs smtp_tls required or implicit: otherwise no certificate "
			"is looked at");
	if (!mail->user != !mail->password_file)
		conf_diagnose_origin(diagnostics, CONF_ERROR,
			&origins[mail->user ? GLOBAL_SMTP_USER : GLOBAL_SMTP_PASSWORD_FILE],
			"smtp_user and smtp_password_file need each other");
	else if (mail->user && mail->tls < IMAGE_MAIL_TLS_REQUIRED)
		conf_diagnose_origin(diagnostics, CONF_ERROR, &origins[GLOBAL_SMTP_USER],
			"smtp_user needs smtp_tls required or implicit: a password is not sent to "
			"who may be anybody");
}

/* Where mail is asked for first, or NULL. */
static const struct origin *find_alert(const struct config *config)
{
	const struct globals *globals = &config->globals;

	for (size_t i = 0; i < config->instance_count; i++)
		if (config->instances[i]->smtp_alert)
			return config->instances[i]->origins[INSTANCE_SMTP_ALERT].kind !=
					       ORIGIN_DEFAULT
				       ? &config->instances[i]->origins[INSTANCE_SMTP_ALERT]
				       : &globals->origins[globals->mail.alert
								   ? GLOBAL_SMTP_ALERT
								   : GLOBAL_SMTP_ALERT_VRRP];
	for (size_t i = 0; i < config->group_count; i++)
		if (config->groups[i]->smtp_alert)
			return &config->groups[i]->origins[GROUP_SMTP_ALERT];
	return NULL;
}

void conf_validate_mail(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const struct globals *globals = &config->globals;
	const struct mail_settings *mail = &globals->mail;
	const struct origin *alert = find_alert(config);

	for (size_t i = 0; i < mail->to.count; i++)
		check_mailbox(mail->to.items[i], &globals->origins[GLOBAL_MAIL_TO],
			"notification_email", diagnostics);
	check_mailbox(mail->from, &globals->origins[GLOBAL_MAIL_FROM], "notification_email_from",
		diagnostics);
	check_server(globals, diagnostics);
	check_secrets(globals, diagnostics);
	if (!alert || (mail->to.count && mail->server))
		return;
	conf_diagnose_origin(diagnostics, CONF_WARNING, alert,
		"no mail is sent for smtp_alert: global_defs has no %s%s%s",
		mail->to.count ? "" : "notification_email",
		!mail->to.count && !mail->server ? " and no " : "",
		mail->server ? "" : "smtp_server");
}

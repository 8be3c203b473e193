/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_MAILRULES_H
#define AGENT_CONF_MAILRULES_H

#include "agent/conf/text/diagnose.h"
#include "agent/conf/model.h"

#include <stddef.h>
#include <stdint.h>

/* Splits smtp_server: the host into `host`, its port into *port (where none is written, the usual
 * one of `tls`, an enum image_mail_tls).  NULL, or what is wrong with it. */
const char *conf_mail_server(
	const char *text, uint8_t tls, char *host, size_t room, uint16_t *port);

/* The rules between the words about mail, and whether mail that is asked for can be sent. */
void conf_validate_mail(const struct config *config, struct conf_diagnostics *diagnostics);

#endif

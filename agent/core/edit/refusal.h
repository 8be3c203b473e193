/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EDIT_REFUSAL_H
#define AGENT_CORE_EDIT_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "lib/message.h"

/* Why a request failed: what the answer says. */
struct refusal {
	enum message_error error;
	uint32_t index; /* of the change to blame */
	char text[sizeof(((struct message_outcome *)NULL)->text)];
};

/* Fills it in; false, for the caller to return. */
__attribute__((format(printf, 4, 5))) bool refuse(
	struct refusal *refusal, enum message_error error, uint32_t index, const char *format, ...);

/* There is none of that name; a near one is suggested. False. */
bool refuse_name(struct refusal *refusal, const struct config *config, const char *name);

/* A vrrp_instance has no such word; a near one is suggested. False. */
bool refuse_word(struct refusal *refusal, const char *word);

#endif

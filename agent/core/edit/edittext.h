/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EDIT_EDITTEXT_H
#define AGENT_CORE_EDIT_EDITTEXT_H

#include <stdbool.h>

#include "agent/core/edit/editrow.h"

/* Writes the changes of a set in the language of the configuration file and reads them into
 * rows->config: inside agent/core/edit/edit.c.  Routers that are to go are gone already.  An error
 * of the file's code is blamed on the change whose line it stands in. */
bool edit_text_apply(
	const struct edit_rows *rows, const struct message_set *set, struct refusal *refusal);

#endif

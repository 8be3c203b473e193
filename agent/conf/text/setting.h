/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_SETTING_H
#define AGENT_CONF_TEXT_SETTING_H

#include "agent/conf/text/frame.h"

/* random_seed and include_check, which must be known while the text is read: each token passes
 * here. */
void conf_setting_obey(struct conf_stream *stream, const struct conf_token *token);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_REVIEW_H
#define AGENT_CORE_REVIEW_H

#include <jansson.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* What `-t` would say of a configuration after a change, and did not say before. */

struct review {
	struct conf_diagnostics before;
};

/* Looks at the configuration that is to be changed. */
void review_begin(struct review *review, struct config *config);

/* Adds to `news` what is new: of what was `said` while it was changed, and of how it is now. */
void review_end(struct review *review, struct config *config, const struct conf_diagnostics *said,
	struct conf_diagnostics *news);

/* Ends the review. */
void review_drop(struct review *review);

/* Logs what there is to warn of addresses that several routers have, and was not before. */
void review_log_shared(const struct config *before, const struct config *after);

/* The warnings, as texts; NULL: out of memory. */
json_t *review_warnings(const struct conf_diagnostics *diagnostics);

#endif

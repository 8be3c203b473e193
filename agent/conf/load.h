/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_LOAD_H
#define AGENT_CONF_LOAD_H

#include <stddef.h>

#include "agent/conf/hostquery.h"
#include "agent/conf/model.h"
#include "agent/conf/schema.h"
#include "agent/conf/text/diagnose.h"
#include "agent/conf/text/source.h"

/*
 * Parse and validate. All errors and warnings are added to `diagnostics`, in the order of
 * the text. Returns the configuration, to be freed by the caller, or NULL when refused
 * (diagnostics has an error then). `host` may be NULL; `config_id` as of conf_source_read().
 */
struct config *conf_load(const char *path, const char *config_id, const struct conf_host *host,
	struct conf_diagnostics *diagnostics);
struct config *conf_load_source(const struct conf_source *source, const struct conf_host *host,
	struct conf_diagnostics *diagnostics);
struct config *conf_load_text(const char *name, const char *text, size_t length,
	const struct conf_host *host, struct conf_diagnostics *diagnostics);

/*
 * In the order of the text, each with its line: of what others have said about a configuration of
 * that source since it was loaded, too.
 */
void conf_finish_diagnostics(
	struct conf_diagnostics *diagnostics, const struct conf_source *source);

/*
 * Apply changes written in the same grammar to a configuration. A vrrp_instance of a known name has
 * the attributes written there replaced, with origin overlay; one of an unknown name is added. The
 * result is validated as a whole. 0, or -EINVAL (diagnostics say why) or -ENOMEM, and then `config`
 * is good for nothing but config_free(): give it a copy.
 */
int conf_edit(struct config *config, const char *name, const char *text, size_t length,
	struct conf_diagnostics *diagnostics);

/*
 * Set one attribute as the file would: `word` is a keyword of vrrp_instance ("priority"),
 * `value` the rest of its line ("150"; "" or NULL for a flag). Checked by the same schema entry
 * and cross-field rules. 0, or -ENOENT (no such word), -EINVAL (bad or inconsistent value, or one
 * that the author may not write) and the instance is as before.
 */
int conf_set(struct config *config, struct instance *instance, enum conf_author author,
	const char *word, const char *value, struct conf_diagnostics *diagnostics);

#endif

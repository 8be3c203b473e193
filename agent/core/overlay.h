/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_OVERLAY_H
#define AGENT_CORE_OVERLAY_H

#include <stddef.h>
#include <stdio.h>

#include "agent/conf/model.h"
#include "agent/conf/text/diagnose.h"

/* Between the text of the store (agent/core/store.h) and the model.
 *
 * A block changes an instance of the file, makes one of its own (it is complete: blocks.h), or says
 * that one of the file is `destroyed`.
 *
 * A block for an instance that the file no longer has is set aside: it changes nothing, is kept in
 * the store, and takes effect again when the file has the instance again.  So is one that makes a
 * virtual router which the file has by now (interface, family, VRID), or one of the same name: the
 * file's holds. */

/* Blocks set aside.  Begins as {0}. */
struct overlay_aside {
	char *text; /* as they are written; NULL: none */
	size_t length;
	char *names; /* "VI_1, VI_7", for messages; NULL: none */
};

void overlay_aside_clear(struct overlay_aside *aside);

/* Applies the store's text (without its first and last line) to `config`, which after a failure is
 * good for nothing but config_free(), and gathers in *aside what is set aside.  `path` and line
 * numbers in diagnostics are those of the store's file.  0; -EINVAL: diagnostics say why; -ENOMEM.
 */
int overlay_apply(struct config *config, const char *path, const char *text, size_t length,
	struct overlay_aside *aside, struct conf_diagnostics *diagnostics);

/* A copy without the blocks of that name (NULL: of any).  0 or -ENOMEM. */
int overlay_aside_without(
	const struct overlay_aside *aside, const char *name, struct overlay_aside *rest);

/* Writes what differs from the file in `config`, tombstones too. */
void overlay_write(const struct config *config, FILE *stream);

/* What the store is to hold for `config`, terminated, the caller's.  0 or -ENOMEM. */
int overlay_render(const struct config *config, const struct overlay_aside *aside, char **text,
	size_t *length);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_DUMP_H
#define AGENT_CONF_DUMP_H

#include <stdio.h>

#include "agent/conf/model.h"

/*
 * Write the model in the grammar of the file. Loading what was written gives an equal model.
 * Attributes that hold their default by origin are left out.
 */
void conf_dump(const struct config *config, FILE *stream);
void conf_dump_instance(const struct instance *instance, FILE *stream);

/* The statement(s) of one attribute, indented by one level; nothing when it is a default. */
void conf_dump_attribute(
	const struct instance *instance, enum instance_attribute attribute, FILE *stream);

/* The statement that would mean the default, for people; nothing when there is none. */
void conf_dump_default(enum instance_attribute attribute, FILE *stream);

/*
 * Only what has the origin overlay, as conf_edit() reads it.
 */
void conf_dump_overlay(const struct config *config, FILE *stream);

#endif

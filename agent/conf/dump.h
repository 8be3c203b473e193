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

/* The statement that would mean what the instance has because nobody wrote the attribute, for
 * people; nothing when there is none. */
void conf_dump_default(
	const struct instance *instance, enum instance_attribute attribute, FILE *stream);

/* Who gave the attribute its value: in the place of a default the statement of global_defs that
 * stands for all instances, if it is written. */
const struct origin *conf_value_origin(const struct globals *globals,
	const struct instance *instance, enum instance_attribute attribute);

/*
 * Only what has the origin overlay, as conf_edit() reads it.
 */
void conf_dump_overlay(const struct config *config, FILE *stream);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_PREDEFINED_H
#define AGENT_CONF_TEXT_PREDEFINED_H

#include <stddef.h>
#include <stdint.h>

/* ${_PWD}, ${_INSTANCE}, ${_RANDOM MIN MAX}, ${_HASH} and ${_BANG}. */

struct conf_predefined {
	const char *config_id;
	const char *folder;	  /* of the file being read; NULL: it is not a file */
	unsigned short random[3]; /* state of the numbers */
};

/* The same seed gives the same numbers. */
void conf_predefined_seed(struct conf_predefined *predefined, uint64_t seed);

/*
 * The value of what stands between the braces, in `number` when it is one. NULL: there is none,
 * and `problem` says why, or is NULL when it is not one of these names.
 */
const char *conf_predefined_value(struct conf_predefined *predefined, const char *content,
	size_t length, char number[24], const char **problem);

#endif

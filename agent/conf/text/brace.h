/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_BRACE_H
#define AGENT_CONF_TEXT_BRACE_H

/*
 * Of a pattern with braces, such as "/etc/{a,b}.conf", the first alternative without
 * wildcards that is no file, to be freed by the caller; NULL: there is none. 0 or -ENOMEM.
 * May block on the disk.
 */
int conf_brace_missing(const char *pattern, char **missing);

#endif

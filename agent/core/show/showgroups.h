/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_SHOW_SHOWGROUPS_H
#define AGENT_CORE_SHOW_SHOWGROUPS_H

#include <jansson.h>
#include <stdint.h>

struct core_state;
struct instance;

/* The sync groups in the document of `vrrpctl show`; `now` in nanoseconds. */
json_t *show_groups(const struct core_state *state, uint64_t now);

/* The name of an instance's group, or null. */
json_t *show_group_of(const struct core_state *state, const struct instance *instance);

#endif

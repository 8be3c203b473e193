/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/reason.h"

#include <stddef.h>

struct drop_entry {
	const char *word;
	const char *text;
	enum vrrp_counter counter;
};

static const struct drop_entry drops[] = {
#define X(name, drop_word, drop_text, drop_counter) \
	[VRRP_DROP_##name] = {drop_word, drop_text, VRRP_COUNTER_##drop_counter},
	VRRP_DROP_LIST(X)
#undef X
};

static const int counter_errors[] = {
#define X(name, error) [VRRP_COUNTER_##name] = (error),
	VRRP_COUNTER_LIST(X)
#undef X
};

struct state_entry {
	const char *word;
	const char *keepalived;
	int status;
	int keepalived_status;
};

static const struct state_entry states[] = {
#define X(name, state_word, keepalived_word, mib, keepalived_mib) \
	[VRRP_STATE_##name] = {state_word, keepalived_word, mib, keepalived_mib},
	VRRP_STATE_LIST(X)
#undef X
};

static const char *const new_masters[] = {
#define X(name, word) [VRRP_NEW_MASTER_##name] = (word),
	VRRP_NEW_MASTER_LIST(X)
#undef X
};

struct transition_entry {
	const char *word;
	const char *text;
};

static const struct transition_entry transitions[] = {
#define X(name, transition_word, transition_text) \
	[VRRP_TRANSITION_##name] = {transition_word, transition_text},
	VRRP_TRANSITION_LIST(X)
#undef X
};

static const char unknown[] = "unknown";

const char *vrrp_drop_word(enum vrrp_drop drop)
{
	return drop < VRRP_DROPS ? drops[drop].word : unknown;
}

const char *vrrp_drop_text(enum vrrp_drop drop)
{
	return drop < VRRP_DROPS ? drops[drop].text : unknown;
}

enum vrrp_counter vrrp_drop_counter(enum vrrp_drop drop)
{
	return drop < VRRP_DROPS ? drops[drop].counter : VRRP_COUNTER_NONE;
}

int vrrp_counter_proto_error(enum vrrp_counter counter)
{
	return counter < VRRP_COUNTERS ? counter_errors[counter] : 0;
}

const char *vrrp_state_word(enum vrrp_state state)
{
	return state < VRRP_STATES ? states[state].word : unknown;
}

const char *vrrp_state_keepalived_word(enum vrrp_state state)
{
	return state < VRRP_STATES ? states[state].keepalived : unknown;
}

int vrrp_state_mib_status(enum vrrp_state state)
{
	return state < VRRP_STATES ? states[state].status : 0;
}

int vrrp_state_keepalived_status(enum vrrp_state state)
{
	return state < VRRP_STATES ? states[state].keepalived_status : 0;
}

const char *vrrp_new_master_word(enum vrrp_new_master reason)
{
	return reason < VRRP_NEW_MASTERS ? new_masters[reason] : unknown;
}

const char *vrrp_transition_word(enum vrrp_transition reason)
{
	return reason < VRRP_TRANSITIONS ? transitions[reason].word : unknown;
}

const char *vrrp_transition_text(enum vrrp_transition reason)
{
	return reason < VRRP_TRANSITIONS ? transitions[reason].text : unknown;
}

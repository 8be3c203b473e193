/* SPDX-License-Identifier: ISC */
#include "tests/snmp/fields.h"

#include "lib/event.h"
#include "vrrp/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(type, member, kind)                                                                \
	{                                                                                        \
#member, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
	}

const struct field router_fields[] = {
	FIELD(status_router, family, NUMBER),
	FIELD(status_router, vrid, NUMBER),
	FIELD(status_router, version, NUMBER),
	FIELD(status_router, state, NUMBER),
	FIELD(status_router, priority, NUMBER),
	FIELD(status_router, preempt, NUMBER),
	FIELD(status_router, accept, NUMBER),
	FIELD(status_router, address_count, NUMBER),
	FIELD(status_router, address_octets, NUMBER),
	FIELD(status_router, new_master, NUMBER),
	FIELD(status_router, last_error, NUMBER),
	FIELD(status_router, interface_index, NUMBER),
	FIELD(status_router, active_known, NUMBER),
	FIELD(status_router, primary_known, NUMBER),
	FIELD(status_router, disabled, NUMBER),
	FIELD(status_router, addresses_set, NUMBER),
	FIELD(status_router, effective_priority, NUMBER),
	FIELD(status_router, interface, TEXT),
	FIELD(status_router, virtual_mac, OCTETS),
	FIELD(status_router, active_address, OCTETS),
	FIELD(status_router, primary_address, OCTETS),
	FIELD(status_router, interval, NUMBER),
	FIELD(status_router, up_since, NUMBER),
	FIELD(status_router, counting_since, NUMBER),
	FIELD(status_router, counters[STATUS_TRANSITIONS], NUMBER),
	FIELD(status_router, counters[STATUS_RECEIVED], NUMBER),
	FIELD(status_router, counters[STATUS_STOP_RECEIVED], NUMBER),
	FIELD(status_router, counters[STATUS_STOP_SENT], NUMBER),
	FIELD(status_router, errors[VRRP_COUNTER_INTERVAL], NUMBER),
	FIELD(status_router, errors[VRRP_COUNTER_TTL], NUMBER),
	FIELD(status_router, errors[VRRP_COUNTER_TYPE], NUMBER),
	FIELD(status_router, errors[VRRP_COUNTER_ADDRESS_LIST], NUMBER),
	FIELD(status_router, errors[VRRP_COUNTER_LENGTH], NUMBER),
	FIELD(status_router, drops[VRRP_DROP_AUTH_UNKNOWN], NUMBER),
	FIELD(status_router, drops[VRRP_DROP_AUTH_TYPE], NUMBER),
	FIELD(status_router, drops[VRRP_DROP_AUTH_FAILED], NUMBER),
	{NULL, NUMBER, 0, 0},
};

const struct field engine_fields[] = {
	FIELD(status_engine, started, NUMBER),
	FIELD(status_engine, checksum_errors, NUMBER),
	FIELD(status_engine, version_errors, NUMBER),
	FIELD(status_engine, vrid_errors, NUMBER),
	{NULL, NUMBER, 0, 0},
};

const struct field event_fields[] = {
	FIELD(event, at, NUMBER),
	FIELD(event, kind, NUMBER),
	FIELD(event, slot, NUMBER),
	FIELD(event, interface_index, NUMBER),
	FIELD(event, family, NUMBER),
	FIELD(event, vrid, NUMBER),
	FIELD(event, version, NUMBER),
	FIELD(event, new_state, NUMBER),
	FIELD(event, new_master_reason, NUMBER),
	FIELD(event, drop, NUMBER),
	FIELD(event, source, OCTETS),
	FIELD(event, peer, OCTETS),
	{NULL, NUMBER, 0, 0},
};

static void put_octets(uint8_t *to, size_t size, const char *text)
{
	for (size_t i = 0; i < size && text[2 * i] && text[2 * i + 1]; i++) {
		char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

		to[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

/* Little end first, as everything this runs on. */
static void put_field(const struct field *field, void *structure, const char *text)
{
	char *to = (char *)structure + field->offset;
	uint64_t number;

	memset(to, 0, field->size);
	switch (field->kind) {
	case NUMBER:
		number = strtoull(text, NULL, 0);
		memcpy(to, &number, field->size < sizeof(number) ? field->size : sizeof(number));
		break;
	case OCTETS:
		put_octets((uint8_t *)to, field->size, text);
		break;
	case TEXT:
		snprintf(to, field->size, "%s", text);
	}
}

bool put_fields(const struct field *fields, void *structure, char *words)
{
	char *state = NULL;

	for (char *word = strtok_r(words, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		const struct field *field = fields;
		char *value = strchr(word, '=');

		if (!value)
			return false;
		*value++ = '\0';
		while (field->name && strcmp(field->name, word) != 0)
			field++;
		if (!field->name)
			return false;
		put_field(field, structure, value);
	}
	return true;
}

uint64_t take_option(char *words, const char *key, uint64_t otherwise)
{
	char *at = strstr(words, key);
	uint64_t value;
	char *end;

	if (!at)
		return otherwise;
	value = strtoull(at + strlen(key), &end, 0);
	memset(at, ' ', (size_t)(end - at));
	return value;
}

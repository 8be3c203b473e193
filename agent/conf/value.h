/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_VALUE_H
#define AGENT_CONF_VALUE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/conf/items.h"

/* Values of one word, and back. Readers return 0, -EINVAL (not such a value) or -ERANGE. */

/* Decimal digits only, with a sign. */
int conf_read_signed(const char *text, int minimum, int maximum, int *value);

/* Decimal seconds into nanoseconds; -EINVAL too when finer than a nanosecond. */
int conf_read_seconds(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ns);

/* on true yes, off false no. */
int conf_read_bool(const char *text, bool *value);

/* An address of either family, without prefix length. */
int conf_read_address(const char *text, struct ip_address *address);

/* An address as text, to be printed at once. */
struct conf_address_text {
	char text[INET6_ADDRSTRLEN];
};

struct conf_address_text conf_address_text(const struct ip_address *address);

/* Of either family. */
bool conf_address_is_multicast(const struct ip_address *address);

/* What no host may hold as an address for others, or NULL. */
const char *conf_address_problem(const struct ip_address *address);

/* global site link host nowhere, or 0..255. */
int conf_read_scope(const char *text, uint8_t *scope);

/* What is wrong with a name for an interface, or NULL. */
const char *conf_interface_problem(const char *name);

void conf_write_seconds(uint64_t ns, FILE *stream);
void conf_write_scope(uint8_t scope, FILE *stream);
void conf_write_address(const struct ip_address *address, FILE *stream);

/* Whether text must stand in quotes to be read back, but for the `harmless` characters. */
bool conf_needs_quotes(const char *text, const char *harmless);

/* As one word, in quotes where it needs them. */
void conf_write_word(const char *word, FILE *stream);
void conf_write_quoted(const char *text, FILE *stream);

#endif

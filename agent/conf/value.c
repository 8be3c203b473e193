/* SPDX-License-Identifier: ISC */
#include "agent/conf/value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>

#include "agent/conf/text/decimal.h"

#define NANOSECONDS 1000000000ull
#define SECONDS_MAX (UINT64_MAX / NANOSECONDS - 1)

static const struct {
	const char *name;
	uint8_t scope;
} scopes[] = {
	{"global", RT_SCOPE_UNIVERSE},
	{"site", RT_SCOPE_SITE},
	{"link", RT_SCOPE_LINK},
	{"host", RT_SCOPE_HOST},
	{"nowhere", RT_SCOPE_NOWHERE},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int conf_read_signed(const char *text, int minimum, int maximum, int *value)
{
	bool negative = *text == '-';
	uint64_t number;
	int64_t with_sign;

	text += negative || *text == '+';
	if (!conf_read_digits(&text, &number) || *text)
		return -EINVAL;
	if (number > (uint64_t)INT32_MAX + negative)
		return -ERANGE;
	with_sign = negative ? -(int64_t)number : (int64_t)number;
	if (with_sign < minimum || with_sign > maximum)
		return -ERANGE;
	*value = (int)with_sign;
	return 0;
}

int conf_read_seconds(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ns)
{
	bool negative = *text == '-', some;
	uint64_t seconds, fraction = 0;

	text += negative;
	some = conf_read_digits(&text, &seconds);
	if (*text == '.') {
		uint64_t unit = NANOSECONDS / 10;

		for (text++; is_digit(*text); text++, unit /= 10) {
			if (unit == 0 && *text != '0')
				return -EINVAL;
			fraction += unit * (unsigned)(*text - '0');
			some = true;
		}
	}
	if (!some || *text)
		return -EINVAL;
	if (seconds > SECONDS_MAX)
		return -ERANGE;
	fraction += seconds * NANOSECONDS;
	if ((negative && fraction > 0) || fraction < minimum || fraction > maximum)
		return -ERANGE;
	*ns = fraction;
	return 0;
}

int conf_read_bool(const char *text, bool *value)
{
	static const char *const words[] = {"off", "on", "false", "true", "no", "yes"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], text) == 0) {
			*value = i % 2;
			return 0;
		}
	return -EINVAL;
}

int conf_read_address(const char *text, struct ip_address *address)
{
	struct ip_address read = {0};

	if (inet_pton(AF_INET, text, &read.v4) == 1)
		read.family = AF_INET;
	else if (inet_pton(AF_INET6, text, &read.v6) == 1)
		read.family = AF_INET6;
	else
		return -EINVAL;
	*address = read;
	return 0;
}

int conf_read_scope(const char *text, uint8_t *scope)
{
	uint64_t number;
	int result;

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (strcmp(scopes[i].name, text) == 0) {
			*scope = scopes[i].scope;
			return 0;
		}
	result = conf_read_number(text, 0, UINT8_MAX, &number);
	if (result == 0)
		*scope = (uint8_t)number;
	return result;
}

const char *conf_interface_problem(const char *name)
{
	if (strlen(name) >= IFNAMSIZ)
		return "is longer than 15 characters, as no interface's name is";
	if (strchr(name, ':') && name[0] != ':')
		return "is a label: name the interface alone, which stands before the ':', and "
		       "write label behind the address";
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		strpbrk(name, "/: \t\n\v\f\r"))
		return "is not a name an interface can have; 'ip link' shows them";
	return NULL;
}

void conf_write_seconds(uint64_t ns, FILE *stream)
{
	char fraction[16];
	size_t length;

	fprintf(stream, "%" PRIu64, (uint64_t)(ns / NANOSECONDS));
	if (ns % NANOSECONDS == 0)
		return;
	length = (size_t)snprintf(
		fraction, sizeof(fraction), ".%09" PRIu64, (uint64_t)(ns % NANOSECONDS));
	while (fraction[length - 1] == '0')
		fraction[--length] = '\0';
	fputs(fraction, stream);
}

void conf_write_scope(uint8_t scope, FILE *stream)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (scopes[i].scope == scope) {
			fputs(scopes[i].name, stream);
			return;
		}
	fprintf(stream, "%u", scope);
}

void conf_write_address(const struct ip_address *address, FILE *stream)
{
	fputs(conf_address_text(address).text, stream);
}

/* `$` would begin a substitution, and control characters would end the line or the text. */
void conf_write_quoted(const char *text, FILE *stream)
{
	putc('"', stream);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(stream, "\\%c", *text);
		else if ((unsigned char)*text < 0x20 || *text == '$')
			fprintf(stream, "\\%03o", (unsigned char)*text);
		else
			putc(*text, stream);
	}
	putc('"', stream);
}

bool conf_needs_quotes(const char *text, const char *harmless)
{
	if (!*text || *text == '@')
		return true;
	for (; *text; text++)
		if (!strchr(harmless, *text) &&
			((unsigned char)*text <= 0x20 || strchr("#!{}\"'$~\\", *text)))
			return true;
	return false;
}

void conf_write_word(const char *word, FILE *stream)
{
	if (conf_needs_quotes(word, ""))
		conf_write_quoted(word, stream);
	else
		fputs(word, stream);
}

struct conf_address_text conf_address_text(const struct ip_address *address)
{
	struct conf_address_text out = {""};

	inet_ntop(address->family,
		address->family == AF_INET ? (const void *)&address->v4 : &address->v6, out.text,
		sizeof(out.text));
	return out;
}

bool conf_address_is_multicast(const struct ip_address *address)
{
	return address->family == AF_INET ? IN_MULTICAST(ntohl(address->v4.s_addr))
					  : IN6_IS_ADDR_MULTICAST(&address->v6);
}

const char *conf_address_problem(const struct ip_address *address)
{
	uint32_t v4 = address->family == AF_INET ? ntohl(address->v4.s_addr) : 1;

	if (v4 == 0 || (address->family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&address->v6)))
		return "the unspecified address";
	if (conf_address_is_multicast(address))
		return "a multicast address";
	if (address->family == AF_INET ? v4 >> 24 == 127 : IN6_IS_ADDR_LOOPBACK(&address->v6))
		return "a loopback address";
	if (v4 == INADDR_BROADCAST)
		return "the broadcast address";
	return NULL;
}

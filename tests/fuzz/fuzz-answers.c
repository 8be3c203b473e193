/* SPDX-License-Identifier: ISC */
/* What others say to the check process: any octets as the output of a script, as a mail server's
 * replies, as the report of the process that heard them, and as the content of a file with a
 * number. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check/mail/reply.h"
#include "check/script/logline.h"
#include "check/track/valuefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of its own size, so that nothing behind it is read in silence. */
static char *copy(const char *octets, size_t size, size_t room)
{
	char *exact = malloc(room ? room : 1);

	if (!exact)
		abort();
	memcpy(exact, octets, size);
	return exact;
}

static void assert_printable(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		assert((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

/* In portions of a size that the input says: no octet comes twice or is left out. */
static void check_output(const char *octets, size_t size, size_t portion)
{
	struct logline line = {0};
	size_t seen = 0, ends = 0;
	bool whole;

	for (size_t at = 0; at < size;) {
		size_t count = size - at < portion ? size - at : portion;
		char *exact = copy(octets + at, count, count);
		size_t taken = logline_take(&line, exact, count, &whole);

		assert(taken > 0 && taken <= count && line.length <= sizeof(line.text));
		assert(whole || taken == count);
		ends += exact[taken - 1] == '\n';
		free(exact);
		at += taken;
		if (!whole)
			continue;
		logline_defuse(line.text, line.length);
		assert_printable(line.text, line.length);
		seen += line.length;
		line.length = 0;
	}
	assert(seen + line.length + ends == size);
}

static void check_report(
	const char *octets, size_t size, bool *known, enum delivery_outcome *outcome)
{
	size_t length = size < DELIVERY_REPORT ? size : DELIVERY_REPORT - 1;
	char *report = copy(octets, length, DELIVERY_REPORT);

	*known = reply_read_report(report, length, outcome);
	for (const char *each = report; *known && *each; each++)
		assert(*each >= ' ' && *each < 0x7f);
	assert(strlen(report) < DELIVERY_REPORT);
	free(report);
}

static void check_judgement(const struct reply *reply, bool sent)
{
	char report[REPLY_MAX + 1];
	const char *text;
	enum delivery_outcome heard, outcome = reply_judge(reply, sent, "error", &text);
	bool known;

	assert(strlen(text) < REPLY_MAX);
	assert(sent == (outcome == DELIVERY_DONE));
	assert(outcome != DELIVERY_REFUSED || (reply->code >= 500 && reply->later == 0));
	report[0] = (char)('0' + outcome);
	memcpy(report + 1, text, strlen(text));
	check_report(report, strlen(text) + 1, &known, &heard);
	assert(known && heard == outcome);
}

static void check_replies(const char *octets, size_t size)
{
	struct reply reply = {0};

	while (size) {
		const char *newline = memchr(octets, '\n', size);
		size_t length = newline ? (size_t)(newline - octets) + 1 : size;
		char *exact = copy(octets, length, length);

		reply_take(&reply, exact, length);
		free(exact);
		check_judgement(&reply, false);
		check_judgement(&reply, true);
		octets += length;
		size -= length;
	}
}

static void check_number(const char *octets, size_t size)
{
	char *text = copy(octets, size, size + 1);
	int32_t value = 4711;
	enum valuefile_result result;

	text[size] = '\0';
	result = valuefile_parse(text, &value);
	assert(result == VALUEFILE_NUMBER || result == VALUEFILE_NO_NUMBER ||
		result == VALUEFILE_RANGE);
	assert(result != VALUEFILE_NO_NUMBER || value == 0);
	assert(result != VALUEFILE_RANGE || value == 4711);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *octets = (const char *)data;
	enum delivery_outcome outcome;
	bool known;

	if (size == 0)
		return 0;
	check_output(octets, size, data[0] ? data[0] : 1 + size);
	check_replies(octets, size);
	check_report(octets, size, &known, &outcome);
	check_number(octets, size);
	return 0;
}

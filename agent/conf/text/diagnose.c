/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/diagnose.h"

#include "agent/conf/text/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct conf_diagnostics *diagnostics)
{
	size_t room = diagnostics->room ? 2 * diagnostics->room : 16;
	struct conf_diagnostic *grown;

	if (diagnostics->count < diagnostics->room)
		return true;
	grown = reallocarray(diagnostics->items, room, sizeof(*grown));
	if (!grown)
		return false;
	diagnostics->items = grown;
	diagnostics->room = room;
	return true;
}

static void item_clear(struct conf_diagnostic *item)
{
	free(item->file);
	free(item->message);
	free(item->text);
	*item = (struct conf_diagnostic){0};
}

/*
 * A copy of a source line that may be logged: what follows auth_pass, however it is misspelt,
 * written apart or joined to its value, is masked.
 */
static char *shown_line(const char *text, size_t length)
{
	static const char mask[] = " ********";
	char *shown = malloc(length + sizeof(mask)), *at;

	if (!shown)
		return NULL;
	memcpy(shown, text, length);
	shown[length] = '\0';
	for (at = strstr(shown, "auth"); at; at = strstr(at + 1, "auth")) {
		if (!at[4] || !strchr("_- \t", at[4]) || strncmp(at, "auth_type", 9) == 0)
			continue;
		strcpy(at + strcspn(at, " \t=:"), mask);
		break;
	}
	return shown;
}

int conf_diagnostic_set_text(struct conf_diagnostic *item, const char *text, size_t length)
{
	free(item->text);
	item->text = shown_line(text, length);
	return item->text ? 0 : -ENOMEM;
}

const char *conf_via_text(const struct conf_via *via, char out[CONF_VIA_TEXT_MAX])
{
	const char *separator = " (";
	char part[CONF_VIA_TEXT_MAX];
	size_t used = 0;

	for (unsigned steps = 0; via && steps < CONF_VIA_STEPS_MAX; via = via->outer, steps++) {
		int length;

		if (via->kind == VIA_SEQUENCE)
			length = snprintf(part, sizeof(part), "%swhere $%s is %s", separator,
				via->name, via->value);
		else
			length = snprintf(part, sizeof(part),
				"%sin the expansion of $%s %s at %s:%u", separator, via->name,
				via->kind == VIA_BODY ? "used" : "defined", via->file, via->line);
		if (length < 0 || used + (size_t)length + sizeof(")") > CONF_VIA_TEXT_MAX)
			break;
		memcpy(out + used, part, (size_t)length);
		used += (size_t)length;
		separator = ", ";
	}
	strcpy(out + used, used > 0 ? ")" : "");
	return out;
}

/* A line that is read many times says what is wrong with it once. */
static bool is_repeated(struct conf_diagnostics *diagnostics, const struct conf_diagnostic *item)
{
	for (size_t i = diagnostics->count; i-- > 0;) {
		struct conf_diagnostic *other = &diagnostics->items[i];

		if (other->line != item->line || other->column != item->column ||
			other->format != item->format || strcmp(other->file, item->file) != 0)
			continue;
		other->repeats++;
		diagnostics->repeats++;
		return true;
	}
	return false;
}

/* `note` goes behind the message. False: out of memory. */
__attribute__((format(printf, 4, 0))) static bool make_item(struct conf_diagnostic *item,
	const struct conf_place *place, const char *note, const char *format, va_list arguments)
{
	char *said;

	item->line = place->line;
	item->column = place->column;
	item->file = strdup(place->file ? place->file : "");
	if (vasprintf(&said, format, arguments) < 0)
		return false;
	if (asprintf(&item->message, "%s%s", said, note) < 0)
		item->message = NULL;
	free(said);
	if (place->text)
		item->text = shown_line(place->text, place->text_length);
	return item->file && item->message && (!place->text || item->text);
}

__attribute__((format(printf, 5, 0))) static void diagnose(struct conf_diagnostics *diagnostics,
	enum conf_severity severity, const struct conf_place *place, const char *note,
	const char *format, va_list arguments)
{
	struct conf_diagnostic item = {.severity = severity, .format = format};
	bool full = diagnostics->count >= CONF_DIAGNOSTICS_MAX;

	if (severity == CONF_ERROR)
		diagnostics->errors++;
	else
		diagnostics->warnings++;
	if (full && !*note)
		return;
	if (!make_item(&item, place, note, format, arguments)) {
		diagnostics->out_of_memory = true;
		item_clear(&item);
	} else if ((*note && is_repeated(diagnostics, &item)) || full) {
		item_clear(&item);
	} else if (!reserve(diagnostics)) {
		diagnostics->out_of_memory = true;
		item_clear(&item);
	} else {
		diagnostics->items[diagnostics->count++] = item;
	}
}

void conf_diagnose_list(struct conf_diagnostics *diagnostics, enum conf_severity severity,
	const struct conf_place *place, const char *format, va_list arguments)
{
	char note[CONF_VIA_TEXT_MAX];

	diagnose(diagnostics, severity, place, conf_via_text(place->via, note), format, arguments);
}

void conf_diagnose(struct conf_diagnostics *diagnostics, enum conf_severity severity,
	const struct conf_place *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	conf_diagnose_list(diagnostics, severity, place, format, arguments);
	va_end(arguments);
}

void conf_diagnose_origin(struct conf_diagnostics *diagnostics, enum conf_severity severity,
	const struct origin *origin, const char *format, ...)
{
	struct conf_place place = {
		.file = origin->file, .line = origin->line, .column = origin->column};
	va_list arguments;

	va_start(arguments, format);
	diagnose(diagnostics, severity, &place, origin->via ? origin->via : "", format, arguments);
	va_end(arguments);
}

enum conf_result conf_diagnostics_result(const struct conf_diagnostics *diagnostics)
{
	if (diagnostics->errors > 0 || diagnostics->out_of_memory)
		return CONF_REFUSED;
	return diagnostics->warnings > 0 ? CONF_USABLE : CONF_GOOD;
}

void conf_diagnostics_forget_warnings(
	struct conf_diagnostics *diagnostics, size_t count, size_t warnings)
{
	size_t kept = count;

	for (size_t i = count; i < diagnostics->count; i++) {
		struct conf_diagnostic *item = &diagnostics->items[i];

		if (item->severity == CONF_ERROR) {
			diagnostics->items[kept++] = *item;
			continue;
		}
		diagnostics->repeats -= item->repeats;
		item_clear(item);
	}
	diagnostics->count = kept;
	diagnostics->warnings = warnings;
}

void conf_diagnostics_clear(struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++)
		item_clear(&diagnostics->items[i]);
	free(diagnostics->items);
	*diagnostics = (struct conf_diagnostics){0};
}

static int order(size_t left, size_t right)
{
	return left < right ? -1 : left > right;
}

static int compare(const void *a, const void *b)
{
	const struct conf_diagnostic *left = a, *right = b;
	int result = order(left->line == 0, right->line == 0);

	if (result == 0)
		result = order(left->file_rank, right->file_rank);
	if (result == 0)
		result = order(left->line, right->line);
	if (result == 0)
		result = order(left->column, right->column);
	return result ? result : order(left->rank, right->rank);
}

static size_t rank_of_file(const struct conf_source *source, const char *name)
{
	size_t rank = 0;

	while (rank < source->text_count && strcmp(source->texts[rank].name, name) != 0)
		rank++;
	return rank;
}

void conf_diagnostics_sort(struct conf_diagnostics *diagnostics, const struct conf_source *source)
{
	struct conf_diagnostic *items = diagnostics->items;

	for (size_t i = 0; i < diagnostics->count; i++) {
		items[i].rank = i;
		items[i].file_rank = i > 0 && strcmp(items[i].file, items[i - 1].file) == 0
					     ? items[i - 1].file_rank
					     : rank_of_file(source, items[i].file);
	}
	if (diagnostics->count > 1)
		qsort(items, diagnostics->count, sizeof(*items), compare);
}

/* One character of UTF-8 at *text, or the octet itself where it is none; moves *text on. */
static uint32_t next_character(const unsigned char **text)
{
	const unsigned char *at = *text;
	unsigned length = at[0] < 0xc0 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t value = length == 1 ? at[0] : at[0] & (0x7fu >> length);

	for (unsigned i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80) {
			*text = at + 1;
			return at[0];
		}
		value = value << 6 | (at[i] & 0x3f);
	}
	*text = at + length;
	return value;
}

/* Columns of a terminal that a character takes. */
static unsigned character_width(uint32_t character)
{
	static const struct {
		uint32_t first, last;
		unsigned width;
	} widths[] = {
		{0x0300, 0x036f, 0},
		{0x1100, 0x115f, 2},
		{0x200b, 0x200f, 0},
		{0x2e80, 0xa4cf, 2},
		{0xac00, 0xd7a3, 2},
		{0xf900, 0xfaff, 2},
		{0xfe30, 0xfe6f, 2},
		{0xff00, 0xff60, 2},
		{0x1f300, 0x1faff, 2},
		{0x20000, 0x3fffd, 2},
	};

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (character >= widths[i].first && character <= widths[i].last)
			return widths[i].width;
	return 1;
}

static void print_source(const char *text, FILE *stream)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x20 || *text == '\t')
			putc(*text, stream);
		else if (*text != '\r' || text[1])
			putc('?', stream);
	putc('\n', stream);
}

/* Tabs are repeated, so that the caret stands right whatever the width of a tab. */
static void print_caret(const char *text, uint32_t column, FILE *stream)
{
	const unsigned char *at = (const unsigned char *)text;

	for (uint32_t i = 1; i < column && *at; i++) {
		uint32_t character = next_character(&at);

		if (character == '\t')
			putc('\t', stream);
		else
			for (unsigned width = character_width(character); width > 0; width--)
				putc(' ', stream);
	}
	fputs("^\n", stream);
}

void conf_diagnostic_print(const struct conf_diagnostic *diagnostic, FILE *stream)
{
	const char *severity = diagnostic->severity == CONF_ERROR ? "error" : "warning";

	if (diagnostic->file[0])
		fprintf(stream, "%s:", diagnostic->file);
	if (diagnostic->file[0] && diagnostic->line > 0)
		fprintf(stream, "%u:%u:", diagnostic->line, diagnostic->column);
	fprintf(stream, "%s%s: %s", diagnostic->file[0] ? " " : "", severity, diagnostic->message);
	if (diagnostic->repeats == 1)
		fputs(", and once more", stream);
	else if (diagnostic->repeats > 1)
		fprintf(stream, ", and %zu times more", diagnostic->repeats);
	putc('\n', stream);
	if (!diagnostic->text)
		return;
	print_source(diagnostic->text, stream);
	print_caret(diagnostic->text, diagnostic->column, stream);
}

void conf_diagnostics_print(const struct conf_diagnostics *diagnostics, FILE *stream)
{
	for (size_t i = 0; i < diagnostics->count; i++)
		conf_diagnostic_print(&diagnostics->items[i], stream);
	conf_diagnostics_print_rest(diagnostics, stream);
}

void conf_diagnostics_print_rest(const struct conf_diagnostics *diagnostics, FILE *stream)
{
	size_t said = diagnostics->errors + diagnostics->warnings - diagnostics->repeats;

	if (said > diagnostics->count)
		fprintf(stream, "and %zu more\n", said - diagnostics->count);
	if (diagnostics->out_of_memory)
		fputs("error: out of memory\n", stream);
}

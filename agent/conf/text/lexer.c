/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/lexer.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const char *const include_words[] = {
	"include", "includer", "includem", "includew", "includeb", "includea"};

static void begin_line(struct conf_lexer *lexer)
{
	const char *end;

	lexer->line_start = lexer->position;
	end = memchr(lexer->text + lexer->position, '\n', lexer->length - lexer->position);
	lexer->line_end = end ? (size_t)(end - lexer->text) : lexer->length;
	lexer->column_at = lexer->position;
	lexer->column = 1;
	lexer->first = true;
}

void conf_lexer_init(struct conf_lexer *lexer, const char *name, const char *text, size_t length)
{
	*lexer = (struct conf_lexer){.name = name, .text = text, .length = length, .line = 1};
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		lexer->position = 3;
	begin_line(lexer);
}

bool conf_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 && !conf_is_space(c) && c != '\n';
}

static bool is_comment(char c)
{
	return c == '#' || c == '!';
}

static bool begins_comment(const struct conf_lexer *lexer, char c)
{
	return is_comment(c) && !lexer->made;
}

static bool ends_word(const struct conf_lexer *lexer, char c)
{
	return conf_is_space(c) || begins_comment(lexer, c) || is_control(c) || c == '{' ||
	       c == '}' || c == '\n';
}

void conf_lexer_init_line(struct conf_lexer *lexer, const struct conf_made_line *line)
{
	*lexer = (struct conf_lexer){.text = line->text ? line->text : "",
		.length = line->length,
		.line = 1,
		.made = line};
	begin_line(lexer);
	if (line->run_count > 0)
		lexer->column = line->runs[0].place.column;
}

static void count_columns(struct conf_lexer *lexer, size_t position)
{
	for (; lexer->column_at < position; lexer->column_at++)
		if ((lexer->text[lexer->column_at] & 0xc0) != 0x80)
			lexer->column++;
}

/* The place of a token in a line that was put together. */
static struct conf_place place_in_line(struct conf_lexer *lexer, size_t position, size_t length)
{
	const struct conf_made_line *line = lexer->made;
	struct conf_place place;

	if (line->run_count == 0)
		return (struct conf_place){.file = ""};
	while (lexer->run + 1 < line->run_count && line->runs[lexer->run + 1].at <= position) {
		const struct conf_run *run = &line->runs[++lexer->run];

		lexer->column_at = run->at;
		lexer->column = run->place.column;
	}
	place = line->runs[lexer->run].place;
	if (!line->runs[lexer->run].fixed) {
		count_columns(lexer, position);
		place.column = lexer->column;
	}
	/* what a part of it came from says more than where the line came from */
	for (size_t i = lexer->run; i < line->run_count; i++) {
		if (line->runs[i].at >= position + length)
			break;
		if (!line->runs[i].fixed)
			continue;
		place.via = line->runs[i].place.via;
		break;
	}
	return place;
}

/* Columns are counted on from the last place asked for: long lines stay linear. */
static struct conf_place place_of(struct conf_lexer *lexer, size_t position, size_t length)
{
	if (lexer->made)
		return place_in_line(lexer, position, length);
	count_columns(lexer, position);
	return (struct conf_place){
		.file = lexer->name,
		.line = lexer->line,
		.column = lexer->column,
		.text = lexer->text + lexer->line_start,
		.text_length = lexer->line_end - lexer->line_start,
		.via = lexer->via,
	};
}

static struct conf_token make_token(
	struct conf_lexer *lexer, enum conf_token_kind kind, size_t length)
{
	struct conf_token token = {
		.kind = kind,
		.place = place_of(lexer, lexer->position, length),
		.start = lexer->text + lexer->position,
		.length = length,
		.first_on_line = lexer->first,
	};

	lexer->position += length;
	lexer->first = false;
	return token;
}

static struct conf_token bad_token(struct conf_lexer *lexer, size_t length, const char *problem)
{
	struct conf_token token = make_token(lexer, TOKEN_BAD, length);

	token.problem = problem;
	return token;
}

static void skip_blank(struct conf_lexer *lexer)
{
	while (lexer->position < lexer->line_end && conf_is_space(lexer->text[lexer->position]))
		lexer->position++;
	if (lexer->position < lexer->line_end &&
		begins_comment(lexer, lexer->text[lexer->position]))
		lexer->position = lexer->line_end;
}

/* Past the quoted part that opens at `at`; 0 when the line ends first. */
static size_t quote_end(const char *text, size_t at, size_t end)
{
	char quote = text[at++];

	while (at < end && text[at] != quote)
		at += text[at] == '\\' ? 2 : 1;
	return at < end ? at + 1 : 0;
}

size_t conf_uncommented(const char *line, size_t length)
{
	size_t at = 0;

	while (at < length && !is_comment(line[at])) {
		bool quote = line[at] == '"' || line[at] == '\'';

		at = quote ? quote_end(line, at, length) : at + 1;
		if (at == 0)
			return length;
	}
	return at;
}

/* Whether it can only be one more character of its word: most are. */
static bool is_ordinary(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '-' && c <= '9') || c == '_';
}

/* Past the word at `at`; 0 when a quote in it is not closed. `token`: quoted and plain are set. */
static size_t word_end(const struct conf_lexer *lexer, size_t at, struct conf_token *token)
{
	token->quoted = false;
	token->plain = true;
	while (at < lexer->line_end) {
		char c = lexer->text[at];

		if (is_ordinary(c)) {
			at++;
			continue;
		}
		if (ends_word(lexer, c))
			break;
		if (c == '"' || c == '\'') {
			token->quoted = true;
			token->plain = false;
			at = quote_end(lexer->text, at, lexer->line_end);
			if (at == 0)
				return 0;
		} else if (c == '$' && at + 1 < lexer->line_end && lexer->text[at + 1] == '{') {
			const char *close = memchr(lexer->text + at, '}', lexer->line_end - at);

			token->plain = false;
			at = close ? (size_t)(close - lexer->text) + 1 : at + 2;
		} else {
			at++;
		}
	}
	return at;
}

static bool is_include(const struct conf_token *token)
{
	for (size_t i = 0; i < sizeof(include_words) / sizeof(include_words[0]); i++)
		if (strlen(include_words[i]) == token->length &&
			memcmp(include_words[i], token->start, token->length) == 0)
			return true;
	return false;
}

/* The name is taken raw, since braces belong to its pattern. */
static void take_argument(struct conf_lexer *lexer, struct conf_token *token)
{
	size_t start = lexer->position, end;

	while (start < lexer->line_end && conf_is_space(lexer->text[start]))
		start++;
	for (end = start; end < lexer->line_end && !begins_comment(lexer, lexer->text[end]); end++)
		continue;
	while (end > start && conf_is_space(lexer->text[end - 1]))
		end--;
	if (end - start >= 2 && (lexer->text[start] == '"' || lexer->text[start] == '\'') &&
		lexer->text[end - 1] == lexer->text[start]) {
		start++;
		end--;
	}
	token->kind = TOKEN_INCLUDE;
	token->argument = lexer->text + start;
	token->argument_length = end - start;
	lexer->position = lexer->line_end;
}

/* Whether a part of it was not replaced, though it should have been. */
static bool holds_bad(const struct conf_lexer *lexer, size_t end)
{
	const struct conf_made_line *line = lexer->made;

	for (size_t i = lexer->run; line && i < line->run_count && line->runs[i].at < end; i++)
		if (line->runs[i].bad)
			return true;
	return false;
}

static bool is_glued(const struct conf_lexer *lexer, size_t end)
{
	if (lexer->made)
		return end == lexer->length && lexer->made->glued_comment;
	return end < lexer->line_end && is_comment(lexer->text[end]);
}

static struct conf_token lex_word(struct conf_lexer *lexer)
{
	struct conf_token word, token;
	size_t end = word_end(lexer, lexer->position, &word);

	if (end == 0)
		return bad_token(lexer, lexer->line_end - lexer->position,
			"the quote that opens here is not closed on its line: close it there");
	token = make_token(lexer, TOKEN_WORD, end - lexer->position);
	token.quoted = word.quoted;
	token.plain = word.plain;
	token.glued_comment = is_glued(lexer, end);
	if (holds_bad(lexer, end)) {
		token.kind = TOKEN_BAD;
		return token;
	}
	if (token.first_on_line && is_include(&token))
		take_argument(lexer, &token);
	return token;
}

struct conf_token conf_lexer_next(struct conf_lexer *lexer)
{
	struct conf_token token;
	char c;

	skip_blank(lexer);
	if (lexer->position >= lexer->length)
		return make_token(lexer, TOKEN_END, 0);
	c = lexer->text[lexer->position];
	if (c == '\n') {
		token = make_token(lexer, TOKEN_NEWLINE, 1);
		lexer->line++;
		begin_line(lexer);
		return token;
	}
	if (c == '{')
		return make_token(lexer, TOKEN_OPEN, 1);
	if (c == '}')
		return make_token(lexer, TOKEN_CLOSE, 1);
	if (is_control(c))
		return bad_token(lexer, lexer->line_end - lexer->position,
			"a control character: this is not a text file; save it as plain text, in "
			"UTF-8");
	return lex_word(lexer);
}

bool conf_lexer_at_line(const struct conf_lexer *lexer)
{
	return lexer->first && lexer->position == lexer->line_start &&
	       lexer->position < lexer->length;
}

struct conf_place conf_lexer_take_line(struct conf_lexer *lexer)
{
	struct conf_place place = place_of(lexer, lexer->line_start, 0);

	lexer->position = lexer->line_end;
	lexer->first = false;
	return place;
}

bool conf_lexer_skip_line(struct conf_lexer *lexer, const char *const *but)
{
	size_t at = lexer->position;

	while (at < lexer->line_end && conf_is_space(lexer->text[at]))
		at++;
	for (; *but; but++) {
		size_t length = strlen(*but);

		if (lexer->line_end - at >= length && memcmp(lexer->text + at, *but, length) == 0)
			return false;
	}
	lexer->position = lexer->line_end;
	if (lexer->position < lexer->length) {
		lexer->position++;
		lexer->line++;
	}
	begin_line(lexer);
	return true;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (isxdigit((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return 99;
}

/* The number at *at in that base, at most `digits` long; moves *at behind it. */
static char escaped_number(const char **at, const char *end, int base, int digits)
{
	unsigned value = 0;

	while (digits-- > 0 && *at < end && digit_value(**at) < base)
		value = value * (unsigned)base + (unsigned)digit_value(*(*at)++);
	return (char)value;
}

/* The character of the escape whose letter is at *at; moves *at behind it. */
static char escaped(const char **at, const char *end)
{
	static const char letters[] = "abEfnrtv";
	static const char values[] = "\a\b\033\f\n\r\t\v";
	const char *letter;
	char c = **at;

	if (c >= '0' && c <= '7')
		return escaped_number(at, end, 8, 3);
	(*at)++;
	if (c == 'x' && *at < end && digit_value(**at) < 16)
		return escaped_number(at, end, 16, 2);
	if (c == 'c' && *at < end)
		return *(*at)++ & 0x1f;
	letter = strchr(letters, c);
	return letter ? values[letter - letters] : c;
}

int conf_token_value(const struct conf_token *token, char *out)
{
	const char *at = token->start, *end = at + token->length;
	char quote = 0;
	size_t length = 0;

	if (token->plain) {
		memcpy(out, token->start, token->length);
		out[token->length] = '\0';
		return (int)token->length;
	}
	while (at < end) {
		char c = *at++;

		if (!quote && (c == '"' || c == '\'')) {
			quote = c;
		} else if (quote && c == quote) {
			quote = 0;
		} else {
			out[length++] = quote && c == '\\' && at < end ? escaped(&at, end) : c;
			if (out[length - 1] == '\0')
				return -EINVAL;
		}
	}
	out[length] = '\0';
	return (int)length;
}

/* SPDX-License-Identifier: ISC */
#include "check/mail/mailtext.h"

#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_OCTETS 900 /* RFC 5322 2.1.1: 998 at most */
#define FOLD_BEHIND	200
#define WORD_OCTETS	42 /* of text in an encoded word: 75 characters at most (RFC 2047 2) */
#define WORD_CHARACTERS BASE64_ENCODE_RAW_LENGTH(WORD_OCTETS)

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static void defuse(char *text)
{
	for (; *text; text++)
		if (is_control(*text))
			*text = '?';
}

static bool is_plain(const char *text)
{
	size_t length = strlen(text);

	if (length > LINE_MAX_OCTETS || strstr(text, "=?"))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* How much of `text` goes into one encoded word: no character of UTF-8 is divided. */
static size_t piece(const char *text)
{
	size_t length = strnlen(text, WORD_OCTETS + 1), cut;

	if (length <= WORD_OCTETS)
		return length;
	for (cut = WORD_OCTETS; cut > WORD_OCTETS - 4; cut--)
		if (((unsigned char)text[cut] & 0xc0) != 0x80)
			return cut;
	return WORD_OCTETS;
}

static void write_encoded(FILE *out, const char *text)
{
	char word[WORD_CHARACTERS];

	for (size_t length; *text; text += length) {
		length = piece(text);
		base64_encode_raw(word, length, (const uint8_t *)text);
		fprintf(out, "=?UTF-8?B?%.*s?=%s", (int)BASE64_ENCODE_RAW_LENGTH(length), word,
			text[length] ? "\r\n " : "");
	}
}

static void write_subject(FILE *out, const struct mailtext *mail)
{
	char *subject;

	if (asprintf(&subject, "[%s] VRRP %s %s - Entering %s state", mail->router_id,
		    mail->group ? "Group" : "Instance", mail->name, mail->word) < 0)
		return;
	defuse(subject);
	fputs("Subject: ", out);
	if (is_plain(subject))
		fputs(subject, out);
	else
		write_encoded(out, subject);
	fputs("\r\n", out);
	free(subject);
}

/* An address, or a host in a Message-ID: nothing that could end it. */
static size_t write_word(FILE *out, const char *text)
{
	size_t length = 0;

	for (; text[length]; length++)
		fputc(is_control(text[length]) || text[length] == ' ' ? '?' : text[length], out);
	return length;
}

static void write_recipients(FILE *out, const struct mailtext *mail)
{
	size_t column = 0;

	fputs("To: ", out);
	for (uint32_t i = 0; i < mail->to_count; i++) {
		if (i && column > FOLD_BEHIND) {
			fputs(",\r\n ", out);
			column = 0;
		} else if (i) {
			fputs(", ", out);
		}
		column += write_word(out, mail->to[i]) + 2;
	}
	fputs("\r\n", out);
}

static void write_body(FILE *out, const struct mailtext *mail)
{
	if (mail->group)
		fprintf(out, "=> All VRRP group instances are now in %s state <=\r\n\r\n",
			mail->word);
	else
		fprintf(out, "=> VRRP Instance is %s owning VRRP VIPs <=\r\n\r\n",
			strcmp(mail->word, "MASTER") == 0 ? "now" : "no longer");
}

static void write_all(FILE *out, const struct mailtext *mail)
{
	char date[64] = "";
	struct tm local;

	if (localtime_r(&mail->at, &local))
		strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S %z", &local);
	fprintf(out, "Date: %s\r\nFrom: ", date);
	write_word(out, mail->from);
	fputs("\r\n", out);
	write_subject(out, mail);
	fputs("X-Mailer: vrrp-agent\r\n", out);
	write_recipients(out, mail);
	fprintf(out, "Message-ID: <%llx.%llu.vrrp-agent@", (unsigned long long)mail->moment,
		(unsigned long long)mail->number);
	write_word(out, mail->host);
	/* RFC 3834: no machine is to answer. */
	fputs(">\r\nAuto-Submitted: auto-generated\r\n\r\n", out);
	write_body(out, mail);
}

char *mailtext_compose(const struct mailtext *mail, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);
	int failed;

	if (!out)
		return NULL;
	write_all(out, mail);
	failed = ferror(out);
	if (fclose(out) || failed) {
		free(text);
		return NULL;
	}
	return text;
}

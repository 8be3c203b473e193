/* SPDX-License-Identifier: ISC */
#include "check/mail/reply.h"

#include <stdlib.h>
#include <string.h>

void reply_take(struct reply *reply, const char *line, size_t length)
{
	size_t room = sizeof(reply->last) - 1;

	/* 221 answers our QUIT, which libcurl says after what went wrong. */
	if (length < 4 || line[3] != ' ' || strncmp(line, "221", 3) == 0)
		return;
	if (length < room)
		room = length;
	memcpy(reply->last, line, room);
	reply->last[room] = '\0';
	reply->last[strcspn(reply->last, "\r\n")] = '\0';
	reply->code = atoi(reply->last);
	if (reply->code >= 400)
		memcpy(reply->refusal, reply->last, sizeof(reply->last));
	reply->later += reply->code >= 400 && reply->code < 500;
}

enum delivery_outcome reply_judge(
	const struct reply *reply, bool sent, const char *error, const char **text)
{
	/* A refusal of EHLO, or of one recipient among others, is none of the mail. */
	if (sent) {
		*text = reply->refusal;
		return DELIVERY_DONE;
	}
	if (reply->code >= 500 && !reply->later) {
		*text = reply->last;
		return DELIVERY_REFUSED;
	}
	*text = reply->code >= 400 ? reply->refusal : error;
	return DELIVERY_LATER;
}

static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f)
			*text = '?';
}

bool reply_read_report(char *text, size_t length, enum delivery_outcome *outcome)
{
	if (length >= DELIVERY_REPORT)
		length = DELIVERY_REPORT - 1;
	text[length] = '\0';
	if (text[0] < '0' + DELIVERY_DONE || text[0] > '0' + DELIVERY_REFUSED)
		return false;
	*outcome = (enum delivery_outcome)(text[0] - '0');
	memmove(text, text + 1, strlen(text));
	make_printable(text);
	return true;
}

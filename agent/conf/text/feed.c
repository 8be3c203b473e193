/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/feed.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "agent/conf/text/lexer.h"

int conf_feed_push(struct conf_feed *feed, const struct conf_piece *piece)
{
	size_t room = feed->room ? 2 * feed->room : 8;
	struct conf_piece *grown;

	if (piece->length == 0)
		return 0;
	if (feed->count == feed->room) {
		grown = reallocarray(feed->pieces, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		feed->pieces = grown;
		feed->room = room;
	}
	feed->pieces[feed->count++] = *piece;
	return 0;
}

int conf_feed_peek(const struct conf_feed *feed, size_t ahead)
{
	for (size_t i = feed->count; i-- > 0;) {
		const struct conf_piece *piece = &feed->pieces[i];

		if (ahead < piece->length)
			return (unsigned char)piece->text[ahead];
		ahead -= piece->length;
	}
	return -1;
}

void conf_feed_skip(struct conf_feed *feed, size_t count)
{
	while (count > 0 && feed->count > 0) {
		struct conf_piece *piece = &feed->pieces[feed->count - 1];

		if (!piece->fixed && (*piece->text & 0xc0) != 0x80)
			piece->place.column++;
		piece->text++;
		count--;
		if (--piece->length == 0)
			feed->count--;
	}
}

void conf_feed_skip_space(struct conf_feed *feed)
{
	for (int c = conf_feed_peek(feed, 0); c >= 0 && conf_is_space((char)c);
		c = conf_feed_peek(feed, 0))
		conf_feed_skip(feed, 1);
}

size_t conf_feed_name(const struct conf_feed *feed, size_t ahead, char name[CONF_NAME_MAX + 1])
{
	size_t length = 0;
	int c = conf_feed_peek(feed, ahead);

	name[0] = '\0';
	if (isdigit(c))
		return 0;
	while (c >= 0 && (isalnum(c) || c == '_')) {
		if (length < CONF_NAME_MAX)
			name[length] = (char)c;
		c = conf_feed_peek(feed, ahead + ++length);
	}
	name[length <= CONF_NAME_MAX ? length : 0] = '\0';
	return length;
}

struct conf_place conf_feed_place(const struct conf_feed *feed)
{
	return feed->count > 0 ? feed->pieces[feed->count - 1].place
			       : (struct conf_place){.file = ""};
}

void conf_feed_clear(struct conf_feed *feed)
{
	feed->count = 0;
}

void conf_feed_free(struct conf_feed *feed)
{
	free(feed->pieces);
	*feed = (struct conf_feed){0};
}

/* SPDX-License-Identifier: ISC */
#include "agent/conf/text/listing.h"

#include <string.h>

#include "agent/conf/text/lexer.h"

static const char usage[] = "~LST needs (VARIABLE, VALUE, ...) or ({VARIABLE, ...}, {VALUE, ...}, "
			    "...), with one value or more, and as many in braces as there are "
			    "variables at most";

/* One item of the list: the text between two commas, or in braces. */
struct item {
	char *text;
	bool braced;
};

static char *skip_space(char *text)
{
	while (conf_is_space(*text))
		text++;
	return text;
}

char *conf_listing_trimmed(char *text)
{
	size_t length;

	text = skip_space(text);
	length = strlen(text);
	while (length > 0 && conf_is_space(text[length - 1]))
		text[--length] = '\0';
	return text;
}

/* The first item of *rest, which becomes what follows its comma, or NULL. False: a brace is
 * missing, or something stands behind it. */
static bool take_item(char **rest, struct item *item)
{
	char *end;

	item->text = skip_space(*rest);
	item->braced = *item->text == '{';
	if (!item->braced) {
		strsep(rest, ",");
		return !strpbrk(item->text, "{}");
	}
	item->text++;
	end = strchr(item->text, '}');
	if (!end)
		return false;
	*end = '\0';
	end = skip_space(end + 1);
	*rest = *end ? end + 1 : NULL;
	return !*end || *end == ',';
}

/* The values of an item into `values`, which has room for `width`; the others are empty. */
static bool read_values(struct conf_expander *expander, const struct item *item,
	const struct conf_place *place, const char **values, size_t width)
{
	char *rest = item->text, *value;
	size_t count = 0;

	for (size_t i = 0; i < width; i++)
		values[i] = "";
	while ((value = strsep(&rest, ","))) {
		if (count == width) {
			conf_expand_error(expander, place, "%s", usage);
			return false;
		}
		value = conf_listing_trimmed(value);
		values[count] = arena_string(expander->arena, value, strlen(value));
		if (!values[count++]) {
			expander->out_of_memory = true;
			return false;
		}
	}
	return true;
}

static bool are_names(const struct conf_listing *listing)
{
	for (size_t i = 0; i < listing->width; i++)
		if (!conf_is_name(listing->names[i]))
			return false;
	return true;
}

static size_t count_items(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == ',';
	return count;
}

/* Room for so many; NULL: noted. */
static const char **make_room(struct conf_expander *expander, size_t count)
{
	const char **room = arena_alloc(expander->arena, count * sizeof(*room));

	if (!room)
		expander->out_of_memory = true;
	return room;
}

bool conf_listing_read(struct conf_expander *expander, char *text, const struct conf_place *place,
	struct conf_listing *listing)
{
	struct item item;
	size_t room;
	bool good;

	*listing = (struct conf_listing){0};
	if (!take_item(&text, &item) || !text) {
		conf_expand_error(expander, place, "%s", usage);
		return false;
	}
	listing->width = count_items(item.text);
	room = listing->width * count_items(text);
	if (!conf_expander_spend(expander, place, room * sizeof(*listing->values)))
		return false;
	listing->names = make_room(expander, listing->width);
	listing->values = make_room(expander, room);
	if (!listing->names || !listing->values ||
		!read_values(expander, &item, place, listing->names, listing->width))
		return false;
	good = are_names(listing);
	while (good && text) {
		const char **values = listing->values + listing->width * listing->rounds++;

		good = take_item(&text, &item);
		if (good && !read_values(expander, &item, place, values, listing->width))
			return false;
	}
	if (!good)
		conf_expand_error(expander, place, "%s", usage);
	return good;
}

const char *conf_listing_step(struct conf_expander *expander, struct conf_listing *listing,
	const struct conf_place *place)
{
	const char **values = listing->values + listing->width * listing->next++;

	for (size_t i = 0; i < listing->width; i++)
		if (conf_define_text(&expander->definitions, listing->names[i], values[i], place,
			    true) < 0) {
			expander->out_of_memory = true;
			return NULL;
		}
	return values[0];
}

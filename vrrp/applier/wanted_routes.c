/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/wanted_routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/net/hash.h"

struct routed_book *routed_book_new(void)
{
	struct routed_book *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	TAILQ_INIT(&book->coming);
	TAILQ_INIT(&book->leaving);
	return book;
}

static void release(struct routed *routed)
{
	LIST_REMOVE(routed, in_bucket);
	LIST_REMOVE(routed, in_key);
	free(routed->hops);
	free(routed);
}

struct routed_book *routed_book_free(struct routed_book *book)
{
	if (!book)
		return NULL;
	for (unsigned int i = 0; i < ROUTED_BUCKETS; i++)
		while (!LIST_EMPTY(&book->buckets[i]))
			release(LIST_FIRST(&book->buckets[i]));
	free(book);
	return NULL;
}

/* ---- Routes and rules ---- */

static struct routed_list *key_list(struct routed_book *book, const struct routed_key *key)
{
	return &book->keys[hash_octets(HASH_START, key, sizeof(*key)) % ROUTED_BUCKETS];
}

static bool same_key(const struct routed_key *one, const struct routed_key *other)
{
	return memcmp(one, other, sizeof(*one)) == 0;
}

struct routed *routed_first(struct routed_book *book, const struct routed_key *key)
{
	struct routed *routed = LIST_FIRST(key_list(book, key));

	return !routed || same_key(&routed->key, key) ? routed : routed_next(routed, key);
}

struct routed *routed_next(struct routed *routed, const struct routed_key *key)
{
	do {
		routed = LIST_NEXT(routed, in_key);
	} while (routed && !same_key(&routed->key, key));
	return routed;
}

static uint32_t hash_of(const struct routed *routed)
{
	uint32_t hash = hash_octets(HASH_START, &routed->key, sizeof(routed->key));

	if (routed->key.is_rule)
		return hash_octets(hash, &routed->rule, sizeof(routed->rule));
	hash = hash_octets(hash, &routed->route, sizeof(routed->route));
	return hash_octets(hash, routed->hops, routed->route.hops.count * sizeof(*routed->hops));
}

static bool same(const struct routed *one, const struct routed *other)
{
	if (!same_key(&one->key, &other->key))
		return false;
	if (one->key.is_rule)
		return memcmp(&one->rule, &other->rule, sizeof(one->rule)) == 0;
	return memcmp(&one->route, &other->route, sizeof(one->route)) == 0 &&
	       (!one->route.hops.count || memcmp(one->hops, other->hops,
						  one->route.hops.count * sizeof(*one->hops)) == 0);
}

/* The one like `like`, or a new one, which takes over its hops by a copy; NULL: no memory. */
static struct routed *find_or_make(struct routed_book *book, const struct routed *like)
{
	struct routed_list *bucket = &book->buckets[hash_of(like) % ROUTED_BUCKETS];
	size_t hops = like->key.is_rule ? 0 : like->route.hops.count;
	struct routed *routed;

	LIST_FOREACH (routed, bucket, in_bucket)
		if (same(routed, like))
			return routed;
	routed = calloc(1, sizeof(*routed));
	if (!routed)
		return NULL;
	*routed = *like;
	routed->hops = calloc(hops + 1, sizeof(*routed->hops));
	if (!routed->hops) {
		free(routed);
		return NULL;
	}
	if (hops)
		memcpy(routed->hops, like->hops, hops * sizeof(*routed->hops));
	LIST_INIT(&routed->uses);
	LIST_INSERT_HEAD(bucket, routed, in_bucket);
	LIST_INSERT_HEAD(key_list(book, &routed->key), routed, in_key);
	return routed;
}

static struct routed like_route(const struct image *image, const struct image_route *route)
{
	struct routed like = {.route = *route,
		.key = {.family = route->family,
			.length = route->destination_length,
			.number = route->table}};

	memcpy(like.key.destination, route->destination, sizeof(like.key.destination));
	like.route.hops.first = 0;
	like.hops = (struct image_hop *)image_hops(image) + route->hops.first;
	return like;
}

static struct routed like_rule(const struct image_rule *rule)
{
	return (struct routed){.rule = *rule,
		.key = {.is_rule = 1, .family = rule->family, .number = rule->preference}};
}

bool routed_is_tracked(const struct routed *routed)
{
	return routed->key.is_rule ? !(routed->rule.flags & IMAGE_RULE_NO_TRACK)
				   : !(routed->route.flags & IMAGE_ROUTE_NO_TRACK);
}

/* ---- Queues ---- */

static void dequeue(struct routed_book *book, struct routed *routed)
{
	if (routed->coming)
		TAILQ_REMOVE(&book->coming, routed, in_queue);
	if (routed->leaving)
		TAILQ_REMOVE(&book->leaving, routed, in_queue);
	routed->coming = false;
	routed->leaving = false;
}

void routed_enqueue(struct routed_book *book, struct routed *routed)
{
	if (routed->wanted ? routed->coming : routed->leaving)
		return;
	dequeue(book, routed);
	routed->coming = routed->wanted > 0;
	routed->leaving = !routed->coming;
	if (routed->coming)
		TAILQ_INSERT_TAIL(&book->coming, routed, in_queue);
	else
		TAILQ_INSERT_TAIL(&book->leaving, routed, in_queue);
}

static void forget_if_unused(struct routed *routed)
{
	if (LIST_EMPTY(&routed->uses) && !routed->coming && !routed->leaving &&
		routed->state != ROUTED_OURS)
		release(routed);
}

void routed_settle(struct routed_book *book, struct routed *routed)
{
	dequeue(book, routed);
	forget_if_unused(routed);
}

/* ---- Groups ---- */

/* The last one first: rules go before the routes. */
static void unlink_uses(
	struct routed_book *book, struct routed_use *uses, uint32_t count, bool wanted)
{
	while (count-- > 0) {
		struct routed *routed = uses[count].routed;

		LIST_REMOVE(&uses[count], in_routed);
		if (wanted && --routed->wanted == 0)
			routed_enqueue(book, routed);
		forget_if_unused(routed);
	}
}

/* One that is there does not have to be looked at because one more wants it. */
static void want_one_more(struct routed_book *book, struct routed *routed)
{
	if (routed->wanted++ == 0 || routed->state != ROUTED_OURS)
		routed_enqueue(book, routed);
}

static bool add_use(struct routed_book *book, struct routed_group *group, struct routed_use *use,
	const struct routed *like, uint32_t item)
{
	struct routed *routed = find_or_make(book, like);

	if (!routed)
		return false;
	*use = (struct routed_use){.routed = routed, .group = group, .item = item};
	LIST_INSERT_HEAD(&routed->uses, use, in_routed);
	return true;
}

static struct routed_use *make_uses(struct routed_book *book, struct routed_group *group,
	const struct image *image, struct image_span routes, struct image_span rules)
{
	struct routed_use *uses = calloc(routes.count + rules.count + 1, sizeof(*uses));
	uint32_t made = 0;
	bool good = uses != NULL;

	for (uint32_t i = 0; good && i < routes.count; i++) {
		struct routed like = like_route(image, image_routes(image) + routes.first + i);

		good = add_use(book, group, &uses[made], &like, i);
		made += good;
	}
	for (uint32_t i = 0; good && i < rules.count; i++) {
		struct routed like = like_rule(image_rules(image) + rules.first + i);

		good = add_use(book, group, &uses[made], &like, i);
		made += good;
	}
	if (good)
		return uses;
	if (uses)
		unlink_uses(book, uses, made, false);
	free(uses);
	return NULL;
}

int routed_set(struct routed_book *book, struct routed_group *group, const struct image *image,
	struct image_span routes, struct image_span rules)
{
	struct routed_use *old = group->uses;
	uint32_t old_count = group->count;
	struct routed_use *uses;

	if (!old && !routes.count && !rules.count)
		return 0;
	uses = make_uses(book, group, image, routes, rules);
	if (!uses)
		return -ENOMEM;
	group->uses = uses;
	group->count = routes.count + rules.count;
	for (uint32_t i = 0; group->wanted && i < group->count; i++)
		want_one_more(book, uses[i].routed);
	if (old)
		unlink_uses(book, old, old_count, group->wanted);
	free(old);
	return 0;
}

void routed_clear(struct routed_book *book, struct routed_group *group)
{
	if (group->uses)
		unlink_uses(book, group->uses, group->count, group->wanted);
	free(group->uses);
	*group = (struct routed_group){.slot = group->slot};
}

void routed_want(struct routed_book *book, struct routed_group *group, bool wanted)
{
	bool changed = group->wanted != wanted;

	group->wanted = wanted;
	for (uint32_t i = 0; i < group->count; i++) {
		struct routed *routed = group->uses[wanted ? i : group->count - 1 - i].routed;

		if (changed && wanted)
			want_one_more(book, routed);
		else if (changed && --routed->wanted == 0)
			routed_enqueue(book, routed);
		else if (wanted)
			routed_enqueue(book, routed);
	}
}

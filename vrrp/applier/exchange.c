/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/exchange.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/image.h"
#include "lib/worklist.h"

struct slot_wish {
	_Atomic uint32_t own; /* a count in the upper bits, whether in the lowest */
	_Atomic uint32_t announce_count;
	_Atomic uint32_t lower_count;
};

struct exchange {
	struct worklist *wishes;
	struct worklist *results;
	struct slot_wish *wish;
	_Atomic uint64_t *result; /* restored, negated error, owned, source held: from the lowest */
	struct image *images[EXCHANGE_IMAGES]; /* a ring */
	_Atomic uint32_t images_put;
	_Atomic uint32_t images_taken;
	atomic_bool resumed;
};

#define ERROR_SHIFT 32
#define OWNED_SHIFT 48
#define HELD_SHIFT  49

struct exchange *exchange_new(uint32_t slots)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	exchange->wishes = worklist_create(slots);
	exchange->results = worklist_create(slots);
	exchange->wish = calloc(slots, sizeof(*exchange->wish));
	exchange->result = calloc(slots, sizeof(*exchange->result));
	if (!exchange->wishes || !exchange->results || !exchange->wish || !exchange->result)
		return exchange_free(exchange);
	return exchange;
}

struct exchange *exchange_free(struct exchange *exchange)
{
	struct image *image;

	if (!exchange)
		return NULL;
	while ((image = exchange_take_image(exchange)) != NULL)
		image_close(image);
	worklist_free(exchange->wishes);
	worklist_free(exchange->results);
	free(exchange->wish);
	free(exchange->result);
	free(exchange);
	return NULL;
}

void exchange_own(struct exchange *exchange, uint32_t slot, bool own)
{
	_Atomic uint32_t *word = &exchange->wish[slot].own;
	uint32_t count = atomic_load_explicit(word, memory_order_relaxed) >> 1;

	atomic_store_explicit(word, (count + 1) << 1 | own, memory_order_release);
	worklist_add(exchange->wishes, slot);
}

void exchange_announce(struct exchange *exchange, uint32_t slot, bool lower)
{
	struct slot_wish *wish = &exchange->wish[slot];

	atomic_fetch_add_explicit(
		lower ? &wish->lower_count : &wish->announce_count, 1, memory_order_release);
	worklist_add(exchange->wishes, slot);
}

int exchange_put_image(struct exchange *exchange, struct image *image)
{
	uint32_t put = atomic_load_explicit(&exchange->images_put, memory_order_relaxed);

	if (put - atomic_load_explicit(&exchange->images_taken, memory_order_acquire) ==
		EXCHANGE_IMAGES)
		return -EAGAIN;
	exchange->images[put % EXCHANGE_IMAGES] = image_hold(image);
	atomic_store_explicit(&exchange->images_put, put + 1, memory_order_release);
	worklist_add_news(exchange->wishes);
	return 0;
}

void exchange_put_resumed(struct exchange *exchange)
{
	atomic_store_explicit(&exchange->resumed, true, memory_order_release);
	worklist_add_news(exchange->wishes);
}

void exchange_wake(struct exchange *exchange)
{
	worklist_wake(exchange->wishes);
}

int exchange_results_fd(const struct exchange *exchange)
{
	return worklist_fd(exchange->results);
}

void exchange_results_awake(struct exchange *exchange)
{
	worklist_awake(exchange->results);
}

bool exchange_take_result(struct exchange *exchange, struct applier_result *result)
{
	uint64_t word;
	uint32_t slot;

	if (!worklist_take(exchange->results, &slot))
		return false;
	word = atomic_load_explicit(&exchange->result[slot], memory_order_acquire);
	*result = (struct applier_result){.slot = slot,
		.owned = word >> OWNED_SHIFT & 1,
		.source_held = word >> HELD_SHIFT & 1,
		.error = -(int)(word >> ERROR_SHIFT & UINT16_MAX),
		.restored = (uint32_t)word};
	return true;
}

int exchange_wishes_fd(const struct exchange *exchange)
{
	return worklist_fd(exchange->wishes);
}

void exchange_wishes_awake(struct exchange *exchange)
{
	worklist_awake(exchange->wishes);
}

bool exchange_take_wish(struct exchange *exchange, uint32_t *slot)
{
	return worklist_take(exchange->wishes, slot);
}

struct wish exchange_wish(const struct exchange *exchange, uint32_t slot)
{
	const struct slot_wish *wish = &exchange->wish[slot];
	uint32_t own = atomic_load_explicit(&wish->own, memory_order_acquire);

	return (struct wish){.slot = slot,
		.own_count = own >> 1,
		.own = own & 1,
		.announce_count = atomic_load_explicit(&wish->announce_count, memory_order_acquire),
		.lower_count = atomic_load_explicit(&wish->lower_count, memory_order_acquire)};
}

struct image *exchange_take_image(struct exchange *exchange)
{
	uint32_t taken = atomic_load_explicit(&exchange->images_taken, memory_order_relaxed);
	struct image *image;

	if (taken == atomic_load_explicit(&exchange->images_put, memory_order_acquire))
		return NULL;
	image = exchange->images[taken % EXCHANGE_IMAGES];
	atomic_store_explicit(&exchange->images_taken, taken + 1, memory_order_release);
	return image;
}

bool exchange_is_resumed(const struct exchange *exchange)
{
	return atomic_load_explicit(&exchange->resumed, memory_order_acquire);
}

void exchange_post(struct exchange *exchange, const struct applier_result *result)
{
	uint64_t word = result->restored | (uint64_t)-result->error << ERROR_SHIFT |
			(uint64_t)result->owned << OWNED_SHIFT |
			(uint64_t)result->source_held << HELD_SHIFT;

	atomic_store_explicit(&exchange->result[result->slot], word, memory_order_release);
	worklist_add(exchange->results, result->slot);
}

void exchange_wake_engine(struct exchange *exchange)
{
	worklist_wake(exchange->results);
}

/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_EXCHANGE_H
#define VRRP_APPLIER_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/applier/report.h"

struct image;

/*
 * What the engine's and the applier's thread tell each other about the routers: for each slot the
 * latest wishes and the latest result, in atomics, and worklists of the slots where they changed;
 * and the configuration images, one after the other.  Neither side waits or allocates, and nothing
 * here needs a descriptor, lest one that is not free leave the two with different configurations.
 */
struct exchange;

#define EXCHANGE_IMAGES 1024 /* that wait for the applier, at most */

/* NULL: errno says why. */
struct exchange *exchange_new(uint32_t slots);

struct exchange *exchange_free(struct exchange *exchange);

/* The engine's side: applier.h says what these do. */
void exchange_own(struct exchange *exchange, uint32_t slot, bool own);
void exchange_announce(struct exchange *exchange, uint32_t slot, bool lower);
int exchange_put_image(struct exchange *exchange, struct image *image);
void exchange_put_resumed(struct exchange *exchange);
void exchange_wake(struct exchange *exchange);
int exchange_results_fd(const struct exchange *exchange);
void exchange_results_awake(struct exchange *exchange);
bool exchange_take_result(struct exchange *exchange, struct applier_result *result);

/* ---- The applier's side ---- */

struct wish {
	uint32_t slot;
	uint32_t own_count; /* times that owning or not was wished, modulo 2^31 */
	uint32_t announce_count;
	uint32_t lower_count;
	bool own;
};

int exchange_wishes_fd(const struct exchange *exchange);
void exchange_wishes_awake(struct exchange *exchange);

/* The slots with new wishes, each once: take them all first, and read their wishes later. */
bool exchange_take_wish(struct exchange *exchange, uint32_t *slot);
struct wish exchange_wish(const struct exchange *exchange, uint32_t slot);

/* The next image, the caller's to close, or NULL.  What was put before a wish that was taken is
 * there. */
struct image *exchange_take_image(struct exchange *exchange);

/* Then all that was wished and put before can be taken. */
bool exchange_is_resumed(const struct exchange *exchange);

/* error: 0 to -65535 */
void exchange_post(struct exchange *exchange, const struct applier_result *result);

/* Wakes the engine if anything was posted since the last call. */
void exchange_wake_engine(struct exchange *exchange);

#endif

/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/interface_board.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/board.h"
#include "lib/worklist.h"
#include "vrrp/net/hash.h"

#define NAME_BUCKETS 4096

struct named {
	struct applier_interface shown; /* as it is */
	struct applier_interface told;	/* as the board has it */
	LIST_ENTRY(named) in_bucket;
	struct mirror_link *link; /* NULL: does not exist */
	bool dirty;
};

struct interface_board {
	interface_board_is_ours *is_ours;
	void *context;
	LIST_HEAD(, named) names[NAME_BUCKETS];
	struct named named[APPLIER_INTERFACES];
	uint32_t dirty[APPLIER_INTERFACES]; /* numbers that have to be looked at */
	uint32_t count;
	uint32_t dirty_count;
	struct board *rows;
	struct worklist *worklist;
};

static uint32_t name_bucket(const char *name)
{
	return hash_octets(HASH_START, name, strlen(name)) % NAME_BUCKETS;
}

static uint32_t number_of(const struct interface_board *board, const struct named *named)
{
	return (uint32_t)(named - board->named);
}

uint32_t interface_board_find(const struct interface_board *board, const char *name)
{
	const struct named *named;

	LIST_FOREACH (named, &board->names[name_bucket(name)], in_bucket)
		if (strcmp(named->shown.name, name) == 0)
			return number_of(board, named);
	return MIRROR_NO_NUMBER;
}

uint32_t interface_board_count(const struct interface_board *board)
{
	return board->count;
}

struct mirror_link *interface_board_link(const struct interface_board *board, uint32_t number)
{
	return board->named[number].link;
}

const struct applier_interface *interface_board_row(
	const struct interface_board *board, uint32_t number)
{
	return &board->named[number].shown;
}

void interface_board_touch(struct interface_board *board, uint32_t number)
{
	if (number == MIRROR_NO_NUMBER || board->named[number].dirty)
		return;
	board->named[number].dirty = true;
	board->dirty[board->dirty_count++] = number;
}

static bool is_up(const struct mirror_link *link)
{
	return (link->flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

void interface_board_show(struct interface_board *board, uint32_t number)
{
	struct applier_interface *shown = &board->named[number].shown;
	const struct mirror_link *link = board->named[number].link;
	bool up = link && is_up(link);

	if (shown->up && !up)
		shown->flaps++;
	shown->up = up;
	shown->index = link ? link->index : 0;
	shown->mtu = link ? link->mtu : 0;
	if (link)
		memcpy(shown->mac, link->mac, sizeof(shown->mac));
}

void interface_board_bind(struct interface_board *board, uint32_t number, struct mirror_link *link)
{
	struct named *named = &board->named[number];

	if (named->link)
		named->link->number = MIRROR_NO_NUMBER;
	named->link = link;
	if (link)
		link->number = number;
	interface_board_show(board, number);
}

/* Of two addresses to send from, the better: one that stands for its subnet, of the wider scope;
 * the older one otherwise. */
static bool is_better(const struct mirror_address *one, const struct mirror_address *other)
{
	bool secondary = one->flags & IFA_F_SECONDARY;
	bool other_secondary = other->flags & IFA_F_SECONDARY;

	if (secondary != other_secondary)
		return other_secondary;
	return one->scope < other->scope;
}

static bool can_be_primary(
	struct interface_board *board, uint32_t number, const struct mirror_address *entry)
{
	if (!vrrp_address_is_valid_source(&entry->address))
		return false;
	if (entry->address.family == VRRP_IPV6 &&
		(!vrrp_address_is_link_local(&entry->address) ||
			entry->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
		return false;
	return !board->is_ours(board->context, number, &entry->address, entry->prefix_length);
}

static void show_primaries(struct interface_board *board, struct named *named)
{
	struct applier_interface *shown = &named->shown;
	const struct mirror_address *entry, *best4 = NULL, *best6 = NULL;

	if (named->link) {
		TAILQ_FOREACH (entry, &named->link->addresses, in_link) {
			bool ipv4 = entry->address.family == VRRP_IPV4;
			const struct mirror_address **best = ipv4 ? &best4 : &best6;

			if ((!*best || (ipv4 && is_better(entry, *best))) &&
				can_be_primary(board, number_of(board, named), entry))
				*best = entry;
		}
	}
	shown->has_primary4 = best4;
	shown->has_primary6 = best6;
	memset(shown->primary4, 0, sizeof(shown->primary4));
	memset(shown->primary6, 0, sizeof(shown->primary6));
	if (best4)
		memcpy(shown->primary4, best4->address.bytes, sizeof(shown->primary4));
	if (best6)
		memcpy(shown->primary6, best6->address.bytes, sizeof(shown->primary6));
}

uint32_t interface_board_add(
	struct interface_board *board, const char *name, struct mirror_link *link)
{
	uint32_t number = board->count;
	struct named *named;

	if (number == APPLIER_INTERFACES)
		return MIRROR_NO_NUMBER;
	board->count++;
	named = &board->named[number];
	snprintf(named->shown.name, sizeof(named->shown.name), "%s", name);
	LIST_INSERT_HEAD(&board->names[name_bucket(name)], named, in_bucket);
	interface_board_touch(board, number);
	interface_board_bind(board, number, link);
	show_primaries(board, named);
	return number;
}

void interface_board_publish(struct interface_board *board)
{
	for (uint32_t i = 0; i < board->dirty_count; i++) {
		struct named *named = &board->named[board->dirty[i]];

		named->dirty = false;
		show_primaries(board, named);
		if (memcmp(&named->told, &named->shown, sizeof(named->told)) == 0)
			continue;
		named->told = named->shown;
		board_write(board->rows, board->dirty[i], &named->shown);
		worklist_add(board->worklist, board->dirty[i]);
	}
	board->dirty_count = 0;
	worklist_wake(board->worklist);
}

const struct board *interface_board_rows(const struct interface_board *board)
{
	return board->rows;
}

struct worklist *interface_board_worklist(const struct interface_board *board)
{
	return board->worklist;
}

struct interface_board *interface_board_new(interface_board_is_ours *is_ours, void *context)
{
	struct interface_board *board = calloc(1, sizeof(*board));
	int ignored, error;

	if (!board)
		return NULL;
	board->is_ours = is_ours;
	board->context = context;
	board->rows = board_create(APPLIER_INTERFACES, sizeof(struct applier_interface), &ignored);
	if (board->rows)
		board->worklist = worklist_create(APPLIER_INTERFACES);
	if (board->worklist)
		return board;
	error = errno;
	interface_board_free(board);
	errno = error;
	return NULL;
}

struct interface_board *interface_board_free(struct interface_board *board)
{
	if (!board)
		return NULL;
	worklist_free(board->worklist);
	board_close(board->rows);
	free(board);
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_INTERFACE_BOARD_H
#define VRRP_APPLIER_INTERFACE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/applier/mirror.h"
#include "vrrp/applier/report.h"
#include "vrrp/protocol/address.h"

/*
 * The interfaces that configurations name, whether they exist or not: each has a number from 0 for
 * good, the link of the mirror that bears its name now, and a row on a board for the engine.  Rows
 * are worked on here and shown by interface_board_publish() alone.
 *
 * Applier thread only; the board and the worklist are read by the engine's.
 */
struct interface_board;

/* Whether the applier has set that address on the interface: the engine shall not send from it. */
typedef bool interface_board_is_ours(
	void *context, uint32_t number, const struct vrrp_address *address, uint8_t prefix_length);

/* Without interfaces.  NULL: errno says why. */
struct interface_board *interface_board_new(interface_board_is_ours *is_ours, void *context);

/* Takes NULL; returns NULL.  The links are the mirror's, which may be gone. */
struct interface_board *interface_board_free(struct interface_board *board);

/* The number of that name, or MIRROR_NO_NUMBER. */
uint32_t interface_board_find(const struct interface_board *board, const char *name);

/* Gives a name that has none the next number, and binds it to the link (NULL: there is none).
 * MIRROR_NO_NUMBER when there are APPLIER_INTERFACES already. */
uint32_t interface_board_add(
	struct interface_board *board, const char *name, struct mirror_link *link);

/* How many there are; their numbers are below that. */
uint32_t interface_board_count(const struct interface_board *board);

/* The link that bears the name, or NULL: there is none. */
struct mirror_link *interface_board_link(const struct interface_board *board, uint32_t number);

/* Another link bears the name now, or none (NULL); both links learn their numbers. */
void interface_board_bind(struct interface_board *board, uint32_t number, struct mirror_link *link);

/* Takes what the row says of the link over from the link. */
void interface_board_show(struct interface_board *board, uint32_t number);

/* Has interface_board_publish() look at the row.  Takes MIRROR_NO_NUMBER, and does nothing. */
void interface_board_touch(struct interface_board *board, uint32_t number);

/* The row as it is now, its addresses as last shown; it lasts as long as the board. */
const struct applier_interface *interface_board_row(
	const struct interface_board *board, uint32_t number);

/* Finds the addresses to send from for each row that was touched, writes the rows that changed, and
 * wakes the engine. */
void interface_board_publish(struct interface_board *board);

/* What the engine reads: rows of struct applier_interface, and which of them are new. */
const struct board *interface_board_rows(const struct interface_board *board);
struct worklist *interface_board_worklist(const struct interface_board *board);

#endif

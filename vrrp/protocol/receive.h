/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_RECEIVE_H
#define VRRP_PROTOCOL_RECEIVE_H

#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/transition.h"

/* An advertisement for a router that is Backup or Active: verified, counted, and handled as RFC
 * 9568 6.4.2 and 6.4.3 say.  For the protocol library's own use. */
void vrrp_receive(struct vrrp_turn *turn, const struct vrrp_view *view);

/* Counts so many valid adverts, whose checksum was of that form (enum vrrp_checksum_form). */
void vrrp_receive_count(struct vrrp_router *router, uint8_t form, uint64_t adverts);

/* Whether the form of checksum that the Active's adverts have matters to what is sent. */
bool vrrp_receive_learns_form(const struct vrrp_configuration *configuration);

#endif

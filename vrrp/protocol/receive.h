/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_RECEIVE_H
#define VRRP_PROTOCOL_RECEIVE_H

#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/transition.h"

/* An advertisement for a router that is Backup or Active: verified, counted, and handled as RFC
 * 9568 6.4.2 and 6.4.3 say.  For the protocol library's own use. */
void vrrp_receive(struct vrrp_turn *turn, const struct vrrp_view *view);

#endif

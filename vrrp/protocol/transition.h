/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_TRANSITION_H
#define VRRP_PROTOCOL_TRANSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/reason.h"
#include "vrrp/protocol/router.h"

/* Inside vrrp_step(): the actions it may ask for and the one way to another state.  For the
 * protocol library's own use. */

/* One event being handled. */
struct vrrp_turn {
	struct vrrp_router *router;
	uint64_t now;
	struct vrrp_actions *actions;
	uint32_t counted; /* errors[] raised already: one packet counts once, whatever is wrong */
};

void vrrp_turn_send(struct vrrp_turn *turn, uint8_t priority);
void vrrp_turn_arm(struct vrrp_turn *turn, uint64_t deadline);
void vrrp_turn_disarm(struct vrrp_turn *turn);
void vrrp_turn_own(struct vrrp_turn *turn, bool own);
void vrrp_turn_announce(struct vrrp_turn *turn, bool lower);
/* The Active heard a lower priority. */
void vrrp_turn_lower_heard(struct vrrp_turn *turn, const struct vrrp_view *view);

void vrrp_turn_checksum_learned(struct vrrp_turn *turn, enum vrrp_checksum_form form);

/* Counts the error and tells it. */
void vrrp_turn_error(struct vrrp_turn *turn, enum vrrp_drop drop, bool dropped,
	const struct vrrp_address *source);

/* Active: what is between two adverts now. */
uint64_t vrrp_turn_pace(const struct vrrp_turn *turn);

/* Active_Down_Interval at the priority and the interval in force. */
uint64_t vrrp_turn_active_down(const struct vrrp_turn *turn);

/* Backup: arms the deadline that follows from timer_base, the interval and the priority. */
void vrrp_turn_arm_backup(struct vrrp_turn *turn);

/* The only place where the state changes; what a state begins or ends with is done here.  `heard`
 * is the advertisement that made us change, or NULL. */
void vrrp_turn_change(struct vrrp_turn *turn, enum vrrp_state state, enum vrrp_transition reason,
	const struct vrrp_view *heard);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef VRRP_OUTPUT_H
#define VRRP_OUTPUT_H

#include "vrrp/applier/report.h"
#include "vrrp/protocol/router.h"

#include <stdbool.h>
#include <stdint.h>

struct engine_output;

/* The message that a router sends to its group again and again.  Whoever changes what it says
 * empties it. */
#define ADVERT_TEMPLATE_MAX 63
struct advert_template {
	uint8_t length; /* 0: empty */
	uint8_t octets[ADVERT_TEMPLATE_MAX];
};

/* Advertisements on their way out: collected during a turn of the engine, then sent with as few
 * system calls as possible.  Engine thread only; allocates nothing after engine_output_open. */

/* `socket4` and `socket6` are the receiving sockets, which send too; those for short IPv4 messages
 * and for frames are opened.  NULL: errno says why. */
struct engine_output *engine_output_open(int socket4, int socket6);

/* Takes NULL; returns NULL.  Closes what it opened; what was collected is not sent. */
struct engine_output *engine_output_close(struct engine_output *output);

/* The socket for adverts inside AH; -1: there is none. */
void engine_output_set_ah(struct engine_output *output, int fd);

/* Adds the advertisement of `router`, which has that slot, with that priority, to its group or to
 * each of its peers, out of that interface.  mac: the virtual MAC with which it goes to the group,
 * six octets, or NULL: that of the interface.  template: the router's own; what it holds is sent to
 * the group, and what is made for the group is left there if it fits and may be sent again.  Sends
 * what is there first if there is no room. */
void engine_output_advert(struct engine_output *output, uint32_t slot, struct vrrp_router *router,
	uint8_t priority, struct advert_template *template, const struct applier_interface *link,
	const uint8_t *mac);

/* Goes through all that the advertisement of `router` to its group or its first peer needs, but for
 * sending it, while nothing is collected: the next one finds it in the processor's caches. */
void engine_output_rehearse(struct engine_output *output, struct vrrp_router *router,
	const struct applier_interface *link, const uint8_t *mac);

/* Sends everything.  Returns how many the kernel refused since the last call. */
unsigned int engine_output_flush(struct engine_output *output);

/* The next router with an advertisement that was refused, which may be gone by now, and the last
 * reason (a negative errno); false: there is none any more.  To be called until then. */
bool engine_output_take_refusal(struct engine_output *output, uint32_t *slot, int *error);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_PUBLISHER_H
#define AGENT_CORE_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "agent/conf/model.h"
#include "agent/core/imagebuilder.h"
#include "agent/core/slots.h"
#include "lib/message.h"

/* Takes configuration images to the engine and, once it has accepted them, to agentx and check.
 * One image is under way at a time; nothing here waits.
 *
 * If the engine refuses an image, or does not answer in time, nobody knows which configuration it
 * runs: then the one in force is sent again as a whole until it is accepted. */

struct publisher;

/* The engine has accepted the image (MESSAGE_OK), or refused it or not answered in time
 * (MESSAGE_REFUSED); `text` says why and is never NULL.  agentx and check have been sent it before.
 */
typedef void publisher_done(void *context, enum message_error error, const char *text);

/* `engine`: the channel to it, which becomes the publisher's.  The first image will have the
 * generation `first`.  `lifeline` (lib/lifeline.h, or -1) is asked for the time that images take
 * which nobody ordered.  NULL: errno says why; the channel stays the caller's then. */
struct publisher *publisher_new(sd_event *loop, int engine, uint64_t first, int lifeline);

/* Takes NULL; returns NULL.  Nobody is told. */
struct publisher *publisher_free(struct publisher *publisher);

/* The channel to PEER_AGENTX or PEER_CHECK, or -1 for none.  It stays the caller's.  The image in
 * force is sent to it, now or as soon as it takes it. */
void publisher_set_peer(struct publisher *publisher, enum message_peer_role role, int end);

/* What is in force, for those who must be sent it as a whole.  Both stay the caller's; to be called
 * whenever they are replaced. */
void publisher_set_current(
	struct publisher *publisher, const struct config *config, const struct slots *slots);

/* Sends a whole image.  `timeout_ms` 0: wait for ever.  0, or a negative errno and `done` is never
 * called: -EBUSY another image is under way, or what building it failed with. */
int publisher_send_whole(struct publisher *publisher, const struct config *config,
	const struct slots *slots, uint64_t timeout_ms, publisher_done *done, void *context);

/* Sends these changes, to instances of `config`, as a delta against what is in force. */
int publisher_send_delta(struct publisher *publisher, const struct config *config,
	const struct slots *slots, struct image_changes *changes, uint64_t timeout_ms,
	publisher_done *done, void *context);

/* Sends what is in force as a whole until the engine accepts it: it may run something else. */
void publisher_resync(struct publisher *publisher);

/* The instance at a slot of the image that the engine has been sent and has not accepted yet, and
 * what identifies it; NULL: none, or no image is under way. */
const struct instance *publisher_coming(
	const struct publisher *publisher, uint32_t slot, const struct slot_identity **identity);

/* Whether an image is under way. */
bool publisher_busy(const struct publisher *publisher);

/* Why the engine could not be brought to run what is in force, or NULL.  Until it is, an image is
 * under way. */
const char *publisher_problem(const struct publisher *publisher);

/* Of the image in force, 0 if none is. */
uint64_t publisher_generation(const struct publisher *publisher);

#endif

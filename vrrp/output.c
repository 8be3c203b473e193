/* SPDX-License-Identifier: ISC */
#include "vrrp/output.h"
#include "vrrp/protocol/step.h"

#include "vrrp/net/send.h"

#include <stdlib.h>
#include <sys/socket.h>

#define MESSAGES 1024
/* Messages wait here until they are sent; the usual one has 12 to 40 octets. */
#define ARENA	 (64 * MESSAGES + VRRP_PACKET_MAX)

struct lane {
	struct vrrp_send *batch;
	int fd;
};

struct engine_output {
	struct lane lanes[2]; /* [family - 1] */
	size_t used;
	unsigned int refused;
	int error;
	uint8_t arena[ARENA];
};

struct engine_output *engine_output_open(int socket4, int socket6)
{
	struct engine_output *output = calloc(1, sizeof(*output));

	if (!output)
		return NULL;
	output->lanes[VRRP_IPV4 - 1] = (struct lane){vrrp_send_new(AF_INET, MESSAGES), socket4};
	output->lanes[VRRP_IPV6 - 1] = (struct lane){vrrp_send_new(AF_INET6, MESSAGES), socket6};
	if (!output->lanes[0].batch || !output->lanes[1].batch)
		return engine_output_close(output);
	return output;
}

struct engine_output *engine_output_close(struct engine_output *output)
{
	if (!output)
		return NULL;
	for (int i = 0; i < 2; i++)
		vrrp_send_free(output->lanes[i].batch);
	free(output);
	return NULL;
}

static void send_lane(struct engine_output *output, struct lane *lane)
{
	unsigned int count = vrrp_send_count(lane->batch);
	unsigned int refused;

	if (!count)
		return;
	refused = vrrp_send_flush(lane->batch, lane->fd);
	for (unsigned int i = 0; refused && i < count; i++) {
		int error = vrrp_send_error(lane->batch, i);

		if (error)
			output->error = error;
	}
	output->refused += refused;
	vrrp_send_clear(lane->batch);
}

static void send_all(struct engine_output *output)
{
	for (int i = 0; i < 2; i++)
		send_lane(output, &output->lanes[i]);
	output->used = 0;
}

void engine_output_advert(struct engine_output *output, const struct vrrp_router *router,
	uint8_t priority, uint32_t interface_index)
{
	struct lane *lane = &output->lanes[router->configuration.family - 1];
	uint8_t *message;
	ssize_t length;

	if (ARENA - output->used < VRRP_PACKET_MAX || vrrp_send_count(lane->batch) == MESSAGES)
		send_all(output);
	message = output->arena + output->used;
	length = vrrp_router_encode(router, priority, message, ARENA - output->used);
	if (length > 0)
		length = vrrp_send_append(lane->batch, (int)interface_index, &router->state.primary,
				 &router->configuration.group, message, (size_t)length) < 0
				 ? -1
				 : length;
	if (length < 0) {
		output->refused++;
		return;
	}
	output->used += (size_t)length;
}

unsigned int engine_output_flush(struct engine_output *output, int *error)
{
	unsigned int refused;

	send_all(output);
	refused = output->refused;
	*error = output->error;
	output->refused = 0;
	output->error = 0;
	return refused;
}

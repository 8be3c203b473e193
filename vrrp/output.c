/* SPDX-License-Identifier: ISC */
#include "vrrp/output.h"
#include "lib/descriptor.h"
#include "lib/hot.h"
#include "lib/image.h"
#include "vrrp/protocol/encode.h"

#include "vrrp/net/advert_frame.h"
#include "vrrp/net/announce.h"
#include "vrrp/net/send.h"
#include "vrrp/net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGES     1024
#define IPV4_MTU_MIN 68 /* RFC 791: in one piece over every link */
/* The longest message, in frames of the smallest MTU. */
#define LONGEST	     (3 * VRRP_DATAGRAM_MAX)
/* Messages and frames wait here until they are sent; the usual one has 12 to 100 octets. */
#define ARENA	     (100 * MESSAGES + LONGEST)

enum {
	AH = 2, /* after the two of the families */
	SHORT,	/* IPv4, with a header of our own: the kernel works a fifth less */
	FRAMES,
	LANES
};

struct lane {
	struct vrrp_send *batch;
	uint16_t *slots; /* whose the messages are */
	int fd;
};

struct engine_output {
	unsigned int waiting;		  /* messages in all lanes */
	uint32_t slot;			  /* whose advertisement is being added */
	struct advert_template *template; /* the same router's, if it goes to the group; or NULL */
	size_t used;
	struct lane lanes[LANES]; /* [family - 1] and the others */
	uint16_t packet_id;
	unsigned int refused;
	uint32_t refused_routers; /* in these, of which so many were taken: */
	uint32_t taken_routers;
	uint8_t arena[ARENA]; /* its first messages lie beside what each of them needs */
	uint8_t message[VRRP_DATAGRAM_MAX];
	uint16_t slots[LANES][MESSAGES];
	uint16_t refused_slots[IMAGE_SLOTS];
	int errors[IMAGE_SLOTS]; /* the last one of each of them; 0: it is not there */
};

static void open_lane(struct engine_output *output, int lane, struct vrrp_send *batch, int fd)
{
	output->lanes[lane].batch = batch;
	output->lanes[lane].slots = output->slots[lane];
	output->lanes[lane].fd = fd;
}

struct engine_output *engine_output_open(int socket4, int socket6)
{
	struct engine_output *output = calloc(1, sizeof(*output));

	if (!output)
		return NULL;
	open_lane(output, VRRP_IPV4 - 1, vrrp_send_new(AF_INET, MESSAGES), socket4);
	open_lane(output, VRRP_IPV6 - 1, vrrp_send_new(AF_INET6, MESSAGES), socket6);
	open_lane(output, AH, vrrp_send_new(AF_INET, MESSAGES), -1);
	open_lane(output, SHORT, vrrp_send_new(AF_INET, MESSAGES),
		vrrp_socket_open(AF_INET, IPPROTO_RAW));
	open_lane(output, FRAMES, vrrp_send_new_frames(MESSAGES), vrrp_announce_open());
	for (int i = 0; i < LANES; i++) {
		if (!output->lanes[i].batch)
			return engine_output_close(output);
	}
	for (int i = SHORT; i < LANES; i++) {
		if (output->lanes[i].fd >= 0)
			continue;
		errno = -output->lanes[i].fd;
		return engine_output_close(output);
	}
	return output;
}

struct engine_output *engine_output_close(struct engine_output *output)
{
	if (!output)
		return NULL;
	for (int i = 0; i < LANES; i++)
		vrrp_send_free(output->lanes[i].batch);
	for (int i = SHORT; i < LANES; i++)
		descriptor_close(output->lanes[i].fd);
	free(output);
	return NULL;
}

static void refuse(struct engine_output *output, uint32_t slot, int error)
{
	output->refused++;
	if (!output->errors[slot])
		output->refused_slots[output->refused_routers++] = (uint16_t)slot;
	output->errors[slot] = error;
}

static HOT void send_lane(struct engine_output *output, struct lane *lane)
{
	unsigned int count = vrrp_send_count(lane->batch);
	unsigned int refused;

	if (!count)
		return;
	output->waiting -= count;
	refused = vrrp_send_flush(lane->batch, lane->fd);
	for (unsigned int i = 0; refused && i < count; i++) {
		int error = vrrp_send_error(lane->batch, i);

		if (error)
			refuse(output, lane->slots[i], error);
	}
	vrrp_send_clear(lane->batch);
}

static void send_all(struct engine_output *output)
{
	for (int i = 0; i < LANES && output->waiting; i++)
		send_lane(output, &output->lanes[i]);
	output->used = 0;
}

static bool is_full(const struct engine_output *output)
{
	if (output->waiting < MESSAGES)
		return false;
	for (int i = 0; i < FRAMES; i++) {
		if (vrrp_send_count(output->lanes[i].batch) == MESSAGES)
			return true;
	}
	return false;
}

void engine_output_set_ah(struct engine_output *output, int fd)
{
	/* What a router that goes has still to say. */
	send_lane(output, &output->lanes[AH]);
	output->lanes[AH].fd = fd;
}

/* Length and checksum are filled in by the kernel. */
static void put_header(struct engine_output *output, const struct vrrp_router *router,
	const struct vrrp_address *destination, uint8_t *packet)
{
	struct ip header = {.ip_v = 4,
		.ip_hl = sizeof(header) / 4,
		.ip_tos = IPTOS_CLASS_CS6,
		.ip_id = htons(++output->packet_id),
		.ip_off = htons(IP_DF),
		.ip_ttl = VRRP_TTL,
		.ip_p = VRRP_IP_PROTOCOL};

	if (router->configuration.peer_count && router->configuration.ttl)
		header.ip_ttl = router->configuration.ttl;
	memcpy(&header.ip_src, router->state.primary.bytes, sizeof(header.ip_src));
	memcpy(&header.ip_dst, destination->bytes, sizeof(header.ip_dst));
	memcpy(packet, &header, sizeof(header));
}

/* Of a message that is one packet on every link; a longer one may have to be divided, which the
 * kernel does only for headers of its own. */
static bool is_short(const struct vrrp_router *router, ssize_t length)
{
	return router->configuration.family == VRRP_IPV4 && !vrrp_router_uses_ah(router) &&
	       sizeof(struct ip) + (size_t)length <= IPV4_MTU_MIN;
}

static struct lane *lane_of(
	struct engine_output *output, const struct vrrp_router *router, ssize_t length)
{
	if (is_short(router, length))
		return &output->lanes[SHORT];
	return &output->lanes[vrrp_router_uses_ah(router) ? AH : router->configuration.family - 1];
}

/* Of those inside AH each has a number of its own. */
static bool may_stand(const struct vrrp_router *router, ssize_t length)
{
	return length >= 0 && (size_t)length <= ADVERT_TEMPLATE_MAX && !vrrp_router_uses_ah(router);
}

static HOT ssize_t make_message(const struct engine_output *output, struct vrrp_router *router,
	uint8_t priority, const struct vrrp_address *destination, uint8_t *buffer, size_t size)
{
	struct advert_template *template = output->template;
	ssize_t length;

	if (template && template->length && size >= ADVERT_TEMPLATE_MAX) {
		memcpy(buffer, template->octets, ADVERT_TEMPLATE_MAX);
		return template->length;
	}
	length = vrrp_router_encode(router, priority, destination, buffer, size);
	if (template && may_stand(router, length)) {
		memcpy(template->octets, buffer, (size_t)length);
		template->length = (uint8_t)length;
	}
	return length;
}

static HOT int append(struct engine_output *output, struct vrrp_router *router, uint8_t priority,
	uint32_t interface_index, const struct vrrp_address *destination)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	size_t header = 0;
	struct lane *lane;
	uint8_t *packet;
	ssize_t length;
	int index;

	if (ARENA - output->used < sizeof(struct ip) + VRRP_DATAGRAM_MAX || is_full(output))
		send_all(output);
	packet = output->arena + output->used;
	length = make_message(output, router, priority, destination, packet + sizeof(struct ip),
		ARENA - output->used - sizeof(struct ip));
	if (length < 0)
		return (int)length;
	lane = lane_of(output, router, length);
	if (lane == &output->lanes[SHORT]) {
		put_header(output, router, destination, packet);
		header = sizeof(struct ip);
	}
	output->used += sizeof(struct ip) + (size_t)length;
	index = vrrp_send_append(lane->batch, (int)interface_index, &router->state.primary,
		destination, packet + sizeof(struct ip) - header, header + (size_t)length);
	if (index < 0)
		return index;
	lane->slots[index] = (uint16_t)output->slot;
	output->waiting++;
	if (!header && configuration->peer_count && configuration->ttl &&
		configuration->ttl != VRRP_TTL)
		vrrp_send_set_ttl(lane->batch, (unsigned int)index, configuration->ttl);
	return 0;
}

/* Room for the frames of the longest message. */
static void make_room(struct engine_output *output)
{
	const unsigned int frames = vrrp_send_count(output->lanes[FRAMES].batch);

	if (ARENA - output->used < LONGEST ||
		frames > MESSAGES - VRRP_DATAGRAM_MAX / (ADVERT_FRAME_MTU_MIN / 2))
		send_all(output);
}

static int append_frames(struct engine_output *output, struct vrrp_router *router, uint8_t priority,
	const struct applier_interface *link, const uint8_t *mac)
{
	struct advert_frame frame = {.mac = mac,
		.source = &router->state.primary,
		.destination = &router->configuration.group,
		.message = output->message,
		.is_packet = vrrp_router_uses_ah(router),
		.mtu = link->mtu,
		.id = ++output->packet_id};
	ssize_t length = make_message(output, router, priority, frame.destination, output->message,
		sizeof(output->message));
	size_t offset = 0;

	if (length < 0)
		return (int)length;
	frame.length = (size_t)length;
	make_room(output);
	while (offset < frame.length) {
		uint8_t *octets = output->arena + output->used;
		size_t taken, size = advert_frame_build(&frame, offset, octets, &taken);
		int index = vrrp_send_append_frame(
			output->lanes[FRAMES].batch, (int)link->index, octets, size);

		if (index < 0)
			return index;
		output->lanes[FRAMES].slots[index] = (uint16_t)output->slot;
		output->waiting++;
		output->used += size;
		offset += taken;
	}
	return 0;
}

static void add_to(struct engine_output *output, struct vrrp_router *router, uint8_t priority,
	const struct applier_interface *link, const struct vrrp_address *destination)
{
	int error = append(output, router, priority, link->index, destination);

	if (error < 0)
		refuse(output, output->slot, error);
}

/* One list of peers may serve all of them, so that a router can be among its own. */
HOT void engine_output_advert(struct engine_output *output, uint32_t slot,
	struct vrrp_router *router, uint8_t priority, struct advert_template *template,
	const struct applier_interface *link, const uint8_t *mac)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	int error = 0;

	output->slot = slot;
	output->template = configuration->peer_count ? NULL : template;
	if (!configuration->peer_count && mac)
		error = append_frames(output, router, priority, link, mac);
	else if (!configuration->peer_count)
		add_to(output, router, priority, link, &configuration->group);
	if (error < 0)
		refuse(output, slot, error);
	for (size_t i = 0; i < configuration->peer_count; i++) {
		const struct vrrp_address *peer = &configuration->peers[i].address;

		if (!vrrp_address_equal(peer, &router->state.primary))
			add_to(output, router, priority, link, peer);
	}
}

void engine_output_rehearse(struct engine_output *output, struct vrrp_router *router,
	const struct applier_interface *link, const uint8_t *mac)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	const uint8_t priority = router->state.priority;

	output->template = NULL;
	if (configuration->peer_count)
		append(output, router, priority, link->index, &configuration->peers[0].address);
	else if (mac)
		append_frames(output, router, priority, link, mac);
	else
		append(output, router, priority, link->index, &configuration->group);
	for (int i = 0; i < LANES && output->waiting; i++) {
		struct lane *lane = &output->lanes[i];

		output->waiting -= vrrp_send_count(lane->batch);
		vrrp_send_probe(lane->batch, lane->fd);
		vrrp_send_clear(lane->batch);
	}
	output->used = 0;
}

HOT unsigned int engine_output_flush(struct engine_output *output)
{
	unsigned int refused;

	send_all(output);
	refused = output->refused;
	output->refused = 0;
	return refused;
}

bool engine_output_take_refusal(struct engine_output *output, uint32_t *slot, int *error)
{
	if (output->taken_routers == output->refused_routers) {
		output->taken_routers = output->refused_routers = 0;
		return false;
	}
	*slot = output->refused_slots[output->taken_routers++];
	*error = output->errors[*slot];
	output->errors[*slot] = 0;
	return true;
}

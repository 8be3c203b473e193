/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/encode.h"

#include "lib/hot.h"

#include <errno.h>

#include "vrrp/protocol/limits.h"

static HOT ssize_t encode_message(const struct vrrp_router *router, uint8_t priority,
	const struct vrrp_address *destination, uint8_t *buffer, size_t size)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	const struct vrrp_advert advert = {
		.source = router->state.primary,
		.destination = *destination,
		.addresses = configuration->addresses,
		.address_count = configuration->address_count,
		.interval = configuration->interval,
		.auth = configuration->auth,
		.version = configuration->version,
		.vrid = configuration->vrid,
		.priority = priority,
		.checksum_form = router->state.checksum_form,
		.group = configuration->group,
	};

	return vrrp_packet_encode(&advert, buffer, size);
}

static uint8_t sent_ttl(const struct vrrp_configuration *configuration)
{
	return configuration->peer_count && configuration->ttl ? configuration->ttl : VRRP_TTL;
}

static ssize_t encode_datagram(struct vrrp_router *router, uint8_t priority,
	const struct vrrp_address *destination, uint8_t *buffer, size_t size)
{
	const struct vrrp_ah_headers headers = {
		.source = router->state.primary,
		.destination = *destination,
		.sequence = router->ah.sequence + 1,
		.ttl = sent_ttl(&router->configuration),
		.password = router->configuration.auth.data,
	};
	ssize_t length;

	if (size < VRRP_AH_HEADROOM)
		return -ENOBUFS;
	length = encode_message(
		router, priority, destination, buffer + VRRP_AH_HEADROOM, size - VRRP_AH_HEADROOM);
	if (length < 0)
		return length;
	vrrp_ah_authenticate(buffer, (size_t)length, &headers);
	router->ah.sequence++;
	return VRRP_AH_HEADROOM + length;
}

HOT ssize_t vrrp_router_encode(struct vrrp_router *router, uint8_t priority,
	const struct vrrp_address *destination, uint8_t *buffer, size_t size)
{
	if (!destination)
		destination = &router->configuration.group;
	if (vrrp_router_uses_ah(router))
		return encode_datagram(router, priority, destination, buffer, size);
	return encode_message(router, priority, destination, buffer, size);
}

HOT bool vrrp_router_uses_ah(const struct vrrp_router *router)
{
	return router->configuration.version == VRRP_VERSION_2 &&
	       router->configuration.auth.type == VRRP_AUTH_AH;
}

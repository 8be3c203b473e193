/* SPDX-License-Identifier: ISC */
/* Any octets as a VRRP message: decoded, and what is sound given to a router of version 2 and of
 * version 3, as Backup and as Active.  The first octet of the input chooses the circumstances. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/protocol/encode.h"
#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/packet.h"
#include "vrrp/protocol/step.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum circumstance {
	OVER_IPV6 = 1 << 0,
	BAD_TTL = 1 << 1,
	CUT_SHORT = 1 << 2,	/* the IP header promises more */
	GOOD_CHECKSUM = 1 << 3, /* the checksum is made right, or little would get past it */
	FROM_US = 1 << 4,
	STRICT = 1 << 5,
	WITH_PASSWORD = 1 << 6,
};

#define MESSAGE_MAX (VRRP_PACKET_MAX + 64)

static void require(bool condition)
{
	if (!condition)
		abort();
}

static struct vrrp_address address(bool ipv6, uint8_t last)
{
	static const uint8_t link_local[16] = {0xfe, 0x80};
	static const uint8_t documentation[4] = {192, 0, 2};
	struct vrrp_address made =
		vrrp_address_make(ipv6 ? VRRP_IPV6 : VRRP_IPV4, ipv6 ? link_local : documentation);

	made.bytes[ipv6 ? 15 : 3] = last;
	return made;
}

static struct vrrp_address group(bool ipv6)
{
	static const uint8_t group_6[16] = {0xff, 2, [15] = 0x12};
	static const uint8_t group_4[4] = {224, 0, 0, 18};

	return vrrp_address_make(ipv6 ? VRRP_IPV6 : VRRP_IPV4, ipv6 ? group_6 : group_4);
}

static void write_checksum(uint8_t *message, size_t length, const struct vrrp_ip_facts *facts)
{
	uint32_t sum;
	uint16_t checksum;

	if (length < VRRP_HEADER_OCTETS)
		return;
	message[6] = message[7] = 0;
	sum = vrrp_checksum_add(0, message, length);
	if (message[0] >> 4 == VRRP_VERSION_3)
		sum += vrrp_checksum_pseudo_header(&facts->source, &facts->destination, length);
	checksum = vrrp_checksum_finish(sum);
	message[6] = (uint8_t)(checksum >> 8);
	message[7] = (uint8_t)checksum;
}

/* What decoding promises of a message it has found sound. */
static void check_view(const struct vrrp_view *view, const uint8_t *message, size_t length)
{
	const size_t octets = view->address_count * vrrp_address_length(view->family);

	require(view->vrid != 0 && view->interval != 0);
	/* a version 2 router may have none, and is compared with our list later */
	require(view->address_count != 0 || view->version == VRRP_VERSION_2);
	require(view->interval <= VRRP_V2_INTERVAL_MAX);
	require(view->addresses == message + VRRP_HEADER_OCTETS);
	require((view->version == VRRP_VERSION_2) == (view->trailer != NULL));
	require(VRRP_HEADER_OCTETS + octets + (view->trailer ? VRRP_AUTH_OCTETS : 0) == length);
}

static void check_actions(const struct vrrp_router *router, const struct vrrp_actions *actions)
{
	const uint8_t state = router->state.state;

	require(actions->count < VRRP_ACTIONS_MAX);
	require(state == VRRP_STATE_BACKUP || state == VRRP_STATE_ACTIVE);
	require(router->state.deadline != VRRP_NEVER);
	for (unsigned int i = 0; i < actions->count; i++) {
		const struct vrrp_action *action = &actions->list[i];

		if (action->type == VRRP_ACTION_STATE_CHANGED)
			require(action->changed.new_state == state);
		if (action->type == VRRP_ACTION_OWN_ADDRESSES)
			require(action->own == (state == VRRP_STATE_ACTIVE));
	}
}

/* Our own advert must satisfy our own decoder whatever the router has been through. */
static void check_own_advert(struct vrrp_router *router)
{
	uint8_t message[VRRP_PACKET_MAX];
	ssize_t length =
		vrrp_router_encode(router, router->state.priority, NULL, message, sizeof(message));
	struct vrrp_ip_facts facts = {.source = router->state.primary,
		.destination = router->configuration.group,
		.ttl = VRRP_TTL};
	struct vrrp_view view;

	require(length > 0);
	facts.length = (size_t)length;
	require(vrrp_packet_decode(message, facts.length, &facts, &view) == VRRP_DROP_NONE);
	require(view.priority == router->state.priority);
}

static void step(struct vrrp_router *router, uint64_t now, const struct vrrp_event *event)
{
	struct vrrp_actions actions;

	vrrp_step(router, now, event, &actions);
	check_actions(router, &actions);
}

static void hear(uint8_t version, bool as_active, uint8_t how, const struct vrrp_event *event,
	const struct vrrp_view *view)
{
	const bool ipv6 = view->family == VRRP_IPV6;
	const struct vrrp_address addresses[2] = {address(ipv6, 100), address(ipv6, 101)};
	const struct vrrp_configuration configuration = {
		.addresses = addresses,
		.address_count = 2,
		.group = group(ipv6),
		.interval = VRRP_SECOND,
		.auth = how & WITH_PASSWORD ? vrrp_auth_password("password")
					    : (struct vrrp_auth){.type = VRRP_AUTH_NONE},
		.family = view->family,
		.vrid = view->vrid ? view->vrid : 1,
		.version = version,
		.priority = 100,
		.preempt = true,
		.strict = how & STRICT,
		.announce_on_lower = true,
	};
	struct vrrp_event link = {.type = VRRP_EVENT_LINK, .link.up = true};
	struct vrrp_router router;
	struct vrrp_actions actions;
	uint64_t now = VRRP_SECOND;

	vrrp_router_init(&router, &configuration);
	link.link.primary = address(ipv6, 10);
	vrrp_step(&router, now, &link, &actions);
	step(&router, now, &(struct vrrp_event){.type = VRRP_EVENT_START});
	if (as_active) {
		now = router.state.deadline;
		step(&router, now, &(struct vrrp_event){.type = VRRP_EVENT_DEADLINE});
	}
	for (int i = 0; i < 4; i++)
		step(&router, now += VRRP_MILLISECOND, event);
	check_own_advert(&router);
	require(router.state.active_interval <= VRRP_V2_INTERVAL_MAX);
	step(&router, router.state.deadline, &(struct vrrp_event){.type = VRRP_EVENT_DEADLINE});
	require(router.state.state == VRRP_STATE_ACTIVE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t how = size > 0 ? data[0] : 0;
	const size_t length = size > 0 ? size - 1 : 0;
	const bool ipv6 = how & OVER_IPV6;
	struct vrrp_ip_facts facts = {
		.source = address(ipv6, how & FROM_US ? 10 : 20),
		.destination = group(ipv6),
		.length = length + (how & CUT_SHORT ? 4 : 0),
		.ttl = how & BAD_TTL ? 254 : VRRP_TTL,
	};
	struct vrrp_view view;
	struct vrrp_event event = {.type = VRRP_EVENT_ADVERT, .advert = &view};
	enum vrrp_drop drop;
	uint8_t *message;

	if (length > MESSAGE_MAX)
		return 0;
	/* Of the exact size, so that the address sanitizer sees the octet beyond. */
	message = malloc(length ? length : 1);
	if (!message)
		return 0;
	if (length > 0)
		memcpy(message, data + 1, length);
	if (how & GOOD_CHECKSUM)
		write_checksum(message, length, &facts);
	drop = vrrp_packet_decode(message, length, &facts, &view);
	if (drop == VRRP_DROP_NONE)
		check_view(&view, message, length);
	else
		event = (struct vrrp_event){.type = VRRP_EVENT_REJECTED,
			.rejected = {.drop = drop, .source = view.source}};
	for (int as_active = 0; as_active < 2; as_active++) {
		if (!ipv6)
			hear(VRRP_VERSION_2, as_active, how, &event, &view);
		hear(VRRP_VERSION_3, as_active, how, &event, &view);
	}
	free(message);
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "vrrp/translate.h"

#include <stdlib.h>
#include <string.h>

static uint8_t translate_auth(const struct image_router *from)
{
	switch (from->auth) {
	case IMAGE_AUTH_PASS:
		return VRRP_AUTH_PASS;
	case IMAGE_AUTH_AH:
		return VRRP_AUTH_AH;
	default:
		return VRRP_AUTH_NONE;
	}
}

static uint8_t translate_checksum(const struct image_router *from)
{
	switch (from->checksum) {
	case IMAGE_CHECKSUM_PSEUDO:
		return VRRP_CHECKSUM_PSEUDO_ONLY;
	case IMAGE_CHECKSUM_MESSAGE:
		return VRRP_CHECKSUM_MESSAGE_ONLY;
	case IMAGE_CHECKSUM_GROUP:
		return VRRP_CHECKSUM_GROUP_ONLY;
	default:
		return VRRP_CHECKSUM_AUTO;
	}
}

struct vrrp_configuration translate_router(
	const struct vrrp_address groups[2], const struct image_router *from)
{
	const bool strict = from->election & IMAGE_ELECTION_STRICT;
	struct vrrp_configuration to = {
		.address_count = from->addresses.count,
		.peer_count = from->peers.count,
		.group = groups[from->family - 1],
		.interval = from->interval,
		.preempt_delay = from->preempt_delay,
		.auth.type = translate_auth(from),
		.family = from->family,
		.vrid = from->vrid,
		.version = from->version,
		.priority = from->priority,
		.preempt = from->flags & IMAGE_ROUTER_PREEMPT,
		.accept = from->flags & IMAGE_ROUTER_ACCEPT,
		.announce_on_lower = !strict && from->garp_lower_repeat > 0,
		.strict = strict,
		.checksum = translate_checksum(from),
		.down_adverts = from->down_adverts,
		.ttl = from->ttl,
		.skip_address_check = from->election & IMAGE_ELECTION_SKIP_ADDRESSES,
		.no_lower_answer = from->election & IMAGE_ELECTION_NO_LOWER_ANSWER,
		.answer_higher = from->election & IMAGE_ELECTION_ANSWER_HIGHER,
		.owner_ignores = from->election & IMAGE_ELECTION_OWNER_IGNORES,
		.ignore_link = from->election & IMAGE_ELECTION_IGNORE_LINK,
		.no_group_checksum = from->election & IMAGE_ELECTION_NO_GROUP_CHECKSUM,
	};

	memcpy(to.auth.data, from->auth_data, sizeof(to.auth.data));
	return to;
}

static bool same_peers(
	const struct vrrp_configuration *left, const struct vrrp_configuration *right)
{
	if (left->peer_count != right->peer_count || left->ttl != right->ttl)
		return false;
	for (size_t i = 0; i < left->peer_count; i++) {
		const struct vrrp_peer *a = &left->peers[i], *b = &right->peers[i];

		if (!vrrp_address_equal(&a->address, &b->address) || a->ttl_min != b->ttl_min ||
			a->ttl_max != b->ttl_max)
			return false;
	}
	return true;
}

static bool same_election(
	const struct vrrp_configuration *left, const struct vrrp_configuration *right)
{
	return left->down_adverts == right->down_adverts && left->strict == right->strict &&
	       left->skip_address_check == right->skip_address_check &&
	       left->no_lower_answer == right->no_lower_answer &&
	       left->answer_higher == right->answer_higher &&
	       left->owner_ignores == right->owner_ignores &&
	       left->ignore_link == right->ignore_link &&
	       left->no_group_checksum == right->no_group_checksum;
}

bool translate_same(const struct vrrp_configuration *left, const struct vrrp_configuration *right)
{
	if (left->address_count != right->address_count ||
		!vrrp_address_equal(&left->group, &right->group) ||
		left->interval != right->interval || left->preempt_delay != right->preempt_delay ||
		memcmp(&left->auth, &right->auth, sizeof(left->auth)) != 0 ||
		left->version != right->version || left->priority != right->priority ||
		left->preempt != right->preempt || left->accept != right->accept ||
		left->checksum != right->checksum || !same_election(left, right) ||
		!same_peers(left, right) || left->announce_on_lower != right->announce_on_lower)
		return false;
	for (size_t i = 0; i < left->address_count; i++) {
		if (!vrrp_address_equal(&left->addresses[i], &right->addresses[i]))
			return false;
	}
	return true;
}

struct vrrp_address *translate_addresses(const struct image *image, const struct image_router *from)
{
	const struct image_address *addresses = image_addresses(image) + from->addresses.first;
	struct vrrp_address *copy = calloc(from->addresses.count + 1, sizeof(*copy));

	for (uint32_t i = 0; copy && i < from->addresses.count; i++)
		copy[i] = vrrp_address_make(from->family, addresses[i].address);
	return copy;
}

struct vrrp_peer *translate_peers(const struct image *image, const struct image_router *from)
{
	const struct image_peer *peers = image_peers(image) + from->peers.first;
	struct vrrp_peer *copy = calloc(from->peers.count + 1, sizeof(*copy));

	for (uint32_t i = 0; copy && i < from->peers.count; i++)
		copy[i] = (struct vrrp_peer){
			.address = vrrp_address_make(from->family, peers[i].address),
			.ttl_min = peers[i].ttl_min,
			.ttl_max = peers[i].ttl_max,
		};
	return copy;
}

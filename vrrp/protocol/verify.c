/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/verify.h"

#include "vrrp/protocol/limits.h"

static void note(struct vrrp_findings *findings, enum vrrp_drop what)
{
	findings->notes[findings->note_count++] = what;
}

static enum vrrp_drop verify_peer(
	const struct vrrp_configuration *configuration, const struct vrrp_view *view)
{
	const struct vrrp_peer *peer =
		vrrp_peer_find(configuration->peers, configuration->peer_count, &view->source);

	if (vrrp_address_is_multicast(&view->destination))
		return VRRP_DROP_DESTINATION;
	if (!peer)
		return VRRP_DROP_NOT_A_PEER;
	if (view->ttl < peer->ttl_min || view->ttl > peer->ttl_max)
		return VRRP_DROP_TTL;
	return VRRP_DROP_NONE;
}

static enum vrrp_drop verify_addressing(
	const struct vrrp_router *router, const struct vrrp_view *view)
{
	if (!vrrp_address_is_valid_source(&view->source))
		return VRRP_DROP_SOURCE;
	/* Only the address we send from: one of the virtual addresses is what a returning owner
	 * sends from. */
	if (vrrp_address_equal(&view->source, &router->state.primary))
		return VRRP_DROP_SOURCE_OWN;
	if (router->configuration.peer_count)
		return verify_peer(&router->configuration, view);
	if (!vrrp_address_equal(&view->destination, &router->configuration.group))
		return VRRP_DROP_DESTINATION;
	return VRRP_DROP_NONE;
}

/* Stage one has judged the lengths; what the header proves takes the password. */
static enum vrrp_drop verify_ah(const struct vrrp_router *router, const struct vrrp_view *view,
	uint64_t now, uint64_t active_down)
{
	if (!vrrp_ah_verify(&view->ah, &view->source, router->configuration.auth.data))
		return VRRP_DROP_AUTH_FAILED;
	if (!vrrp_ah_is_new(&router->ah, &view->source, view->ah.sequence, now, active_down))
		return VRRP_DROP_AUTH_REPLAYED;
	return VRRP_DROP_NONE;
}

static enum vrrp_drop verify_authentication(const struct vrrp_router *router,
	const struct vrrp_view *view, uint64_t now, uint64_t active_down)
{
	const struct vrrp_auth *auth = &router->configuration.auth;
	const bool wanted = view->version == VRRP_VERSION_2 && auth->type == VRRP_AUTH_AH;
	enum vrrp_drop drop = VRRP_DROP_NONE;

	if (wanted != (view->ah.ip_header != NULL))
		return VRRP_DROP_AUTH_TYPE;
	if (view->version == VRRP_VERSION_2)
		drop = vrrp_auth_check(auth, view->auth_type, view->trailer);
	if (drop == VRRP_DROP_NONE && wanted)
		drop = verify_ah(router, view, now, active_down);
	return drop;
}

/* The list of the Active that was heard last is not looked at again, if so wished. */
static bool skips_list(const struct vrrp_router *router, const struct vrrp_view *view)
{
	return router->configuration.skip_address_check &&
	       router->state.state == VRRP_STATE_BACKUP &&
	       vrrp_address_equal(&router->state.active, &view->source);
}

/* Version 2 insists on the interval and, except from an owner, on the addresses; version 3 tells
 * the administrator. */
static enum vrrp_drop verify_settings(const struct vrrp_router *router,
	const struct vrrp_view *view, struct vrrp_findings *findings)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	const bool version_2 = view->version == VRRP_VERSION_2;

	if (view->address_count == 0 && configuration->address_count > 0)
		return VRRP_DROP_COUNT_ZERO;
	if (configuration->no_group_checksum && view->checksum_form == VRRP_CHECKSUM_GROUP)
		return VRRP_DROP_CHECKSUM;

	if (view->interval != configuration->interval) {
		if (version_2)
			return VRRP_DROP_INTERVAL_DIFFERS;
		note(findings, VRRP_DROP_INTERVAL_DIFFERS);
	}
	if (!skips_list(router, view) &&
		!vrrp_address_same_set(view->family, view->addresses, view->address_count,
			configuration->addresses, configuration->address_count)) {
		if (version_2 && view->priority != VRRP_PRIORITY_OWNER)
			return VRRP_DROP_LIST_DIFFERS;
		note(findings, VRRP_DROP_LIST_DIFFERS);
	}
	return VRRP_DROP_NONE;
}

static enum vrrp_drop verify_link_local(const struct vrrp_configuration *configuration,
	const struct vrrp_view *view, struct vrrp_findings *findings)
{
	struct vrrp_address first;

	if (view->family != VRRP_IPV6)
		return VRRP_DROP_NONE;
	first = vrrp_address_make(view->family, view->addresses);
	if (vrrp_address_is_link_local(&first))
		return VRRP_DROP_NONE;
	if (configuration->strict)
		return VRRP_DROP_NOT_LINK_LOCAL;
	note(findings, VRRP_DROP_NOT_LINK_LOCAL);
	return VRRP_DROP_NONE;
}

/* Anybody can forge a priority of 0 and make every Backup hurry; on request a Backup believes only
 * the one it would be true of. */
static enum vrrp_drop verify_stop(const struct vrrp_router *router, const struct vrrp_view *view)
{
	if (view->priority != VRRP_PRIORITY_STOP || !router->configuration.stop_from_active_only)
		return VRRP_DROP_NONE;
	if (router->state.state != VRRP_STATE_BACKUP ||
		!vrrp_address_is_set(&router->state.active) ||
		vrrp_address_equal(&router->state.active, &view->source))
		return VRRP_DROP_NONE;
	return VRRP_DROP_STOP_STRANGER;
}

struct vrrp_findings vrrp_verify(const struct vrrp_router *router, const struct vrrp_view *view,
	uint64_t now, uint64_t active_down)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	struct vrrp_findings findings = {.drop = VRRP_DROP_NONE};

	if (view->version != configuration->version)
		findings.drop = VRRP_DROP_VERSION_DIFFERS;
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_addressing(router, view);
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_authentication(router, view, now, active_down);
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_settings(router, view, &findings);
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_link_local(configuration, view, &findings);
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_stop(router, view);
	if (findings.drop == VRRP_DROP_NONE && view->priority == VRRP_PRIORITY_OWNER &&
		configuration->priority == VRRP_PRIORITY_OWNER)
		note(&findings, VRRP_DROP_OWNER_CONFLICT);
	return findings;
}

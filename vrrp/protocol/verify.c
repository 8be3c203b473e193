/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/verify.h"

#include "vrrp/protocol/limits.h"

static void note(struct vrrp_findings *findings, enum vrrp_drop what)
{
	findings->notes[findings->note_count++] = what;
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
	if (!vrrp_address_equal(&view->destination, &router->configuration.group))
		return VRRP_DROP_DESTINATION;
	return VRRP_DROP_NONE;
}

/* Version 2 insists on the interval and, except from an owner, on the addresses; version 3 tells
 * the administrator. */
static enum vrrp_drop verify_settings(const struct vrrp_configuration *configuration,
	const struct vrrp_view *view, struct vrrp_findings *findings)
{
	const bool version_2 = view->version == VRRP_VERSION_2;

	if (view->interval != configuration->interval) {
		if (version_2)
			return VRRP_DROP_INTERVAL_DIFFERS;
		note(findings, VRRP_DROP_INTERVAL_DIFFERS);
	}
	if (!configuration->skip_address_check &&
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
	struct vrrp_address first = vrrp_address_make(view->family, view->addresses);

	if (view->family != VRRP_IPV6 || vrrp_address_is_link_local(&first))
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

struct vrrp_findings vrrp_verify(const struct vrrp_router *router, const struct vrrp_view *view)
{
	const struct vrrp_configuration *configuration = &router->configuration;
	struct vrrp_findings findings = {.drop = VRRP_DROP_NONE};

	if (view->version != configuration->version)
		findings.drop = VRRP_DROP_VERSION_DIFFERS;
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_addressing(router, view);
	if (findings.drop == VRRP_DROP_NONE && view->version == VRRP_VERSION_2)
		findings.drop =
			vrrp_auth_check(&configuration->auth, view->auth_type, view->trailer);
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_settings(configuration, view, &findings);
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_link_local(configuration, view, &findings);
	if (findings.drop == VRRP_DROP_NONE)
		findings.drop = verify_stop(router, view);
	if (findings.drop == VRRP_DROP_NONE && view->priority == VRRP_PRIORITY_OWNER &&
		configuration->priority == VRRP_PRIORITY_OWNER)
		note(&findings, VRRP_DROP_OWNER_CONFLICT);
	return findings;
}

/* SPDX-License-Identifier: ISC */
/* What follows from other values of the model. */
#include "agent/conf/model.h"

#include <netinet/in.h>

#include "vrrp/protocol/limits.h"

static bool is_default(const struct instance *instance, enum instance_attribute attribute)
{
	return instance->origins[attribute].kind == ORIGIN_DEFAULT;
}

/* Without addresses, which tell it otherwise, the family is that of what is spoken to. */
static int family_of(const struct instance *instance)
{
	if (instance->addresses.count > 0)
		return instance->addresses.items[0].address.family;
	if (instance->native_ipv6)
		return AF_INET6;
	if (instance->unicast.source.family != AF_UNSPEC)
		return instance->unicast.source.family;
	if (instance->unicast.multicast_source.family != AF_UNSPEC)
		return instance->unicast.multicast_source.family;
	if (instance->unicast.peers.count > 0)
		return instance->unicast.peers.items[0].address.family;
	return AF_INET;
}

static void resolve_election(const struct config *config, struct instance *instance)
{
	const struct election_settings *globals = &config->globals.election;
	struct election_settings *election = &instance->election;

	if (is_default(instance, INSTANCE_STRICT))
		election->strict = globals->strict;
	if (is_default(instance, INSTANCE_SKIP_ADDRESS_CHECK))
		election->skip_address_check = globals->skip_address_check;
	if (is_default(instance, INSTANCE_NO_LOWER_ANSWER))
		election->no_lower_answer = globals->no_lower_answer || election->strict;
	if (is_default(instance, INSTANCE_ANSWER_HIGHER))
		election->answer_higher = globals->answer_higher && !election->strict;
	if (is_default(instance, INSTANCE_OWNER_IGNORES))
		election->owner_ignores = globals->owner_ignores;
	if (is_default(instance, INSTANCE_DOWN_ADVERTS))
		election->down_adverts = globals->down_adverts;
	/* Strictly, only the owner of the addresses is a host that has them. */
	if (is_default(instance, INSTANCE_ACCEPT))
		instance->accept = !election->strict || instance->priority == VRRP_PRIORITY_OWNER;
}

void config_resolve_instance(const struct config *config, struct instance *instance)
{
	const struct garp_settings *garp = &config->globals.garp;

	instance->family = family_of(instance);
	resolve_election(config, instance);
	if (instance->family == AF_INET6)
		instance->version = VRRP_VERSION_3;
	else if (is_default(instance, INSTANCE_VERSION))
		instance->version = (uint8_t)config->globals.vrrp_version;
	if (is_default(instance, INSTANCE_GARP_DELAY))
		instance->garp.delay_ns = garp->delay_ns;
	if (is_default(instance, INSTANCE_GARP_REPEAT))
		instance->garp.repeat = garp->repeat;
	if (is_default(instance, INSTANCE_GARP_REFRESH))
		instance->garp.refresh_ns = garp->refresh_ns;
	if (is_default(instance, INSTANCE_GARP_REFRESH_REPEAT))
		instance->garp.refresh_repeat = garp->refresh_repeat;
	if (is_default(instance, INSTANCE_GARP_LOWER_DELAY))
		instance->garp.lower_delay_ns = garp->lower_delay_ns;
	if (is_default(instance, INSTANCE_GARP_LOWER_REPEAT))
		instance->garp.lower_repeat = garp->lower_repeat;
	if (is_default(instance, INSTANCE_SMTP_ALERT))
		instance->smtp_alert = config->globals.mail.alert_vrrp;
	if (is_default(instance, INSTANCE_PRIORITY_CHANGES))
		instance->priority_changes = config->globals.hooks.priority_changes;
}

void config_resolve_globals(struct config *config)
{
	struct globals *globals = &config->globals;
	const struct origin *origins = globals->origins;
	struct garp_settings *garp = &globals->garp;

	if (origins[GLOBAL_SMTP_ALERT_VRRP].kind == ORIGIN_DEFAULT)
		globals->mail.alert_vrrp = globals->mail.alert;
	if (origins[GLOBAL_GARP_DELAY].kind == ORIGIN_DEFAULT)
		garp->delay_ns = globals->min_garp ? 0 : GARP_DELAY_DEFAULT;
	if (origins[GLOBAL_GARP_REPEAT].kind == ORIGIN_DEFAULT)
		garp->repeat = globals->min_garp ? 1 : GARP_REPEAT_DEFAULT;
	if (origins[GLOBAL_GARP_LOWER_DELAY].kind == ORIGIN_DEFAULT)
		garp->lower_delay_ns = garp->delay_ns;
	if (origins[GLOBAL_GARP_LOWER_REPEAT].kind == ORIGIN_DEFAULT)
		garp->lower_repeat = garp->repeat;
}

void config_resolve(struct config *config)
{
	config_resolve_globals(config);
	for (size_t i = 0; i < config->instance_count; i++)
		config_resolve_instance(config, config->instances[i]);
}

/* SPDX-License-Identifier: ISC */
#include "agent/conf/election.h"

#include <arpa/inet.h>
#include <string.h>

#include "vrrp/protocol/limits.h"

#define error(diagnostics, origin, ...) \
	conf_diagnose_origin((diagnostics), CONF_ERROR, (origin), __VA_ARGS__)
#define warning(diagnostics, origin, ...) \
	conf_diagnose_origin((diagnostics), CONF_WARNING, (origin), __VA_ARGS__)

static bool was_written(const struct instance *instance, enum instance_attribute attribute)
{
	return instance->origins[attribute].kind != ORIGIN_DEFAULT;
}

static const char *family_name(int family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

/* ---- Unicast ---- */

static void check_family(const struct instance *instance, const char *what,
	const struct ip_address *address, const struct origin *origin,
	struct conf_diagnostics *diagnostics)
{
	if (address->family != AF_UNSPEC && instance->family != AF_UNSPEC &&
		address->family != instance->family)
		error(diagnostics, origin,
			"%s: %s is of %s, but the instance is of %s: write an address of %s",
			instance->name, what, family_name(address->family),
			family_name(instance->family), family_name(instance->family));
}

static bool named_before(const struct unicast_peer_list *peers, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (ip_address_equal(&peers->items[i].address, &peers->items[j].address))
			return true;
	return false;
}

static void check_peers(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct unicast_peer_list *peers = &instance->unicast.peers;

	for (size_t i = 0; i < peers->count; i++) {
		const struct unicast_peer *peer = &peers->items[i];

		check_family(
			instance, "a unicast peer", &peer->address, &peer->origin, diagnostics);
		if (peer->address.family != AF_UNSPEC && named_before(peers, i))
			warning(diagnostics, &peer->origin,
				"%s: a unicast peer is listed twice; the first line counts: "
				"remove the other",
				instance->name);
		if (peer->address.family != AF_UNSPEC &&
			ip_address_equal(&peer->address, &instance->unicast.source))
			warning(diagnostics, &peer->origin,
				"%s: a unicast peer is the router's own unicast_src_ip; name the "
				"other routers only",
				instance->name);
	}
}

/* keepalived calls the words about unicast without peers deprecated, and uses multicast. */
static void check_no_peers(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct unicast_settings *unicast = &instance->unicast;
	enum instance_attribute word = INSTANCE_UNICAST_SOURCE;

	if (unicast->peers.count > 0)
		return;
	if (was_written(instance, INSTANCE_UNICAST_PEERS))
		word = INSTANCE_UNICAST_PEERS;
	if (!was_written(instance, word))
		return;
	if (unicast->fault_without_peer)
		warning(diagnostics, &instance->origins[word],
			"%s: there is no unicast_peer; the router stays in fault: name the others "
			"in unicast_peer { ... }",
			instance->name);
	else
		warning(diagnostics, &instance->origins[word],
			"%s: there is no unicast_peer; multicast is used. "
			"mcast_src_ip chooses its source",
			instance->name);
}

void conf_validate_unicast(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct unicast_settings *unicast = &instance->unicast;

	check_family(instance, "unicast_src_ip", &unicast->source,
		&instance->origins[INSTANCE_UNICAST_SOURCE], diagnostics);
	check_family(instance, "mcast_src_ip", &unicast->multicast_source,
		&instance->origins[INSTANCE_MULTICAST_SOURCE], diagnostics);
	check_peers(instance, diagnostics);
	check_no_peers(instance, diagnostics);
	if (unicast->track_source && unicast->source.family == AF_UNSPEC &&
		unicast->multicast_source.family == AF_UNSPEC)
		warning(diagnostics, &instance->origins[INSTANCE_TRACK_SOURCE],
			"%s: track_src_ip has no effect without unicast_src_ip or mcast_src_ip",
			instance->name);
}

/* ---- Strict mode ---- */

static void drop_authentication(struct instance *instance, struct conf_diagnostics *diagnostics)
{
	if (instance->auth_type == AUTH_NONE)
		return;
	warning(diagnostics, &instance->origins[INSTANCE_AUTH_TYPE],
		"%s: strict mode has no authentication; it is not used: remove it", instance->name);
	instance->auth_type = AUTH_NONE;
	memset(instance->auth_data, 0, sizeof(instance->auth_data));
	instance->origins[INSTANCE_AUTH_TYPE] = (struct origin){0};
	instance->origins[INSTANCE_AUTH_DATA] = (struct origin){0};
}

static void drop_preempt_delay(struct instance *instance, struct conf_diagnostics *diagnostics)
{
	if (instance->preempt_delay_ns == 0)
		return;
	warning(diagnostics, &instance->origins[INSTANCE_PREEMPT_DELAY],
		"%s: strict mode has no preempt_delay; it is not used: remove it", instance->name);
	instance->preempt_delay_ns = 0;
	instance->origins[INSTANCE_PREEMPT_DELAY] = (struct origin){0};
}

static void force(struct instance *instance, enum instance_attribute attribute, bool *value,
	bool wanted, const char *text, struct conf_diagnostics *diagnostics)
{
	if (*value == wanted)
		return;
	if (was_written(instance, attribute))
		warning(diagnostics, &instance->origins[attribute], "%s: %s", instance->name, text);
	*value = wanted;
	instance->origins[attribute] = (struct origin){0};
}

static void check_link_local(const struct instance *instance, struct conf_diagnostics *diagnostics)
{
	const struct address_list *list = &instance->addresses;

	if (list->count > 0 && list->items[0].address.family == AF_INET6 &&
		!IN6_IS_ADDR_LINKLOCAL(&list->items[0].address.v6))
		error(diagnostics, &list->items[0].origin,
			"%s: in strict mode the first IPv6 address must be link-local (fe80::/10)",
			instance->name);
}

void conf_validate_strict(struct instance *instance, struct conf_diagnostics *diagnostics)
{
	struct election_settings *election = &instance->election;
	const bool owner = instance->priority == VRRP_PRIORITY_OWNER;

	if (!election->strict)
		return;
	check_link_local(instance, diagnostics);
	if (instance->unicast.peers.count > 0)
		warning(diagnostics, &instance->origins[INSTANCE_UNICAST_PEERS],
			"%s: unicast peers are against what strict mode asks for; they are used "
			"all the same",
			instance->name);
	if (instance->initial_state == INITIAL_MASTER && !owner)
		warning(diagnostics, &instance->origins[INSTANCE_STATE],
			"%s: in strict mode only priority 255 begins as MASTER: write 'state "
			"BACKUP', "
			"as which it begins",
			instance->name);
	drop_authentication(instance, diagnostics);
	drop_preempt_delay(instance, diagnostics);
	if (instance->version == VRRP_VERSION_2)
		force(instance, INSTANCE_ACCEPT, &instance->accept, owner,
			"version 2 in strict mode accepts packets to the addresses only with "
			"priority 255",
			diagnostics);
	force(instance, INSTANCE_NO_LOWER_ANSWER, &election->no_lower_answer, true,
		"strict mode needs lower_prio_no_advert; it stays on", diagnostics);
	force(instance, INSTANCE_ANSWER_HIGHER, &election->answer_higher, false,
		"strict mode has no higher_prio_send_advert; it stays off", diagnostics);
}

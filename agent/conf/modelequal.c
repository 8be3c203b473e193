/* SPDX-License-Identifier: ISC */
/* Compares models by what they say; where it was said does not count. */
#include <string.h>

#include "agent/conf/model.h"
#include "agent/conf/syncgroup.h"

static bool same_string(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_strings(const char **a, size_t a_count, const char **b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!same_string(a[i], b[i]))
			return false;
	return true;
}

static bool same_script(const struct notify_script *a, const struct notify_script *b)
{
	return same_strings(a->argv, a->argc, b->argv, b->argc) && same_string(a->user, b->user) &&
	       same_string(a->group, b->group) && a->bare == b->bare;
}

static bool same_hooks(const struct hook_settings *a, const struct hook_settings *b)
{
	for (size_t i = 0; i < IMAGE_HOOKS; i++)
		if (!same_script(&a->commands[i], &b->commands[i]))
			return false;
	for (size_t i = 0; i < IMAGE_FIFOS; i++)
		if (!same_script(&a->fifos[i], &b->fifos[i]))
			return false;
	return a->startup_timeout == b->startup_timeout &&
	       a->shutdown_timeout == b->shutdown_timeout &&
	       a->priority_changes == b->priority_changes &&
	       a->states_on_reload == b->states_on_reload;
}

static bool same_garp(const struct garp_settings *a, const struct garp_settings *b)
{
	return a->delay_ns == b->delay_ns && a->refresh_ns == b->refresh_ns &&
	       a->repeat == b->repeat && a->refresh_repeat == b->refresh_repeat &&
	       a->lower_delay_ns == b->lower_delay_ns && a->lower_repeat == b->lower_repeat;
}

static bool same_garp_groups(const struct garp_group_list *a, const struct garp_group_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct garp_group *one = &a->items[i], *other = &b->items[i];

		if (one->garp_interval_ns != other->garp_interval_ns ||
			one->gna_interval_ns != other->gna_interval_ns ||
			!same_string(one->interface, other->interface) ||
			!same_strings(one->interfaces.items, one->interfaces.count,
				other->interfaces.items, other->interfaces.count))
			return false;
	}
	return true;
}

bool ip_address_equal(const struct ip_address *a, const struct ip_address *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return a->v4.s_addr == b->v4.s_addr;
	return a->family != AF_INET6 || memcmp(&a->v6, &b->v6, sizeof(a->v6)) == 0;
}

static bool same_address(const struct virtual_address *a, const struct virtual_address *b)
{
	return ip_address_equal(&a->address, &b->address) && a->prefix_length == b->prefix_length &&
	       a->scope == b->scope && a->broadcast_kind == b->broadcast_kind &&
	       a->broadcast.s_addr == b->broadcast.s_addr && same_string(a->device, b->device) &&
	       same_string(a->label, b->label) && a->admin_state == b->admin_state &&
	       a->flags == b->flags && a->preferred == b->preferred;
}

static bool same_addresses(const struct address_list *a, const struct address_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_address(&a->items[i], &b->items[i]))
			return false;
	return true;
}

/* Routes and rules have no pointers but the hops, and no padding. */
static bool same_routes(const struct route_list *a, const struct route_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct route *one = &a->items[i], *other = &b->items[i];

		if (memcmp(&one->value, &other->value, sizeof(one->value)) != 0 ||
			(one->value.hops.count > 0 &&
				memcmp(one->hops, other->hops,
					one->value.hops.count * sizeof(*one->hops)) != 0))
			return false;
	}
	return true;
}

static bool same_rules(const struct rule_list *a, const struct rule_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (memcmp(&a->items[i].value, &b->items[i].value, sizeof(a->items[i].value)) != 0)
			return false;
	return true;
}

static bool same_peers(const struct unicast_peer_list *a, const struct unicast_peer_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!ip_address_equal(&a->items[i].address, &b->items[i].address) ||
			a->items[i].ttl_min != b->items[i].ttl_min ||
			a->items[i].ttl_max != b->items[i].ttl_max)
			return false;
	return true;
}

static bool same_unicast(const struct unicast_settings *a, const struct unicast_settings *b)
{
	return same_peers(&a->peers, &b->peers) && ip_address_equal(&a->source, &b->source) &&
	       ip_address_equal(&a->multicast_source, &b->multicast_source) && a->ttl == b->ttl &&
	       a->old_checksum == b->old_checksum &&
	       a->fault_without_peer == b->fault_without_peer && a->track_source == b->track_source;
}

static bool same_settings(const struct election_settings *a, const struct election_settings *b)
{
	return a->strict == b->strict && a->skip_address_check == b->skip_address_check &&
	       a->no_lower_answer == b->no_lower_answer && a->answer_higher == b->answer_higher &&
	       a->owner_ignores == b->owner_ignores && a->down_adverts == b->down_adverts;
}

static bool same_tracked(
	const struct tracked_interface_list *a, const struct tracked_interface_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_string(a->items[i].name, b->items[i].name) ||
			a->items[i].weight != b->items[i].weight ||
			a->items[i].reverse != b->items[i].reverse)
			return false;
	return true;
}

static bool same_uses(const struct tracked_list *a, const struct tracked_list *b)
{
	for (size_t kind = 0; kind < IMAGE_TRACKER_KIND_COUNT; kind++) {
		const struct tracked_list *one = &a[kind], *other = &b[kind];

		if (one->count != other->count)
			return false;
		for (size_t i = 0; i < one->count; i++)
			if (strcmp(one->items[i].name, other->items[i].name) != 0 ||
				one->items[i].weight != other->items[i].weight ||
				one->items[i].reverse != other->items[i].reverse)
				return false;
	}
	return true;
}

static bool same_process(const struct tracker *a, const struct tracker *b)
{
	return a->parameters == b->parameters && a->full_command == b->full_command &&
	       a->quorum == b->quorum && a->quorum_max == b->quorum_max &&
	       a->fork_delay_ns == b->fork_delay_ns &&
	       a->terminate_delay_ns == b->terminate_delay_ns;
}

static bool same_file(const struct tracker *a, const struct tracker *b)
{
	return same_string(a->path, b->path) && a->init_file.written == b->init_file.written &&
	       a->init_file.overwrite == b->init_file.overwrite &&
	       a->init_file.value == b->init_file.value;
}

static bool same_trackers(const struct tracker_list *a, const struct tracker_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct tracker *one = &a->items[i], *other = &b->items[i];

		if (one->kind != other->kind || strcmp(one->name, other->name) != 0 ||
			one->weight.value != other->weight.value ||
			one->weight.reverse != other->weight.reverse ||
			!same_script(&one->command, &other->command) ||
			one->interval_ns != other->interval_ns ||
			one->timeout_ns != other->timeout_ns || one->rise != other->rise ||
			one->fall != other->fall || !same_process(one, other) ||
			!same_file(one, other))
			return false;
	}
	return true;
}

static bool same_vmac(const struct instance *a, const struct instance *b)
{
	return a->vmac.used == b->vmac.used && a->vmac.octets_written == b->vmac.octets_written &&
	       memcmp(a->vmac.octets, b->vmac.octets, sizeof(a->vmac.octets)) == 0 &&
	       same_string(a->vmac.name, b->vmac.name) &&
	       same_string(a->vmac_device, b->vmac_device) &&
	       a->vmac_xmit_base == b->vmac_xmit_base;
}

static bool same_election(const struct instance *a, const struct instance *b)
{
	return a->family == b->family && a->vrid == b->vrid && a->version == b->version &&
	       a->admin_state == b->admin_state && a->priority == b->priority &&
	       a->initial_state == b->initial_state && a->interval_ns == b->interval_ns &&
	       a->preempt_delay_ns == b->preempt_delay_ns && a->checksum == b->checksum &&
	       a->preempt == b->preempt && a->accept == b->accept &&
	       a->ignore_link == b->ignore_link && same_settings(&a->election, &b->election) &&
	       same_unicast(&a->unicast, &b->unicast);
}

bool instance_equal(const struct instance *a, const struct instance *b)
{
	return same_string(a->name, b->name) && same_string(a->interface, b->interface) &&
	       same_election(a, b) && same_vmac(a, b) && a->smtp_alert == b->smtp_alert &&
	       a->auth_type == b->auth_type &&
	       memcmp(a->auth_data, b->auth_data, sizeof(a->auth_data)) == 0 &&
	       same_addresses(&a->addresses, &b->addresses) &&
	       same_addresses(&a->excluded, &b->excluded) && same_routes(&a->routes, &b->routes) &&
	       same_rules(&a->rules, &b->rules) &&
	       a->promote_secondaries == b->promote_secondaries &&
	       a->native_ipv6 == b->native_ipv6 &&
	       same_tracked(&a->track_interfaces, &b->track_interfaces) &&
	       same_uses(a->tracked, b->tracked) &&
	       same_script(&a->notify_master, &b->notify_master) &&
	       same_script(&a->notify_backup, &b->notify_backup) &&
	       same_script(&a->notify_fault, &b->notify_fault) &&
	       same_script(&a->notify_stop, &b->notify_stop) &&
	       same_script(&a->notify, &b->notify) &&
	       same_script(&a->notify_deleted, &b->notify_deleted) &&
	       same_script(&a->notify_lower, &b->notify_lower) &&
	       a->priority_changes == b->priority_changes && same_garp(&a->garp, &b->garp);
}

static bool same_treatment(const struct process_settings *a, const struct process_settings *b)
{
	return a->real_time_limit == b->real_time_limit && a->no_swap == b->no_swap &&
	       memcmp(&a->cpusched, &b->cpusched, sizeof(a->cpusched)) == 0 &&
	       a->monitor_buffer == b->monitor_buffer && a->monitor_force == b->monitor_force;
}

/* What the processes are and where they run. */
static bool same_processes(const struct globals *a, const struct globals *b)
{
	return a->rt_priority == b->rt_priority && a->cpu_latency == b->cpu_latency &&
	       same_treatment(&a->engine_process, &b->engine_process) &&
	       same_treatment(&a->check_process, &b->check_process) && a->umask == b->umask &&
	       same_string(a->net_namespace, b->net_namespace);
}

static bool same_mail(const struct mail_settings *a, const struct mail_settings *b)
{
	return same_strings(a->to.items, a->to.count, b->to.items, b->to.count) &&
	       same_string(a->from, b->from) && same_string(a->server, b->server) &&
	       same_string(a->helo, b->helo) && a->timeout_ns == b->timeout_ns &&
	       a->alert == b->alert && a->alert_vrrp == b->alert_vrrp &&
	       a->no_faults == b->no_faults && a->tls == b->tls && same_string(a->ca, b->ca) &&
	       same_string(a->user, b->user) && same_string(a->password_file, b->password_file);
}

static bool globals_equal(const struct globals *a, const struct globals *b)
{
	return same_string(a->router_id, b->router_id) && a->vrrp_version == b->vrrp_version &&
	       ip_address_equal(&a->multicast_v4, &b->multicast_v4) &&
	       ip_address_equal(&a->multicast_v6, &b->multicast_v6) &&
	       same_settings(&a->election, &b->election) &&
	       same_string(a->script_user, b->script_user) &&
	       same_string(a->script_group, b->script_group) &&
	       a->script_security == b->script_security && same_hooks(&a->hooks, &b->hooks) &&
	       same_garp(&a->garp, &b->garp) && a->snmp_keepalived == b->snmp_keepalived &&
	       a->snmp_checker == b->snmp_checker && a->snmp_rfcv2 == b->snmp_rfcv2 &&
	       a->snmp_rfcv3 == b->snmp_rfcv3 && same_processes(a, b) &&
	       a->firewall.priority == b->firewall.priority &&
	       a->firewall.counters == b->firewall.counters &&
	       a->log_unknown_vrids == b->log_unknown_vrids &&
	       a->startup_delay_ns == b->startup_delay_ns &&
	       a->keep_on_restart == b->keep_on_restart && a->kernel_filter == b->kernel_filter &&
	       a->min_garp == b->min_garp && a->garp_interval_ns == b->garp_interval_ns &&
	       a->gna_interval_ns == b->gna_interval_ns &&
	       same_garp_groups(&a->garp_groups, &b->garp_groups) &&
	       a->snmp_traps == b->snmp_traps && same_string(a->snmp_socket, b->snmp_socket) &&
	       same_string(a->change_group, b->change_group) &&
	       same_string(a->view_group, b->view_group) &&
	       same_string(a->snmp_context, b->snmp_context) && same_mail(&a->mail, &b->mail) &&
	       same_string(a->vmac_prefix, b->vmac_prefix) &&
	       same_string(a->default_interface, b->default_interface) &&
	       same_addresses(&a->static_addresses, &b->static_addresses) &&
	       same_routes(&a->static_routes, &b->static_routes) &&
	       same_rules(&a->static_rules, &b->static_rules);
}

static bool same_members(const struct group_member_list *a, const struct group_member_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_string(a->items[i].name, b->items[i].name))
			return false;
	return true;
}

static bool group_equal(const struct sync_group *a, const struct sync_group *b)
{
	return same_string(a->name, b->name) && same_members(&a->members, &b->members) &&
	       same_tracked(&a->track_interfaces, &b->track_interfaces) &&
	       same_uses(a->tracked, b->tracked) &&
	       same_script(&a->notify_master, &b->notify_master) &&
	       same_script(&a->notify_backup, &b->notify_backup) &&
	       same_script(&a->notify_fault, &b->notify_fault) &&
	       same_script(&a->notify_stop, &b->notify_stop) &&
	       same_script(&a->notify, &b->notify) && a->smtp_alert == b->smtp_alert &&
	       a->global_tracking == b->global_tracking && a->tracking_weight == b->tracking_weight;
}

bool config_equal(const struct config *a, const struct config *b)
{
	if (!globals_equal(&a->globals, &b->globals) ||
		!same_trackers(&a->trackers, &b->trackers) ||
		a->instance_count != b->instance_count || a->group_count != b->group_count)
		return false;
	for (size_t i = 0; i < a->group_count; i++)
		if (!group_equal(a->groups[i], b->groups[i]))
			return false;
	for (size_t i = 0; i < a->instance_count; i++)
		if (!instance_equal(a->instances[i], b->instances[i]))
			return false;
	return true;
}

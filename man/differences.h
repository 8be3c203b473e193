/* SPDX-License-Identifier: ISC */
#ifndef MAN_DIFFERENCES_H
#define MAN_DIFFERENCES_H

#include "agent/conf/schema.h"

/* In what a word means something else here than to keepalived 2.2.7, for the manual. */
static const struct {
	enum conf_context context;
	const char *word, *text;
} differences[] = {
	{CONTEXT_TOP, "net_namespace",
		"the run directory stays where it is; --run-dir tells several agents apart"},
	{CONTEXT_GLOBAL, "vrrp_strict", "off switches it off"},
	{CONTEXT_GLOBAL, "enable_snmp_vrrp", "off switches it off"},
	{CONTEXT_GLOBAL, "enable_snmp_rfcv2", "off switches it off"},
	{CONTEXT_GLOBAL, "enable_snmp_rfcv3", "on unless it is switched off"},
	{CONTEXT_GLOBAL, "enable_traps", "off switches it off"},
	{CONTEXT_GLOBAL, "enable_script_security",
		"always on: what others could change never runs as root"},
	{CONTEXT_GLOBAL, "vrrp_skip_check_adv_addr", "off switches it off"},
	{CONTEXT_GLOBAL, "vrrp_owner_ignore_adverts", "2.2.7 does not know it"},
	{CONTEXT_GLOBAL, "vrrp_rlimit_rttime",
		"costs the engine its real-time priority until the next reload, and does not end "
		"it"},
	{CONTEXT_GLOBAL, "vrrp_rt_priority",
		"real-time scheduling is the default, where permitted"},
	{CONTEXT_GLOBAL, "nftables", "the table keeps the name vrrp_agent_PID"},
	{CONTEXT_GLOBAL, "notify_fifo", "16,384 events wait for a slow reader; losses are counted"},
	{CONTEXT_GLOBAL, "vrrp_notify_fifo",
		"16,384 events wait for a slow reader; losses are counted"},
	{CONTEXT_GLOBAL, "notify_fifo_script", "goes on over a reload"},
	{CONTEXT_GLOBAL, "vrrp_notify_fifo_script", "goes on over a reload"},
	{CONTEXT_GLOBAL, "fifo_write_vrrp_states_on_reload", "MASTER is written as well"},
	{CONTEXT_GLOBAL, "smtp_alert", "mail waits up to a day for its server"},
	{CONTEXT_INSTANCE, "skip_check_adv_addr", "off switches it off"},
	{CONTEXT_INSTANCE, "unicast_peer", "peers alone are heard"},
	{CONTEXT_INSTANCE, "v3_checksum_as_v2",
		"2.2.7 does not know it, and takes no such checksum"},
	{CONTEXT_INSTANCE, "owner_ignore_adverts", "2.2.7 does not know it"},
	{CONTEXT_INSTANCE, "virtual_ipaddress",
		"an address that was there before stays when the router is not active; one that "
		"somebody removes is put back without a transition; a prefix length of 0 is an "
		"error"},
	{CONTEXT_INSTANCE, "virtual_routes", "put back when somebody removes them"},
	{CONTEXT_INSTANCE, "virtual_rules", "put back when somebody removes them"},
	{CONTEXT_INSTANCE, "notify", "scripts of an instance run one after the other, in order"},
	{CONTEXT_SYNC_GROUP, "group", "an instance that does not exist, or is in two, is an error"},
	{CONTEXT_SCRIPT, "script",
		"arguments are in the same quotes; one that can't be run counts as failed"},
	{CONTEXT_SCRIPT, "interval", "0 is an error"},
	{CONTEXT_SCRIPT, "timeout", "a run that takes longer has failed at that moment"},
	{CONTEXT_TRACK_PROCESS, "process",
		"where the kernel's connector is refused /proc is looked through each second"},
};

#endif

/* SPDX-License-Identifier: ISC */
/* What to do about words that keepalived knows and this version does not act on, and about some
 * that are nobody's. */
#include <string.h>

#include "agent/conf/schema.h"

/* A * at the beginning or end of a pattern stands for anything; the first one that fits counts. */
struct advice {
	const char *pattern;
	const char *advice;
};

static const struct advice advices[] = {
	/* what decides who is active */
	{"track_bfd", "a shorter advert_int with version 3 notices a dead peer as soon"},
	{"bfd_instance", "a shorter advert_int with version 3 notices a dead peer as soon"},
	{"bfd_*", "remove it: there is no BFD process"},
	{"track_group", "remove it: static addresses, routes and rules are put back when they are "
			"removed, and decide nothing"},
	{"interface_up_down_delays", "use preempt_delay in each instance"},
	{"linkbeat_*", "remove it: the kernel tells of each link as it changes"},
	{"mcast_dst_ip",
		"use vrrp_mcast_group4 or vrrp_mcast_group6 in global_defs, or unicast_peer"},

	/* devices, addresses and routes */
	{"use_vmac*",
		"without it the address keeps the hardware address of the interface; remove it "
		"here and on the peers"},
	{"vmac_*", "remove it together with use_vmac"},
	{"use_ipvlan", "put the addresses on the interface itself"},
	{"dpdk_interface",
		"remove it, if the kernel's interface shall hold the addresses; only DPVS's own "
		"keepalived gives them to DPVS"},
	{"vrf", "name an interface that belongs to the VRF, and use table in routes"},
	{"peer", "set the point-to-point address with static_ipaddress or the network's own tools"},
	{"mngtmpaddr", "remove it: a virtual address makes no temporary ones"},
	{"autojoin", "remove it: groups are joined by the programs that listen to them"},
	{"encap", "route through a tunnel device by dev"},
	{"tun_id", "match the tunnel's device by iif"},
	{"as", "rewrite the destination with nftables"},
	{"rtt*", "remove it, or set it with the network's own tools"},
	{"realms", "use fwmark in a rule"},
	{"congctl", "set net.ipv4.tcp_congestion_control"},
	{"features", "set net.ipv4.tcp_ecn"},
	{"expires", "remove it: a virtual route lasts as long as the router is active"},
	{"ttl-propagate", "set net.mpls.ip_ttl_propagate"},
	{"fastopen_no_cookie", "set net.ipv4.tcp_fastopen"},

	/* announcements */
	{"garp_extra_if", "use garp_master_refresh: it announces each address where it is"},
	{"vrrp_garp_extra_if",
		"use vrrp_garp_master_refresh: it announces each address where it is"},
	{"vrrp_vmac_garp_intvl",
		"use vrrp_garp_master_refresh: it announces each address where it is"},

	/* who is told */
	{"lvs_notify_fifo*", "remove it: there are no real servers, so nothing would be written"},
	{"enable_dbus", "use 'vrrpctl show --json' or SNMP"},
	{"dbus_service_name", "remove it: there is no D-Bus service"},
	{"rs_init_notifies", "remove it: there are no real servers"},

	/* what another program does */
	{"virtual_server*", "keep it in a file of its own for 'keepalived --check'"},
	{"*_address_group", "keep it in a file of its own for the load balancer that knows it"},
	{"smtp_alert_checker", "remove it: there are no real servers"},
	{"SSL", "keep it in a file of its own for 'keepalived --check'"},
	{"lvs_sync_daemon*",
		"run 'ipvsadm --start-daemon master' and 'ipvsadm --start-daemon backup' at boot, "
		"or each in a notify script; 'keepalived --check' has no such daemon"},
	{"lvs_*", "keep it in a file of its own for 'keepalived --check'"},
	{"checker_rt_priority", "remove it: nothing but the engine runs at real time"},
	{"checker_rlimit_*", "remove it: nothing but the engine runs at real time"},
	{"checker_*", "keep it in a file of its own for 'keepalived --check'"},
	{"nftables_ipvs*", "keep it in a file of its own for 'keepalived --check'"},
	{"net_namespace_ipvs", "keep it in a file of its own for 'keepalived --check'"},
	{"vrrp_iptables", "remove it: nftables does what is needed"},
	{"vrrp_ipsets", "remove it: nftables does what is needed"},
	{"namespace_with_ipsets", "remove it: nftables does what is needed"},

	/* the process and its environment */
	{"max_auto_priority", "remove it: the engine has a real-time priority from the start"},
	{"min_auto_priority_delay",
		"remove it: the engine has a real-time priority from the start"},
	{"process_name", "remove it: each process says what it does in its name"},
	{"vrrp_process_name", "remove it: each process says what it does in its name"},
	{"data_use_instance", "use --run-dir for each of several agents"},
	{"child_wait_time", "remove it: a stop waits for each script as long as that may take"},
	{"enable_snmp_checker", "remove it: there are no real servers"},
	{"disable_local_igmp", "remove it, or set net.ipv4.igmp_link_local_mcast_reports"},
	{"tmp_config_directory", "remove it: what was read is kept in memory"},
	{"config_save_dir", "keep the files in a version control system"},
	{"reload_*", "let a timer run 'systemctl reload vrrp-agent'"},
	{"*rcv_bufs*", "remove it: buffers are as large as they need to be"},
	{"*rx_buf*", "remove it: buffers are as large as they need to be"},
	{"debug", "use --level debug"},
};

#define MERGE "a merge left it: keep one of the two texts, and remove such lines"

/* No version has them, and they are seen all the same. */
static const struct advice strangers[] = {
	{"<<<<<<<*", MERGE},
	{"|||||||*", MERGE},
	{"=======*", MERGE},
	{">>>>>>>*", MERGE},
	{"log_level", "remove it; the option --level says how much is logged"},
	{"notification_script", "write notify in each vrrp_instance"},
	{"netmask", "the length of the prefix goes behind the address: 192.0.2.1/24"},
	{"mask", "the length of the prefix goes behind the address: 192.0.2.1/24"},
};

/* Where nothing is known of a word, the usual reason for it. */
static const char *const usual[CONF_CONTEXTS] = {
	[CONTEXT_ADDRESS] = "an interface is written dev NAME, a label label NAME",
	[CONTEXT_SYNC_GROUP] = "remove it; the names of its instances stand in group { ... }",
};

static bool matches(const char *pattern, const char *word)
{
	size_t length = strlen(pattern), words = strlen(word);
	bool head = pattern[0] == '*', tail = pattern[length - 1] == '*';

	if (head && tail)
		return memmem(word, words, pattern + 1, length - 2);
	if (head)
		return words >= length - 1 && strcmp(word + words - (length - 1), pattern + 1) == 0;
	if (tail)
		return strncmp(word, pattern, length - 1) == 0;
	return strcmp(word, pattern) == 0;
}

static const char *find(const struct advice *list, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (matches(list[i].pattern, word))
			return list[i].advice;
	return NULL;
}

const char *conf_word_advice(const struct conf_word *word)
{
	return find(advices, sizeof(advices) / sizeof(advices[0]), word->word);
}

const char *conf_unknown_advice(enum conf_context context, const char *word)
{
	const char *known = find(strangers, sizeof(strangers) / sizeof(strangers[0]), word);

	if (known)
		return known;
	return usual[context] ? usual[context] : "remove it, or see vrrp-agent.conf(5)";
}

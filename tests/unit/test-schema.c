/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/conf/load.h"
#include "agent/conf/schema.h"

static void test_table_is_sound(void **state)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];

		/* the first of its name: no word stands twice in a context */
		assert_ptr_equal(conf_word_find(word->context, word->word), word);
		assert_true(word->documentation && word->documentation[0]);
		assert_true(i == 0 || word->context >= conf_words[i - 1].context);
		assert_true(word->attribute < 128);
		if (word->kind == KIND_NUMBER || word->kind == KIND_SECONDS)
			assert_true(word->maximum > word->minimum);
		if (word->kind == KIND_SECONDS)
			assert_int_equal(word->size, sizeof(uint64_t));
		if (word->kind == KIND_CHOICE)
			assert_non_null(word->choices[0]);
		if (word->kind == KIND_NUMBER || word->kind == KIND_CHOICE)
			assert_true(word->size == 1 || word->size == 4);
	}
}

/* Whether some word of the context writes the attribute, in a spelling that is dumped. */
static bool is_written(enum conf_context context, int attribute)
{
	for (size_t i = 0; i < conf_word_count; i++)
		if (conf_words[i].context == context && conf_words[i].attribute == attribute &&
			!(conf_words[i].flags & CONF_ALIAS))
			return true;
	return false;
}

static void test_every_attribute_has_a_word(void **state)
{
	for (int i = 0; i < GLOBAL_ATTRIBUTES; i++)
		assert_true(is_written(CONTEXT_GLOBAL, i) || is_written(CONTEXT_TOP, i));
	for (int i = INSTANCE_NAME + 1; i < INSTANCE_ATTRIBUTES; i++)
		assert_true(
			is_written(CONTEXT_INSTANCE, i) || is_written(CONTEXT_AUTHENTICATION, i));
}

static void test_suggestions(void **state)
{
	assert_string_equal(conf_word_suggest(CONTEXT_INSTANCE, "prioity")->word, "priority");
	assert_string_equal(
		conf_word_suggest(CONTEXT_INSTANCE, "virtual_ipadress")->word, "virtual_ipaddress");
	assert_string_equal(conf_word_suggest(CONTEXT_TOP, "vrrp_instnace")->word, "vrrp_instance");
	assert_null(conf_word_suggest(CONTEXT_INSTANCE, "xyzzy_frobnicate"));
	assert_string_equal(conf_word_elsewhere(CONTEXT_GLOBAL, "virtual_router_id")->word,
		"virtual_router_id");
	assert_null(conf_word_elsewhere(CONTEXT_GLOBAL, "router_id"));
}

/* A statement, and what comes of it: its result where it belongs. */
struct sample {
	const char *word;
	const char *good;
	const char *bad[4];
};

static const struct sample instance_samples[] = {
	{"interface", "interface eth0", {"interface", "interface a/b", "interface eth0 eth1"}},
	{"virtual_router_id", "virtual_router_id 255",
		{"virtual_router_id 0", "virtual_router_id 256", "virtual_router_id x"}},
	{"admin_state", "admin_state down", {"admin_state", "admin_state off"}},
	{"native_ipv6", "native_ipv6\nvirtual_ipaddress {\n2001:db8::1\n}",
		{"native_ipv6", "native_ipv6 on"}},
	{"version", "version 3", {"version", "version 1", "version 4"}},
	{"state", "state BACKUP", {"state", "state FAULT", "state backup"}},
	{"priority", "priority 255", {"priority 0", "priority 256", "priority 1.5", "priority -1"}},
	{"advert_int", "advert_int 255",
		{"advert_int 0", "advert_int 256", "advert_int 1,5", "advert_int 0.001"}},
	{"preempt", "preempt", {"preempt on"}},
	{"nopreempt", "nopreempt", {"nopreempt on"}},
	{"preempt_delay", "preempt_delay 1000", {"preempt_delay", "preempt_delay 1000.1"}},
	{"v3_checksum_as_v2", "v3_checksum_as_v2 on",
		{"v3_checksum_as_v2 maybe", "v3_checksum_as_v2 on off"}},
	{"accept", "accept", {"accept off"}},
	{"no_accept", "no_accept", {"no_accept on"}},
	{"unicast_peer", "unicast_peer {\n192.0.2.2\n192.0.2.3 max_ttl 64 min_ttl 0\n}",
		{"unicast_peer", "unicast_peer {\nx\n}", "unicast_peer {\n224.0.0.1\n}",
			"unicast_peer {\n192.0.2.2 min_ttl 256\n}"}},
	{"unicast_src_ip", "unicast_src_ip 192.0.2.7",
		{"unicast_src_ip", "unicast_src_ip 192.0.2.7/33", "unicast_src_ip 0.0.0.0",
			"unicast_src_ip 2001:db8::7"}},
	{"mcast_src_ip", "mcast_src_ip 192.0.2.7",
		{"mcast_src_ip x", "mcast_src_ip 127.0.0.1", "mcast_src_ip fe80::1"}},
	{"track_src_ip", "track_src_ip", {"track_src_ip on"}},
	{"unicast_ttl", "unicast_ttl 1", {"unicast_ttl", "unicast_ttl 0", "unicast_ttl 256"}},
	{"unicast_fault_no_peer", "unicast_fault_no_peer", {"unicast_fault_no_peer on"}},
	{"old_unicast_checksum", "old_unicast_checksum never",
		{"old_unicast_checksum on", "old_unicast_checksum never never"}},
	{"dont_track_primary", "dont_track_primary", {"dont_track_primary on"}},
	{"strict_mode", "strict_mode", {"strict_mode x", "strict_mode on off"}},
	{"skip_check_adv_addr", "skip_check_adv_addr off", {"skip_check_adv_addr x"}},
	{"lower_prio_no_advert", "lower_prio_no_advert", {"lower_prio_no_advert x"}},
	{"higher_prio_send_advert", "higher_prio_send_advert yes", {"higher_prio_send_advert 1"}},
	{"owner_ignore_adverts", "owner_ignore_adverts true", {"owner_ignore_adverts x"}},
	{"down_timer_adverts", "down_timer_adverts 100",
		{"down_timer_adverts", "down_timer_adverts 0", "down_timer_adverts 101"}},
	{"virtual_ipaddress",
		"virtual_ipaddress {\n192.0.2.9/31 brd 192.0.2.9 dev e scope 9 label l\n}",
		{"virtual_ipaddress", "virtual_ipaddress {\nx\n}", "virtual_ipaddress x {\n}"}},
	{"no_accept", "no_accept", {"no_accept on"}},
	{"virtual_ipaddress_excluded", "virtual_ipaddress_excluded {\n2001:db8::9/64 home\n}",
		{"virtual_ipaddress_excluded {\n192.0.2.1/33\n}",
			"virtual_ipaddress_excluded {\n192.0.2.9 scope world\n}"}},
	{"virtual_routes", "virtual_routes {\ndefault via 192.0.2.9 table 5\n}",
		{"virtual_routes", "virtual_routes {\ndefault\n}"}},
	{"virtual_rules", "virtual_rules {\nfrom 10.0.0.0/8 table 5 preference 6\n}",
		{"virtual_rules x {\n}", "virtual_rules {\nfrom 10.0.0.0/8\n}"}},
	{"promote_secondaries", "promote_secondaries", {"promote_secondaries on"}},
	{"track_interface", "track_interface {\neth1 weight -253 noreverse\n}",
		{"track_interface", "track_interface {\neth1 weight 254\n}"}},
	{"track_script", "track_script {\ns weight -253 noreverse\n}",
		{"track_script", "track_script {\nt\n}", "track_script {\ns weight 254\n}",
			"track_script {\ns\ns weight 3\n}"}},
	{"track_process", "track_process {\np weight -254 reverse\n}",
		{"track_process", "track_process {\nf\n}", "track_process {\np weight 255\n}"}},
	{"track_file", "track_file {\nf weight 254 noreverse\n}",
		{"track_file", "track_file {\np\n}", "track_file {\nf weight 255\n}"}},
	{"notify_master", "notify_master /bin/a u g", {"notify_master", "notify_master a b c d"}},
	{"notify_backup", "notify_backup '/bin/a \"b c\"'", {"notify_backup"}},
	{"notify_fault", "notify_fault /bin/a u", {"notify_fault"}},
	{"notify_stop", "notify_stop /bin/a", {"notify_stop"}},
	{"notify", "notify /bin/a", {"notify"}},
	{"notify_deleted", "notify_deleted", {"notify_deleted a b c d"}},
	{"notify_master_rx_lower_pri", "notify_master_rx_lower_pri '/bin/a b' u g",
		{"notify_master_rx_lower_pri"}},
	{"notify_priority_changes", "notify_priority_changes on", {"notify_priority_changes x"}},
	{"garp_master_delay", "garp_master_delay 0",
		{"garp_master_delay x", "garp_master_delay .5"}},
	{"garp_master_repeat", "garp_master_repeat 1", {"garp_master_repeat 0"}},
	{"garp_master_refresh", "garp_master_refresh 86400", {"garp_master_refresh 86401"}},
	{"garp_master_refresh_repeat", "garp_master_refresh_repeat 65535",
		{"garp_master_refresh_repeat 65536"}},
	{"garp_lower_prio_delay", "garp_lower_prio_delay 0", {"garp_lower_prio_delay x"}},
	{"garp_lower_prio_repeat", "garp_lower_prio_repeat 0", {"garp_lower_prio_repeat"}},
	{"authentication", "authentication {\nauth_type PASS\nauth_pass 12345678\n}",
		{"authentication", "authentication x {\n}", "authentication {\nauth_type AH\n}",
			"authentication {\nauth_type X\nauth_pass a\n}"}},
	{"smtp_alert", "smtp_alert off", {"smtp_alert x", "smtp_alert on on"}},
	{"use_vmac", "use_vmac vrrp5 02:00:5e:1:2:3",
		{"use_vmac a b", "use_vmac sixteen-letters-", "use_vmac 01:00:5e:0:0:1",
			"use_vmac 2:0:5e:0"}},
	{"vmac_xmit_base", "vmac_xmit_base", {"vmac_xmit_base on"}},
};

static const struct sample global_samples[] = {
	{"router_id", "router_id \"a b\"", {"router_id", "router_id a b", "router_id ''"}},
	{"lvs_id", "lvs_id LVS_1", {"lvs_id", "lvs_id a b"}},
	{"vrrp_version", "vrrp_version 3", {"vrrp_version", "vrrp_version 5"}},
	{"vrrp_mcast_group4", "vrrp_mcast_group4 224.0.0.19",
		{"vrrp_mcast_group4 10.0.0.1", "vrrp_mcast_group4 ff02::12"}},
	{"vrrp_mcast_group6", "vrrp_mcast_group6 ff12::12",
		{"vrrp_mcast_group6 ff05::12", "vrrp_mcast_group6 224.0.0.18"}},
	{"vrrp_strict", "vrrp_strict", {"vrrp_strict x"}},
	{"vrrp_skip_check_adv_addr", "vrrp_skip_check_adv_addr", {"vrrp_skip_check_adv_addr x"}},
	{"vrrp_lower_prio_no_advert", "vrrp_lower_prio_no_advert off",
		{"vrrp_lower_prio_no_advert 0"}},
	{"vrrp_higher_prio_send_advert", "vrrp_higher_prio_send_advert no",
		{"vrrp_higher_prio_send_advert x"}},
	{"vrrp_owner_ignore_adverts", "vrrp_owner_ignore_adverts", {"vrrp_owner_ignore_adverts x"}},
	{"vrrp_down_timer_adverts", "vrrp_down_timer_adverts 1", {"vrrp_down_timer_adverts 101"}},
	{"startup_script", "startup_script '/bin/a b' u g",
		{"startup_script", "startup_script a b c d"}},
	{"startup_script_timeout", "startup_script_timeout 1000",
		{"startup_script_timeout", "startup_script_timeout 0",
			"startup_script_timeout 1001", "startup_script_timeout 1.5"}},
	{"shutdown_script", "shutdown_script /bin/a", {"shutdown_script"}},
	{"shutdown_script_timeout", "shutdown_script_timeout 1",
		{"shutdown_script_timeout 0", "shutdown_script_timeout 1001"}},
	{"notify_fifo", "notify_fifo '/run/a fifo' u",
		{"notify_fifo", "notify_fifo ''", "notify_fifo fifo", "notify_fifo /a b c d"}},
	{"notify_fifo_script", "notify_fifo_script '/bin/a b' u\nnotify_fifo /run/fifo",
		{"notify_fifo_script"}},
	{"vrrp_notify_fifo", "vrrp_notify_fifo /run/b u g",
		{"vrrp_notify_fifo", "vrrp_notify_fifo ./b"}},
	{"vrrp_notify_fifo_script", "vrrp_notify_fifo_script /bin/a\nvrrp_notify_fifo /run/b",
		{"vrrp_notify_fifo_script"}},
	{"vrrp_notify_priority_changes", "vrrp_notify_priority_changes yes",
		{"vrrp_notify_priority_changes 1"}},
	{"fifo_write_vrrp_states_on_reload", "fifo_write_vrrp_states_on_reload",
		{"fifo_write_vrrp_states_on_reload on"}},
	{"script_user", "script_user a b", {"script_user", "script_user a b c"}},
	{"enable_script_security", "enable_script_security", {"enable_script_security on"}},
	{"vrrp_keep_on_restart", "vrrp_keep_on_restart", {"vrrp_keep_on_restart maybe"}},
	{"vrrp_kernel_filter", "vrrp_kernel_filter off", {"vrrp_kernel_filter maybe"}},
	{"vrrp_garp_master_delay", "vrrp_garp_master_delay 1", {"vrrp_garp_master_delay 1.5"}},
	{"vrrp_garp_master_repeat", "vrrp_garp_master_repeat 1", {"vrrp_garp_master_repeat 0"}},
	{"vrrp_garp_master_refresh", "vrrp_garp_master_refresh 1", {"vrrp_garp_master_refresh"}},
	{"vrrp_garp_master_refresh_repeat", "vrrp_garp_master_refresh_repeat 1",
		{"vrrp_garp_master_refresh_repeat x"}},
	{"vrrp_garp_lower_prio_delay", "vrrp_garp_lower_prio_delay 0",
		{"vrrp_garp_lower_prio_delay 1.5"}},
	{"vrrp_garp_lower_prio_repeat", "vrrp_garp_lower_prio_repeat 0",
		{"vrrp_garp_lower_prio_repeat -1"}},
	{"vrrp_garp_interval", "vrrp_garp_interval 0.000001",
		{"vrrp_garp_interval -1", "vrrp_garp_interval 4294.967296"}},
	{"vrrp_gna_interval", "vrrp_gna_interval 4294.967295", {"vrrp_gna_interval x"}},
	{"vrrp_min_garp", "vrrp_min_garp off", {"vrrp_min_garp 1"}},
	{"enable_snmp_vrrp", "enable_snmp_vrrp", {"enable_snmp_vrrp x"}},
	{"enable_snmp_keepalived", "enable_snmp_keepalived yes", {"enable_snmp_keepalived 1"}},
	{"enable_snmp_checker", "enable_snmp_checker no", {"enable_snmp_checker x"}},
	{"enable_snmp_rfc", "enable_snmp_rfc", {"enable_snmp_rfc x"}},
	{"enable_snmp_rfcv2", "enable_snmp_rfcv2 true", {"enable_snmp_rfcv2 x"}},
	{"enable_snmp_rfcv3", "enable_snmp_rfcv3 off", {"enable_snmp_rfcv3 x"}},
	{"enable_traps", "enable_traps", {"enable_traps on off"}},
	{"snmp_socket", "snmp_socket tcp:127.0.0.1:705", {"snmp_socket", "snmp_socket a b"}},
	{"snmp_context", "snmp_context blue",
		{"snmp_context", "snmp_context a b", "snmp_context ''",
			"snmp_context 123456789012345678901234567890123"}},
	{"vrrpctl_group", "vrrpctl_group root", {"vrrpctl_group", "vrrpctl_group a b"}},
	{"vrrpctl_view_group", "vrrpctl_view_group root",
		{"vrrpctl_view_group", "vrrpctl_view_group ''"}},
	{"notification_email", "notification_email { }", {"notification_email"}},
	{"notification_email_from", "notification_email_from a@b",
		{"notification_email_from", "notification_email_from a@b c",
			"notification_email_from '<a@b>'"}},
	{"smtp_server", "smtp_server ::1 2525",
		{"smtp_server", "smtp_server a b", "smtp_server a 0", "smtp_server a:b"}},
	{"smtp_helo_name", "smtp_helo_name a.b", {"smtp_helo_name a b", "smtp_helo_name a/b"}},
	{"smtp_connect_timeout", "smtp_connect_timeout 1", {"smtp_connect_timeout x"}},
	{"smtp_alert", "smtp_alert no", {"smtp_alert x"}},
	{"smtp_alert_vrrp", "smtp_alert_vrrp off", {"smtp_alert_vrrp 1"}},
	{"no_email_faults", "no_email_faults", {"no_email_faults on"}},
	{"smtp_tls", "smtp_tls try", {"smtp_tls", "smtp_tls on"}},
	{"smtp_tls_ca", "smtp_tls required\nsmtp_tls_ca /a",
		{"smtp_tls_ca /a", "smtp_tls required\nsmtp_tls_ca a"}},
	{"smtp_user", "smtp_tls implicit\nsmtp_user a\nsmtp_password_file /a",
		{"smtp_tls implicit\nsmtp_user a", "smtp_user a\nsmtp_password_file /a"}},
	{"smtp_password_file", NULL,
		{"smtp_tls required\nsmtp_password_file /a",
			"smtp_tls required\nsmtp_user a\nsmtp_password_file a"}},
	{"vrrp_rt_priority", "vrrp_rt_priority 99",
		{"vrrp_rt_priority", "vrrp_rt_priority 0", "vrrp_rt_priority 100"}},
	{"vrrp_rlimit_rttime", "vrrp_rlimit_rttime 2", {"vrrp_rlimit_rttime 1"}},
	{"vrrp_rlimit_rtime", "vrrp_rlimit_rtime 10000", {"vrrp_rlimit_rtime x"}},
	{"vrrp_priority", "vrrp_priority -20",
		{"vrrp_priority", "vrrp_priority 20", "vrrp_priority -21"}},
	{"vrrp_cpu_affinity", "vrrp_cpu_affinity 0 2 1023",
		{"vrrp_cpu_affinity", "vrrp_cpu_affinity 1024", "vrrp_cpu_affinity 0 x"}},
	{"vrrp_cpu_latency", "vrrp_cpu_latency 0\nvrrp_cpu_latency 2000000000",
		{"vrrp_cpu_latency", "vrrp_cpu_latency -1", "vrrp_cpu_latency 2000000001",
			"vrrp_cpu_latency 0.5"}},
	{"checker_priority", "checker_priority 19", {"checker_priority 1.5"}},
	{"checker_no_swap", "checker_no_swap", {"checker_no_swap on"}},
	{"checker_cpu_affinity", "checker_cpu_affinity 1", {"checker_cpu_affinity -1"}},
	{"process_monitor_rcv_bufs", "process_monitor_rcv_bufs 2147483647",
		{"process_monitor_rcv_bufs 0", "process_monitor_rcv_bufs 2147483648",
			"process_monitor_rcv_bufs"}},
	{"process_monitor_rcv_bufs_force", "process_monitor_rcv_bufs_force off",
		{"process_monitor_rcv_bufs_force maybe"}},
	{"umask", "umask IWGRP|IWOTH|IXOTH",
		{"umask", "umask 01000", "umask IWGRP|IRWXO", "umask 089"}},
	{"nftables_priority", "nftables_priority -2147483647",
		{"nftables_priority", "nftables_priority 2147483648"}},
	{"nftables_counters", "nftables_counters", {"nftables_counters 1"}},
	{"log_unknown_vrids", "log_unknown_vrids", {"log_unknown_vrids on"}},
	{"vrrp_startup_delay", "vrrp_startup_delay 5.5",
		{"vrrp_startup_delay", "vrrp_startup_delay -1", "vrrp_startup_delay 86401"}},
	{"vmac_prefix", "vmac_prefix vm", {"vmac_prefix", "vmac_prefix a b"}},
	{"default_interface", "default_interface eth1", {"default_interface a/b"}},
};

static const struct sample script_samples[] = {
	{"script", "script '/bin/a \"b c\" d'", {"script", "script /bin/a b", "script ''"}},
	{"interval", "interval 4294", {"interval 0", "interval 4295", "interval 0.5", "interval"}},
	{"timeout", "timeout 1", {"timeout 0", "timeout 4295", "timeout 1.5", "timeout"}},
	{"weight", "weight -253 reverse",
		{"weight 254", "weight 5 noreverse", "weight", "weight 5 reverse x"}},
	{"rise", "rise 2147483647", {"rise 0", "rise 2147483648", "rise -1", "rise"}},
	{"fall", "fall 1", {"fall 0", "fall x", "fall 1 2", "fall"}},
	{"user", "user root root", {"user", "user a b c"}},
};

static const struct sample process_samples[] = {
	{"process", "process 'a b' -c \"\"", {"process", "process ''", "process a\nprocess b"}},
	{"param_match", "param_match", {"param_match exact", "param_match initial x"}},
	{"weight", "weight -254 reverse", {"weight 255", "weight 5 noreverse", "weight"}},
	{"quorum", "quorum 65535", {"quorum 0", "quorum 65536", "quorum"}},
	{"quorum_max", "quorum_max 0", {"quorum_max 65536", "quorum_max -1", "quorum_max"}},
	{"fork_delay", "fork_delay 0.000001", {"fork_delay 0", "fork_delay 3600.1", "fork_delay"}},
	{"terminate_delay", "terminate_delay 3600", {"terminate_delay 0", "terminate_delay x"}},
	{"delay", "delay 1.5", {"delay 0", "delay 3601", "delay"}},
	{"full_command", "full_command", {"full_command on"}},
};

static const struct sample file_samples[] = {
	{"file", "file '/a b'", {"file", "file /a /b", "file ''", "file /a\nfile /b"}},
	{"weight", "weight 254 reverse", {"weight 255", "weight 5 noreverse", "weight"}},
	{"init_file", "init_file overwrite -2147483648",
		{"init_file 2147483648", "init_file 1 2", "init_file always"}},
};

static enum conf_result check(
	enum conf_context context, const struct sample *sample, const char *text)
{
	struct conf_diagnostics diagnostics = {0};
	enum conf_result result;
	char file[1024], *from, *to;

	if (context == CONTEXT_GLOBAL) {
		snprintf(file, sizeof(file), "global_defs {\n%s\n}\n", text);
	} else if (context == CONTEXT_SCRIPT) {
		snprintf(file, sizeof(file), "vrrp_script s {\n%s\n%s\n}\n", text,
			strcmp(sample->word, "script") ? "script /bin/true" : "");
	} else if (context == CONTEXT_TRACK_PROCESS) {
		snprintf(file, sizeof(file), "vrrp_track_process p {\n%s\n%s\n}\n", text,
			strcmp(sample->word, "process") ? "process sleep" : "");
	} else if (context == CONTEXT_TRACK_FILE) {
		snprintf(file, sizeof(file), "track_file f {\n%s\n%s\n}\n", text,
			strcmp(sample->word, "file") ? "file /a" : "");
	} else {
		snprintf(file, sizeof(file),
			"vrrp_script s {\nscript /bin/true\n}\nvrrp_track_process p {\n"
			"process a\n}\ntrack_file f {\nfile /a\n}\nvrrp_instance a "
			"{\n%s\n%s\n%s\nvirtual_ipaddress {\n192.0.2.1\n}\n}\n",
			text, strcmp(sample->word, "interface") ? "interface eth0" : "",
			strcmp(sample->word, "virtual_router_id") ? "virtual_router_id 1" : "");
		/* the sample's own addresses are enough */
		from = strcmp(sample->word, "virtual_ipaddress") &&
				       !strstr(text, "virtual_ipaddress {")
			       ? NULL
			       : strstr(file, "virtual_ipaddress {\n192.0.2.1\n");
		to = from ? strchr(from, '}') + 2 : NULL;
		if (from)
			memmove(from, to, strlen(to) + 1);
	}
	config_free(conf_load_text("sample", file, strlen(file), NULL, &diagnostics));
	result = conf_diagnostics_result(&diagnostics);
	conf_diagnostics_clear(&diagnostics);
	return result;
}

static void check_samples(enum conf_context context, const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_non_null(conf_word_find(context, samples[i].word));
		if (samples[i].good && check(context, &samples[i], samples[i].good) > CONF_USABLE)
			fail_msg("refused: %s", samples[i].good);
		for (size_t j = 0; j < 4 && samples[i].bad[j]; j++)
			if (check(context, &samples[i], samples[i].bad[j]) != CONF_REFUSED)
				fail_msg("not refused: %s", samples[i].bad[j]);
	}
}

static void test_samples(void **state)
{
	check_samples(CONTEXT_INSTANCE, instance_samples,
		sizeof(instance_samples) / sizeof(instance_samples[0]));
	check_samples(
		CONTEXT_GLOBAL, global_samples, sizeof(global_samples) / sizeof(global_samples[0]));
	check_samples(
		CONTEXT_SCRIPT, script_samples, sizeof(script_samples) / sizeof(script_samples[0]));
	check_samples(CONTEXT_TRACK_PROCESS, process_samples,
		sizeof(process_samples) / sizeof(process_samples[0]));
	check_samples(
		CONTEXT_TRACK_FILE, file_samples, sizeof(file_samples) / sizeof(file_samples[0]));
}

static bool has_sample(const struct conf_word *word, const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(samples[i].word, word->word) == 0)
			return true;
	return false;
}

/* So that a word that becomes supported is tested. */
static void test_every_supported_word_has_a_sample(void **state)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];
		bool found = true;

		if (word->context == CONTEXT_INSTANCE && word->kind != KIND_SKIPPED &&
			word->status != STATUS_REFUSED && word->attribute >= 0)
			found = has_sample(word, instance_samples,
				sizeof(instance_samples) / sizeof(instance_samples[0]));
		if (word->context == CONTEXT_GLOBAL && word->attribute >= 0)
			found = has_sample(word, global_samples,
				sizeof(global_samples) / sizeof(global_samples[0]));
		if (word->context == CONTEXT_SCRIPT && word->attribute >= 0)
			found = has_sample(word, script_samples,
				sizeof(script_samples) / sizeof(script_samples[0]));
		if (word->context == CONTEXT_TRACK_PROCESS)
			found = has_sample(word, process_samples,
				sizeof(process_samples) / sizeof(process_samples[0]));
		if (word->context == CONTEXT_TRACK_FILE)
			found = has_sample(
				word, file_samples, sizeof(file_samples) / sizeof(file_samples[0]));
		if (!found)
			fail_msg("no sample of %s", word->word);
	}
}

/* Words without effect are warned of, refused ones are errors, implied ones pass in silence. */
static void test_status(void **state)
{
	static const enum conf_result expected[] = {
		[STATUS_SUPPORTED] = CONF_GOOD,
		[STATUS_IMPLIED] = CONF_GOOD,
		[STATUS_IGNORED] = CONF_USABLE,
		[STATUS_REFUSED] = CONF_REFUSED,
	};
	const struct sample none = {.word = ""};

	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];

		if (word->attribute >= 0 ||
			(word->kind != KIND_SKIPPED && word->kind != KIND_BOOL) ||
			(word->context != CONTEXT_GLOBAL && word->context != CONTEXT_INSTANCE))
			continue;
		if (check(word->context, &none, word->word) != expected[word->status])
			fail_msg("%s", word->word);
	}
}

/* Whoever has a word that does nothing is told what to do. */
static void test_every_word_without_effect_has_advice(void **state)
{
	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];
		bool inner = word->context >= CONTEXT_SYNC_GROUP && word->context <= CONTEXT_BFD;

		if (word->status != STATUS_REFUSED && word->status != STATUS_IGNORED)
			continue;
		if (!inner && !conf_word_advice(word))
			fail_msg("no advice for %s", word->word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_sound),
		cmocka_unit_test(test_every_attribute_has_a_word),
		cmocka_unit_test(test_suggestions),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_every_supported_word_has_a_sample),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_every_word_without_effect_has_advice),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "agent/conf/dump.h"
#include "agent/conf/load.h"

#define SECOND 1000000000ull

static struct conf_diagnostics diagnostics;

static int teardown(void **state)
{
	conf_diagnostics_clear(&diagnostics);
	return 0;
}

static struct config *load(const char *text)
{
	return conf_load_text("file", text, strlen(text), NULL, &diagnostics);
}

static struct config *load_good(const char *text)
{
	struct config *config = load(text);

	if (!config)
		conf_diagnostics_print(&diagnostics, stderr);
	assert_non_null(config);
	return config;
}

static bool is_said(const char *text)
{
	for (size_t i = 0; i < diagnostics.count; i++)
		if (strstr(diagnostics.items[i].message, text))
			return true;
	return false;
}

#define IDENTITY(vrid) "interface eth0\nvirtual_router_id " vrid "\n"
#define ADDRESS(text)  "virtual_ipaddress {\n" text "\n}\n"
#define PLAIN	       "vrrp_instance A {\n" IDENTITY("1") ADDRESS("192.0.2.1") "}\n"

static void test_every_value(void **state)
{
	struct config *config = load_good(
		"global_defs {\nrouter_id r\nvrrp_version 3\n"
		"vrrp_garp_master_repeat 9\nscript_user u g\n"
		"enable_snmp_rfc\nenable_snmp_rfcv3 off\n}\n"
		"vrrp_instance A {\n" IDENTITY(
			"7") "state BACKUP\npriority 42\nadvert_int 0.25\npreempt_delay 1.5\n"
			     "garp_master_delay 0\ntrack_interface {\neth1\neth2 weight -7 "
			     "reverse\n}\n"
			     "notify_master \"/bin/a 'b c' d\" user group\nnotify /bin/x\n" ADDRESS(
				     "192.0.2.1\n192.0.2.2/24 brd + dev eth9 scope link label "
				     "eth9:1\n"
				     "192.0.2.3/24 brd -\n192.0.2.4/24 brd 192.0.2.7") "}\n");
	const struct instance *a = config_find_name(config, "A");
	const struct virtual_address *items = a->addresses.items;

	assert_string_equal(config->globals.router_id, "r");
	assert_string_equal(config->globals.script_user, "u");
	assert_string_equal(config->globals.script_group, "g");
	assert_true(config->globals.snmp_rfcv2);
	assert_false(config->globals.snmp_rfcv3);
	assert_ptr_equal(config_find_identity(config, "eth0", AF_INET, 7), a);
	assert_int_equal(a->version, 3);
	assert_int_equal(a->priority, 42);
	assert_int_equal(a->interval_ns, SECOND / 4);
	assert_int_equal(a->preempt_delay_ns, 3 * SECOND / 2);
	assert_int_equal(a->garp.delay_ns, 0);
	assert_int_equal(a->garp.repeat, 9);
	assert_int_equal(a->track_interfaces.count, 2);
	assert_int_equal(a->track_interfaces.items[1].weight, -7);
	assert_true(a->track_interfaces.items[1].reverse);
	assert_int_equal(a->notify_master.argc, 3);
	assert_string_equal(a->notify_master.argv[1], "b c");
	assert_null(a->notify_master.argv[3]);
	assert_string_equal(a->notify_master.group, "group");
	assert_int_equal(a->notify.argc, 1);
	assert_null(a->notify.user);

	assert_int_equal(a->addresses.count, 4);
	assert_int_equal(items[0].prefix_length, 32);
	assert_int_equal(items[0].broadcast_kind, BROADCAST_NONE);
	assert_int_equal(items[1].broadcast.s_addr, inet_addr("192.0.2.255"));
	assert_string_equal(items[1].device, "eth9");
	assert_int_equal(items[1].scope, 253);
	assert_string_equal(items[1].label, "eth9:1");
	assert_int_equal(items[2].broadcast.s_addr, inet_addr("192.0.2.0"));
	assert_int_equal(items[3].broadcast.s_addr, inet_addr("192.0.2.7"));
	assert_int_equal(diagnostics.count, 1);
	assert_true(is_said("enable_snmp_rfcv3 overrides what is said in line 6"));
	config_free(config);
}

/* Each of the words that are alike writes its own value. */
static void test_words_that_are_alike(void **state)
{
	struct config *config = load_good(
		"global_defs {\nvrrp_garp_master_delay 1\nvrrp_garp_master_repeat 2\n"
		"vrrp_garp_master_refresh 3\nvrrp_garp_master_refresh_repeat 4\n"
		"vrrp_mcast_group4 224.0.0.44\nvrrp_mcast_group6 ff02::66\nsnmp_socket s\n"
		"notification_email {\na b\nc\n}\nnotification_email_from f\nsmtp_server s 2\n"
		"smtp_helo_name h\nsmtp_connect_timeout 9\n}\n"
		"vrrp_instance A {\nnotify_master m\nnotify_backup b\nnotify_fault f\n"
		"notify_stop s\nnotify n\ngarp_master_delay 5\ngarp_master_repeat 6\n"
		"garp_master_refresh 7\ngarp_master_refresh_repeat 8\n" IDENTITY("1")
			ADDRESS("192.0.2.1") "}\n");
	const struct globals *globals = &config->globals;
	const struct instance *a = config->instances[0];

	assert_int_equal(globals->garp.delay_ns, 1 * SECOND);
	assert_int_equal(globals->garp.repeat, 2);
	assert_int_equal(globals->garp.refresh_ns, 3 * SECOND);
	assert_int_equal(globals->garp.refresh_repeat, 4);
	assert_int_equal(globals->multicast_v4.v4.s_addr, inet_addr("224.0.0.44"));
	assert_int_equal(globals->multicast_v6.v6.s6_addr[15], 0x66);
	assert_string_equal(globals->snmp_socket, "s");
	assert_int_equal(globals->mail.to.count, 3);
	assert_string_equal(globals->mail.to.items[2], "c");
	assert_string_equal(globals->mail.from, "f");
	assert_string_equal(globals->mail.server, "s 2");
	assert_string_equal(globals->mail.helo, "h");
	assert_int_equal(globals->mail.timeout_ns, 9 * SECOND);
	assert_string_equal(a->notify_master.argv[0], "m");
	assert_string_equal(a->notify_backup.argv[0], "b");
	assert_string_equal(a->notify_fault.argv[0], "f");
	assert_string_equal(a->notify_stop.argv[0], "s");
	assert_string_equal(a->notify.argv[0], "n");
	assert_int_equal(a->garp.delay_ns, 5 * SECOND);
	assert_int_equal(a->garp.repeat, 6);
	assert_int_equal(a->garp.refresh_ns, 7 * SECOND);
	assert_int_equal(a->garp.refresh_repeat, 8);
	config_free(config);
}

/* On and off, and what stands for both. */
static void test_switches(void **state)
{
	struct config *config = load_good("global_defs {\nenable_snmp_vrrp\n}\n");

	assert_true(config->globals.snmp_keepalived && config->globals.snmp_rfcv3);
	assert_false(config->globals.snmp_checker || config->globals.snmp_rfcv2 ||
		     config->globals.snmp_traps || config->globals.mail.alert);
	config_free(config);
	config = load_good("global_defs {\nenable_snmp_rfc off\nenable_traps\n"
			   "enable_snmp_checker\nsmtp_alert yes\n}\n" PLAIN);
	assert_true(config->globals.snmp_traps && config->globals.snmp_checker &&
		    config->globals.mail.alert);
	assert_false(config->globals.snmp_rfcv2 || config->globals.snmp_rfcv3 ||
		     config->globals.snmp_keepalived);
	assert_true(config->instances[0]->smtp_alert);
	config_free(config);
}

static void test_origins(void **state)
{
	struct config *config = load_good(
		"vrrp_instance A {\n" IDENTITY("7") "  priority 42\n" ADDRESS("192.0.2.1") "}\n");
	const struct instance *a = config->instances[0];

	assert_int_equal(a->origins[INSTANCE_PRIORITY].kind, ORIGIN_FILE);
	assert_int_equal(a->origins[INSTANCE_PRIORITY].line, 4);
	assert_int_equal(a->origins[INSTANCE_PRIORITY].column, 3);
	assert_string_equal(a->origins[INSTANCE_PRIORITY].file, "file");
	assert_int_equal(a->origins[INSTANCE_NAME].line, 1);
	assert_int_equal(a->origins[INSTANCE_INTERVAL].kind, ORIGIN_DEFAULT);
	assert_int_equal(a->addresses.items[0].origin.line, 6);
	config_free(config);
}

/* Where keepalived drops a value, so do we: it is gone from the model, as if not written. */
static void test_dropped_values(void **state)
{
	struct config *config = load_good(
		"vrrp_instance A {\nversion 3\nauthentication {\nauth_type PASS\nauth_pass "
		"123456789\n}\n" IDENTITY("1") ADDRESS(
			"192.0.2.1") "}\n"
				     "vrrp_instance B {\nstate "
				     "MASTER\npriority "
				     "200\nnopreempt\npreempt_delay "
				     "3\nauthentication {\nauth_type "
				     "PASS\nauth_pass 123456789\n}\n"
				     "" IDENTITY("2") ADDRESS(
					     "192.0.2.2") "}\n"
							  "vrrp_instance C {\nversion 2\n" IDENTITY(
								  "3") ADDRESS("fe80::1") "}\n");
	const struct instance *a = config->instances[0], *b = config->instances[1];

	assert_int_equal(a->auth_type, AUTH_NONE);
	assert_int_equal(a->auth_data[0], 0);
	assert_int_equal(a->origins[INSTANCE_AUTH_TYPE].kind, ORIGIN_DEFAULT);
	assert_true(b->preempt);
	assert_int_equal(b->preempt_delay_ns, 0);
	assert_int_equal(b->auth_type, AUTH_PASS);
	assert_memory_equal(b->auth_data, "12345678", 8);
	assert_int_equal(config->instances[2]->version, 3);
	assert_int_equal(diagnostics.errors, 0);
	assert_int_equal(diagnostics.warnings, 6);
	config_free(config);
}

static bool holds(void *context, const char *interface, const struct ip_address *address)
{
	struct in_addr *held = context;

	return strcmp(interface, "eth9") == 0 && address->family == AF_INET &&
	       address->v4.s_addr == held->s_addr;
}

static void test_address_of_the_node(void **state)
{
	static const char text[] = "vrrp_instance A {\n" IDENTITY("1")
		ADDRESS("192.0.2.1 dev eth9\n192.0.2.2") "}\nvrrp_instance OWN {\npriority "
							 "255\n" IDENTITY("2") ADDRESS(
								 "192.0.2.1/24 dev eth9") "}\n";
	struct in_addr held = {inet_addr("192.0.2.1")};
	const struct conf_host host = {.is_local_address = holds, .context = &held};
	struct config *config = conf_load_text("file", text, strlen(text), &host, &diagnostics);

	assert_non_null(config);
	assert_true(is_said("A: 192.0.2.1 is an address of this node on eth9 already"));
	assert_true(is_said("expected while keepalived or another program is active"));
	assert_false(is_said("192.0.2.2"));
	assert_false(is_said("OWN: 192.0.2.1 is an address of this node"));
	config_free(config);
}

static void test_more_addresses_than_a_message_holds(void **state)
{
	char text[16384], *end = text;
	struct config *config;

	end += sprintf(end, "vrrp_instance A {\n" IDENTITY("1") "virtual_ipaddress {\n");
	for (int i = 0; i < 256; i++)
		end += sprintf(end, "192.0.%d.%d\n", 2 + i / 200, 1 + i % 200);
	sprintf(end, "}\n}\n");
	assert_null(load(text));
	assert_true(is_said("A: more than 255 addresses"));
	conf_diagnostics_clear(&diagnostics);
	*strrchr(text, '1') = ' ';
	sprintf(end - strlen("192.0.3.56\n"), "}\n}\n");
	config = load_good(text);
	assert_int_equal(config->instances[0]->addresses.count, 255);
	config_free(config);
}

/* One word of megabytes, in and out again. */
static void test_long_word(void **state)
{
	const size_t length = 8 << 20;
	char *text = malloc(length + 256), *end = text, *back = NULL;
	size_t written;
	FILE *stream = open_memstream(&back, &written);
	struct config *config;

	assert_true(text && stream);
	end += sprintf(
		end, "vrrp_instance A {\n" IDENTITY("1") ADDRESS("192.0.2.1") "notify \"/bin/");
	memset(end, 'x', length);
	strcpy(end + length, " 'y z'\"\n}\n");
	config = load_good(text);
	assert_int_equal(strlen(config->instances[0]->notify.argv[0]), length + 5);
	conf_dump(config, stream);
	fclose(stream);
	assert_true(written > length);
	config_free(config);
	free(back);
	free(text);
}

static int overlay(struct config *config, const char *text)
{
	return conf_edit(config, "overlay", text, strlen(text), &diagnostics);
}

static void test_overlay(void **state)
{
	struct config *config =
		load_good("vrrp_instance A {\nstate MASTER\npriority 120\n" IDENTITY("1")
				ADDRESS("192.0.2.1\n192.0.2.2") "}\n");
	const struct instance *a;
	char *text = NULL;
	size_t length;
	FILE *stream;

	assert_int_equal(
		overlay(config, "vrrp_instance A {\npriority 150\nnopreempt\n" ADDRESS(
					"192.0.2.9") "}\nvrrp_instance B {\n" IDENTITY("2")
					ADDRESS("192.0.2.3") "}\nglobal_defs {\nrouter_id x\n}\n"),
		0);
	assert_int_equal(diagnostics.count, 0);
	a = config_find_name(config, "A");
	assert_int_equal(a->priority, 150);
	assert_int_equal(a->origins[INSTANCE_PRIORITY].kind, ORIGIN_OVERLAY);
	assert_string_equal(a->origins[INSTANCE_PRIORITY].file, "overlay");
	assert_int_equal(a->origins[INSTANCE_VRID].kind, ORIGIN_FILE);
	/* what was set on purpose is kept beside state MASTER */
	assert_false(a->preempt);
	/* a list is replaced, not added to */
	assert_int_equal(a->addresses.count, 1);
	assert_int_equal(config->instance_count, 2);
	assert_string_equal(config->globals.router_id, "x");

	stream = open_memstream(&text, &length);
	conf_dump_overlay(config, stream);
	fclose(stream);
	assert_string_equal(text, "global_defs {\n    router_id x\n}\n"
				  "vrrp_instance A {\n    priority 150\n    nopreempt\n"
				  "    virtual_ipaddress {\n        192.0.2.9/32\n    }\n}\n"
				  "vrrp_instance B {\n    interface eth0\n"
				  "    virtual_router_id 2\n    virtual_ipaddress {\n"
				  "        192.0.2.3/32\n    }\n}\n");
	free(text);
	config_free(config);
}

static void test_bad_overlay_is_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"vrrp_instance A {\npriority 150\n}\n"
		 "vrrp_instance B {\n" IDENTITY("1") ADDRESS("192.0.2.3") "}\n",
			"B: A uses VRID 1 with IPv4 on eth0 already"},
		{"vrrp_instance A {\npriority 0\n}\n", "priority 0 is outside 1..255"},
		{"include x\n", "include"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = load_good(PLAIN);

		assert_int_equal(overlay(config, cases[i].text), -EINVAL);
		if (!is_said(cases[i].said))
			fail_msg("%s: %s", cases[i].text, diagnostics.items[0].message);
		conf_diagnostics_clear(&diagnostics);
		config_free(config);
	}
}

static void test_set(void **state)
{
	struct config *config =
		load_good(PLAIN "vrrp_instance B {\n" IDENTITY("2") ADDRESS("192.0.2.2") "}\n");
	struct instance *a = config->instances[0];

	assert_int_equal(conf_set(config, a, AUTHOR_ROOT, "priority", "150", &diagnostics), 0);
	assert_int_equal(a->priority, 150);
	assert_int_equal(a->origins[INSTANCE_PRIORITY].kind, ORIGIN_OVERLAY);
	assert_null(a->origins[INSTANCE_PRIORITY].file);
	assert_int_equal(conf_set(config, a, AUTHOR_ROOT, "nopreempt", NULL, &diagnostics), 0);
	assert_false(a->preempt);
	assert_int_equal(conf_set(config, a, AUTHOR_ROOT, "preempt", "", &diagnostics), 0);
	assert_true(a->preempt);
	assert_int_equal(conf_set(config, a, AUTHOR_ROOT, "virtual_ipaddress", "{ 192.0.2.7/24 }",
				 &diagnostics),
		0);
	assert_int_equal(a->addresses.items[0].prefix_length, 24);
	assert_int_equal(
		conf_set(config, a, AUTHOR_ROOT, "virtual_router_id", "9", &diagnostics), 0);
	assert_ptr_equal(config_find_identity(config, "eth0", AF_INET, 9), a);
	assert_null(config_find_identity(config, "eth0", AF_INET, 1));
	assert_int_equal(diagnostics.count, 0);
	config_free(config);
}

static void test_bad_set_changes_nothing(void **state)
{
	static const struct {
		const char *word, *value;
		int result;
	} cases[] = {
		{"priority", "0", -EINVAL},
		{"priority", "256", -EINVAL},
		{"priority", "", -EINVAL},
		{"priority", "150 160", -EINVAL},
		{"priority", "150\nvirtual_router_id 7", -EINVAL},
		{"priority", "150 }", -EINVAL},
		{"advert_int", "0.5", -EINVAL},
		{"virtual_router_id", "2", -EINVAL},
		{"virtual_ipaddress", "{ }", -EINVAL},
		{"virtual_ipaddress", "{ 192.0.2.1\n2001:db8::1 }", -EINVAL},
		{"virtual_ipaddress", "{ 192.0.2.1", -EINVAL},
		{"auth_type", "PASS", -EINVAL},
		{"use_vmac", "03:01:02:03:04:05", -EINVAL},
		{"use_ipvlan", "", -EINVAL},
		{"include", "/etc/passwd", -ENOENT},
		{"router_id", "x", -ENOENT},
		{"nonsense", "1", -ENOENT},
		{"", "", -ENOENT},
	};
	struct config *config = load_good(
			      PLAIN "vrrp_instance B {\n" IDENTITY("2") ADDRESS("192.0.2.2") "}\n"),
		      *before = config_copy(config);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int result = conf_set(config, config->instances[0], AUTHOR_ROOT, cases[i].word,
			cases[i].value, &diagnostics);

		if (result != cases[i].result)
			fail_msg("%s %s: %d", cases[i].word, cases[i].value, result);
		assert_true(config_equal(config, before));
	}
	assert_ptr_equal(config_find_identity(config, "eth0", AF_INET, 1), config->instances[0]);
	config_free(before);
	config_free(config);
}

/* What is the instance's own to say that names a program, in whatever disguise. */
static void test_set_by_others_than_root(void **state)
{
	static const struct {
		const char *word, *value;
	} cases[] = {
		{"\"notify\"", "/bin/true"},
		{"notify_master \"/bin/true\" root", ""},
		{"\n\nnotify_fault", "/bin/true"},
		{"notify_deleted", ""},
	};
	struct config *config = load_good(PLAIN), *before = config_copy(config);
	size_t refused = 0;

	for (size_t i = 0; i < conf_word_count; i++) {
		const struct conf_word *word = &conf_words[i];

		if (word->context != CONTEXT_INSTANCE || word->kind != KIND_COMMAND)
			continue;
		assert_int_equal(conf_set(config, config->instances[0], AUTHOR_NOT_ROOT, word->word,
					 "\"/bin/true\" root", &diagnostics),
			-EINVAL);
		refused++;
	}
	assert_true(refused >= 6);
	assert_int_equal(diagnostics.errors, refused);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_not_equal(conf_set(config, config->instances[0], AUTHOR_NOT_ROOT,
					     cases[i].word, cases[i].value, &diagnostics),
			0);
	assert_non_null(strstr(diagnostics.items[0].message, "set it as root"));
	assert_true(config_equal(config, before));
	assert_int_equal(conf_set(config, config->instances[0], AUTHOR_NOT_ROOT, "priority", "7",
				 &diagnostics),
		0);
	assert_int_equal(conf_set(config, config->instances[0], AUTHOR_ROOT, "notify_master",
				 "\"/bin/true\" root", &diagnostics),
		0);
	config_free(before);
	config_free(config);
}

static void test_dump_attribute(void **state)
{
	static const struct {
		enum instance_attribute attribute;
		const char *text;
	} cases[] = {
		{INSTANCE_PRIORITY, "    priority 42\n"},
		{INSTANCE_PREEMPT, "    nopreempt\n"},
		{INSTANCE_INTERVAL, ""},
		{INSTANCE_AUTH_DATA, "    authentication {\n        auth_type PASS\n"
				     "        auth_pass \"a b\"\n    }\n"},
		{INSTANCE_NOTIFY, "    notify \"/bin/a 'b c' 'd'\\\"'\\\"'e' \\\\ \\044x\" u\n"},
	};
	struct config *config = load_good(
		"vrrp_instance A {\npriority 42\nnopreempt\nauthentication {\nauth_type PASS\n"
		"auth_pass 'a b'\n}\nnotify \"/bin/a 'b c' \\\"d'e\\\" \\\\ $x\" u\n" IDENTITY("1")
			ADDRESS("192.0.2.1") "}\n");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = NULL;
		size_t length;
		FILE *stream = open_memstream(&text, &length);

		conf_dump_attribute(config->instances[0], cases[i].attribute, stream);
		fclose(stream);
		assert_string_equal(text, cases[i].text);
		free(text);
	}
	config_free(config);
}

static unsigned random_below(unsigned *seed, unsigned limit)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % limit;
}

static void write_random_instance(FILE *stream, unsigned *seed, unsigned i)
{
	static const char *const words[] = {"nopreempt\n", "preempt_delay 2.25\n",
		"version 3\nadvert_int 0.07\n", "advert_int 3\n", "state MASTER\n",
		"smtp_alert on\n", "authentication {\nauth_type PASS\nauth_pass 'x # \"y'\n}\n",
		"notify_fault \"/bin/f 'a  b' \\x7f\\n\" u\n", "notify '/bin/q \"it''s\" \\\\'\n",
		"garp_master_refresh 7\ngarp_master_refresh_repeat 3\n",
		"track_interface {\nt0\nt1 weight 9 reverse\nt2 weight 0 reverse\n}\n"};

	fprintf(stream, "vrrp_instance \"I %u\" {\ninterface e%u\nvirtual_router_id %u\n", i,
		i / 255, i % 255 + 1);
	for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
		if (random_below(seed, 3) == 0)
			fputs(words[j], stream);
	fputs("virtual_ipaddress {\n", stream);
	for (unsigned j = 0; j <= random_below(seed, 4); j++)
		fprintf(stream, i % 5 ? "10.%u.%u.%u/%u%s\n" : "2001:db8:%u:%u::%u/%u%s\n", i / 250,
			i % 250, j + 1, 1 + random_below(seed, 30),
			i % 5 && j % 2 ? " brd - scope 7" : "");
	fputs("}\n}\n", stream);
}

/* What is written back loads to the same model, and is written the same again. */
static void test_dump_then_load(void **state)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		unsigned random = seed;
		char *texts[3] = {NULL};
		struct config *config[2];
		size_t length;
		FILE *stream = open_memstream(&texts[0], &length);

		for (unsigned i = 0; i < 50; i++)
			write_random_instance(stream, &random, i);
		fclose(stream);
		for (int i = 0; i < 2; i++) {
			config[i] = load_good(texts[i]);
			stream = open_memstream(&texts[i + 1], &length);
			conf_dump(config[i], stream);
			fclose(stream);
		}
		assert_true(config_equal(config[0], config[1]));
		assert_string_equal(texts[1], texts[2]);
		for (int i = 0; i < 2; i++)
			config_free(config[i]);
		for (int i = 0; i < 3; i++)
			free(texts[i]);
		conf_diagnostics_clear(&diagnostics);
	}
}

static double milliseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e3 +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

static FILE *write_instances(unsigned count)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	for (unsigned i = 0; i < count; i++)
		fprintf(file,
			"vrrp_instance VI_%u {\n    state BACKUP\n    interface eth%u\n"
			"    virtual_router_id %u\n    priority 100\n    advert_int 1\n"
			"    authentication {\n        auth_type PASS\n        auth_pass secret\n"
			"    }\n    virtual_ipaddress {\n        10.%u.%u.1/24 dev eth%u\n"
			"    }\n}\n",
			i, i / 255, i % 255 + 1, i / 250, i % 250, i / 255);
	fflush(file);
	return file;
}

/* The least of three times of CPU, in ms, in which so many are read and checked. */
static double cost_of(unsigned count)
{
	FILE *file = write_instances(count);
	double least = 1e9;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(file));
	for (int i = 0; i < 3; i++) {
		struct timespec start;
		struct config *config;
		double spent;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
		config = conf_load(path, NULL, NULL, &diagnostics);
		spent = milliseconds_since(&start);
		least = spent < least ? spent : least;
		assert_non_null(config);
		assert_int_equal(config->instance_count, count);
		assert_int_equal(diagnostics.count, 0);
		config_free(config);
	}
	fclose(file);
	return least;
}

/* Five times as many may cost a little more than five times as much, for memory that is not near;
 * what is compared each with each would make it twenty-five. */
static void test_ten_thousand_instances(void **state)
{
	double few = cost_of(2000), many = cost_of(10000);

	print_message("# 2000 instances: %.1f ms of CPU, 10000: %.1f\n", few, many);
	assert_true(many < 15 * few);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_every_value, teardown),
		cmocka_unit_test_teardown(test_words_that_are_alike, teardown),
		cmocka_unit_test_teardown(test_switches, teardown),
		cmocka_unit_test_teardown(test_origins, teardown),
		cmocka_unit_test_teardown(test_dropped_values, teardown),
		cmocka_unit_test_teardown(test_address_of_the_node, teardown),
		cmocka_unit_test_teardown(test_more_addresses_than_a_message_holds, teardown),
		cmocka_unit_test_teardown(test_long_word, teardown),
		cmocka_unit_test_teardown(test_overlay, teardown),
		cmocka_unit_test_teardown(test_bad_overlay_is_refused, teardown),
		cmocka_unit_test_teardown(test_set, teardown),
		cmocka_unit_test_teardown(test_bad_set_changes_nothing, teardown),
		cmocka_unit_test_teardown(test_set_by_others_than_root, teardown),
		cmocka_unit_test_teardown(test_dump_attribute, teardown),
		cmocka_unit_test_teardown(test_dump_then_load, teardown),
		cmocka_unit_test_teardown(test_ten_thousand_instances, teardown),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}

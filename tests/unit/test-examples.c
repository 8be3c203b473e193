/* SPDX-License-Identifier: ISC */
/*
 * tests/conf/examples: configurations as users have them. Each is accepted without a word, and
 * together they show each word that is in use at least twice.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/conf/load.h"
#include "agent/conf/schema.h"
#include "agent/conf/text/stream.h"

#define EXAMPLES_MIN 30
#define SHOWN_MIN    2

/* How the block is called whose words these are, or how its name ends; NULL: any block. */
static const struct {
	enum conf_context context;
	const char *block;
	const char *words; /* with spaces between them */
} shown[] = {
	{CONTEXT_TOP, "",
		"global_defs vrrp_instance static_ipaddress static_routes static_rules instance "
		"garp_group vrrp_sync_group vrrp_script vrrp_track_process vrrp_track_file"},
	{CONTEXT_GLOBAL, "global_defs",
		"router_id vrrp_version vrrp_mcast_group4 vrrp_mcast_group6 vrrp_strict "
		"dynamic_interfaces vrrp_no_swap script_user enable_script_security snmp_socket "
		"vrrp_rt_priority vrrp_startup_delay vrrp_garp_lower_prio_delay "
		"vrrp_garp_lower_prio_repeat vrrp_garp_interval vrrp_gna_interval "
		"enable_snmp_vrrp enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3 enable_traps "
		"vrrp_garp_master_delay vrrp_garp_master_repeat vrrp_garp_master_refresh "
		"vrrp_garp_master_refresh_repeat "
		"notification_email notification_email_from smtp_server smtp_helo_name "
		"smtp_connect_timeout smtp_alert smtp_alert_vrrp no_email_faults notify_fifo "
		"notify_fifo_script vrrp_notify_fifo vrrp_notify_fifo_script "
		"vrrp_notify_priority_changes fifo_write_vrrp_states_on_reload startup_script "
		"startup_script_timeout shutdown_script shutdown_script_timeout umask "
		"vrrp_priority vrrp_cpu_affinity vrrp_rlimit_rttime checker_priority "
		"checker_cpu_affinity checker_no_swap"},
	{CONTEXT_INSTANCE, "vrrp_instance",
		"interface virtual_router_id priority state advert_int nopreempt preempt_delay "
		"version preempt strict_mode down_timer_adverts lower_prio_no_advert "
		"higher_prio_send_advert virtual_ipaddress virtual_ipaddress_excluded "
		"unicast_src_ip unicast_peer mcast_src_ip track_src_ip skip_check_adv_addr "
		"promote_secondaries native_ipv6 use_vmac vmac_xmit_base accept no_accept "
		"dont_track_primary "
		"garp_master_delay garp_master_repeat garp_master_refresh "
		"garp_lower_prio_delay garp_lower_prio_repeat "
		"garp_master_refresh_repeat virtual_routes virtual_rules track_interface "
		"authentication notify_master notify_backup notify_fault notify_stop notify "
		"notify_deleted notify_master_rx_lower_pri notify_priority_changes track_script "
		"track_process track_file smtp_alert"},
	{CONTEXT_SYNC_GROUP, "vrrp_sync_group",
		"group track_interface track_script track_process track_file notify_master "
		"notify_backup notify_fault notify_stop notify smtp_alert "
		"sync_group_tracking_weight"},
	{CONTEXT_SCRIPT, "vrrp_script", "script interval timeout weight rise fall user init_fail"},
	{CONTEXT_TRACK_PROCESS, "vrrp_track_process",
		"process param_match weight quorum quorum_max fork_delay terminate_delay delay "
		"full_command"},
	{CONTEXT_TRACK_FILE, "track_file", "file weight init_file"},
	{CONTEXT_AUTHENTICATION, "vrrp_instance", "auth_type auth_pass"},
	{CONTEXT_GARP_GROUP, "garp_group", "garp_interval gna_interval"},
	{CONTEXT_ADDRESS, NULL, "dev brd scope label"},
	{CONTEXT_ROUTE, NULL, "via dev src metric table scope nexthop"},
	{CONTEXT_RULE, NULL, "from to table preference"},
};

/* Besides the words of the schema. */
static const char values[] = "PASS AH min_ttl max_ttl weight reverse";

static glob_t examples;

static void test_every_example_is_accepted(void **state)
{
	assert_true(examples.gl_pathc >= EXAMPLES_MIN);
	for (size_t i = 0; i < examples.gl_pathc; i++) {
		struct conf_diagnostics diagnostics = {0};
		struct config *config = conf_load(examples.gl_pathv[i], "main", NULL, &diagnostics);

		conf_diagnostics_print(&diagnostics, stdout);
		if (!config || diagnostics.count > 0)
			fail_msg("%s is not accepted without a word", examples.gl_pathv[i]);
		assert_true(config->instance_count > 0);
		config_free(config);
		conf_diagnostics_clear(&diagnostics);
	}
}

static bool is_word(const struct conf_token *token, const char *word)
{
	return token->kind == TOKEN_WORD && !token->quoted && token->length == strlen(word) &&
	       memcmp(token->start, word, token->length) == 0;
}

/* Whether it names a block that is called so, or whose name ends so. */
static bool is_of(const struct conf_token *token, const char *block)
{
	const size_t length = strlen(block);

	return token->length >= length &&
	       memcmp(token->start + token->length - length, block, length) == 0;
}

/* Whether the word stands in such a block; in "" stands what stands in none. */
static bool shows(const char *path, const char *block, const char *word)
{
	unsigned depth = 0;
	bool within = false, found = false, begins = true;
	struct conf_source *source;
	struct conf_stream stream;
	struct conf_token token;

	assert_int_equal(conf_source_read(path, "main", &source), 0);
	assert_int_equal(conf_stream_init(&stream, source, NULL, NULL), 0);
	do {
		token = conf_stream_next(&stream);
		if (depth == 0 && begins && token.kind == TOKEN_WORD) {
			within = !block || (*block && is_of(&token, block));
			found |= block && !*block && is_word(&token, word);
		} else if (within) {
			found |= is_word(&token, word);
		}
		begins = token.kind == TOKEN_NEWLINE || token.kind == TOKEN_CLOSE;
		depth += token.kind == TOKEN_OPEN;
		depth -= token.kind == TOKEN_CLOSE;
	} while (token.kind != TOKEN_END);
	conf_stream_free(&stream);
	conf_source_free(source);
	return found;
}

/* How many of the words, "a b c", stand in fewer examples than they should. */
static unsigned count_missing(enum conf_context context, const char *block, const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;
	unsigned missing = 0;

	assert_non_null(copy);
	while ((word = strsep(&rest, " "))) {
		unsigned count = 0;

		if (context < CONF_CONTEXTS)
			assert_non_null(conf_word_find(context, word));
		for (size_t i = 0; i < examples.gl_pathc && count < SHOWN_MIN; i++)
			count += shows(examples.gl_pathv[i], block, word);
		if (count < SHOWN_MIN)
			print_message("# %s, %s: in %u of the examples\n", block ? block : "", word,
				count);
		missing += count < SHOWN_MIN;
	}
	free(copy);
	return missing;
}

static void test_every_word_is_shown_twice(void **state)
{
	unsigned missing = count_missing(CONF_CONTEXTS, NULL, values);

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		missing += count_missing(shown[i].context, shown[i].block, shown[i].words);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_example_is_accepted),
		cmocka_unit_test(test_every_word_is_shown_twice),
	};
	const char *top = getenv("TOP_SRCDIR");
	int failed;

	if (chdir(top ? top : ".") < 0 || chdir("tests/conf/examples") < 0 ||
		glob("*.conf", 0, NULL, &examples) != 0) {
		puts("Bail out! tests/conf/examples is not there");
		return 1;
	}
	failed = cmocka_run_group_tests_name("examples", tests, NULL, NULL);
	globfree(&examples);
	return failed;
}

/* SPDX-License-Identifier: ISC */
/* Get and GetNext answered from the PDU: net-snmp's own AgentX code makes the questions and reads
 * the answers, in both byte orders; what is not answered here is left to it. */
#include "agent/snmp/direct.h"
#include "agent/snmp/openpdu.h"
#include "agent/snmp/pdu.h"
#include "lib/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* Exported by libnetsnmpagent, without a header in the package. */
int agentx_realloc_build(
	netsnmp_session *session, netsnmp_pdu *pdu, u_char **buffer, size_t *size, size_t *length);
int agentx_parse(netsnmp_session *session, netsnmp_pdu *pdu, u_char *octets, size_t length);

enum {
	AGENTX_VERSION_1 = 0xc1,
	AGENTX_NETWORK_BYTE_ORDER = 0x10,
	AGENTX_NON_DEFAULT_CONTEXT = 0x08
};

#define SESSION 7
#define ROOT	1, 3, 6, 1, 2, 1, 207
#define ROUTERS 3
#define SIZE	2048

struct bed {
	struct board *board;
	struct direct direct;
	int flags; /* of the questions */
	uint8_t answer[SIZE];
	size_t length;
};

static int set_up(void **state)
{
	static struct bed bed;
	static struct mib mib;
	int fd;

	memset(&bed, 0, sizeof(bed));
	bed.board = board_create(ROUTERS + 1, sizeof(union status_row), &fd);
	for (uint32_t slot = 0; slot < ROUTERS; slot++) {
		union status_row row = {.router = {.used = 1,
						.family = (uint8_t)(1 + slot % 2),
						.vrid = (uint8_t)(10 + slot),
						.version = 3,
						.priority = (uint8_t)(100 + slot),
						.virtual_mac = {0, 0, 0x5e, 0, 1, 10},
						.counters = {[STATUS_RECEIVED] = 5ull << 33 | slot},
						.interface_index = 70000,
						.interface = "eth0"}};

		board_write(bed.board, status_row(slot), &row);
	}
	mib = (struct mib){bed.board, index_create(bed.board), accepted_new()};
	bed.direct = (struct direct){.mib = &mib, .context = "", .session = SESSION};
	*state = &bed;
	return index_refresh(mib.index, NSEC_PER_SEC);
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	index_free(bed->direct.mib->index);
	accepted_free((struct accepted *)bed->direct.mib->accepted);
	board_close(bed->board);
	return 0;
}

struct name {
	oid oids[MAX_OID_LEN];
	size_t length;
};

#define NAME(...)	((struct name){{__VA_ARGS__}, sizeof((oid[]){__VA_ARGS__}) / sizeof(oid)})
#define OPERATIONS(...) NAME(ROOT, 1, 1, 1, 1, __VA_ARGS__)

/* A question about the range from `start` to `end` (NULL: without one), `ranges` times, as octets
 * that the caller frees. */
static u_char *question(const struct bed *bed, int type, const struct name *start,
	const struct name *end, bool include, size_t ranges, size_t *length)
{
	netsnmp_session session = {.version = AGENTX_VERSION_1};
	netsnmp_pdu *pdu = snmp_pdu_create(type);
	u_char *octets = NULL;
	size_t size = 0;

	pdu->version = AGENTX_VERSION_1;
	pdu->flags |= (u_long)bed->flags;
	pdu->sessid = SESSION;
	pdu->transid = 11;
	pdu->reqid = 12;
	if (bed->flags & AGENTX_NON_DEFAULT_CONTEXT) {
		pdu->community = (u_char *)strdup("vrrp");
		pdu->community_len = 4;
	}
	for (size_t i = 0; i < ranges; i++)
		snmp_pdu_add_variable(pdu, start->oids, start->length,
			include ? ASN_PRIV_INCL_RANGE : ASN_PRIV_EXCL_RANGE,
			end ? end->oids : start->oids, end ? end->length * sizeof(oid) : 0);
	*length = 0;
	assert_int_equal(agentx_realloc_build(&session, pdu, &octets, &size, length), 0);
	snmp_free_pdu(pdu);
	return octets;
}

/* What is answered, as net-snmp reads it; the caller frees it.  NULL: nothing. */
static netsnmp_pdu *ask_range(struct bed *bed, int type, const struct name *start,
	const struct name *end, bool include, size_t ranges)
{
	netsnmp_session session = {.version = AGENTX_VERSION_1};
	size_t length;
	u_char *octets = question(bed, type, start, end, include, ranges, &length);
	netsnmp_pdu *pdu;

	bed->length = direct_answer(&bed->direct, octets, length, bed->answer, sizeof(bed->answer));
	free(octets);
	if (bed->length == 0)
		return NULL;
	pdu = calloc(1, sizeof(*pdu));
	assert_int_equal(agentx_parse(&session, pdu, bed->answer, bed->length), SNMP_ERR_NOERROR);
	assert_int_equal(pdu->command, PDU_RESPONSE);
	assert_int_equal(pdu->sessid, SESSION);
	assert_int_equal(pdu->transid, 11);
	assert_int_equal(pdu->reqid, 12);
	assert_int_equal(pdu->errstat, 0);
	return pdu;
}

/* Of a question about one name, its only variable; the caller frees it. */
static netsnmp_variable_list *ask(
	struct bed *bed, int type, const struct name *start, const struct name *end, bool include)
{
	netsnmp_pdu *pdu = ask_range(bed, type, start, end, include, 1);
	netsnmp_variable_list *variable;

	assert_non_null(pdu);
	variable = pdu->variables;
	assert_non_null(variable);
	assert_null(variable->next_variable);
	pdu->variables = NULL;
	snmp_free_pdu(pdu);
	return variable;
}

static void assert_type(struct bed *bed, int type, struct name start, int expected)
{
	netsnmp_variable_list *variable = ask(bed, type, &start, NULL, false);

	assert_int_equal(variable->type, expected);
	assert_int_equal(
		snmp_oid_compare(variable->name, variable->name_length, start.oids, start.length),
		0);
	snmp_free_varbind(variable);
}

/* How many objects GetNext visits; a Get of each finds the same. */
static size_t walk(struct bed *bed)
{
	struct name at = NAME(ROOT), end = NAME(1, 3, 6, 1, 2, 1, 208);

	for (size_t visited = 0;; visited++) {
		netsnmp_variable_list *next = ask(bed, PDU_GET_NEXT, &at, &end, false), *same;
		struct name found = {.length = next->name_length};

		memcpy(found.oids, next->name, next->name_length * sizeof(oid));
		if (next->type == SNMP_ENDOFMIBVIEW) {
			snmp_free_varbind(next);
			return visited;
		}
		assert_true(snmp_oid_compare(found.oids, found.length, at.oids, at.length) > 0);
		same = ask(bed, PDU_GET, &found, NULL, false);
		assert_int_equal(same->type, next->type);
		assert_int_equal(same->val_len, next->val_len);
		assert_memory_equal(same->val.string, next->val.string, next->val_len);
		snmp_free_varbind(same);
		snmp_free_varbind(next);
		at = found;
	}
}

static void both_orders(struct bed *bed, void (*test)(struct bed *bed))
{
	for (int order = 0; order < 2; order++) {
		bed->flags = order ? AGENTX_NETWORK_BYTE_ORDER : 0;
		test(bed);
	}
}

static void check_walk(struct bed *bed)
{
	assert_int_equal(walk(bed), 4 + ROUTERS * (11 + 13));
}

static void visits_every_object(void **state)
{
	both_orders(*state, check_walk);
}

static void check_values(struct bed *bed)
{
	struct name priority = OPERATIONS(7, 70000, 11, 2), mac = OPERATIONS(5, 70000, 10, 1);
	struct name received = NAME(ROOT, 1, 2, 5, 1, 3, 70000, 12, 1);
	netsnmp_variable_list *value = ask(bed, PDU_GET, &priority, NULL, false);

	assert_int_equal(value->type, ASN_GAUGE);
	assert_int_equal(*value->val.integer, 101);
	snmp_free_varbind(value);
	value = ask(bed, PDU_GET, &mac, NULL, false);
	assert_int_equal(value->type, ASN_OCTET_STR);
	assert_int_equal(value->val_len, 6);
	assert_memory_equal(value->val.string, ((uint8_t[]){0, 0, 0x5e, 0, 1, 10}), 6);
	snmp_free_varbind(value);
	value = ask(bed, PDU_GET, &received, NULL, false);
	assert_int_equal(value->type, ASN_COUNTER64);
	assert_int_equal(value->val.counter64->high, 10);
	assert_int_equal(value->val.counter64->low, 2);
	snmp_free_varbind(value);
}

static void values_have_their_types(void **state)
{
	both_orders(*state, check_values);
}

static void names_what_is_not_there(void **state)
{
	struct bed *bed = *state;

	assert_type(bed, PDU_GET, OPERATIONS(7, 70000, 99, 1), SNMP_NOSUCHINSTANCE);
	assert_type(bed, PDU_GET, OPERATIONS(99, 70000, 10, 1), SNMP_NOSUCHOBJECT);
	assert_type(bed, PDU_GET, NAME(1, 3, 6, 1, 4, 1, 1), SNMP_NOSUCHOBJECT);
	assert_type(bed, PDU_GET, NAME(ROOT), SNMP_NOSUCHOBJECT);
	assert_type(bed, PDU_GET_NEXT, NAME(1, 3, 6, 1, 9), SNMP_ENDOFMIBVIEW);
}

static void assert_next(struct bed *bed, struct name start, const struct name *end, bool include,
	struct name expected)
{
	netsnmp_variable_list *variable = ask(bed, PDU_GET_NEXT, &start, end, include);

	assert_int_equal(snmp_oid_compare(variable->name, variable->name_length, expected.oids,
				 expected.length),
		0);
	snmp_free_varbind(variable);
}

static void keeps_to_the_range(void **state)
{
	struct bed *bed = *state;
	struct name last = OPERATIONS(7, 70000, 12, 1), behind = OPERATIONS(8);
	netsnmp_variable_list *variable;

	assert_next(bed, last, NULL, false, OPERATIONS(8, 70000, 10, 1));
	assert_next(bed, last, NULL, true, last);
	assert_next(bed, last, &behind, true, last);
	assert_next(bed, NAME(ROOT), NULL, false, OPERATIONS(3, 70000, 10, 1));
	/* from one MIB to the next: RFC 2787's, ours, KEEPALIVED-MIB */
	assert_next(bed, NAME(1, 3), NULL, false, NAME(1, 3, 6, 1, 2, 1, 68, 1, 1, 0));
	assert_next(bed, NAME(1, 3, 6, 1, 2, 1, 69), NULL, false, OPERATIONS(3, 70000, 10, 1));
	assert_next(bed, OPERATIONS(7), NULL, true, OPERATIONS(7, 70000, 10, 1));
	assert_next(bed, NAME(1, 3, 6, 1, 2, 1, 208), NULL, false,
		NAME(1, 3, 6, 1, 4, 1, 9586, 100, 5, 1, 1, 0));
	variable = ask(bed, PDU_GET_NEXT, &last, &behind, false);
	assert_int_equal(variable->type, SNMP_ENDOFMIBVIEW);
	snmp_free_varbind(variable);
}

static void answers_several_at_once(void **state)
{
	struct bed *bed = *state;
	struct name start = OPERATIONS(7);
	netsnmp_pdu *pdu = ask_range(bed, PDU_GET_NEXT, &start, NULL, false, 9);
	size_t count = 0;

	for (const netsnmp_variable_list *at = pdu->variables; at; at = at->next_variable)
		count += at->type == ASN_GAUGE && *at->val.integer == 100;
	assert_int_equal(count, 9);
	snmp_free_pdu(pdu);
	assert_null(ask_range(bed, PDU_GET_NEXT, &start, NULL, false, SIZE / 40));
}

static bool is_answered(struct bed *bed)
{
	struct name name = OPERATIONS(7, 70000, 10, 1);
	netsnmp_pdu *pdu = ask_range(bed, PDU_GET, &name, NULL, false, 1);

	if (!pdu)
		return false;
	assert_int_equal(*pdu->variables->val.integer, 100);
	snmp_free_pdu(pdu);
	return true;
}

static void serves_its_context_alone(void **state)
{
	struct bed *bed = *state;

	assert_true(is_answered(bed));
	bed->flags = AGENTX_NON_DEFAULT_CONTEXT;
	assert_false(is_answered(bed));
	bed->direct.context = "vrrp";
	assert_true(is_answered(bed));
	bed->direct.context = "vrrq";
	assert_false(is_answered(bed));
	bed->flags = 0;
	assert_false(is_answered(bed));
}

static void leaves_the_rest(void **state)
{
	struct bed *bed = *state;
	struct name name = OPERATIONS(7, 70000, 10, 1);
	size_t length;
	u_char *octets = question(bed, PDU_GET, &name, NULL, false, 1, &length);

	for (size_t cut = OPENPDU_HEADER + 1; cut < length; cut++)
		assert_int_equal(direct_answer(&bed->direct, octets, cut, bed->answer, SIZE), 0);
	assert_int_not_equal(direct_answer(&bed->direct, octets, length, bed->answer, SIZE), 0);
	for (int type = 0; type < 256; type++) {
		octets[1] = (uint8_t)type;
		assert_int_equal(
			direct_answer(&bed->direct, octets, length, bed->answer, SIZE) != 0,
			type == PDU_GET || type == PDU_GET_NEXT);
	}
	octets[1] = PDU_GET;
	octets[0]++; /* another version of AgentX: the gate ends such a session */
	assert_int_equal(direct_answer(&bed->direct, octets, length, bed->answer, SIZE), 0);
	octets[0]--;
	bed->direct.session++;
	assert_int_equal(direct_answer(&bed->direct, octets, length, bed->answer, SIZE), 0);
	free(octets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(visits_every_object, set_up, tear_down),
		cmocka_unit_test_setup_teardown(values_have_their_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_what_is_not_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_to_the_range, set_up, tear_down),
		cmocka_unit_test_setup_teardown(answers_several_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(serves_its_context_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(leaves_the_rest, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The whole tree of every MIB, value by value, without a master: routers in every state as the
 * status board and an accepted configuration would have them, against tests/unit/snmp-golden.txt.
 * With an argument the tree goes to that file instead. */
#include "agent/snmp/index.h"
#include "agent/snmp/mib.h"
#include "lib/clock.h"
#include "tests/unit/draft.h"
#include "vrrp/protocol/reason.h"

#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

/* The agent has run for 1000 s, the master for 600 s. */
#define NOW	     (5000 * NSEC_PER_SEC)
#define MASTER_BEGAN (4400 * (int64_t)NSEC_PER_SEC)
#define SLOTS	     7

struct sample {
	uint8_t family, version, vrid, state, priority, effective_priority;
	bool disabled;
	uint32_t interface_index;
	uint8_t address_count;
	uint64_t interval, up_since, counting_since;
	const char *interface;
	uint8_t active[2], primary[2]; /* known, last octet */
};

/* Active, Backup, Fault, administratively down in two ways, Initialize without an interface. */
static const struct sample samples[SLOTS] = {
	{1, 3, 7, VRRP_STATE_ACTIVE, 120, 140, false, 2, 2, NSEC_PER_SEC / 5,
		NOW - 90 * NSEC_PER_SEC, NOW - 1000 * NSEC_PER_SEC, "eth0", {1, 1}, {1, 1}},
	{2, 3, 7, VRRP_STATE_BACKUP, 90, 90, false, 2, 2, NSEC_PER_SEC / 2,
		NOW - 700 * NSEC_PER_SEC, NOW - 500 * NSEC_PER_SEC, "eth0", {1, 9}, {1, 1}},
	{1, 2, 9, VRRP_STATE_ACTIVE, 255, 255, false, 2, 1, NSEC_PER_SEC, NOW - 10 * NSEC_PER_SEC,
		NOW - 20 * NSEC_PER_SEC, "eth0", {1, 1}, {1, 1}},
	{1, 3, 11, VRRP_STATE_FAULT, 100, 100, false, 4, 1, 4095 * NSEC_PER_CENTISECOND, 0,
		NOW - 20 * NSEC_PER_SEC, "eth2", {0, 0}, {0, 0}},
	{1, 2, 12, VRRP_STATE_INITIALIZE, 100, 100, true, 3, 1, 2 * NSEC_PER_SEC, 0,
		NOW - 20 * NSEC_PER_SEC, "eth1", {0, 0}, {1, 1}},
	{1, 2, 13, VRRP_STATE_INITIALIZE, 100, 100, true, 3, 0, 2 * NSEC_PER_SEC, 0,
		NOW - 20 * NSEC_PER_SEC, "eth1", {0, 0}, {1, 1}},
	{2, 3, 14, VRRP_STATE_FAULT, 100, 80, false, 0, 1, NSEC_PER_SEC, 0, NOW - 20 * NSEC_PER_SEC,
		"eth9", {0, 0}, {0, 0}},
};

static void put_address(uint8_t address[16], uint8_t family, uint8_t last)
{
	static const uint8_t four[] = {192, 0, 2, 0};
	static const uint8_t six[16] = {0xfe, 0x80};

	memcpy(address, family == 1 ? four : six, family == 1 ? 4 : 16);
	address[family == 1 ? 3 : 15] = last;
}

static void put_row(struct board *board, uint32_t slot)
{
	const struct sample *sample = &samples[slot];
	union status_row row = {
		.router = {.used = 1,
			.family = sample->family,
			.version = sample->version,
			.vrid = sample->vrid,
			.state = sample->state,
			.priority = sample->priority,
			.effective_priority = sample->effective_priority,
			.disabled = sample->disabled,
			.preempt = slot % 2,
			.accept = slot % 3 != 0,
			.address_count = sample->address_count,
			.address_octets = sample->family == 1 ? 4 : 16,
			.new_master = (uint8_t)(slot % 4),
			.last_error = slot == 1 ? VRRP_COUNTER_TTL : 0,
			.interface_index = sample->interface_index,
			.active_known = sample->active[0],
			.primary_known = sample->primary[0],
			.addresses_set = sample->state == VRRP_STATE_ACTIVE,
			.virtual_mac = {0, 0, 0x5e, 0, sample->family, sample->vrid},
			.interval = sample->interval,
			.up_since = sample->up_since,
			.counting_since = sample->counting_since}};

	strcpy(row.router.interface, sample->interface);
	put_address(row.router.active_address, sample->family, sample->active[1]);
	put_address(row.router.primary_address, sample->family, sample->primary[1]);
	for (unsigned i = 0; i < STATUS_COUNTERS; i++)
		row.router.counters[i] = (uint64_t)slot << 32 | (100 * slot + i);
	for (unsigned i = 0; i < VRRP_COUNTERS; i++)
		row.router.errors[i] = 1000 * slot + i;
	for (unsigned i = 0; i < VRRP_DROPS; i++)
		row.router.drops[i] = 2000 * slot + i;
	board_write(board, status_row(slot), &row);
}

static void put_engine(struct board *board)
{
	union status_row row = {.engine = {.started = NOW - 1000 * NSEC_PER_SEC,
					.checksum_errors = 1,
					.version_errors = (uint64_t)1 << 32 | 2,
					.vrid_errors = 3}};

	board_write(board, STATUS_ENGINE_ROW, &row);
}

static void configure_addresses(struct draft *draft, const struct sample *sample)
{
	for (uint8_t i = 0; i < sample->address_count; i++) {
		struct image_address *address = draft_address(draft, i ? "nowhere0" : "lo");

		address->family = sample->family;
		put_address(address->address, sample->family, (uint8_t)(sample->vrid - i));
		if (i)
			continue;
		address->scope = RT_SCOPE_LINK;
		strcpy(address->label, "eth0:v");
		memcpy(address->broadcast, (uint8_t[]){192, 0, 2, 255}, 4);
	}
}

static void configure_commands(struct draft *draft, struct image_router *router)
{
	static const char *const master[] = {"/bin/m", "one word", "two", NULL};
	static const char *const every[] = {"/bin/n", "INSTANCE", "name", "MASTER", NULL};
	static const char *const stop[] = {"/bin/s", NULL};

	router->shown = IMAGE_SHOWN_MASTER | IMAGE_SHOWN_ALERT;
	router->auth = IMAGE_AUTH_PASS;
	draft_command(draft, VRRP_STATE_ACTIVE, master);
	draft_command(draft, VRRP_STATE_INITIALIZE, stop);
	draft_command(draft, VRRP_STATE_ACTIVE, every)->flags = IMAGE_COMMAND_PRIORITY;
}

static void configure(struct draft *draft, uint32_t slot)
{
	static const char *const names[SLOTS] = {
		"four", "six", "old", "down", "off", "bare", "away"};
	const struct sample *sample = &samples[slot];
	struct image_router *router =
		draft_router(draft, slot, names[slot], sample->interface, sample->vrid);

	router->family = sample->family;
	router->version = sample->version;
	router->garp_delay = 5 * NSEC_PER_SEC;
	router->preempt_delay = slot * NSEC_PER_SEC;
	configure_addresses(draft, sample);
	if (sample->version == 2)
		configure_commands(draft, router);
}

static struct accepted *configured(void)
{
	struct accepted *accepted = accepted_new();
	static struct draft draft;
	int fd;

	draft_begin(&draft, 1, 0);
	draft_string(&draft, "");
	draft.header.router_id = draft_string(&draft, "router-a");
	draft.header.flags = IMAGE_TRAPS;
	memcpy(draft.header.group4, (uint8_t[]){224, 0, 0, 18}, 4);
	put_address(draft.header.group6, 2, 0x12);
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		configure(&draft, slot);
	draft.header.static_addresses = (struct image_span){draft.header.addresses.count, 2};
	for (uint8_t i = 0; i < 2; i++) {
		struct image_address *address = draft_address(&draft, i ? "nowhere0" : "lo");

		put_address(address->address, 1, (uint8_t)(200 + i));
		draft.routers[SLOTS - 1].addresses.count--;
	}
	fd = draft_document(&draft);
	assert_int_equal(accepted_take(accepted, fd), 0);
	close(fd);
	return accepted;
}

static void write_octets(FILE *to, const struct mib_value *value)
{
	bool text = value->length > 0;

	for (int i = 0; i < value->length; i++)
		text = text && value->octets[i] >= ' ' && value->octets[i] <= '~';
	for (int i = 0; !text && i < value->length; i++)
		fprintf(to, "%s%02x", i ? " " : "", value->octets[i]);
	if (text)
		fprintf(to, "\"%.*s\"", value->length, (const char *)value->octets);
}

static void write_value(FILE *to, const struct mib_column *column, const struct mib_value *value)
{
	switch (column->type) {
	case ASN_OCTET_STR:
		fprintf(to, "octets ");
		write_octets(to, value);
		break;
	case ASN_IPADDRESS:
		fprintf(to, "address ");
		write_octets(to, value);
		break;
	case ASN_COUNTER64:
		fprintf(to, "counter64 %llu", (unsigned long long)value->counter);
		break;
	default:
		fprintf(to, "%s %u",
			column->type == ASN_INTEGER   ? "integer"
			: column->type == ASN_GAUGE   ? "gauge"
			: column->type == ASN_COUNTER ? "counter"
						      : "ticks",
			value->number);
	}
}

static void write_name(FILE *to, const struct mib_module *module, const struct mib_name *name)
{
	for (size_t i = 0; i < module->root_length; i++)
		fprintf(to, "%s%lu", i ? "." : "", module->root[i]);
	for (size_t i = 0; i < name->length; i++)
		fprintf(to, ".%lu", name->oids[i]);
}

static void write_tree(FILE *to, const struct mib *mib, const struct mib_module *module)
{
	struct mib_source source = {.now = NOW, .master_began = MASTER_BEGAN};
	const struct mib_column *column;
	struct mib_name at = {.length = 0}, next;
	struct mib_value value;

	while (mib_next(mib, module, at.oids, at.length, &source, &column, &value, &next) ==
		MIB_FOUND) {
		write_name(to, module, &next);
		fprintf(to, " = ");
		write_value(to, column, &value);
		fprintf(to, "\n");
		at = next;
	}
}

/* The name of the program is followed by a version that changes. */
static void write_all(FILE *to)
{
	struct mib mib;
	int fd;
	struct board *board = board_create(SLOTS + 1, sizeof(union status_row), &fd);
	struct accepted *accepted = configured();

	put_engine(board);
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		put_row(board, slot);
	mib = (struct mib){board, index_create(board), accepted};
	assert_int_equal(index_refresh(mib.index, NOW), 0);
	for (size_t i = 0; i < MIB_MODULES; i++)
		write_tree(to, &mib, &mib_modules[i]);
	index_free(mib.index);
	accepted_free(accepted);
	board_close(board);
}

static char *printed(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	write_all(to);
	fclose(to);
	return text;
}

/* Line by line, so that a failure shows the first that differs. */
static void every_value_is_as_written_down(void **state)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096], line[1024];
	char *tree = printed();
	char *rest = tree;
	FILE *golden;

	snprintf(path, sizeof(path), "%s/tests/unit/snmp-golden.txt", top ? top : ".");
	golden = fopen(path, "r");
	assert_non_null(golden);
	while (fgets(line, sizeof(line), golden)) {
		char *is = strsep(&rest, "\n");

		line[strcspn(line, "\n")] = '\0';
		assert_non_null(is);
		if (strncmp(line, "1.3.6.1.4.1.9586.100.5.1.1.0 ", 29) == 0)
			assert_memory_equal(is, line, strlen(line));
		else
			assert_string_equal(is, line);
	}
	assert_true(rest && !*rest);
	fclose(golden);
	free(tree);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_is_as_written_down),
	};

	if (argc > 1) {
		FILE *to = fopen(argv[1], "w");

		if (!to)
			return 1;
		write_all(to);
		return fclose(to) != 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

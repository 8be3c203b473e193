/* SPDX-License-Identifier: ISC */
/* Sequences of SETs beside a model of RowStatus (RFC 2579) and of the two writable tables (RFC
 * 6527) that shares no code with the program: whether each is accepted, what is there afterwards,
 * and that the overlay and the image made of it say the same.
 *
 * Four octets are a change: who, what, to which value, and whether the set ends with it. */
#include <sys/socket.h>

#include "agent/conf/load.h"
#include "agent/core/edit/edit.h"
#include "agent/core/imagebuilder.h"
#include "agent/core/overlay.h"
#include "lib/image.h"
#include "lib/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	INTERFACES = 3,
	FAMILIES = 2,
	VRIDS = 3,
	HOSTS = 3,
	CHANGES_MAX = 12
};
enum {
	ACTIVE = 1,
	OUT_OF_SERVICE,
	NOT_READY,
	GO,
	WAIT,
	DESTROY
};
enum held {
	NO_HOST,
	HOST_DOWN,
	HOST_UP
};

static const char *const interfaces[INTERFACES] = {"eth0", "a#b", "$c}\"d"};

static const char file[] =
	"vrrp_instance UP {\n interface eth0\n virtual_router_id 1\n version 3\n no_accept\n"
	" virtual_ipaddress {\n 10.0.1.1\n }\n}\n"
	"vrrp_instance DOWN {\n interface eth0\n virtual_router_id 2\n version 3\n no_accept\n"
	" admin_state down\n virtual_ipaddress {\n 10.0.2.1\n }\n}\n";

/* ---- The model ---- */

struct router {
	bool exists, serves, preempt, accept;
	int64_t priority, interval;
	uint8_t primary; /* its last octet; 0: none */
	enum held hosts[HOSTS];
};

struct model {
	struct router routers[INTERFACES][FAMILIES][VRIDS];
};

/* One change as the model sees it. */
struct wish {
	uint8_t interface, family, vrid, host; /* from 0 */
	uint8_t attribute;
	int64_t value;
};

static bool is_ready(const struct router *router)
{
	for (int i = 0; i < HOSTS; i++) {
		if (router->hosts[i] == HOST_UP)
			return true;
	}
	return false;
}

static bool in_range(const struct wish *wish)
{
	switch (wish->attribute) {
	case ATTRIBUTE_PRIORITY:
		return wish->value >= 1 && wish->value <= 254;
	case ATTRIBUTE_INTERVAL:
		return wish->value >= 1 && wish->value <= 4095;
	case ATTRIBUTE_PRIMARY_ADDRESS:
		return wish->value == 0;
	case ATTRIBUTE_ROW_STATUS:
	case ATTRIBUTE_ADDRESS_STATUS:
		return wish->value >= ACTIVE && wish->value <= DESTROY && wish->value != NOT_READY;
	default:
		return wish->value == 0 || wish->value == 1;
	}
}

static bool set_row(struct router *router, int64_t status)
{
	switch (status) {
	case GO:
	case WAIT:
		if (router->exists)
			return false;
		*router = (struct router){.exists = true,
			.serves = status == GO,
			.preempt = true,
			.priority = 100,
			.interval = 100};
		return true;
	case DESTROY:
		*router = (struct router){0};
		return true;
	default:
		if (!router->exists ||
			(status == OUT_OF_SERVICE && !router->serves && !is_ready(router)))
			return false;
		router->serves = status == ACTIVE;
		return true;
	}
}

static bool set_host(enum held *host, int64_t status)
{
	const bool creates = status == GO || status == WAIT;

	if (status != DESTROY && creates == (*host != NO_HOST))
		return false;
	if (status == DESTROY)
		*host = NO_HOST;
	else
		*host = status == GO || status == ACTIVE ? HOST_UP : HOST_DOWN;
	return true;
}

static bool set_value(struct router *router, const struct wish *wish, bool destroyed)
{
	if (wish->attribute == ATTRIBUTE_ADDRESS_STATUS && !router->exists)
		return wish->value == DESTROY;
	if (destroyed || !router->exists)
		return false;
	switch (wish->attribute) {
	case ATTRIBUTE_PRIORITY:
		router->priority = wish->value;
		return true;
	case ATTRIBUTE_INTERVAL:
		router->interval = wish->value;
		return true;
	case ATTRIBUTE_PREEMPT:
		router->preempt = wish->value;
		return true;
	case ATTRIBUTE_ACCEPT:
		router->accept = wish->value;
		return true;
	case ATTRIBUTE_PRIMARY_ADDRESS:
		router->primary = (uint8_t)(wish->host + 101);
		return true;
	default:
		return set_host(&router->hosts[wish->host], wish->value);
	}
}

static struct router *router_of(struct model *model, const struct wish *wish)
{
	return &model->routers[wish->interface][wish->family][wish->vrid];
}

/* All of the set or nothing, rows first, whatever the order. */
static bool model_set(struct model *model, const struct wish *wishes, size_t count)
{
	struct model next = *model;

	for (size_t i = 0; i < count; i++) {
		if (!in_range(&wishes[i]))
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (wishes[i].attribute == ATTRIBUTE_ROW_STATUS &&
			!set_row(router_of(&next, &wishes[i]), wishes[i].value))
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct router *router = router_of(&next, &wishes[i]);
		const bool destroyed = !router->exists && router_of(model, &wishes[i])->exists;

		if (wishes[i].attribute != ATTRIBUTE_ROW_STATUS &&
			!set_value(router, &wishes[i], destroyed))
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct router *router = router_of(&next, &wishes[i]);

		if (router->serves && !is_ready(router))
			return false;
	}
	*model = next;
	return true;
}

/* ---- The program ---- */

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz-sets: %s\n", what);
	abort();
}

static struct config *load(void)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = conf_load_text("file", file, strlen(file), NULL, &diagnostics);

	require(config != NULL, "the file is refused");
	conf_diagnostics_clear(&diagnostics);
	return config;
}

/* Each router's are its own. */
static void write_address(uint8_t octets[16], const struct wish *wish, uint8_t last)
{
	const uint8_t four[4] = {10, wish->interface, (uint8_t)(wish->vrid + 1), last};
	const uint8_t six[16] = {
		0xfe, 0x80, [13] = wish->interface, [14] = (uint8_t)(wish->vrid + 1), [15] = last};

	memset(octets, 0, 16);
	memcpy(octets, wish->family ? six : four, wish->family ? 16 : 4);
}

static void make_change(struct message_change *change, const struct wish *wish)
{
	*change = (struct message_change){.family = wish->family ? IMAGE_IPV6 : IMAGE_IPV4,
		.vrid = (uint8_t)(wish->vrid + 1),
		.attribute = wish->attribute,
		.value = wish->value};
	strcpy(change->interface, interfaces[wish->interface]);
	write_address(change->address, wish,
		(uint8_t)(wish->host + (wish->attribute == ATTRIBUTE_PRIMARY_ADDRESS ? 101 : 1)));
}

static struct config *program_set(
	const struct config *config, const struct wish *wishes, size_t count)
{
	static union message message;
	struct config *copy = config_copy(config);
	struct refusal refusal = {0};

	message_init(&message, MESSAGE_SET_PREPARE, 1);
	for (size_t i = 0; i < count; i++)
		make_change(&message.set.changes[message.set.count++], &wishes[i]);
	require(message_check(&message, message.head.size) == 0, "the message is no message");
	require(copy != NULL, "out of memory");
	if (edit_apply(copy, &message.set, NULL, &refusal))
		return copy;
	require(refusal.error && refusal.text[0] && refusal.index < count,
		"refused without a reason");
	config_free(copy);
	return NULL;
}

static bool same_octets(const struct ip_address *address, const struct wish *wish, uint8_t last)
{
	uint8_t octets[16];

	write_address(octets, wish, last);
	return memcmp(&address->v6, octets, wish->family ? 16 : 4) == 0;
}

static enum held host_of(const struct instance *instance, const struct wish *wish)
{
	for (size_t i = 0; i < instance->addresses.count; i++) {
		const struct virtual_address *held = &instance->addresses.items[i];

		if (same_octets(&held->address, wish, (uint8_t)(wish->host + 1)))
			return held->admin_state == ADMIN_UP ? HOST_UP : HOST_DOWN;
	}
	return NO_HOST;
}

static void compare(const struct router *router, const struct instance *instance, struct wish *wish)
{
	size_t held = 0;

	require(router->exists == (instance != NULL), "a router is there, or not");
	if (!instance)
		return;
	require(router->serves == (instance->admin_state == ADMIN_UP), "another RowStatus");
	require(router->priority == instance->priority, "another priority");
	require((uint64_t)router->interval * 10000000 == instance->interval_ns, "another interval");
	require(router->preempt == instance->preempt, "another Preempt_Mode");
	require(router->accept == instance->accept, "another Accept_Mode");
	require(!router->primary == !instance->unicast.multicast_source.family &&
			(!router->primary || same_octets(&instance->unicast.multicast_source, wish,
						     router->primary)),
		"another primary address");
	for (wish->host = 0; wish->host < HOSTS; wish->host++) {
		require(router->hosts[wish->host] == host_of(instance, wish),
			"another state of an address");
		held += router->hosts[wish->host] != NO_HOST;
	}
	require(held == instance->addresses.count, "another number of addresses");
}

static void compare_all(const struct model *model, const struct config *config)
{
	size_t count = 0;

	for (uint8_t i = 0; i < INTERFACES * FAMILIES * VRIDS; i++) {
		struct wish wish = {.interface = i % INTERFACES,
			.family = i / INTERFACES % FAMILIES,
			.vrid = i / INTERFACES / FAMILIES};
		const struct router *router =
			&model->routers[wish.interface][wish.family][wish.vrid];

		count += router->exists;
		compare(router,
			config_find_identity(config, interfaces[wish.interface],
				wish.family ? AF_INET6 : AF_INET, (uint8_t)(wish.vrid + 1)),
			&wish);
	}
	require(count == config->instance_count, "another number of routers");
}

/* What a restart would read. */
static void check_overlay(const struct model *model, const struct config *config)
{
	struct overlay_aside none = {0}, aside;
	struct conf_diagnostics diagnostics = {0};
	struct config *again = load();
	char *text;
	size_t length;

	require(overlay_render(config, &none, &text, &length) == 0, "out of memory");
	if (overlay_apply(again, "overlay", text, length, &aside, &diagnostics) != 0) {
		conf_diagnostics_print(&diagnostics, stderr);
		require(false, "the overlay is refused");
	}
	require(!aside.text, "something of the overlay is set aside");
	compare_all(model, again);
	require(config_equal(config, again), "a restart makes a difference");
	conf_diagnostics_clear(&diagnostics);
	config_free(again);
	free(text);
}

static void check_image(const struct config *config)
{
	struct slots *none = slots_new(), *slots = none ? slots_plan(none, config) : NULL;
	int fd = slots ? image_build_whole(config, slots, 1) : -1;
	struct image *image = fd < 0 ? NULL : image_open(fd);

	require(image != NULL, "there is no image of it");
	require(image_header(image)->routers.count == config->instance_count,
		"the image has other routers");
	image_close(image);
	close(fd);
	slots_free(slots);
	slots_free(none);
}

/* ---- The input ---- */

static int64_t value_of(uint8_t attribute, uint8_t octet)
{
	static const int64_t values[] = {0, 1, 2, 99, 254, 255, 4095, 4096, -1, INT64_MAX};

	if (attribute == ATTRIBUTE_ROW_STATUS || attribute == ATTRIBUTE_ADDRESS_STATUS)
		return octet % 8;
	if (attribute == ATTRIBUTE_PREEMPT || attribute == ATTRIBUTE_ACCEPT)
		return octet % 3;
	if (attribute == ATTRIBUTE_PRIMARY_ADDRESS)
		return octet == 255;
	return octet < 128 ? octet : values[octet % (sizeof(values) / sizeof(values[0]))];
}

static struct wish read_wish(const uint8_t *octets)
{
	const uint8_t attribute = octets[1] % ATTRIBUTE_COUNT;

	return (struct wish){.interface = octets[0] % INTERFACES,
		.family = octets[0] / 64 % FAMILIES,
		.vrid = octets[0] / 8 % VRIDS,
		.host = octets[3] % HOSTS,
		.attribute = attribute,
		.value = value_of(attribute, octets[2])};
}

/* agentx sends one of each. */
static bool is_said(const struct wish *wishes, size_t count, const struct wish *wish)
{
	for (size_t i = 0; i < count; i++) {
		if (wishes[i].interface == wish->interface && wishes[i].family == wish->family &&
			wishes[i].vrid == wish->vrid && wishes[i].attribute == wish->attribute &&
			(wish->attribute != ATTRIBUTE_ADDRESS_STATUS ||
				wishes[i].host == wish->host))
			return true;
	}
	return false;
}

static struct config *do_set(
	struct config *config, struct model *model, const struct wish *wishes, size_t count)
{
	struct config *next = program_set(config, wishes, count);
	bool accepted = model_set(model, wishes, count);

	if (accepted != (next != NULL))
		for (size_t i = 0; i < count; i++)
			fprintf(stderr, "%s IPv%d VRID %d: attribute %d of host %d to %jd\n",
				interfaces[wishes[i].interface], wishes[i].family ? 6 : 4,
				wishes[i].vrid + 1, wishes[i].attribute, wishes[i].host,
				(intmax_t)wishes[i].value);
	require(!accepted || next, "refused, but possible");
	require(accepted || !next, "accepted, but not possible");
	if (!next)
		return config;
	compare_all(model, next);
	config_free(config);
	return next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model model = {0};
	struct config *config = load();
	struct wish wishes[CHANGES_MAX];
	size_t count = 0;

	model.routers[0][0][0] = (struct router){true, true, true, false, 100, 100, 0, {HOST_UP}};
	model.routers[0][0][1] = (struct router){true, false, true, false, 100, 100, 0, {HOST_UP}};
	compare_all(&model, config);
	for (; size >= 4 && size <= 400; size -= 4, data += 4) {
		struct wish wish = read_wish(data);

		if (!is_said(wishes, count, &wish))
			wishes[count++] = wish;
		if (count < CHANGES_MAX && (data[3] & 128) && size >= 8)
			continue;
		config = do_set(config, &model, wishes, count);
		count = 0;
	}
	check_overlay(&model, config);
	check_image(config);
	config_free(config);
	return 0;
}

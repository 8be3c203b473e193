/* SPDX-License-Identifier: ISC */
/* A configuration image in which anything may be wrong: refused, or everything it lets a reader
 * reach lies within it.
 *
 * The first octet says how the input is meant: as an image; as the body of one whose header adds
 * up; or as changes to a whole image, or to a delta, that are built of a real configuration when
 * the target begins, so that no seed can be of an older layout. */
#include "agent/conf/load.h"
#include "agent/core/imagebuilder.h"
#include "lib/image.h"
#include "tests/unit/imagewalk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum meaning {
	AS_IT_IS,
	AS_A_BODY,
	CHANGES_TO_WHOLE,
	CHANGES_TO_DELTA,
	MEANINGS
};

#define COUNT_MAX 15 /* of each array that is mended */

/* Something in every array. */
static const char text[] =
	"global_defs {\n"
	"	router_id node\n	snmp_socket /run/agentx\n	enable_traps\n"
	"	script_user root root\n	vrrp_garp_interval 0.001\n"
	"	notification_email { a@example.com b@example.com }\n"
	"	notification_email_from agent@example.com\n	smtp_server 192.0.2.25 25\n"
	"	smtp_helo_name node\n	smtp_alert\n"
	"	notify_fifo /run/all\n	notify_fifo_script /bin/true root\n"
	"	startup_script \"/bin/true one two\" root\n	shutdown_script /bin/true root\n"
	"}\n"
	"garp_group { garp_interval 0.5\n interfaces { eth0 eth1 } }\n"
	"static_ipaddress { 10.9.0.1/24 dev eth1 }\n"
	"static_routes { 10.20.0.0/16 via 10.9.0.2 dev eth1\n"
	" 10.24.0.0/16 nexthop via 10.9.0.2 dev eth1 nexthop via 10.9.0.3 dev eth1 }\n"
	"static_rules { from 10.50.0.0/16 table 77 preference 400 }\n"
	"vrrp_script alive { script \"/bin/true alive\"\n weight 3 }\n"
	"vrrp_track_process web { process nginx -g\n weight 5 }\n"
	"vrrp_track_file load { file /run/load }\n"
	"vrrp_sync_group both { group { A B }\n track_script { alive weight 0 }\n "
	"sync_group_tracking_weight\n"
	" notify_master \"/bin/true all\" root }\n"
	"vrrp_instance A {\n interface eth0\n virtual_router_id 51\n priority 150\n"
	" unicast_peer { 192.0.2.20\n 192.0.2.21 min_ttl 200 }\n"
	" virtual_ipaddress { 192.0.2.1/24 label eth0:v\n 192.0.2.2/24 dev eth1 }\n"
	" virtual_ipaddress_excluded { 2001:db8::1/64 }\n"
	" virtual_routes { 10.30.0.0/16 via 192.0.2.9 }\n"
	" virtual_rules { from 192.0.2.0/24 table 100 preference 600 }\n"
	" track_interface { eth2 weight -20\n eth3 }\n"
	" track_script { alive }\n track_process { web }\n track_file { load weight 2 }\n"
	" notify_master \"/bin/true 'one word' two\" root\n notify /bin/true root\n}\n"
	"vrrp_instance B {\n interface eth0\n virtual_router_id 52\n native_ipv6\n use_vmac\n"
	" virtual_ipaddress { fe80::1/64\n 2001:db8::2/64 }\n}\n"
	"vrrp_instance C {\n interface eth1\n virtual_router_id 53\n"
	" virtual_ipaddress { 192.0.2.3/24 }\n}\n";

static struct {
	uint8_t *bytes;
	size_t size;
} bases[MEANINGS];

static void require(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz-image: %s\n", what);
	abort();
}

static uint64_t open_and_walk(const void *bytes, size_t size)
{
	struct image *image = image_open_bytes(bytes, size);
	uint64_t sum = 0;

	if (image)
		sum = image_walk(image);
	image_close(image);
	return sum;
}

static void keep(enum meaning meaning, int fd)
{
	struct stat status;

	require(fd >= 0 && fstat(fd, &status) == 0, "the image can't be built");
	bases[meaning].size = (size_t)status.st_size;
	bases[meaning].bytes = malloc(bases[meaning].size);
	require(bases[meaning].bytes && pread(fd, bases[meaning].bytes, bases[meaning].size, 0) ==
						(ssize_t)bases[meaning].size,
		"the image can't be read");
	close(fd);
	require(open_and_walk(bases[meaning].bytes, bases[meaning].size) != 0,
		"the image as it was built is refused");
}

static void build(void)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = conf_load_text("fuzz", text, strlen(text), NULL, &diagnostics);
	struct slots *none = slots_new(), *slots;
	struct image_changes changes = {.changed_count = 2, .removed = {7, 9}, .removed_count = 2};

	if (!config)
		conf_diagnostics_print(&diagnostics, stderr);
	require(config && none, "the configuration is refused");
	slots = slots_plan(none, config);
	require(slots != NULL, "there are no slots");
	changes.changed[0] = config->instances[0];
	changes.changed[1] = config->instances[1];
	keep(CHANGES_TO_WHOLE, image_build_whole(config, slots, 2));
	keep(CHANGES_TO_DELTA, image_build_delta(config, slots, 3, 2, &changes));
	slots_free(none);
	slots_free(slots);
	config_free(config);
	conf_diagnostics_clear(&diagnostics);
}

/* Arrays so short that they fit; what is left are strings, the last of which ends. */
static void mend(void *bytes, size_t size)
{
	struct image_header *header = bytes;
	struct image_span *const spans[] = {&header->routers, &header->addresses, &header->peers,
		&header->tracks, &header->commands, &header->removed, &header->routes,
		&header->hops, &header->rules, &header->paces, &header->groups, &header->trackers,
		&header->uses, &header->strings};
	const size_t count = sizeof(spans) / sizeof(spans[0]);

	for (size_t i = 0; i < count; i++)
		*spans[i] = (struct image_span){0, spans[i]->count & COUNT_MAX};
	header->strings.count = 0;
	for (size_t i = 0; i < count && image_layout(header).size > size; i++)
		spans[i]->count = 0;
	header->magic = IMAGE_MAGIC;
	header->size = size;
	header->generation |= 1;
	header->base_generation &= header->generation >> 1;
	header->strings.count = (uint32_t)(size - image_layout(header).size);
	if (header->strings.count)
		((char *)bytes)[size - 1] = '\0';
}

static void try_octets(const uint8_t *data, size_t size, bool as_body)
{
	void *bytes = calloc(1, size ? size : 1); /* exactly so large, and aligned as a mapping */

	require(bytes != NULL, "out of memory");
	if (size)
		memcpy(bytes, data, size);
	if (as_body && size >= sizeof(struct image_header))
		mend(bytes, size);
	open_and_walk(bytes, size);
	free(bytes);
}

/* Where a change goes: an array of the layout's order (0: the header), an element of it, an octet
 * of that. */
struct change {
	uint8_t array, element, octet, width;
	uint8_t value[4];
};

static const size_t sizes[] = {sizeof(struct image_header), sizeof(struct image_router),
	sizeof(struct image_address), sizeof(struct image_peer), sizeof(struct image_track),
	sizeof(struct image_command), sizeof(uint32_t), sizeof(struct image_route),
	sizeof(struct image_hop), sizeof(struct image_rule), sizeof(struct image_pace),
	sizeof(struct image_group), sizeof(struct image_tracker), sizeof(struct image_use), 1};

static void apply(
	const struct change *change, const struct image_layout *layout, uint8_t *bytes, size_t size)
{
	const struct image_layout at = *layout;
	const size_t begins[] = {0, at.routers, at.addresses, at.peers, at.tracks, at.commands,
		at.removed, at.routes, at.hops, at.rules, at.paces, at.groups, at.trackers, at.uses,
		at.strings};
	const size_t array = change->array % (sizeof(begins) / sizeof(begins[0]));
	const size_t width = 1 + change->width % sizeof(change->value);
	size_t octet = change->octet;

	if (array == 0)
		octet += (size_t)change->element << 8;
	else
		octet = octet % sizes[array] + change->element * sizes[array];
	octet += begins[array];
	if (octet <= size && width <= size - octet)
		memcpy(bytes + octet, change->value, width);
}

/* All of them find their places in the image as it was built. */
static void try_changes(enum meaning meaning, const uint8_t *data, size_t count)
{
	const size_t size = bases[meaning].size;
	const uint8_t *base = bases[meaning].bytes;
	uint8_t *bytes = malloc(size);
	const struct image_layout layout = image_layout((const struct image_header *)base);
	struct change change;

	require(bytes != NULL, "out of memory");
	memcpy(bytes, base, size);
	for (; count >= sizeof(change); count -= sizeof(change), data += sizeof(change)) {
		memcpy(&change, data, sizeof(change));
		apply(&change, &layout, bytes, size);
	}
	open_and_walk(bytes, size);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum meaning meaning;

	if (!bases[CHANGES_TO_WHOLE].bytes)
		build();
	if (size == 0)
		return 0;
	meaning = data[0] % MEANINGS;
	if (meaning == CHANGES_TO_WHOLE || meaning == CHANGES_TO_DELTA)
		try_changes(meaning, data + 1, size - 1);
	else
		try_octets(data + 1, size - 1, meaning == AS_A_BODY);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* What the program finds when it starts: its files after a crash, or after somebody else wrote to
 * them, and what its predecessor handed over.  The first octet says which; the rest is its content.
 * Whatever it is, it is refused or understood, and what is written next can be read again. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/conf/load.h"
#include "agent/core/events/history.h"
#include "agent/core/overlay.h"
#include "agent/core/store.h"
#include "lib/log.h"
#include "lib/sharedmem.h"
#include "vrrp/applier/journal.h"
#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/resume.h"
#include "vrrp/protocol/step.h"
#include "vrrp/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IDENTITY "fuzz"
#define TITLE	 "vrrp-agent journal 1 " IDENTITY "\n"
#define FIRST	 "# vrrp-agent overlay, transaction 7, applied\n"
#define LAST	 "# end of overlay\n"
#define LINE	 "{\"name\":\"A\",\"kind\":\"test\"}"
#define NOW	 (1000 * VRRP_SECOND)

static const char file[] = "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n version 3\n"
			   " virtual_ipaddress {\n 192.0.2.1\n }\n}\n"
			   "vrrp_instance B {\n interface eth0\n virtual_router_id 52\n version 3\n"
			   " virtual_ipaddress {\n 192.0.2.2\n }\n}\n";

static char folder[] = "/dev/shm/fuzz-stored-XXXXXX";

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz-stored: %s\n", what);
	abort();
}

static char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void remove_files(void)
{
	static const char *const names[] = {"overlay.conf", "overlay.conf.new", "overlay.previous",
		"overlay.previous.new", HISTORY_FILE, HISTORY_FILE ".1", "applied.journal",
		"applied.journal.new"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
}

static void remove_folder(void)
{
	remove_files();
	rmdir(folder);
}

static void write_file(
	const char *name, const char *before, const uint8_t *data, size_t size, const char *after)
{
	FILE *stream = fopen(path_of(name), "w");

	require(stream && fputs(before, stream) >= 0 && fwrite(data, 1, size, stream) == size &&
			fputs(after, stream) >= 0 && fclose(stream) == 0,
		"the file can't be written");
}

/* ---- The overlay ---- */

static struct config *load_file(void)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = conf_load_text("file", file, strlen(file), NULL, &diagnostics);

	require(config != NULL, "the file is refused");
	conf_diagnostics_clear(&diagnostics);
	return config;
}

/* NULL: refused, and there are words for it. */
static struct config *overlaid(const char *text, size_t length, struct overlay_aside *aside)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = load_file();
	int error = overlay_apply(config, "overlay", text, length, aside, &diagnostics);

	if (error) {
		require(error == -EINVAL && diagnostics.errors > 0, "refused without a reason");
		config_free(config);
		config = NULL;
	}
	conf_diagnostics_clear(&diagnostics);
	return config;
}

/* What is rendered of it means the same. */
static void check_overlay(const char *text, size_t length)
{
	struct overlay_aside aside = {0}, aside_again = {0};
	struct config *config = overlaid(text, length, &aside), *again;
	char *rendered;
	size_t rendered_length;

	if (!config)
		return;
	require(overlay_render(config, &aside, &rendered, &rendered_length) == 0, "rendering");
	again = overlaid(rendered, rendered_length, &aside_again);
	if (!again || !config_equal(config, again) || aside.length != aside_again.length)
		fprintf(stderr, "-- read:\n%.*s\n-- written:\n%s\n", (int)length, text, rendered);
	require(again && config_equal(config, again), "the overlay is not what it was");
	require(aside.length == aside_again.length, "something else is set aside");
	overlay_aside_clear(&aside);
	overlay_aside_clear(&aside_again);
	free(rendered);
	config_free(again);
	config_free(config);
}

static void check_rewriting(struct store *store)
{
	static const char next[] = "vrrp_instance A {\n priority 7\n}\n";
	size_t length;

	require(store_write(store, 9, next, strlen(next)) == 0, "the store can't be written");
	store_close(store);
	require(store_open(folder, -1, &store) == 0, "what was written is refused");
	require(strcmp(store_text(store, &length), next) == 0 && store_transaction(store) == 9 &&
			store_last_outcome(store) == STORE_APPLIED,
		"what was written is not what is read");
	store_close(store);
}

static void check_store(void)
{
	struct store *store;
	const char *text;
	size_t length;

	if (store_open(folder, -1, &store) < 0) {
		require(store && store_problem(store)[0], "refused without a reason");
		store_close(store);
		return;
	}
	text = store_previous(store, &length);
	require(!text || strlen(text) == length, "the earlier text has another length");
	text = store_text(store, &length);
	require(strlen(text) == length, "the text has another length");
	check_overlay(text, length);
	check_rewriting(store);
}

static void read_overlay(const uint8_t *data, size_t size)
{
	write_file("overlay.conf", "", data, size, "");
	check_store();
}

static void read_overlay_text(const uint8_t *data, size_t size)
{
	write_file("overlay.conf", FIRST, data, size, "\n" LAST);
	check_store();
}

static void read_previous(const uint8_t *data, size_t size)
{
	write_file("overlay.conf", FIRST, data, 0, LAST);
	write_file("overlay.previous", "", data, size, "");
	check_store();
}

/* ---- The journal ---- */

/* Everything that was left still holds. */
static void tell_journal(void *context, struct journal *journal)
{
	size_t count;
	const struct journal_record *left = journal_left(*(struct journal **)context, &count);

	for (size_t i = 0; i < count; i++)
		journal_add(journal, &left[i]);
}

static void check_record(const struct journal_record *record)
{
	require(memchr(record->interface, '\0', sizeof(record->interface)), "no end of a name");
	require(record->length <= JOURNAL_REQUEST_MAX, "a request is too long");
	require(record->kind != JOURNAL_ADDRESS ||
			(record->index && record->prefix_length <=
						  8 * vrrp_address_length(record->address.family)),
		"no such address");
}

static void read_journal(const uint8_t *data, size_t size)
{
	struct journal *journal, *again;
	size_t count, count_again;
	const struct journal_record *left;

	write_file("applied.journal", TITLE, data, size, "");
	journal = journal_open(folder, IDENTITY, -1, tell_journal, &journal);
	require(journal != NULL, "the journal can't be opened");
	left = journal_left(journal, &count);
	for (size_t i = 0; i < count; i++)
		check_record(&left[i]);
	require(journal_flush(journal) == 0, "the journal can't be written");
	again = journal_open(folder, IDENTITY, -1, tell_journal, &again);
	require(again != NULL, "the journal can't be opened again");
	journal_left(again, &count_again);
	require(count == count_again, "the journal has other records now");
	journal_close(again);
	journal_close(journal);
}

/* ---- The history ---- */

static void read_history(const uint8_t *data, size_t size)
{
	struct history *history;
	json_t *last;

	write_file(HISTORY_FILE ".1", "", data, size / 2, "");
	write_file(HISTORY_FILE, "", data + size / 2, size - size / 2, "");
	history = history_open(folder);
	require(history != NULL, "the history can't be opened");
	history_add(history, LINE);
	history_flush(history);
	json_decref(history_recent(history, NULL, 100));
	last = history_recent(history, "A", 1);
	require(json_array_size(last) == 1 &&
			json_object_get(json_array_get(last, 0), "kind") != NULL,
		"the last line is lost");
	json_decref(last);
	history_close(history);
}

/* ---- What the predecessor left ---- */

static void check_resumed(const struct snapshot_router *left, uint8_t version)
{
	const bool ipv6 = left->family == VRRP_IPV6;
	const uint8_t octets[16] = {0xfe, 0x80, [15] = 1};
	const struct vrrp_address address = vrrp_address_make(ipv6 ? VRRP_IPV6 : VRRP_IPV4, octets);
	const struct vrrp_configuration configuration = {.addresses = &address,
		.address_count = 1,
		.group = address,
		.interval = VRRP_SECOND,
		.family = address.family,
		.vrid = 7,
		.version = version,
		.priority = 100,
		.preempt = true};
	struct vrrp_router router;
	struct vrrp_actions actions;

	vrrp_router_init(&router, &configuration);
	if (!vrrp_router_resume(&router, NOW, &left->state, &left->statistics, &actions))
		return;
	require(actions.count < VRRP_ACTIONS_MAX, "too many actions");
	require(router.state.state < VRRP_STATES, "no such state");
	for (int i = 0; i < 3 && router.state.deadline != VRRP_NEVER; i++) {
		vrrp_step(&router, router.state.deadline,
			&(struct vrrp_event){.type = VRRP_EVENT_DEADLINE}, &actions);
		require(actions.count < VRRP_ACTIONS_MAX, "too many actions");
		require(router.state.state < VRRP_STATES, "no such state");
	}
}

static void check_snapshot(struct archive *archive)
{
	struct snapshot *snapshot = snapshot_open(archive);
	size_t count = archive_count(archive, SNAPSHOT_ROUTERS);
	struct archive_reader *reader = archive_reader_new(
		archive, SNAPSHOT_ROUTERS, snapshot_router_fields, snapshot_router_field_count);
	struct snapshot_router router;

	require(snapshot && reader, "out of memory");
	for (size_t i = 0; i < count && i < 8; i++) {
		const struct snapshot_router *left;

		archive_read(reader, i, &router);
		router.interface[sizeof(router.interface) - 1] = '\0';
		left = snapshot_find(snapshot, router.interface, router.family, router.vrid);
		require(left != NULL, "a router that was left is not found");
		for (uint8_t version = 2; version <= 3; version++)
			check_resumed(left, version);
	}
	snapshot_find_tracker(snapshot, 1);
	snapshot_find_group(snapshot, 1);
	archive_reader_free(reader);
	snapshot_close(snapshot);
}

static void read_archive(const uint8_t *data, size_t size)
{
	int fd = sharedmem_document("fuzz", data, size);
	struct archive *archive = fd < 0 ? NULL : archive_open(fd);

	if (archive)
		check_snapshot(archive);
	archive_close(archive);
	if (fd >= 0)
		close(fd);
}

/* The engine's own, with these octets in a router's record. */
static void read_state(const uint8_t *data, size_t size)
{
	struct snapshot_router router = {.interface = "eth0", .family = VRRP_IPV4, .vrid = 1};
	const void *const record = &router;
	const struct archive_section section = {
		SNAPSHOT_ROUTERS, snapshot_router_fields, snapshot_router_field_count, &record, 1};
	struct archive *archive;
	int fd;

	memcpy(&router.state, data, size < sizeof(router.state) ? size : sizeof(router.state));
	fd = archive_write(&section, 1);
	archive = fd < 0 ? NULL : archive_open(fd);
	require(archive != NULL, "what was written is no archive");
	check_snapshot(archive);
	archive_close(archive);
	close(fd);
}

static void read_source(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct conf_source *source;
	struct conf_diagnostics diagnostics = {0};

	require(fd >= 0 && (size == 0 || write(fd, data, size) == (ssize_t)size), "no memory");
	if (conf_source_restore(fd, &source) == 0) {
		config_free(conf_load_source(source, NULL, &diagnostics));
		conf_diagnostics_clear(&diagnostics);
		conf_source_free(source);
	}
	close(fd);
}

/* The octets of a document that is made now, so that no seed can be of an older layout, with
 * changes: each an offset, a width and a value. */
static void change(
	int fd, const uint8_t *data, size_t size, void (*reader)(const uint8_t *data, size_t size))
{
	static uint8_t octets[1 << 16];
	ssize_t length = fd < 0 ? -1 : pread(fd, octets, sizeof(octets), 0);

	require(length > 0, "no document");
	for (; size >= 7; size -= 7, data += 7) {
		size_t offset = (size_t)(data[0] | data[1] << 8);
		size_t width = 1 + data[2] % 4;

		if (offset + width <= (size_t)length)
			memcpy(octets + offset, data + 3, width);
	}
	close(fd);
	reader(octets, (size_t)length);
}

static void read_changed_archive(const uint8_t *data, size_t size)
{
	const struct snapshot_router routers[2] = {
		{.interface = "eth0", .family = VRRP_IPV4, .vrid = 1},
		{.interface = "eth1", .family = VRRP_IPV6, .vrid = 2}};
	const struct snapshot_tracker tracker = {.identity = 1};
	const struct snapshot_group group = {.identity = 1};
	const struct status_engine engine = {.generation = 1};
	const void *const records[] = {&routers[0], &routers[1], &tracker, &group, &engine};
	const struct archive_section sections[] = {
		{SNAPSHOT_ROUTERS, snapshot_router_fields, snapshot_router_field_count, records, 2},
		{SNAPSHOT_TRACKERS, snapshot_tracker_fields, snapshot_tracker_field_count,
			records + 2, 1},
		{SNAPSHOT_GROUPS, snapshot_group_fields, snapshot_group_field_count, records + 3,
			1},
		{SNAPSHOT_ENGINE, snapshot_engine_fields, snapshot_engine_field_count, records + 4,
			1}};

	change(archive_write(sections, sizeof(sections) / sizeof(sections[0])), data, size,
		read_archive);
}

static void read_changed_source(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	static char texts[3][256] = {"include b\ninclude c*\n", "global_defs {\n}\n", "! c\n"};
	static char failed[] = "d", id[] = "node", folder_name[] = "/etc";
	struct conf_text all[3];
	struct conf_include includes[] = {
		{0, 1, 0, 1, 0, NULL}, {0, 2, 1, 1, 0, NULL}, {1, 1, 2, 0, -ENOENT, failed}};
	uint32_t children[] = {1, 2};
	const struct conf_source source = {.texts = all,
		.text_count = 3,
		.includes = includes,
		.include_count = 3,
		.children = children,
		.child_count = 2,
		.config_id = id};

	for (size_t i = 0; i < 3; i++)
		all[i] = (struct conf_text){failed, texts[i], strlen(texts[i]), folder_name};
	require(fd >= 0 && conf_source_save(&source, fd) == 0, "no source");
	change(fd, data, size, read_source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(const uint8_t *data, size_t size) = {read_overlay,
		read_overlay_text, read_previous, read_journal, read_history, read_archive,
		read_state, read_source, read_changed_archive, read_changed_source};
	static bool begun;

	if (!begun) {
		begun = true;
		log_open("fuzz", LOG_EMERG);
		require(mkdtemp(folder) != NULL, "no folder");
		atexit(remove_folder);
	}
	if (size == 0)
		return 0;
	remove_files();
	readers[data[0] % (sizeof(readers) / sizeof(readers[0]))](data + 1, size - 1);
	return 0;
}

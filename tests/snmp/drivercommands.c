/* SPDX-License-Identifier: ISC */
/* The commands of a test; the list of them is in driver.c. */
#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/event.h"
#include "lib/image.h"
#include "lib/ring.h"
#include "lib/sharedmem.h"
#include "tests/snmp/driver.h"
#include "tests/snmp/fields.h"
#include "vrrp/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_IFINDEX 10
#define ROWS_TO_ONE   200

static void answer_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void answer_line(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

static void done(bool good)
{
	answer_line(good ? "ok" : "error");
}

static void command_row(char *words)
{
	uint32_t slot = (uint32_t)strtoul(words, &words, 10);
	struct status_router *router = &driver.rows[status_row(slot)].router;
	bool good = put_fields(router_fields, router, words);

	router->used = 1;
	driver_show_row(slot);
	done(good);
}

static void command_drop(char *words)
{
	uint32_t slot = (uint32_t)strtoul(words, NULL, 10);

	memset(&driver.rows[status_row(slot)], 0, sizeof(driver.rows[0]));
	driver_show_row(slot);
	done(true);
}

static void fill_row(uint32_t slot)
{
	struct status_router *router = &driver.rows[status_row(slot)].router;
	uint8_t vrid = (uint8_t)(slot % ROWS_TO_ONE + 1);

	*router = (struct status_router){.used = 1,
		.family = 1,
		.vrid = vrid,
		.version = 3,
		.state = VRRP_STATE_BACKUP,
		.priority = 100,
		.preempt = 1,
		.address_count = 1,
		.address_octets = 4,
		.interface_index = FIRST_IFINDEX + slot / ROWS_TO_ONE,
		.virtual_mac = {0, 0, 0x5e, 0, 1, vrid},
		.interval = NSEC_PER_SEC};
	snprintf(router->interface, sizeof(router->interface), "eth%u", slot / ROWS_TO_ONE);
	driver_show_row(slot);
}

static void command_fill(char *words)
{
	uint32_t count = (uint32_t)strtoul(words, NULL, 10);

	for (uint32_t slot = 0; slot < DRIVER_SLOTS; slot++) {
		if (slot < count) {
			fill_row(slot);
		} else if (driver.rows[status_row(slot)].router.used) {
			memset(&driver.rows[status_row(slot)], 0, sizeof(driver.rows[0]));
			driver_show_row(slot);
		}
	}
	board_bump(driver.board);
	done(true);
}

static void command_bump(char *words)
{
	board_bump(driver.board);
	done(true);
}

static void command_engine(char *words)
{
	bool good = put_fields(engine_fields, &driver.rows[STATUS_ENGINE_ROW].engine, words);

	board_write(driver.board, STATUS_ENGINE_ROW, &driver.rows[STATUS_ENGINE_ROW]);
	done(good);
}

static void command_event(char *words)
{
	uint64_t count = take_option(words, "count=", 1);
	uint64_t one = 1;
	struct event event = {.at = clock_now(), .kind = EVENT_TRANSITION, .family = 1};
	bool good = put_fields(event_fields, &event, words);
	uint32_t first = event.interface_index;

	for (uint64_t i = 0; i < count; i++) {
		event.interface_index = first + (uint32_t)i;
		ring_append(driver.ring, &event);
	}
	if (write(driver.wake_fd, &one, sizeof(one)) < 0)
		good = false;
	done(good);
}

static void command_image(char *words)
{
	struct image_header header = {.magic = IMAGE_MAGIC,
		.generation = 1,
		.flags = (uint32_t)strtoul(words, NULL, 0),
		.strings = {0, 1}};
	struct image_layout layout = image_layout(&header);
	char *bytes = calloc(1, layout.size);
	union message message;
	int result;
	int fd;

	header.size = layout.size;
	memcpy(bytes, &header, sizeof(header));
	fd = sharedmem_document("image", bytes, layout.size);
	free(bytes);
	message_init(&message, MESSAGE_IMAGE, header.generation);
	result = channel_send(driver.core, &message, fd);
	close(fd);
	done(result == 0);
}

static void command_answer(char *words)
{
	struct answer *answer = strstr(words, "prepare") ? &driver.prepare
				: strstr(words, "apply") ? &driver.apply
							 : &driver.undo;

	answer->silent = strstr(words, "error=silent") != NULL;
	answer->gone = strstr(words, "error=gone") != NULL;
	answer->error = (uint32_t)take_option(words, "error=", 0);
	answer->index = (uint32_t)take_option(words, "index=", 0);
	answer->delay_ms = (unsigned)take_option(words, "delay=", 0);
	done(true);
}

static void command_messages(char *words)
{
	answer_line("%s", driver.received);
	driver.received[0] = '\0';
}

static void command_broken(char *words)
{
	answer_line("%u", driver.broken);
}

static void command_bookmark(char *words)
{
	struct consumer *consumer =
		consumer_open(driver.ring_fd, driver.bookmarks_fd, CONSUMER_AGENTX);

	if (!consumer)
		driver_die("bookmarks");
	answer_line("%" PRIu64, ring_next(driver.ring) - consumer_ahead(consumer));
	consumer_close(consumer);
}

static void command_core(char *words)
{
	driver_replace_core(strstr(words, "new") != NULL);
	done(true);
}

static void command_agentx(char *words)
{
	if (strstr(words, "kill")) {
		driver_kill_agentx();
		driver_start_agentx();
	}
	answer_line("%d", driver.pid);
}

static void command_now(char *words)
{
	answer_line("%" PRIu64, clock_now());
}

static const struct {
	const char *name;
	void (*run)(char *words);
} commands[] = {
	{"row", command_row},
	{"drop", command_drop},
	{"fill", command_fill},
	{"bump", command_bump},
	{"engine", command_engine},
	{"event", command_event},
	{"image", command_image},
	{"answer", command_answer},
	{"messages", command_messages},
	{"broken", command_broken},
	{"bookmark", command_bookmark},
	{"core", command_core},
	{"agentx", command_agentx},
	{"now", command_now},
};

void driver_run_command(char *line)
{
	size_t length = strcspn(line, " ");
	char *words = line + length;

	if (*words)
		*words++ = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, line) == 0) {
			commands[i].run(words);
			return;
		}
	}
	done(false);
}

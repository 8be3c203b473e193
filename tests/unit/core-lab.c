/* SPDX-License-Identifier: ISC */
#include "tests/unit/core-lab.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/conf/load.h"
#include "lib/channel.h"

#define PATIENCE_MS 10000

char *lab_folder(void)
{
	char *folder = strdup("/tmp/test-core-XXXXXX");

	assert_non_null(folder);
	assert_non_null(mkdtemp(folder));
	return folder;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path);
}

void lab_remove(char *folder)
{
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(folder);
}

char *lab_path(const char *folder, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

void lab_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

char *lab_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 16);

	assert_non_null(file);
	assert_non_null(text);
	fread(text, 1, (1 << 16) - 1, file);
	fclose(file);
	return text;
}

struct config *lab_config(const char *text)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = conf_load_text("test", text, strlen(text), NULL, &diagnostics);

	if (!config)
		conf_diagnostics_print(&diagnostics, stderr);
	conf_diagnostics_clear(&diagnostics);
	assert_non_null(config);
	return config;
}

int lab_receive(int end, enum message_type type, union message *message)
{
	struct pollfd wait = {.fd = end, .events = POLLIN};
	int attached;

	assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
	assert_int_equal(channel_receive(end, message, &attached), 1);
	assert_string_equal(message_type_name(message->head.type), message_type_name(type));
	return attached;
}

void lab_assert_silent(int end)
{
	union message message;
	int attached;
	int result = channel_receive(end, &message, &attached);

	if (result == 1)
		print_error("unexpected %s\n", message_type_name(message.head.type));
	assert_int_equal(result, 0);
}

struct image *lab_receive_image(int end, union message *message)
{
	int fd = lab_receive(end, MESSAGE_IMAGE, message);
	struct image *image = image_open(fd);

	assert_non_null(image);
	assert_int_equal(image_header(image)->generation, message->head.id);
	close(fd);
	return image;
}

void lab_answer_image(int end, uint64_t generation, enum message_error error, const char *text)
{
	union message message;

	message_init(&message, MESSAGE_IMAGE_RESULT, generation);
	message.outcome.error = error;
	strncpy(message.outcome.text, text, sizeof(message.outcome.text) - 1);
	assert_int_equal(channel_send(end, &message, -1), 0);
}

const struct image_router *lab_router(const struct image *image, const char *name)
{
	const struct image_router *router = image_routers(image);

	for (uint32_t i = 0; i < image_header(image)->routers.count; i++, router++) {
		if (strcmp(image_string(image, router->name), name) == 0)
			return router;
	}
	return NULL;
}

void lab_set_priority(
	union message *message, uint64_t id, const char *interface, uint8_t vrid, int64_t value)
{
	struct message_change *change = &message->set.changes[0];

	message_init(message, MESSAGE_SET_PREPARE, id);
	message->set.count = 1;
	strncpy(change->interface, interface, sizeof(change->interface) - 1);
	change->family = 1;
	change->vrid = vrid;
	change->attribute = ATTRIBUTE_PRIORITY;
	change->value = value;
}

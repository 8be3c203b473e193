/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_CORE_LAB_H
#define TESTS_UNIT_CORE_LAB_H

#include <stddef.h>
#include <stdint.h>

#include "agent/conf/model.h"
#include "lib/image.h"
#include "lib/message.h"

/* What the tests of core have in common.  What goes wrong here fails the test. */

/* A router with the address 192.0.2.2VRID, as the file has it; all three are strings. */
#define LAB_ROUTER(name, vrid, priority)                                      \
	"vrrp_instance " name " {\n interface eth0\n virtual_router_id " vrid \
	"\n priority " priority "\n virtual_ipaddress {\n 192.0.2.2" vrid "\n }\n}\n"

/* A folder of its own; the caller frees the name after lab_remove. */
char *lab_folder(void);
void lab_remove(char *folder);

/* FOLDER/NAME, the caller's. */
char *lab_path(const char *folder, const char *name);

void lab_write(const char *path, const char *text);

/* The content, terminated, the caller's. */
char *lab_read(const char *path);

/* A valid configuration, the caller's. */
struct config *lab_config(const char *text);

/* Waits (for seconds at most) for a message, which is to be of that type.  Returns what was
 * attached, or -1. */
int lab_receive(int end, enum message_type type, union message *message);

/* Asserts that nothing has come. */
void lab_assert_silent(int end);

/* Waits for an image and opens it. */
struct image *lab_receive_image(int end, union message *message);

/* Plays the engine: answers the image `generation`. */
void lab_answer_image(int end, uint64_t generation, enum message_error error, const char *text);

/* The router of that name in an image, or NULL. */
const struct image_router *lab_router(const struct image *image, const char *name);

/* A SET_PREPARE of one priority. */
void lab_set_priority(
	union message *message, uint64_t id, const char *interface, uint8_t vrid, int64_t value);

#endif

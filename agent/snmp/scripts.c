/* SPDX-License-Identifier: ISC */
#include "agent/snmp/scripts.h"

#include "agent/snmp/put.h"

#include <stdio.h>

/* `notify` is a command for each state, with these arguments appended: kind, name, state. */
#define NOTIFY_ARGUMENTS 3

/* A command as keepalived shows it: each word in quotes. */
static void put_command(
	const struct image *image, const struct image_command *command, struct mib_value *value)
{
	const char *argument = image_string(image, command->arguments);
	char text[MIB_OCTETS_MAX + 1] = "";
	uint32_t count = command->argument_count;
	size_t length = 0;

	if (command->flags & IMAGE_COMMAND_PRIORITY)
		count -= count > NOTIFY_ARGUMENTS ? NOTIFY_ARGUMENTS : 0;
	for (uint32_t i = 0; i < count && length < sizeof(text); i++) {
		length += (size_t)snprintf(
			text + length, sizeof(text) - length, "%s'%s'", i > 0 ? " " : "", argument);
		argument += strlen(argument) + 1;
	}
	put_text(value, text);
}

void put_script(struct mib_value *value, const struct image *image, struct image_span commands,
	enum vrrp_state state, uint8_t flags)
{
	const struct image_command *command = image_commands(image) + commands.first;

	for (uint32_t i = 0; i < commands.count; i++, command++) {
		if (command->occasion == state && command->flags == flags) {
			put_command(image, command, value);
			return;
		}
	}
	value->absent = true;
}

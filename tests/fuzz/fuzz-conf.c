/* SPDX-License-Identifier: ISC */
/*
 * Any text is either refused with an error or loads to a model that survives being written
 * and read again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/dump.h"
#include "agent/conf/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition, const char *text)
{
	if (condition)
		return;
	fprintf(stderr, "not the same after:\n%s\n", text);
	abort();
}

static void print_nowhere(const struct conf_diagnostics *diagnostics)
{
	FILE *stream = fopen("/dev/null", "w");

	if (stream) {
		conf_diagnostics_print(diagnostics, stream);
		fclose(stream);
	}
}

static void round_trip(const struct config *config)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *again;
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return;
	conf_dump(config, stream);
	if (fclose(stream) == 0) {
		again = conf_load_text("dump", text, length, NULL, &diagnostics);
		require(again && config_equal(config, again), text);
		config_free(again);
		conf_diagnostics_clear(&diagnostics);
	}
	free(text);
}

static void change(struct config *config)
{
	struct conf_diagnostics diagnostics = {0};
	static const char text[] = "vrrp_instance VI_1 {\npriority 7\n}\n";
	struct config *copy = config_copy(config);

	if (copy) {
		require(config_equal(config, copy), "copy");
		if (copy->instance_count > 0)
			conf_set(copy, copy->instances[0], AUTHOR_ROOT, "priority", "9",
				&diagnostics);
		conf_edit(copy, "overlay", text, strlen(text), &diagnostics);
	}
	config_free(copy);
	conf_diagnostics_clear(&diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config =
		conf_load_text("fuzz", (const char *)data, size, NULL, &diagnostics);

	require((config != NULL) == (conf_diagnostics_result(&diagnostics) != CONF_REFUSED),
		"result");
	print_nowhere(&diagnostics);
	if (config) {
		round_trip(config);
		change(config);
	}
	config_free(config);
	conf_diagnostics_clear(&diagnostics);
	return 0;
}

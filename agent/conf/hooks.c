/* SPDX-License-Identifier: ISC */
/* The FIFOs that are told what happens, and who reads them. */
#include <string.h>

#include "agent/conf/validate.h"

static const struct {
	enum global_attribute fifo, script;
	enum image_hook hook;
	const char *word;
} fifos[IMAGE_FIFOS] = {
	[IMAGE_FIFO_ALL] = {GLOBAL_FIFO, GLOBAL_FIFO_SCRIPT, IMAGE_HOOK_FIFO, "notify_fifo"},
	[IMAGE_FIFO_VRRP] = {GLOBAL_VRRP_FIFO, GLOBAL_VRRP_FIFO_SCRIPT, IMAGE_HOOK_VRRP_FIFO,
		"vrrp_notify_fifo"},
};

static void check_path(
	const struct globals *globals, size_t i, struct conf_diagnostics *diagnostics)
{
	const struct notify_script *fifo = &globals->hooks.fifos[i];

	if (fifo->argc > 0 && fifo->argv[0][0] != '/')
		conf_diagnose_origin(diagnostics, CONF_ERROR, &globals->origins[fifos[i].fifo],
			"%s needs the whole path of the FIFO, from /, not '%s'", fifos[i].word,
			fifo->argv[0]);
	if (fifo->argc == 0 && globals->hooks.commands[fifos[i].hook].argc > 0)
		conf_diagnose_origin(diagnostics, CONF_WARNING, &globals->origins[fifos[i].script],
			"%s_script is not run without %s, which says what it reads", fifos[i].word,
			fifos[i].word);
}

void conf_validate_hooks(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const struct globals *globals = &config->globals;
	const struct notify_script *all = &globals->hooks.fifos[IMAGE_FIFO_ALL];
	const struct notify_script *vrrp = &globals->hooks.fifos[IMAGE_FIFO_VRRP];

	for (size_t i = 0; i < IMAGE_FIFOS; i++)
		check_path(globals, i, diagnostics);
	if (all->argc > 0 && vrrp->argc > 0 && strcmp(all->argv[0], vrrp->argv[0]) == 0)
		conf_diagnose_origin(diagnostics, CONF_ERROR, &globals->origins[GLOBAL_VRRP_FIFO],
			"vrrp_notify_fifo is the same FIFO as notify_fifo: each event would be in "
			"it twice; remove one, or name another");
}

/* SPDX-License-Identifier: ISC */
#include "vrrp/sealing.h"

#include "vrrp/engine_state.h"
#include "vrrp/input.h"

void sealing_close_needless(struct engine *engine)
{
	if (engine->sealing)
		return;
	engine_output_set_ah(engine->output, -1);
	input_close_ah(engine->input);
}

void sealing_count(struct engine *engine, bool before, bool after)
{
	engine->sealing += after;
	engine->sealing -= before;
	if (before)
		sealing_close_needless(engine);
}

int sealing_open(struct engine *engine, const struct vrrp_configuration *configuration)
{
	bool seals = configuration->auth.type == VRRP_AUTH_AH;
	int fd = seals ? input_open_ah(engine->input) : 0;

	if (seals && fd >= 0)
		engine_output_set_ah(engine->output, fd);
	return fd < 0 ? fd : 0;
}

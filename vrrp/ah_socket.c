/* SPDX-License-Identifier: ISC */
#include "vrrp/ah_socket.h"

#include "vrrp/engine_state.h"
#include "vrrp/input.h"

void ah_socket_close_needless(struct engine *engine)
{
	if (engine->ah_routers)
		return;
	engine_output_set_ah(engine->output, -1);
	input_close_ah(engine->input);
}

void ah_socket_count(struct engine *engine, bool before, bool after)
{
	engine->ah_routers += after;
	engine->ah_routers -= before;
	if (before)
		ah_socket_close_needless(engine);
}

int ah_socket_open(struct engine *engine, const struct vrrp_configuration *configuration)
{
	bool wanted = configuration->auth.type == VRRP_AUTH_AH;
	int fd = wanted ? input_open_ah(engine->input) : 0;

	if (wanted && fd >= 0)
		engine_output_set_ah(engine->output, fd);
	return fd < 0 ? fd : 0;
}

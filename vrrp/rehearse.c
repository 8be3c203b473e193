/* SPDX-License-Identifier: ISC */
#include "vrrp/rehearse.h"

#include "vrrp/engine_state.h"
#include "vrrp/protocol/step.h"

void rehearse_timeout(struct engine *engine)
{
	const struct vrrp_event event = {.type = VRRP_EVENT_DEADLINE};
	struct deadline *first = deadline_first(&engine->timeouts);
	const struct engine_router *router;
	struct vrrp_actions actions;
	struct vrrp_router copy;

	if (!first)
		return;
	router = engine_router_of(first);
	copy = router->protocol;
	vrrp_step(&copy, first->at, &event, &actions);
	if (copy.state.state == VRRP_STATE_ACTIVE)
		engine_output_rehearse(engine->output, &copy, &router->interface->link,
			router->has_mac ? router->mac : NULL);
}

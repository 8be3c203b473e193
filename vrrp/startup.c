/* SPDX-License-Identifier: ISC */
#include "vrrp/startup.h"

#include "lib/hot.h"
#include "vrrp/engine_state.h"
#include "vrrp/lifecycle.h"

/* Should nobody tell that startup_script has ended: so long after its time. */
#define STARTUP_SCRIPT_MARGIN (5 * VRRP_SECOND)

/* Only the start of the program is delayed: what the first image says holds for good. */
void startup_note(struct engine *engine, const struct image_header *header, uint64_t now)
{
	const uint64_t script = now + header->startup_timeout * VRRP_SECOND + STARTUP_SCRIPT_MARGIN;

	if (engine->start_known)
		return;
	engine->start_known = true;
	engine->start_delayed = engine->status.started + header->startup_delay;
	engine->start_at = engine->start_delayed;
	if (header->hooks[IMAGE_HOOK_STARTUP].count && !engine->script_ended &&
		engine->start_at < script)
		engine->start_at = script;
	engine->start_waits = engine->start_at > engine->status.started;
}

void startup_script_ended(struct engine *engine)
{
	engine->script_ended = true;
	if (engine->start_waits)
		engine->start_at = engine->start_delayed;
}

HOT void startup_go_on(struct engine *engine, uint64_t now)
{
	if (!engine->start_waits || now < engine->start_at)
		return;
	engine->start_waits = false;
	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (engine->routers[slot])
			lifecycle_start_if_ready(engine, engine->routers[slot], now);
	}
}

/* SPDX-License-Identifier: ISC */
#include "vrrp/tracked_interfaces.h"

#include "vrrp/engine_state.h"

#include <errno.h>
#include <stdlib.h>

void tracked_interfaces_forget(struct engine_router *router)
{
	for (uint32_t i = 0; i < router->track_count; i++)
		LIST_REMOVE(&router->tracks[i], followers);
	free(router->tracks);
	router->tracks = NULL;
	router->track_count = 0;
}

int tracked_interfaces_set(struct engine *engine, struct engine_router *router,
	const struct image *image, const struct image_router *from)
{
	const struct image_track *tracks = image_tracks(image) + from->tracks.first;

	tracked_interfaces_forget(router);
	router->tracks = calloc(from->tracks.count + 1, sizeof(*router->tracks));
	if (!router->tracks)
		return -ENOMEM;
	for (uint32_t i = 0; i < from->tracks.count; i++) {
		struct engine_track *track = &router->tracks[i];

		track->interface = interface_by_name(&engine->interfaces, tracks[i].interface);
		if (!track->interface)
			return -ENOMEM;
		track->router = router;
		track->weight = tracks[i].weight;
		track->reverse = tracks[i].reverse;
		LIST_INSERT_HEAD(&track->interface->followers, track, followers);
		router->track_count++;
	}
	return 0;
}

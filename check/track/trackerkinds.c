/* SPDX-License-Identifier: ISC */
/* Which code is a tracker of each kind's. */
#include "check/track/filetrack.h"
#include "check/track/processtrack.h"
#include "check/track/registry.h"
#include "check/track/scripttrack.h"

const struct registry_kind *const registry_kinds[IMAGE_TRACKER_KIND_COUNT] = {
	[IMAGE_TRACKER_SCRIPT] = &scripttrack_kind,
	[IMAGE_TRACKER_PROCESS] = &processtrack_kind,
	[IMAGE_TRACKER_FILE] = &filetrack_kind,
};

/* SPDX-License-Identifier: ISC */
/* Which code is a tracker of each kind's. */
#include "check/filetrack.h"
#include "check/processtrack.h"
#include "check/registry.h"
#include "check/scripttrack.h"

const struct registry_kind *const registry_kinds[IMAGE_TRACKER_KIND_COUNT] = {
	[IMAGE_TRACKER_SCRIPT] = &scripttrack_kind,
	[IMAGE_TRACKER_PROCESS] = &processtrack_kind,
	[IMAGE_TRACKER_FILE] = &filetrack_kind,
};

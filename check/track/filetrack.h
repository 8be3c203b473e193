/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_FILETRACK_H
#define CHECK_TRACK_FILETRACK_H

#include "check/track/registry.h"

/* track_file: the number in a file.  All of them share one watch (check/track/trackfile.h).
 * init_file is obeyed once in a tracker's life, which may be longer than that of a check process.
 */

extern const struct registry_kind filetrack_kind;

#endif

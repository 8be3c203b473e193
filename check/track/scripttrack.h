/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_SCRIPTTRACK_H
#define CHECK_TRACK_SCRIPTTRACK_H

#include "check/track/registry.h"

/* vrrp_script: a command that is run at intervals; exit status 0 is good, everything else is not.
 *
 *  - The first run begins at once, and decides; after that so many results in a row as `rise` and
 *    `fall` say.  A next life of the check process goes on with what was counted.
 *  - A run that takes longer than its time has failed, then and there.  Its process group gets
 *    SIGTERM, and SCRIPTTRACK_KILL_MS later SIGKILL.
 *  - Two runs never overlap: the one that is due while another runs is left out.
 *  - What it writes is thrown away.  However long it takes, others wait for nothing. */

#define SCRIPTTRACK_KILL_MS 2000

extern const struct registry_kind scripttrack_kind;

#endif

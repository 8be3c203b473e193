/* SPDX-License-Identifier: ISC */
#include "agent/release.h"

#include "agent/privileges.h"
#include "agent/rundir.h"
#include "lib/image.h"
#include "lib/log.h"
#include "lib/netspace.h"
#include "vrrp/applier/applier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An applier that is wished nothing removes what its predecessor left. */
static int undo(const struct options *options)
{
	const struct applier_setup setup = {.run_dir = options->run_dir, .slots = IMAGE_SLOTS};
	struct applier *applier = applier_start(&setup);

	if (!applier) {
		log_message(LOG_ERR, "what was left can't be taken away: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	applier_stop(applier);
	return EXIT_SUCCESS;
}

int release_in(const struct options *options, const char *name)
{
	int error = name[0] ? netspace_enter(name) : 0;

	if (error == -ENOENT) /* what was there is gone with it */
		return EXIT_SUCCESS;
	if (error) {
		log_message(LOG_ERR,
			"network namespace '%s' can't be entered, and what was left there stays: "
			"%s",
			name, strerrordesc_np(-error));
		return EXIT_FAILURE;
	}
	return privileges_drop(ROLE_SUPERVISOR, NULL) == 0 ? undo(options) : EXIT_FAILURE;
}

int release_run(const struct options *options)
{
	char name[NETSPACE_NAME_MAX + 1];
	int lock, status;

	log_open("release", options->level);
	lock = rundir_take(options->run_dir);
	if (lock < 0)
		return lock == -EWOULDBLOCK ? EXIT_SUCCESS : EXIT_FAILURE;
	if (rundir_note_is_new(options->run_dir)) {
		log_message(LOG_INFO, "everything stays for the program's next start");
		close(lock);
		return EXIT_SUCCESS;
	}
	rundir_read_namespace(options->run_dir, name);
	status = release_in(options, name);
	close(lock);
	return status;
}

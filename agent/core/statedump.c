/* SPDX-License-Identifier: ISC */
/* The file that SIGUSR1 asks for: all that `vrrpctl show --json` says. */
#include "agent/core/private.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/core/core.h"
#include "lib/descriptor.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#define DUMP_NAME	 "vrrp-agent.json"
#define DUMP_PATIENCE_MS 10000 /* what a document about all virtual routers may take */

/* Buffered: there is a write for each word otherwise, which makes many seconds of thousands of
 * virtual routers. */
static int write_json(const char *path, const json_t *document)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");
	int error = 0;

	if (!stream) {
		error = -errno;
		descriptor_close(fd);
		return error;
	}
	if (json_dumpf(document, stream, JSON_INDENT(2)) < 0 || fputc('\n', stream) == EOF)
		error = errno ? -errno : -EIO;
	if (fclose(stream) != 0 && !error)
		error = -errno;
	return error;
}

/* Under its name only when it is complete. */
static int write_dump(const char *folder, const json_t *document)
{
	char *path, *new_path = NULL;
	int error = -ENOMEM;

	if (asprintf(&path, "%s/" DUMP_NAME, folder) < 0)
		return error;
	if (asprintf(&new_path, "%s.new", path) >= 0) {
		error = write_json(new_path, document);
		if (!error && rename(new_path, path) < 0)
			error = -errno;
		if (error)
			unlink(new_path);
		free(new_path);
	}
	free(path);
	return error;
}

void core_dump_state(struct core *core)
{
	const struct core_options *options = core->state.options;
	json_t *document;
	int error;

	lifeline_promise(core->state.lifeline, DUMP_PATIENCE_MS);
	document = core->started ? options->show(&core->state) : NULL;
	error = document ? write_dump(options->run_dir, document) : -EAGAIN;
	json_decref(document);
	if (!error)
		log_message(LOG_INFO, "the state is in %s/" DUMP_NAME, options->run_dir);
	else
		log_message(LOG_ERR, "cannot write %s/" DUMP_NAME ": %s", options->run_dir,
			strerror(-error));
}

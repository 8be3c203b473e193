/* SPDX-License-Identifier: ISC */
#ifndef AGENT_SUCCESSION_H
#define AGENT_SUCCESSION_H

#include "agent/service.h"
#include "check/worker.h"

#include <limits.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct dataplane;

/*
 * Handing the virtual routers over to another run of the program (vrrp_keep_on_restart).
 *
 * Core gives the image in force; the program that is on the disk now is made to read the accepted
 * configuration, to see whether it would start; the other processes end in order.  All that time
 * the routers run.  Then engine and applier are stopped as they are, and what the successor needs
 * is left (agent/legacy.h): to the program that this process executes, or to systemd for the one it
 * starts.  Until the threads are stopped, whatever goes wrong is reason to give it up and go on.
 *
 * Supervisor thread.
 */

struct succession;

/* All of it takes that long at most, in µs. */
#define SUCCESSION_ANSWER_USEC	 (5 * 1000000ull) /* core's, and the new program's to the trial */
#define SUCCESSION_CHILDREN_USEC (CHECK_TELL_MS * 1000ull + 2 * 1000000ull)
#define SUCCESSION_USEC		 (2 * SUCCESSION_ANSWER_USEC + SUCCESSION_CHILDREN_USEC + SERVICE_FLUSH_USEC)

enum succession_kind {
	SUCCESSION_EXECUTE, /* this process becomes the successor */
	SUCCESSION_STORE,   /* systemd restarts the service */
};

struct succession_setup {
	sd_event *loop;
	struct dataplane *dataplane;
	char **arguments;    /* the program's own, NULL-terminated */
	const char *program; /* its file, which may be another by now */
	const char *run_dir;
	void *context;
	/* Ask core for the image in force: succession_image is to be called.  0 or an errno. */
	int (*ask_core)(void *context);
	/* The text of the accepted configuration, a descriptor that stays the callee's. */
	int (*source)(void *context);
	/* Let all other processes end: succession_alone is to be called. */
	void (*stop_children)(void *context);
	/* Kill those that have not. */
	void (*kill_children)(void *context);
	/* The applier is being waited for, and nothing else is done meanwhile: called twice a
	 * second. */
	void (*waiting)(void *context);
	/* It was given up, for the reason that the log has.  The succession is to be freed. */
	void (*given_up)(void *context, enum succession_kind kind);
};

/* What to execute: the name that the program was started by, if that is an absolute path to it now;
 * an upgrade may turn a link to elsewhere, or mount another file system there.  Else the file of
 * this program, or of the one that has replaced it on the disk. */
void succession_find_program(const char *name, char path[PATH_MAX]);

/* Begins.  The setup is copied.  NULL: errno says why. */
struct succession *succession_begin(
	const struct succession_setup *setup, enum succession_kind kind);

/* Frees it, wherever it stands; takes NULL; returns NULL. */
struct succession *succession_end(struct succession *succession);

/* Core has sent the image, which becomes the succession's. */
void succession_image(struct succession *succession, int image);

/* No other process runs any more.  Does not return. */
void succession_alone(struct succession *succession);

/* Whether the other processes have been told to end. */
bool succession_is_leaving(const struct succession *succession);

/* The same; then the signal, which this program can't answer any more, waits for its successor. */
bool succession_takes(struct succession *succession, uint32_t signal);

#endif

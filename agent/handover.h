/* SPDX-License-Identifier: ISC */
#ifndef AGENT_HANDOVER_H
#define AGENT_HANDOVER_H

#include "agent/service.h"
#include "check/check.h"

#include <limits.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct dataplane;

/*
 * The handover of the virtual routers to a successor, the next run of the program
 * (vrrp_keep_on_restart).  What its predecessor handed over the successor finds by
 * agent/handed_over.h.

 *
 * Core gives the image in force; the program that is on the disk now is made to read the accepted
 * configuration, to see whether it would start; the other processes end in order.  All that time
 * the routers run.  Then engine and applier are stopped as they are, and what the successor needs
 * is handed over: to the program that this process executes, or to systemd for the
 * one it starts.  Until the threads are stopped, whatever goes wrong is reason to give it up and go
 * on.
 *
 * Supervisor thread.
 */

struct handover;

/* All of it takes that long at most, in µs. */
#define HANDOVER_ANSWER_USEC   (5 * 1000000ull) /* core's, and the new program's to the trial */
#define HANDOVER_CHILDREN_USEC (CHECK_TELL_MS * 1000ull + 2 * 1000000ull)
#define HANDOVER_USEC	       (2 * HANDOVER_ANSWER_USEC + HANDOVER_CHILDREN_USEC + SERVICE_FLUSH_USEC)

enum handover_kind {
	HANDOVER_EXECUTE, /* this process becomes the successor */
	HANDOVER_STORE,	  /* systemd restarts the service */
};

struct handover_setup {
	sd_event *loop;
	struct dataplane *dataplane;
	char **arguments;    /* the program's own, NULL-terminated */
	const char *program; /* its file, which may be another by now */
	const char *run_dir;
	void *context;
	/* Ask core for the image in force: handover_image is to be called.  0 or an errno. */
	int (*ask_core)(void *context);
	/* The text of the accepted configuration, a descriptor that stays the callee's. */
	int (*source)(void *context);
	/* Let all other processes end: handover_finish is to be called. */
	void (*stop_children)(void *context);
	/* Kill those that have not. */
	void (*kill_children)(void *context);
	/* The applier is being waited for, and nothing else is done meanwhile: called twice a
	 * second. */
	void (*waiting)(void *context);
	/* It was given up, for the reason that the log has.  The handover is to be freed. */
	void (*given_up)(void *context, enum handover_kind kind);
};

/* What to execute: the name that the program was started by, if that is an absolute path to it now;
 * an upgrade may turn a link to elsewhere, or mount another file system there.  Else the file of
 * this program, or of the one that has replaced it on the disk. */
void handover_find_program(const char *name, char path[PATH_MAX]);

/* Begins.  The setup is copied.  NULL: errno says why. */
struct handover *handover_begin(const struct handover_setup *setup, enum handover_kind kind);

/* Frees it, wherever it stands; takes NULL; returns NULL. */
struct handover *handover_end(struct handover *handover);

/* Core has sent the image, which becomes the handover's. */
void handover_image(struct handover *handover, int image);

/* No other process runs any more.  Does not return. */
void handover_finish(struct handover *handover);

/* Whether the other processes have been told to end. */
bool handover_stops_children(const struct handover *handover);

/* The same; then the signal, which this program can't answer any more, is left to its successor. */
bool handover_defers(struct handover *handover, uint32_t signal);

#endif

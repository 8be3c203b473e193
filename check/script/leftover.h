/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_LEFTOVER_H
#define CHECK_SCRIPT_LEFTOVER_H

#include "lib/consumer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Which scripts run, noted where the next life of the check process finds it.  If this process is
 * killed, its scripts go on; before the successor runs them again, it kills them, so that two runs
 * never overlap.  (The kernel's own way, PR_SET_PDEATHSIG, is lost when a program that is executed
 * gains capabilities, as root's do.) */

struct leftover_note {
	_Atomic uint64_t pid;	/* 0: free; 1: claimed */
	_Atomic uint64_t start; /* when it started, as the kernel counts it: tells it from a later
				   process of the same number */
};

#define LEFTOVER_NOTES (CONSUMER_NOTES / 2)

/* A free note among LEFTOVER_NOTES, claimed, or NULL. */
struct leftover_note *leftover_claim(struct leftover_note *notes);

/* In the child: enters itself. */
void leftover_enter(struct leftover_note *note);

/* The script has ended.  NULL is fine. */
void leftover_erase(struct leftover_note *note);

/* Kills the process group that is noted, if its leader still lives, waits a moment for its end, and
 * erases the note.  Whether there was one. */
bool leftover_kill_one(struct leftover_note *note);

/* Kills the process groups whose leaders still live, waits a moment for their end, and erases all
 * notes.  Returns how many there were. */
int leftover_kill(struct leftover_note *notes);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef CHECK_SCRIPT_RUNLIST_H
#define CHECK_SCRIPT_RUNLIST_H

#include "lib/consumer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Which scripts run, noted where the next life of the check process finds it.  If this process is
 * killed, its scripts go on; before the successor runs them again, it kills them, so that two runs
 * never overlap.  (The kernel's own way, PR_SET_PDEATHSIG, is lost when a program that is executed
 * gains capabilities, as root's do.) */

struct runlist_entry {
	_Atomic uint64_t pid;	/* 0: free; 1: claimed */
	_Atomic uint64_t start; /* when it started, as the kernel counts it: tells it from a later
				   process of the same number */
};

#define RUNLIST_ENTRIES (CONSUMER_NOTES / 2)

/* A free entry among RUNLIST_ENTRIES, claimed, or NULL. */
struct runlist_entry *runlist_claim(struct runlist_entry *entries);

/* In the child: enters itself. */
void runlist_enter(struct runlist_entry *entry);

/* The script has ended.  NULL is fine. */
void runlist_erase(struct runlist_entry *entry);

/* Kills the process group that is noted, if its leader still lives, waits a moment for its end, and
 * erases the entry.  Whether there was one. */
bool runlist_kill_one(struct runlist_entry *entry);

/* Kills the process groups whose leaders still live, waits a moment for their end, and erases all
 * entries.  Returns how many there were. */
int runlist_kill(struct runlist_entry *entries);

#endif

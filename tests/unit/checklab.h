/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_CHECKLAB_H
#define TESTS_UNIT_CHECKLAB_H

#include <stdbool.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

/* What the tests of check/ share: a folder whose whole path only root can write (so it is not under
 * /tmp), scripts in it, and the log in a file. */

/* First in main: ends the test with TAP's "skip all" if it is not run by root, because becoming
 * another user is what is tested. */
void lab_need_root(void);

/* Makes the folder and leads standard error into a file in it. */
void lab_begin(void);

/* Gives standard error back and removes the folder. */
void lab_end(void);

/* The same as what is done before and after a group of tests. */
int lab_set_up(void **state);
int lab_tear_down(void **state);

const char *lab_folder(void);

/* Creates an executable file; the path is valid until 16 more were asked for. */
const char *lab_script(const char *name, const char *text);

/* A path in the folder, likewise. */
const char *lab_path(const char *name);

/* What was logged since the last lab_log_clear, or what a file of the folder holds ("" if it does
 * not exist); valid until the next call. */
const char *lab_log(void);
const char *lab_text(const char *name);
void lab_log_clear(void);

/* Fails the test if the log does not hold `part`, and shows the log. */
void lab_expect_log(const char *part);
void lab_expect_not_in_log(const char *part);

/* Turns the loop until `done` says so: true, or false after `timeout_ms`. */
bool lab_turn(sd_event *loop, bool (*done)(void *context), void *context, unsigned int timeout_ms);

/* The same where another process does the work. */
bool lab_wait(bool (*done)(void *context), void *context, unsigned int timeout_ms);

/* For both: whether the process that the pid_t at `pid` names has died.  A zombie has: an orphan is
 * somebody else's to reap. */
bool lab_is_gone(void *pid);

#endif

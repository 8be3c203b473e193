/* SPDX-License-Identifier: ISC */
#ifndef LIB_LIFELOOP_H
#define LIB_LIFELOOP_H

#include <stdint.h>
#include <systemd/sd-event.h>

/* Turns the loop of a child process until it is told to exit, and keeps the promises of the
 * lifeline (lib/lifeline.h; -1: none) meanwhile, with sleeps of `sleep_ms` at most.  Returns the
 * exit code, or a negative errno. */
int lifeloop_run(sd_event *loop, int lifeline, uint32_t sleep_ms);

#endif

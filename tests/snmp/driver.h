/* SPDX-License-Identifier: ISC */
#ifndef TESTS_SNMP_DRIVER_H
#define TESTS_SNMP_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/board.h"
#include "lib/message.h"
#include "lib/ring.h"
#include "vrrp/status.h"

/* What the files of the driver share: driver.c is main, the supervisor and agentx's process,
 * drivercommands.c what the test says, drivercore.c the core that agentx talks to. */

#define DRIVER_SLOTS 16384

/* How the core answers. */
struct answer {
	bool silent;
	bool gone;
	uint32_t error;
	uint32_t index;
	unsigned delay_ms;
};

struct driver {
	const char *socket;
	pid_t pid;
	struct board *board;
	struct ring *ring;
	union status_row rows[DRIVER_SLOTS + 1];
	struct message_set staged;
	uint8_t before[MESSAGE_CHANGES_MAX]; /* priorities, for undo */
	struct answer prepare, apply, undo;
	const struct answer *owed; /* not given yet */
	uint64_t owed_id;
	char received[8192];
	unsigned broken;
	int board_fd, ring_fd, bookmarks_fd, wake_fd;
	int supervisor, core; /* our ends */
	int lifeline;
	int their_supervisor, their_core;
};

extern struct driver driver;

/* Ends the driver. */
void driver_die(const char *what);

/* Moves ours and theirs above every number that agentx finds its own descriptors by. */
void driver_make_channel(int *ours, int *theirs);

void driver_start_agentx(void);
void driver_kill_agentx(void);

/* Writes the row of a slot to the board. */
void driver_show_row(uint32_t slot);

/* Carries out one line, and answers it. */
void driver_run_command(char *line);

/* What agentx says to the core. */
void driver_serve_core(void);

/* The core goes; another may come. */
void driver_replace_core(bool with_new);

#endif

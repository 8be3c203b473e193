/* SPDX-License-Identifier: ISC */
/* Everything around the agentx process, in a few lines a test can script: a status board, an event
 * ring, a supervisor that holds the lifeline, and a core that answers transactions as it is
 * told.  The process itself is the real one.
 *
 *   driver AGENTX-SOCKET
 *
 * Commands come on standard input, one a line, and each is answered by one line.  Words after the
 * command are KEY=VALUE; addresses are written in hexadecimal.
 *
 *   row SLOT key=value...      changes fields of a row (and creates it)
 *   drop SLOT                  removes a row
 *   fill COUNT                 COUNT IPv4 rows, 200 to an interface, from ifIndex 10 on
 *   bump                       tells that rows came or went
 *   engine key=value...        changes the engine's row
 *   event key=value...         appends an event; with count=N so many, with rising ifIndexes
 *   image FLAGS                sends a configuration image with these flags
 *   answer PHASE error= index= delay=   how the core answers prepare, apply or undo from now on;
 *                              with error=silent not before the next question; with
 *                              error=gone it does what it should, dies over the answer, and a new
 *                              core comes
 *   messages                   what the core has received since the last time
 *   broken                     promises that agentx has broken so far (lib/lifeline.h)
 *   bookmark                   events that agentx has not done yet
 *   core gone|new              closes the core's channel; gives agentx another one
 *   agentx kill|pid            kills agentx and starts it anew; tells its process id
 *   now                        CLOCK_MONOTONIC, ns
 *
 * At the end of its input the driver goes like a supervisor that dies, and exits as agentx does. */
#include "tests/snmp/driver.h"

#include "agent/snmp/agentx.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/consumer.h"
#include "lib/inherit.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define RING_RECORDS 8192

/* Above every number that agentx finds its own descriptors by. */
#define FD_BASE 100

struct driver driver;

void driver_show_row(uint32_t slot)
{
	board_write(driver.board, status_row(slot), &driver.rows[status_row(slot)]);
}

void driver_die(const char *what)
{
	perror(what);
	exit(1);
}

static int high(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FD_BASE);

	if (copy < 0)
		driver_die("dup");
	return copy;
}

void driver_make_channel(int *ours, int *theirs)
{
	int ends[2];

	if (channel_pair(ends) < 0)
		driver_die("channel");
	*ours = high(ends[0]);
	*theirs = high(ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void run_child(void)
{
	static const struct {
		int *from;
		int to;
	} inherited[] = {
		{&driver.their_supervisor, INHERIT_SUPERVISOR},
		{&driver.board_fd, INHERIT_BOARD},
		{&driver.ring_fd, INHERIT_RING},
		{&driver.bookmarks_fd, INHERIT_BOOKMARKS},
		{&driver.wake_fd, INHERIT_WAKE},
		{&driver.their_core, INHERIT_CORE},
		{&driver.lifeline, INHERIT_LIFELINE},
	};
	struct agentx_options options = {.socket = driver.socket};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		dup2(*inherited[i].from, inherited[i].to);
	close(driver.supervisor);
	close(driver.core);
	close(driver.their_supervisor);
	close(driver.their_core);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	log_open("agentx", LOG_DEBUG);
	exit(agentx_run(&options));
}

void driver_start_agentx(void)
{
	driver_make_channel(&driver.supervisor, &driver.their_supervisor);
	driver_make_channel(&driver.core, &driver.their_core);
	driver.lifeline = high(lifeline_create());
	fflush(stdout);
	driver.pid = fork();
	if (driver.pid < 0)
		driver_die("fork");
	if (driver.pid == 0)
		run_child();
	close(driver.their_supervisor);
	close(driver.their_core);
}

void driver_kill_agentx(void)
{
	kill(driver.pid, SIGKILL);
	waitpid(driver.pid, NULL, 0);
	close(driver.supervisor);
	close(driver.lifeline);
	if (driver.core >= 0)
		close(driver.core);
}

static void hear_lifeline(void)
{
	uint64_t expirations;

	if (read(driver.lifeline, &expirations, sizeof(expirations)) > 0)
		driver.broken++;
}

static void leave(void)
{
	int status;

	close(driver.supervisor);
	waitpid(driver.pid, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void go_round(char *input, size_t size, size_t *used)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = driver.core, .events = POLLIN},
		{.fd = driver.lifeline, .events = POLLIN},
	};
	ssize_t length;
	char *end;

	poll(fds, 3, 100);
	if (fds[2].revents & POLLIN)
		hear_lifeline();
	if (fds[1].revents)
		driver_serve_core();
	if (!fds[0].revents)
		return;
	length = read(STDIN_FILENO, input + *used, size - *used - 1);
	if (length <= 0)
		leave();
	*used += (size_t)length;
	input[*used] = '\0';
	while ((end = strchr(input, '\n'))) {
		*end = '\0';
		driver_run_command(input);
		*used -= (size_t)(end + 1 - input);
		memmove(input, end + 1, *used + 1);
	}
}

int main(int argc, char **argv)
{
	static char input[1 << 16];
	size_t used = 0;
	int fd;

	driver.socket = argc > 1 ? argv[1] : NULL;
	driver.board = board_create(DRIVER_SLOTS + 1, sizeof(union status_row), &fd);
	if (!driver.board)
		driver_die("board");
	driver.board_fd = high(fd);
	driver.ring = ring_create(RING_RECORDS, &fd);
	if (!driver.ring)
		driver_die("ring");
	driver.ring_fd = high(fd);
	driver.bookmarks_fd = high(consumer_bookmarks_create());
	driver.wake_fd = high(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	driver_start_agentx();
	for (;;)
		go_round(input, sizeof(input), &used);
}

/* SPDX-License-Identifier: ISC */
#include "agent/snmp/connector.h"

#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/inherit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MS 200
#define PATIENCE  (5 * NSEC_PER_SEC)

static struct {
	int end;
	bool asked;	/* and not answered yet */
	uint64_t since; /* when it was asked */
	bool lost;
} connector = {.end = -1};

static int reach(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* ---- The process beside ---- */

static void hand_over(const char *path, int end)
{
	union message answer;
	int fd = reach(path);

	message_init(&answer, MESSAGE_CONNECTED, 0);
	answer.refusal.error = fd < 0 ? fd : 0;
	channel_send(end, &answer, fd);
	descriptor_close(fd);
}

static _Noreturn void serve(const char *path, int end)
{
	struct pollfd question = {.fd = end, .events = POLLIN};
	union message message;
	int attached, result;

	do {
		poll(&question, 1, -1);
		result = channel_receive(end, &message, &attached);
		descriptor_close(attached);
		if (result == 1 && message.head.type == MESSAGE_CONNECT)
			hand_over(path, end);
	} while (result != -EPIPE);
	_exit(EXIT_SUCCESS);
}

/* With none of the descriptors by which others would take it for its parent. */
static _Noreturn void begin(const char *path, int end, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "vrrp-connector");
	if (getppid() != parent || dup2(end, INHERIT_SUPERVISOR) < 0)
		_exit(EXIT_FAILURE);
	closefrom(INHERIT_SUPERVISOR + 1);
	serve(path, INHERIT_SUPERVISOR);
}

/* ---- Who asks ---- */

int connector_start(const char *path)
{
	pid_t parent = getpid();
	int ends[2];
	int error = channel_pair(ends);
	pid_t pid;

	if (error)
		return error;
	pid = fork();
	if (pid == 0)
		begin(path, ends[1], parent);
	error = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (error)
		close(ends[0]);
	else
		connector.end = ends[0];
	return error;
}

static int ask(void)
{
	union message question;
	int error;

	if (connector.asked)
		return 0;
	message_init(&question, MESSAGE_CONNECT, 0);
	error = channel_send(connector.end, &question, -1);
	connector.asked = !error;
	connector.since = clock_now();
	return error;
}

/* An answer that comes too late is the next one's. */
static int hear(void)
{
	struct pollfd answered = {.fd = connector.end, .events = POLLIN};
	union message answer;
	int attached, result;

	poll(&answered, 1, ANSWER_MS);
	result = channel_receive(connector.end, &answer, &attached);
	if (result == 0)
		return -ETIMEDOUT;
	connector.asked = false;
	if (result == 1 && answer.head.type == MESSAGE_CONNECTED && attached >= 0)
		return attached;
	descriptor_close(attached);
	if (result < 0)
		return result;
	return answer.head.type == MESSAGE_CONNECTED && answer.refusal.error ? answer.refusal.error
									     : -EBADMSG;
}

int connector_connect(const char *path)
{
	int result;

	if (connector.end < 0)
		return reach(path);
	result = ask();
	if (!result)
		result = hear();
	connector.lost =
		result == -EPIPE || (connector.asked && clock_now() - connector.since > PATIENCE);
	return result;
}

bool connector_lost(void)
{
	return connector.lost;
}

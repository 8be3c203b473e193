/* SPDX-License-Identifier: ISC */
#include "agent/ctl/doctor/masterping.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MS 1000

/* A Ping PDU of no session (RFC 2741, section 6.2.13), to which the answer is that it is not open:
 * version, type, flags (the order of its octets), reserved, session, transaction, packet, length.
 */
static const uint8_t ping[20] = {1, 13, 1 << 4, [15] = 1};

static enum masterping connect_to(int fd, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return MASTERPING_UNKNOWN;
	strcpy(address.sun_path, path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return MASTERPING_ANSWERED;
	if (errno == EAGAIN) /* so many wait that no more fit */
		return MASTERPING_SILENT;
	return errno == ENOENT || errno == ECONNREFUSED ? MASTERPING_ABSENT : MASTERPING_UNKNOWN;
}

enum masterping masterping_ask(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	enum masterping result = connect_to(fd, path);
	struct pollfd poller = {.fd = fd, .events = POLLIN};

	if (result == MASTERPING_ANSWERED &&
		(send(fd, ping, sizeof(ping), MSG_NOSIGNAL) < 0 || poll(&poller, 1, ANSWER_MS) < 1))
		result = MASTERPING_SILENT;
	if (fd >= 0)
		close(fd);
	return result;
}

/* SPDX-License-Identifier: ISC */
#include "agent/snmp/transport.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <errno.h>
#include <net-snmp/library/snmp_transport.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* How long the master may leave a full socket buffer unread before a send fails. */
#define SEND_WITHIN_MS 500

static const oid domain_name[] = {1, 3, 6, 1, 2, 1, 100, 1, 13, 0};
static const char *prefixes[] = {"vrrp-agentx", NULL};
static int connected = -1; /* by transport_connect, for the next session */

static int receive(netsnmp_transport *transport, void *buffer, int size, void **opaque, int *length)
{
	ssize_t received;

	*opaque = NULL;
	*length = 0;
	do {
		received = recv(transport->sock, buffer, (size_t)size, 0);
	} while (received < 0 && errno == EINTR);
	return (int)received;
}

/* All of it or -1: half a PDU would put every later one out of step. */
static int send_all(
	netsnmp_transport *transport, const void *buffer, int size, void **opaque, int *length)
{
	const char *at = buffer;
	size_t left = (size_t)size;

	while (left > 0) {
		struct pollfd poller = {.fd = transport->sock, .events = POLLOUT};
		ssize_t sent = send(transport->sock, at, left, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EAGAIN && poll(&poller, 1, SEND_WITHIN_MS) > 0)
			continue;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			shutdown(transport->sock, SHUT_RDWR);
			return -1;
		}
		at += sent;
		left -= (size_t)sent;
	}
	return size;
}

static int close_socket(netsnmp_transport *transport)
{
	int result = transport->sock >= 0 ? close(transport->sock) : -1;

	transport->sock = -1;
	return result;
}

static char *format_address(netsnmp_transport *transport, const void *data, int length)
{
	return strdup(TRANSPORT_ADDRESS);
}

static netsnmp_transport *create(netsnmp_tdomain_spec *specification)
{
	netsnmp_transport *transport;

	if (connected < 0 || (specification->flags & NETSNMP_TSPEC_LOCAL))
		return NULL;
	transport = SNMP_MALLOC_TYPEDEF(netsnmp_transport);
	if (!transport)
		return NULL;
	transport->domain = domain_name;
	transport->domain_length = OID_LENGTH(domain_name);
	transport->sock = connected;
	transport->flags = NETSNMP_TRANSPORT_FLAG_STREAM;
	transport->msgMaxSize = 0x7fffffff;
	transport->f_recv = receive;
	transport->f_send = send_all;
	transport->f_close = close_socket;
	transport->f_fmtaddr = format_address;
	connected = -1;
	return transport;
}

void transport_register(void)
{
	static netsnmp_tdomain domain = {
		.name = domain_name,
		.name_length = OID_LENGTH(domain_name),
		.prefix = prefixes,
		.f_create_from_tspec = create,
	};

	netsnmp_tdomain_register(&domain);
}

int transport_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error;

	transport_discard();
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	connected = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connected < 0)
		return -errno;
	if (connect(connected, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	error = -errno;
	transport_discard();
	return error;
}

void transport_discard(void)
{
	if (connected >= 0)
		close(connected);
	connected = -1;
}

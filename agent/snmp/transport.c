/* SPDX-License-Identifier: ISC */
#include "agent/snmp/transport.h"

#include "agent/snmp/connector.h"
#include "agent/snmp/openpdu.h"
#include "agent/snmp/pducheck.h"
#include "agent/snmp/snmplib.h"
#include "lib/clock.h"

#include <net-snmp/net-snmp-config.h>
/* net-snmp's headers depend on this order */
#include <net-snmp/net-snmp-includes.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long the master may leave a full socket buffer unread before a send fails, and how long what
 * it asks is answered in one turn: together less than the time in which life must be shown. */
#define SEND_WITHIN  (500 * NSEC_PER_MSEC)
#define SERVE_WITHIN (100 * NSEC_PER_MSEC)

/* Of the one session there is: what may pass, and what the master has said and nobody has taken. */
static struct pducheck pducheck;
static struct {
	uint8_t octets[OPENPDU_HEADER + PDUCHECK_PDU_MAX];
	size_t begin, end;
	int fd;
	bool ended; /* nothing comes any more */
} inbox = {.fd = -1};

static const oid domain_name[] = {1, 3, 6, 1, 2, 1, 100, 1, 13, 0};
static const char *prefixes[] = {"vrrp-agentx", NULL};

/* The connection that the next session of net-snmp will be on. */
static struct {
	int fd;
	bool partly; /* a part of the master's answer has come */
} next = {.fd = -1};

/* The socket that was last connected to, before it was: what is there now may be another. */
static struct statx place;

/* net-snmp's own Open was not sent, since the master has answered ours: its answer gets the numbers
 * of that one. */
static struct {
	bool awaits_question;
	bool awaits_answer;
	uint8_t question[OPENPDU_HEADER];
} replay;

/* Takes in what is there, as far as there is room. */
static void fill(void)
{
	size_t held = inbox.end - inbox.begin;
	ssize_t received;

	if (inbox.begin > 0)
		memmove(inbox.octets, inbox.octets + inbox.begin, held);
	inbox.begin = 0;
	inbox.end = held;
	if (held == sizeof(inbox.octets))
		return;
	do {
		received = recv(
			inbox.fd, inbox.octets + held, sizeof(inbox.octets) - held, MSG_DONTWAIT);
	} while (received < 0 && errno == EINTR);
	if (received > 0)
		inbox.end += (size_t)received;
	else
		inbox.ended = received == 0 || errno != EAGAIN;
}

/* The next piece, no further than to where the check looks next.  -EPROTO: it may not pass. */
static int take_piece(uint8_t *buffer, size_t size)
{
	size_t length = inbox.end - inbox.begin;
	size_t wanted = pducheck_wants(&pducheck);

	if (length > wanted)
		length = wanted;
	if (length > size)
		length = size;
	memcpy(buffer, inbox.octets + inbox.begin, length);
	if (length > 0 && pducheck_take(&pducheck, buffer, length) < 0)
		return -EPROTO;
	inbox.begin += length;
	return (int)length;
}

/* One PDU, or what is there of it, if it may pass; -1 or 0 end the session. */
static int receive(netsnmp_transport *transport, void *buffer, int size, void **opaque, int *length)
{
	uint8_t *octets = buffer;
	int total = 0;
	int piece;

	*opaque = NULL;
	*length = 0;
	if (inbox.begin == inbox.end)
		fill();
	do {
		piece = take_piece(octets + total, (size_t)(size - total));
		if (piece < 0)
			return -1;
		total += piece;
	} while (piece > 0 && pducheck.have > 0);
	if (replay.awaits_answer && total >= OPENPDU_HEADER) {
		replay.awaits_answer = false;
		openpdu_fit(buffer, replay.question);
	}
	return total > 0 ? total : inbox.ended ? 0 : -1;
}

/* Whether there is room in the socket before `until`. */
static bool is_writable(int fd, uint64_t until)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	uint64_t now = clock_now();

	return now < until && poll(&poller, 1, (int)((until - now) / NSEC_PER_MSEC) + 1) > 0;
}

/* All of it or -1: half a PDU would put every later one out of step. */
static int send_octets(int fd, const uint8_t *at, size_t left)
{
	const uint64_t until = clock_now() + SEND_WITHIN;

	while (left > 0) {
		ssize_t sent = send(fd, at, left, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EAGAIN && is_writable(fd, until))
			continue;
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			shutdown(fd, SHUT_RDWR);
			return -1;
		}
		at += sent;
		left -= (size_t)sent;
	}
	return 0;
}

static int send_all(
	netsnmp_transport *transport, const void *buffer, int size, void **opaque, int *length)
{
	if (replay.awaits_question && size >= OPENPDU_HEADER) {
		memcpy(replay.question, buffer, OPENPDU_HEADER);
		replay.awaits_question = false;
		replay.awaits_answer = true;
		return size;
	}
	if (size >= OPENPDU_HEADER)
		pducheck_answer(&pducheck, buffer);
	return send_octets(transport->sock, buffer, (size_t)size) < 0 ? -1 : size;
}

/* The length of the PDU at the front of the inbox: 0 while it is not whole. */
static size_t whole_pdu(void)
{
	size_t held = inbox.end - inbox.begin;
	size_t length = OPENPDU_HEADER;

	if (held >= length)
		length += openpdu_u32(inbox.octets + inbox.begin, OPENPDU_AT_LENGTH);
	return held < length ? 0 : length;
}

/* Whether there is a PDU for net-snmp, the rest of one, one that the check refuses for its length,
 * or the end. */
static bool is_anything(void)
{
	size_t held = inbox.end - inbox.begin;

	if (inbox.ended || whole_pdu() > 0 || (pducheck.have > 0 && held > 0))
		return true;
	return held >= OPENPDU_HEADER &&
	       openpdu_u32(inbox.octets + inbox.begin, OPENPDU_AT_LENGTH) > PDUCHECK_PDU_MAX;
}

bool transport_serve(transport_answer *answer, void *context, bool readable)
{
	static uint8_t said[OPENPDU_HEADER + PDUCHECK_PDU_MAX];
	const uint64_t until = clock_now() + SERVE_WITHIN;
	size_t length;

	if (inbox.fd < 0)
		return false;
	if (readable)
		fill();
	while (pducheck.have == 0 && (length = whole_pdu()) > 0 && clock_now() < until) {
		size_t size =
			answer(context, inbox.octets + inbox.begin, length, said, sizeof(said));

		if (size == 0)
			break;
		inbox.begin += length;
		if (send_octets(inbox.fd, said, size) < 0)
			inbox.ended = true;
	}
	return is_anything();
}

int transport_session_fd(void)
{
	return inbox.fd;
}

static int close_socket(netsnmp_transport *transport)
{
	int result = transport->sock >= 0 ? close(transport->sock) : -1;

	inbox.fd = -1;
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

	if (next.fd < 0 || (specification->flags & NETSNMP_TSPEC_LOCAL))
		return NULL;
	transport = SNMP_MALLOC_TYPEDEF(netsnmp_transport);
	if (!transport)
		return NULL;
	transport->domain = domain_name;
	transport->domain_length = OID_LENGTH(domain_name);
	transport->sock = next.fd;
	transport->flags = NETSNMP_TRANSPORT_FLAG_STREAM;
	transport->msgMaxSize = 0x7fffffff;
	transport->f_recv = receive;
	transport->f_send = send_all;
	transport->f_close = close_socket;
	transport->f_fmtaddr = format_address;
	next.fd = -1;
	pducheck = (struct pducheck){0};
	inbox.fd = transport->sock;
	inbox.begin = inbox.end = 0;
	inbox.ended = false;
	replay.awaits_question = true;
	replay.awaits_answer = false;
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

	snmplib.netsnmp_tdomain_register(&domain);
}

static void look(const char *path, struct statx *seen)
{
	if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, seen) < 0)
		memset(seen, 0, sizeof(*seen));
}

bool transport_replaced(const char *path)
{
	struct statx seen;

	look(path, &seen);
	return seen.stx_ino &&
	       (seen.stx_ino != place.stx_ino || seen.stx_dev_major != place.stx_dev_major ||
		       seen.stx_dev_minor != place.stx_dev_minor ||
		       seen.stx_btime.tv_sec != place.stx_btime.tv_sec ||
		       seen.stx_btime.tv_nsec != place.stx_btime.tv_nsec);
}

/* A new connection has room for it. */
static int ask(uint8_t timeout, const char *description)
{
	uint8_t question[OPENPDU_QUESTION_MAX];
	size_t length = openpdu_ask(question, sizeof(question), timeout, description);
	ssize_t sent = send(next.fd, question, length, MSG_NOSIGNAL);

	if (sent < 0)
		return -errno;
	return sent == (ssize_t)length ? 0 : -EMSGSIZE;
}

int transport_connect(const char *path, uint8_t timeout, const char *description)
{
	int fd, error;

	transport_discard();
	look(path, &place);
	fd = connector_connect(path);
	if (fd < 0)
		return fd;
	next.fd = fd;
	error = ask(timeout, description);
	if (error)
		transport_discard();
	return error;
}

int transport_proceed(void)
{
	uint8_t answer[OPENPDU_ANSWER_MAX];
	ssize_t length = recv(next.fd, answer, sizeof(answer), MSG_PEEK);
	int result;

	if (length < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (length == 0)
		return -ECONNRESET;
	next.partly = true;
	result = openpdu_answer(answer, (size_t)length);
	return result == 0 ? -EAGAIN : result < 0 ? result : 0;
}

int transport_fd(void)
{
	return next.partly ? -1 : next.fd;
}

void transport_discard(void)
{
	if (next.fd >= 0)
		close(next.fd);
	next.fd = -1;
	next.partly = false;
}

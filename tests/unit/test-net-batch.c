/* SPDX-License-Identifier: ISC */
/* The batches of vrrp/net against a scripted kernel: what real sockets do too rarely to wait for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp/net/announce.h"
#include "vrrp/net/receive.h"
#include "vrrp/net/send.h"

#define CAPACITY 3000

/* What the scripted kernel answers, call by call: how many messages it takes, or an error. */
static int script[16];
static unsigned int asked[16];
static int asked_flags[16];
static int calls;

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
int __wrap_recvmmsg(
	int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout);

int __wrap_sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	int answer = script[calls];

	assert_true(flags & MSG_DONTWAIT);
	asked_flags[calls] = flags;
	asked[calls++] = count;
	if (answer >= 0)
		return answer;
	errno = -answer;
	return -1;
}

/* The datagram the scripted kernel delivers. */
static uint8_t delivered[8192];
static size_t delivered_length;
static uint32_t delivered_overruns;

int __wrap_recvmmsg(
	int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)
{
	struct msghdr *header = &messages[0].msg_hdr;
	struct sockaddr_in source = {.sin_family = AF_INET};
	size_t room = header->msg_iov->iov_len;
	struct cmsghdr *control;

	assert_int_equal(flags, MSG_DONTWAIT | MSG_TRUNC);
	if (script[0] < 0) {
		errno = -script[0];
		return -1;
	}
	inet_pton(AF_INET, "192.0.2.1", &source.sin_addr);
	memcpy(header->msg_name, &source, sizeof(source));
	memcpy(header->msg_iov->iov_base, delivered,
		delivered_length < room ? delivered_length : room);
	messages[0].msg_len = (unsigned int)delivered_length;
	control = CMSG_FIRSTHDR(header);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SO_RXQ_OVFL;
	control->cmsg_len = CMSG_LEN(sizeof(delivered_overruns));
	memcpy(CMSG_DATA(control), &delivered_overruns, sizeof(delivered_overruns));
	header->msg_controllen = CMSG_SPACE(sizeof(delivered_overruns));
	return 1;
}

static struct vrrp_address address(int family, const char *text)
{
	uint8_t bytes[16];

	assert_int_equal(inet_pton(family, text, bytes), 1);
	return vrrp_address_make(family == AF_INET ? VRRP_IPV4 : VRRP_IPV6, bytes);
}

static struct vrrp_send *filled(unsigned int count)
{
	struct vrrp_send *batch = vrrp_send_new(AF_INET, CAPACITY);
	struct vrrp_address source = address(AF_INET, "192.0.2.1");
	struct vrrp_address group = address(AF_INET, "224.0.0.18");

	assert_non_null(batch);
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(vrrp_send_append(batch, 1, &source, &group, "x", 1), i);
	memset(script, 0, sizeof(script));
	calls = 0;
	return batch;
}

static void test_flush_asks_for_at_most_1024(void **state)
{
	struct vrrp_send *batch = filled(2500);

	script[0] = 1024;
	script[1] = 1024;
	script[2] = 452;
	assert_int_equal(vrrp_send_flush(batch, -1), 0);
	assert_int_equal(calls, 3);
	assert_int_equal(asked[0], 1024);
	assert_int_equal(asked[1], 1024);
	assert_int_equal(asked[2], 452);
	vrrp_send_free(batch);
}

static void test_flush_goes_on_past_a_refusal(void **state)
{
	struct vrrp_send *batch = filled(10);

	script[0] = 4;
	script[1] = -ENETUNREACH;
	script[2] = 4;
	script[3] = -ENODEV;
	assert_int_equal(vrrp_send_flush(batch, -1), 2);
	assert_int_equal(calls, 4);
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(vrrp_send_error(batch, i), i == 4   ? -ENETUNREACH
							    : i == 9 ? -ENODEV
								     : 0);
	vrrp_send_free(batch);
}

static void test_flush_tries_again_when_interrupted(void **state)
{
	struct vrrp_send *batch = filled(3);

	script[0] = -EINTR;
	script[1] = 3;
	assert_int_equal(vrrp_send_flush(batch, -1), 0);
	assert_int_equal(asked[1], 3);
	vrrp_send_free(batch);
}

static void test_full_socket_buffer_ends_the_flush(void **state)
{
	struct vrrp_send *batch = filled(5);

	script[0] = 2;
	script[1] = -EAGAIN;
	assert_int_equal(vrrp_send_flush(batch, -1), 3);
	assert_int_equal(calls, 2);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(vrrp_send_error(batch, i), i < 2 ? 0 : -EAGAIN);
	vrrp_send_free(batch);
}

#define MSG_PROBE 0x10 /* Linux's: do not send */

static void test_probe_sends_nothing_and_keeps_the_batch(void **state)
{
	struct vrrp_send *batch = filled(2);

	script[0] = 1;
	vrrp_send_probe(batch, -1);
	assert_int_equal(calls, 1);
	assert_int_equal(asked[0], 2);
	assert_true(asked_flags[0] & MSG_PROBE);
	script[1] = 2;
	assert_int_equal(vrrp_send_flush(batch, -1), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(asked[1], 2);
	assert_false(asked_flags[1] & MSG_PROBE);
	vrrp_send_free(batch);
}

/* The kernel would send it. */
static void test_probe_leaves_frames_alone(void **state)
{
	struct vrrp_send *frames = vrrp_send_new_frames(1);

	assert_int_equal(vrrp_send_append_frame(frames, 1, "x", 1), 0);
	calls = 0;
	vrrp_send_probe(frames, -1);
	assert_int_equal(calls, 0);
	vrrp_send_free(frames);
}

static void test_cleared_batch_forgets_errors(void **state)
{
	struct vrrp_send *batch = filled(1);
	struct vrrp_address source = address(AF_INET, "192.0.2.1");

	script[0] = -EPERM;
	assert_int_equal(vrrp_send_flush(batch, -1), 1);
	vrrp_send_clear(batch);
	assert_int_equal(vrrp_send_count(batch), 0);
	assert_int_equal(vrrp_send_append(batch, 1, &source, &source, "x", 1), 0);
	assert_int_equal(vrrp_send_error(batch, 0), 0);
	vrrp_send_free(batch);
}

static void test_append_refuses(void **state)
{
	struct vrrp_address ipv4 = address(AF_INET, "192.0.2.1");
	struct vrrp_address ipv6 = address(AF_INET6, "fe80::1");
	struct vrrp_send *batch = vrrp_send_new(AF_INET6, 1);
	struct vrrp_send *frames = vrrp_send_new_frames(1);

	assert_null(vrrp_send_new(AF_UNIX, 1));
	assert_int_equal(vrrp_send_append(batch, 1, &ipv4, &ipv4, "x", 1), -EAFNOSUPPORT);
	assert_int_equal(vrrp_send_append(batch, 1, &ipv6, &ipv4, "x", 1), -EAFNOSUPPORT);
	assert_int_equal(vrrp_send_append_frame(batch, 1, "x", 1), -EAFNOSUPPORT);
	assert_int_equal(vrrp_send_append(frames, 1, &ipv6, &ipv6, "x", 1), -EAFNOSUPPORT);
	assert_int_equal(vrrp_send_append(batch, 1, &ipv6, &ipv6, "x", 1), 0);
	assert_int_equal(vrrp_send_append(batch, 1, &ipv6, &ipv6, "x", 1), -ENOBUFS);
	assert_int_equal(vrrp_send_append_frame(frames, 1, "x", 1), 0);
	assert_int_equal(vrrp_send_append_frame(frames, 1, "x", 1), -ENOBUFS);
	assert_null(vrrp_send_free(batch));
	assert_null(vrrp_send_free(frames));
	assert_null(vrrp_send_free(NULL));
}

/* Reads one scripted datagram; returns what vrrp_receive_read says. */
static int read_one(struct vrrp_receive *batch, unsigned int words, size_t length)
{
	struct ip header = {.ip_hl = words & 15, .ip_v = 4, .ip_ttl = 255, .ip_p = 112};

	memset(delivered, 0x5a, sizeof(delivered));
	memcpy(delivered, &header, sizeof(header));
	delivered_length = length;
	script[0] = 1;
	return vrrp_receive_read(batch, -1, 1);
}

static void test_mangled_ip_headers_are_skipped(void **state)
{
	struct vrrp_receive *batch = vrrp_receive_new(1);

	assert_int_equal(read_one(batch, 5, 0), 0);
	assert_int_equal(read_one(batch, 5, 19), 0);
	assert_int_equal(read_one(batch, 4, 40), 0);
	assert_int_equal(read_one(batch, 0, 40), 0);
	assert_int_equal(read_one(batch, 15, 59), 0);
	assert_int_equal(read_one(batch, 15, 60), 1);
	assert_int_equal(vrrp_receive_datagram(batch, 0)->received, 0);
	assert_int_equal(read_one(batch, 5, 20), 1);
	assert_int_equal(read_one(batch, 6, 36), 1);
	assert_int_equal(vrrp_receive_datagram(batch, 0)->ip_header_length, 24);
	assert_int_equal(vrrp_receive_datagram(batch, 0)->received, 12);
	vrrp_receive_free(batch);
}

static void test_cut_off_datagram_tells_its_length(void **state)
{
	struct vrrp_receive *batch = vrrp_receive_new(1);

	assert_int_equal(read_one(batch, 5, 6000), 1);
	assert_int_equal(vrrp_receive_datagram(batch, 0)->ip.length, 5980);
	assert_int_equal(vrrp_receive_datagram(batch, 0)->received, VRRP_RECEIVE_OCTETS - 20);
	vrrp_receive_free(batch);
}

static void test_overruns_and_errors_are_told(void **state)
{
	struct vrrp_receive *batch = vrrp_receive_new(2);

	delivered_overruns = 77;
	assert_int_equal(read_one(batch, 5, 32), 1);
	assert_int_equal(vrrp_receive_overruns(batch), 77);
	assert_true(vrrp_receive_more(batch));
	script[0] = -EAGAIN;
	assert_int_equal(vrrp_receive_read(batch, -1, 2), 0);
	assert_false(vrrp_receive_more(batch));
	script[0] = -ENETDOWN;
	assert_int_equal(vrrp_receive_read(batch, -1, 2), -ENETDOWN);
	assert_null(vrrp_receive_new(0));
	assert_null(vrrp_receive_new(1025));
	assert_null(vrrp_receive_free(batch));
	assert_null(vrrp_receive_free(NULL));
}

static void test_announcements_of_no_family(void **state)
{
	static const uint8_t mac[VRRP_ANNOUNCE_MAC] = {2};
	uint8_t frame[VRRP_ANNOUNCE_FRAME];
	struct vrrp_address none = {0};
	struct vrrp_address ipv4 = address(AF_INET, "192.0.2.1");
	struct vrrp_address ipv6 = address(AF_INET6, "fe80::1");

	assert_int_equal(vrrp_announce_build(frame, mac, &none, &ipv6), -EAFNOSUPPORT);
	assert_int_equal(vrrp_announce_build(frame, mac, &ipv6, NULL), -EAFNOSUPPORT);
	assert_int_equal(vrrp_announce_build(frame, mac, &ipv6, &ipv4), -EAFNOSUPPORT);
	assert_int_equal(vrrp_announce_build(frame, mac, &ipv6, &ipv6), VRRP_ANNOUNCE_NA);
	assert_int_equal(vrrp_announce_build(frame, mac, &ipv4, NULL), VRRP_ANNOUNCE_ARP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flush_asks_for_at_most_1024),
		cmocka_unit_test(test_flush_goes_on_past_a_refusal),
		cmocka_unit_test(test_flush_tries_again_when_interrupted),
		cmocka_unit_test(test_full_socket_buffer_ends_the_flush),
		cmocka_unit_test(test_probe_sends_nothing_and_keeps_the_batch),
		cmocka_unit_test(test_probe_leaves_frames_alone),
		cmocka_unit_test(test_cleared_batch_forgets_errors),
		cmocka_unit_test(test_append_refuses),
		cmocka_unit_test(test_mangled_ip_headers_are_skipped),
		cmocka_unit_test(test_cut_off_datagram_tells_its_length),
		cmocka_unit_test(test_overruns_and_errors_are_told),
		cmocka_unit_test(test_announcements_of_no_family),
	};

	return cmocka_run_group_tests_name("net-batch", tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Channels: messages and descriptors come through, what is no message does not, and nothing leaks.
 */
#include "lib/channel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2];

static int begin(void **state)
{
	return channel_pair(ends);
}

static int end(void **state)
{
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static int open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static int send_stop(uint64_t id, int attached)
{
	union message message;

	message_init(&message, MESSAGE_STOP, id);
	return channel_send(ends[0], &message, attached);
}

static void expect_stop(uint64_t id)
{
	union message message;
	int attached;

	assert_int_equal(channel_receive(ends[1], &message, &attached), 1);
	assert_int_equal(message.head.type, MESSAGE_STOP);
	assert_int_equal(message.head.id, id);
	assert_int_equal(attached, -1);
}

static void expect_error(int error)
{
	union message message;
	int attached = 99;

	assert_int_equal(channel_receive(ends[1], &message, &attached), error);
	assert_int_equal(attached, -1);
}

static void test_messages(void **state)
{
	expect_error(0);
	assert_int_equal(send_stop(1, -1), 0);
	assert_int_equal(send_stop(2, -1), 0);
	expect_stop(1);
	expect_stop(2);
	expect_error(0);
	assert_true(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
}

static void test_descriptor(void **state)
{
	union message message;
	char octet = 'x';
	int attached;
	int pipe_ends[2];

	assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
	assert_int_equal(send_stop(1, pipe_ends[1]), 0);
	close(pipe_ends[1]);
	assert_int_equal(channel_receive(ends[1], &message, &attached), 1);
	assert_true(attached >= 0);
	assert_true(fcntl(attached, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(attached, "y", 1), 1);
	assert_int_equal(read(pipe_ends[0], &octet, 1), 1);
	assert_int_equal(octet, 'y');
	close(attached);
	close(pipe_ends[0]);
}

/* The message is told all the same: whoever sent it may wait for an answer. */
static void test_descriptor_that_has_no_place(void **state)
{
	struct rlimit before, none;
	union message message;
	int attached = 99;
	int error;

	assert_int_equal(send_stop(7, ends[0]), 0);
	assert_int_equal(send_stop(8, -1), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	error = channel_receive(ends[1], &message, &attached);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(error, -EMFILE);
	assert_int_equal(attached, -1);
	assert_int_equal(message.head.id, 7);
	expect_stop(8);
}

static void test_full(void **state)
{
	uint64_t sent = 0;

	while (send_stop(sent, -1) == 0)
		sent++;
	assert_int_equal(send_stop(sent, -1), -EAGAIN);
	assert_true(sent > 256);
	for (uint64_t i = 0; i < sent; i++)
		expect_stop(i);
	expect_error(0);
	assert_int_equal(send_stop(sent, -1), 0);
	expect_stop(sent);
}

static void test_gone(void **state)
{
	assert_int_equal(send_stop(1, -1), 0);
	shutdown(ends[0], SHUT_RDWR);
	expect_stop(1);
	expect_error(-EPIPE);
	assert_int_equal(send_stop(2, -1), -EPIPE);
	end(state);
	begin(state);
	close(ends[1]);
	ends[1] = -1;
	assert_int_equal(send_stop(2, -1), -EPIPE);
	expect_error(-EBADF);
}

/* What may be on the wire instead of a message: a size, with what type, and how many descriptors.
 */
static const struct {
	const char *name;
	size_t size;
	uint32_t type;
	unsigned int descriptors;
	int error;
} rows[] = {
	{"too short for a head", 4, MESSAGE_STOP, 0, -EBADMSG},
	{"too short, with a descriptor", 4, MESSAGE_STOP, 1, -EBADMSG},
	{"cut off", sizeof(struct message_none) - 1, MESSAGE_STOP, 1, -EBADMSG},
	{"of no type", sizeof(struct message_none), MESSAGE_TYPE_COUNT, 1, -EBADMSG},
	{"larger than any", sizeof(union message) + 1, MESSAGE_SET_PREPARE, 1, -EBADMSG},
	{"with two descriptors", sizeof(struct message_none), MESSAGE_STOP, 2, -EBADMSG},
	{"with ten descriptors", sizeof(struct message_none), MESSAGE_STOP, 10, -EBADMSG},
	{"empty", 0, 0, 0, -EPIPE},
	{"empty, with a descriptor", 0, 0, 1, -EPIPE},
};

static void send_raw(const void *bytes, size_t size, unsigned int descriptors)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(10 * sizeof(int))];
	} control = {0};
	struct iovec body = {.iov_base = (void *)bytes, .iov_len = size};
	struct msghdr header = {.msg_iov = &body, .msg_iovlen = 1};
	struct cmsghdr *part;

	if (descriptors) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
		part = CMSG_FIRSTHDR(&header);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
		for (unsigned int i = 0; i < descriptors; i++)
			memcpy(CMSG_DATA(part) + i * sizeof(int), &ends[0], sizeof(int));
	}
	assert_int_equal(sendmsg(ends[0], &header, 0), size);
}

static void test_not_a_message(void **state)
{
	static union {
		union message message;
		char bytes[sizeof(union message) + 1];
	} raw;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int before = open_descriptors();

		raw.message.head.type = rows[i].type;
		raw.message.head.size = (uint32_t)rows[i].size;
		send_raw(raw.bytes, rows[i].size, rows[i].descriptors);
		expect_error(rows[i].error);
		if (open_descriptors() != before)
			fail_msg("a message %s leaks", rows[i].name);
		assert_int_equal(send_stop(i, -1), 0);
		expect_stop(i);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages),
		TEST(descriptor),
		TEST(descriptor_that_has_no_place),
		TEST(full),
		TEST(gone),
		TEST(not_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include "tests/engine/lab.h"

#include "lib/board.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "vrrp/applier/applier.h"
#include "vrrp/engine.h"
#include "vrrp/status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define RING_RECORDS 16384
#define POLL_MS	     5

static void need(bool good, const char *what)
{
	if (good)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_shared(struct lab *lab)
{
	lab->board = board_create(STATUS_ROWS, sizeof(union status_row), &lab->board_fd);
	lab->ring = ring_create(RING_RECORDS, &lab->ring_fd);
	lab->bookmarks = consumer_bookmarks_create();
	need(lab->board && lab->ring && lab->bookmarks >= 0, "shared memory");
	for (int i = 0; i < CONSUMER_WOKEN; i++) {
		lab->wake[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		need(lab->wake[i] >= 0, "eventfd");
	}
}

void lab_start(struct lab *lab, const char *run_dir)
{
	struct applier_setup applier = {.run_dir = run_dir, .slots = IMAGE_SLOTS};
	struct engine_setup engine = {0};
	int ends[2];

	*lab = (struct lab){.core = -1};
	make_shared(lab);
	need(channel_pair(ends) == 0, "channel");
	lab->supervisor = ends[0];
	lab->applier = applier_start(&applier);
	need(lab->applier, "applier_start");
	engine = (struct engine_setup){.image = -1,
		.sockets = {-1, -1, -1},
		.applier = lab->applier,
		.board = lab->board,
		.ring = lab->ring,
		.supervisor = ends[1]};
	memcpy(engine.wake, lab->wake, sizeof(engine.wake));
	lab->engine = engine_start(&engine);
	need(lab->engine, "engine_start");
	lab_new_core(lab);
}

void lab_new_core(struct lab *lab)
{
	union message message;
	int ends[2];

	need(channel_pair(ends) == 0, "channel");
	message_init(&message, MESSAGE_CHANNEL, 0);
	message.channel.role = PEER_CORE;
	message.channel.fd = ends[1];
	need(channel_send(lab->supervisor, &message, -1) == 0, "CHANNEL");
	if (lab->core >= 0)
		close(lab->core);
	lab->core = ends[0];
	lab->answered = lab->generation;
}

void lab_whole(const struct lab *lab, struct draft *draft)
{
	static const uint8_t group4[4] = {224, 0, 0, 18};
	static const uint8_t group6[16] = {0xff, 2, [15] = 0x12};

	draft_begin(draft, lab->generation + 1, 0);
	memcpy(draft->header.group4, group4, sizeof(group4));
	memcpy(draft->header.group6, group6, sizeof(group6));
}

void lab_delta(const struct lab *lab, struct draft *draft)
{
	lab_whole(lab, draft);
	draft->header.base_generation = lab->generation;
}

void lab_send(struct lab *lab, const struct draft *draft)
{
	union message message;
	int fd = draft_document(draft);

	need(fd >= 0, "image");
	lab->generation = draft->header.generation;
	message_init(&message, MESSAGE_IMAGE, lab->generation);
	need(channel_send(lab->core, &message, fd) == 0, "IMAGE");
	close(fd);
}

/* The next message behind that descriptor: 1, or what channel_receive says; 0: none in time. */
static int await(int fd, union message *message)
{
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	int attached = -1;
	int got;

	if (poll(&readable, 1, LAB_WAIT_MS) <= 0)
		return 0;
	got = channel_receive(fd, message, &attached);
	if (attached >= 0)
		close(attached);
	return got;
}

int lab_answer(struct lab *lab)
{
	union message message;

	do {
		if (await(lab->core, &message) != 1)
			return -1;
		if (message.head.type != MESSAGE_IMAGE_RESULT || message.head.id <= lab->answered ||
			message.head.id > lab->generation)
			lab->disorder++;
		lab->answered = message.head.id;
	} while (lab->answered != lab->generation);
	return (int)message.outcome.error;
}

void lab_stop(struct lab *lab)
{
	union message message;

	message_init(&message, MESSAGE_STOP, 0);
	need(channel_send(lab->supervisor, &message, -1) == 0, "STOP");
}

bool lab_stopped(struct lab *lab)
{
	union message message;

	return await(lab->supervisor, &message) == 1 && message.head.type == MESSAGE_STOPPED;
}

void lab_end(struct lab *lab)
{
	engine_end(lab->engine);
	applier_stop(lab->applier);
	ring_close(lab->ring);
	board_close(lab->board);
	for (int i = 0; i < CONSUMER_WOKEN; i++)
		close(lab->wake[i]);
	close(lab->bookmarks);
	close(lab->supervisor);
	close(lab->core);
}

bool lab_wait(bool (*condition)(void *context), void *context)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
	uint64_t end = clock_now() + LAB_WAIT_MS * NSEC_PER_MSEC;

	while (!condition(context)) {
		if (clock_now() > end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

unsigned int lab_addresses(void)
{
	struct ifaddrs *all;
	unsigned int count = 0;

	need(getifaddrs(&all) == 0, "getifaddrs");
	for (const struct ifaddrs *at = all; at; at = at->ifa_next) {
		if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET)
			count += ntohl(((const struct sockaddr_in *)(const void *)at->ifa_addr)
						 ->sin_addr.s_addr) >>
					 24 ==
				 10;
	}
	freeifaddrs(all);
	return count;
}

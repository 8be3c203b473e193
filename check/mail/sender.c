/* SPDX-License-Identifier: ISC */
#include "check/mail/sender.h"

#include "check/mail/reply.h"
#include "lib/clock.h"
#include "lib/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MS 2000 /* libcurl ends an attempt by itself first */

struct sender {
	pid_t pid;
	int pidfd;
	int report;
	bool timed_out;
	sd_event_source *child;
	sd_event_source *timer;
	sender_ended ended;
	void *context;
};

static struct sender *sender_free(struct sender *sender)
{
	sd_event_source_disable_unref(sender->child);
	sd_event_source_disable_unref(sender->timer);
	descriptor_close(sender->pidfd);
	descriptor_close(sender->report);
	free(sender);
	return NULL;
}

static enum delivery_outcome read_report(const struct sender *sender, char text[DELIVERY_REPORT])
{
	ssize_t length = read(sender->report, text, DELIVERY_REPORT - 1);
	enum delivery_outcome outcome;

	if (reply_read_report(text, length > 0 ? (size_t)length : 0, &outcome))
		return outcome;
	snprintf(text, DELIVERY_REPORT, "%s",
		sender->timed_out ? "it took too long" : "the sending process was killed");
	return DELIVERY_LATER;
}

static int on_pidfd(sd_event_source *source, int pidfd, uint32_t events, void *context)
{
	struct sender *sender = context;
	sender_ended ended = sender->ended;
	void *owner = sender->context;
	char text[DELIVERY_REPORT];
	enum delivery_outcome outcome;
	siginfo_t end = {0};

	if (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED | WNOHANG) < 0 || !end.si_pid)
		return 0;
	outcome = read_report(sender, text);
	sender_free(sender);
	ended(owner, outcome, text);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	struct sender *sender = context;

	sender->timed_out = true;
	syscall(SYS_pidfd_send_signal, sender->pidfd, SIGKILL, NULL, 0);
	return 0;
}

static int start_process(struct sender *sender, const struct delivery *delivery)
{
	pid_t self = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	sender->report = ends[0];
	sender->pid = fork();
	if (sender->pid == 0)
		delivery_run(delivery, self, ends[1]);
	close(ends[1]);
	if (sender->pid < 0)
		return -errno;
	sender->pidfd = (int)syscall(SYS_pidfd_open, sender->pid, 0);
	return sender->pidfd < 0 ? -errno : 0;
}

static int watch(struct sender *sender, sd_event *loop, uint32_t limit_ms)
{
	uint64_t end = clock_now() + (limit_ms + GRACE_MS) * NSEC_PER_MSEC;
	int error = fcntl(sender->report, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;

	if (error == 0)
		error = sd_event_add_io(
			loop, &sender->child, sender->pidfd, EPOLLIN, on_pidfd, sender);
	if (error < 0)
		return error;
	error = sd_event_add_time(
		loop, &sender->timer, CLOCK_MONOTONIC, end / NSEC_PER_USEC, 0, on_time, sender);
	return error < 0 ? error : 0;
}

int sender_start(struct sender **started, sd_event *loop, const struct delivery *delivery,
	sender_ended ended, void *context)
{
	struct sender *sender = calloc(1, sizeof(*sender));
	int error;

	if (!sender)
		return -ENOMEM;
	*sender = (struct sender){.pidfd = -1, .report = -1, .ended = ended, .context = context};
	error = start_process(sender, delivery);
	if (error == 0)
		error = watch(sender, loop, delivery_limit_ms(delivery->settings));
	if (error) {
		sender_abandon(sender);
		return error;
	}
	*started = sender;
	return 0;
}

struct sender *sender_abandon(struct sender *sender)
{
	if (!sender)
		return NULL;
	/* A child that is nobody's: our user may not signal it without CAP_KILL. */
	if (sender->pid > 0 && kill(sender->pid, SIGKILL) == 0)
		waitpid(sender->pid, NULL, 0);
	return sender_free(sender);
}

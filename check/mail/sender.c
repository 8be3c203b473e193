/* SPDX-License-Identifier: ISC */
#include "check/mail/smtp.h"

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

struct smtp {
	pid_t pid;
	int pidfd;
	int report;
	bool timed_out;
	sd_event_source *child;
	sd_event_source *timer;
	smtp_ended ended;
	void *context;
};

static struct smtp *smtp_free(struct smtp *smtp)
{
	sd_event_source_disable_unref(smtp->child);
	sd_event_source_disable_unref(smtp->timer);
	descriptor_close(smtp->pidfd);
	descriptor_close(smtp->report);
	free(smtp);
	return NULL;
}

static enum delivery_outcome read_report(const struct smtp *smtp, char text[DELIVERY_REPORT])
{
	ssize_t length = read(smtp->report, text, DELIVERY_REPORT - 1);
	enum delivery_outcome outcome;

	if (reply_read_report(text, length > 0 ? (size_t)length : 0, &outcome))
		return outcome;
	snprintf(text, DELIVERY_REPORT, "%s",
		smtp->timed_out ? "it took too long" : "the sending process was killed");
	return DELIVERY_LATER;
}

static int on_pidfd(sd_event_source *source, int pidfd, uint32_t events, void *context)
{
	struct smtp *smtp = context;
	smtp_ended ended = smtp->ended;
	void *owner = smtp->context;
	char text[DELIVERY_REPORT];
	enum delivery_outcome outcome;
	siginfo_t end = {0};

	if (waitid(P_PIDFD, (id_t)pidfd, &end, WEXITED | WNOHANG) < 0 || !end.si_pid)
		return 0;
	outcome = read_report(smtp, text);
	smtp_free(smtp);
	ended(owner, outcome, text);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *context)
{
	struct smtp *smtp = context;

	smtp->timed_out = true;
	syscall(SYS_pidfd_send_signal, smtp->pidfd, SIGKILL, NULL, 0);
	return 0;
}

static int start_process(struct smtp *smtp, const struct delivery *delivery)
{
	pid_t self = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	smtp->report = ends[0];
	smtp->pid = fork();
	if (smtp->pid == 0)
		delivery_run(delivery, self, ends[1]);
	close(ends[1]);
	if (smtp->pid < 0)
		return -errno;
	smtp->pidfd = (int)syscall(SYS_pidfd_open, smtp->pid, 0);
	return smtp->pidfd < 0 ? -errno : 0;
}

static int watch(struct smtp *smtp, sd_event *loop, uint32_t limit_ms)
{
	uint64_t end = clock_now() + (limit_ms + GRACE_MS) * NSEC_PER_MSEC;
	int error = fcntl(smtp->report, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;

	if (error == 0)
		error = sd_event_add_io(loop, &smtp->child, smtp->pidfd, EPOLLIN, on_pidfd, smtp);
	if (error < 0)
		return error;
	error = sd_event_add_time(
		loop, &smtp->timer, CLOCK_MONOTONIC, end / NSEC_PER_USEC, 0, on_time, smtp);
	return error < 0 ? error : 0;
}

int smtp_start(struct smtp **started, sd_event *loop, const struct delivery *delivery,
	smtp_ended ended, void *context)
{
	struct smtp *smtp = calloc(1, sizeof(*smtp));
	int error;

	if (!smtp)
		return -ENOMEM;
	*smtp = (struct smtp){.pidfd = -1, .report = -1, .ended = ended, .context = context};
	error = start_process(smtp, delivery);
	if (error == 0)
		error = watch(smtp, loop, delivery_limit_ms(delivery->settings));
	if (error) {
		smtp_abandon(smtp);
		return error;
	}
	*started = smtp;
	return 0;
}

struct smtp *smtp_abandon(struct smtp *smtp)
{
	if (!smtp)
		return NULL;
	/* A child that is nobody's: our user may not signal it without CAP_KILL. */
	if (smtp->pid > 0 && kill(smtp->pid, SIGKILL) == 0)
		waitpid(smtp->pid, NULL, 0);
	return smtp_free(smtp);
}

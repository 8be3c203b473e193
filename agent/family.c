/* SPDX-License-Identifier: ISC */
#include "agent/family.h"

#include "agent/child.h"
#include "agent/heart.h"
#include "lib/channel.h"
#include "lib/consumer.h"
#include "lib/descriptor.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const struct {
	enum consumer_id consumer;
	enum message_peer_role peer;
	int at_core; /* where core finds the channel to it */
} links[ROLE_COUNT] = {
	[ROLE_CORE] = {CONSUMER_CORE, PEER_CORE, -1},
	[ROLE_AGENTX] = {CONSUMER_AGENTX, PEER_AGENTX, INHERIT_AGENTX},
	[ROLE_CHECK] = {CONSUMER_CHECK, PEER_CHECK, INHERIT_CHECK},
};

static int copy_fd(int fd, int *copy)
{
	*copy = fcntl(fd, F_DUPFD_CLOEXEC, INHERIT_END);
	return *copy < 0 ? -errno : 0;
}

/* One end goes into *inherited, the other is for somebody who runs already. */
static int open_channel(int *inherited, int *other)
{
	int ends[2];
	int error = channel_pair(ends);

	if (error)
		return error;
	error = copy_fd(ends[1], inherited);
	close(ends[1]);
	if (error)
		close(ends[0]);
	*other = error ? -1 : ends[0];
	return error;
}

/* A child that does not take it is about to end: whoever comes in its place is introduced anew. */
static int introduce(struct child *child, enum message_peer_role role, int *inherited)
{
	union message message;
	int other;
	int error = open_channel(inherited, &other);

	if (error)
		return error;
	message_init(&message, MESSAGE_PEER, 0);
	message.peer.role = role;
	if (child_send(child, &message, other) < 0)
		*inherited = descriptor_close(*inherited);
	close(other);
	return 0;
}

static int introduce_to_engine(
	const struct family *family, enum message_peer_role role, int *inherited)
{
	union message message;
	int other;
	int error = open_channel(inherited, &other);

	if (error)
		return error;
	message_init(&message, MESSAGE_CHANNEL, 0);
	message.channel.role = role;
	message.channel.fd = other;
	error = channel_send(family->heart->channel, &message, -1);
	if (error)
		close(other);
	return error;
}

/* Core is connected with everybody; whoever does not run now is connected when it starts. */
static int connect_core(struct family *family, int *inherited)
{
	int error = introduce_to_engine(family, PEER_CORE, &inherited[INHERIT_ENGINE]);

	for (int role = ROLE_AGENTX; !error && role < ROLE_COUNT; role++) {
		if (child_runs(family->members[role]))
			error = introduce(
				family->members[role], PEER_CORE, &inherited[links[role].at_core]);
	}
	if (!error && family->source >= 0)
		error = copy_fd(family->source, &inherited[INHERIT_SOURCE]);
	return error;
}

static int connect_child(void *context, enum role role, int *inherited)
{
	struct family *family = context;
	const struct heart *heart = family->heart;
	int error = copy_fd(heart->board_fd, &inherited[INHERIT_BOARD]);

	if (!error)
		error = copy_fd(heart->ring_fd, &inherited[INHERIT_RING]);
	if (!error)
		error = copy_fd(heart->bookmarks, &inherited[INHERIT_BOOKMARKS]);
	if (!error)
		error = copy_fd(heart->wake[links[role].consumer], &inherited[INHERIT_WAKE]);
	if (!error && role == ROLE_CORE)
		return connect_core(family, inherited);
	if (!error && role == ROLE_CHECK)
		error = introduce_to_engine(family, PEER_CHECK, &inherited[INHERIT_ENGINE]);
	if (!error && child_runs(family->members[ROLE_CORE]))
		error = introduce(
			family->members[ROLE_CORE], links[role].peer, &inherited[INHERIT_CORE]);
	return error;
}

static void on_message(void *context, enum role role, const union message *message, int attached)
{
	const struct family *family = context;

	family->message(family->context, role, message, attached);
}

static bool on_end(void *context, enum role role, const siginfo_t *how)
{
	const struct family *family = context;

	return family->ended(family->context, role, how);
}

static int start(struct family *family, enum role role)
{
	const struct child_setup setup = {
		.loop = family->loop,
		.role = role,
		.arguments = family->arguments,
		.argument = role == ROLE_AGENTX ? family->group_of
			    : role == ROLE_CORE ? family->net_namespace
						: NULL,
		.unit = role == ROLE_CHECK ? family->check_unit : NULL,
		.level = family->level,
		.context = family,
		.connect = connect_child,
		.message = on_message,
		.ended = on_end,
	};

	family->members[role] = child_start(&setup);
	return family->members[role] ? 0 : -errno;
}

int family_start_core(struct family *family)
{
	return start(family, ROLE_CORE);
}

int family_start(struct family *family)
{
	int error = 0;

	for (int role = ROLE_CORE; !error && role < ROLE_COUNT; role++) {
		if (!family->members[role] && !(role == ROLE_AGENTX && family->no_snmp))
			error = start(family, (enum role)role);
	}
	return error;
}

void family_note_agentx(struct family *family, const char *address)
{
	family->group_of[0] = '\0';
	if (address[0])
		snprintf(family->group_of, sizeof(family->group_of), "--group-of=%s", address);
}

void family_note_namespace(struct family *family, const char *name)
{
	family->net_namespace[0] = '\0';
	if (name[0])
		snprintf(family->net_namespace, sizeof(family->net_namespace), "--net-namespace=%s",
			name);
}

bool family_runs(const struct family *family)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		if (child_runs(family->members[role]))
			return true;
	}
	return false;
}

int family_send_core(struct family *family, enum message_type type)
{
	union message message;

	message_init(&message, type, 0);
	return child_send(family->members[ROLE_CORE], &message, -1);
}

void family_heed_stops(struct family *family)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		child_heed_stop(family->members[role]);
}

void family_let_go(struct family *family, bool succeeded)
{
	union message message;

	message_init(&message, MESSAGE_STOP, succeeded ? MESSAGE_STOP_SUCCEEDED : 0);
	for (int role = ROLE_CORE; role < ROLE_COUNT; role++) {
		child_let_go(family->members[role]);
		child_send(family->members[role], &message, -1);
	}
}

void family_hurry(struct family *family)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		struct child *child = family->members[role];

		if (!child_runs(child) || (role == ROLE_CHECK && !child_stands_still(child)))
			continue;
		log_message(
			LOG_WARNING, "%s does not end and is killed", role_name((enum role)role));
		family->members[role] = child_free(child);
	}
}

void family_kill(struct family *family)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		family->members[role] = child_free(family->members[role]);
}

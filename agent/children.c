/* SPDX-License-Identifier: ISC */
#include "agent/children.h"

#include "agent/child.h"
#include "agent/dataplane.h"
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
	const struct children *children, enum message_peer_role role, int *inherited)
{
	union message message;
	int other;
	int error = open_channel(inherited, &other);

	if (error)
		return error;
	message_init(&message, MESSAGE_CHANNEL, 0);
	message.channel.role = role;
	message.channel.fd = other;
	error = channel_send(children->dataplane->channel, &message, -1);
	if (error)
		close(other);
	return error;
}

/* Core is connected with everybody; whoever does not run now is connected when it starts. */
static int connect_core(struct children *children, int *inherited)
{
	int error = introduce_to_engine(children, PEER_CORE, &inherited[INHERIT_ENGINE]);

	for (int role = ROLE_AGENTX; !error && role < ROLE_COUNT; role++) {
		if (child_runs(children->members[role]))
			error = introduce(children->members[role], PEER_CORE,
				&inherited[links[role].at_core]);
	}
	if (!error && children->source >= 0)
		error = copy_fd(children->source, &inherited[INHERIT_SOURCE]);
	return error;
}

static int connect_child(void *context, enum role role, int *inherited)
{
	struct children *children = context;
	const struct dataplane *dataplane = children->dataplane;
	int error = copy_fd(dataplane->board_fd, &inherited[INHERIT_BOARD]);

	if (!error)
		error = copy_fd(dataplane->ring_fd, &inherited[INHERIT_RING]);
	if (!error)
		error = copy_fd(
			role == ROLE_AGENTX ? dataplane->agentx_bookmarks : dataplane->bookmarks,
			&inherited[INHERIT_BOOKMARKS]);
	if (!error && role == ROLE_CORE)
		error = copy_fd(dataplane->agentx_bookmarks, &inherited[INHERIT_AGENTX_BOOKMARKS]);
	if (!error)
		error = copy_fd(dataplane->wake[links[role].consumer], &inherited[INHERIT_WAKE]);
	if (!error && role == ROLE_CORE)
		return connect_core(children, inherited);
	if (!error && role == ROLE_CHECK)
		error = introduce_to_engine(children, PEER_CHECK, &inherited[INHERIT_ENGINE]);
	if (!error && child_runs(children->members[ROLE_CORE]))
		error = introduce(
			children->members[ROLE_CORE], links[role].peer, &inherited[INHERIT_CORE]);
	return error;
}

static void on_message(void *context, enum role role, const union message *message, int attached)
{
	const struct children *children = context;

	children->message(children->context, role, message, attached);
}

static bool on_end(void *context, enum role role, const siginfo_t *how)
{
	const struct children *children = context;

	return children->ended(children->context, role, how);
}

static int start(struct children *children, enum role role)
{
	const struct child_setup setup = {
		.loop = children->loop,
		.role = role,
		.arguments = children->arguments,
		.argument = role == ROLE_AGENTX ? children->group_of
			    : role == ROLE_CORE ? children->net_namespace
						: NULL,
		.unit = role == ROLE_CHECK ? children->check_unit : NULL,
		.level = children->level,
		.context = children,
		.connect = connect_child,
		.message = on_message,
		.ended = on_end,
	};

	children->members[role] = child_start(&setup);
	return children->members[role] ? 0 : -errno;
}

int children_start_core(struct children *children)
{
	return start(children, ROLE_CORE);
}

int children_start(struct children *children)
{
	int error = 0;

	for (int role = ROLE_CORE; !error && role < ROLE_COUNT; role++) {
		if (!children->members[role] && !(role == ROLE_AGENTX && children->no_snmp))
			error = start(children, (enum role)role);
	}
	return error;
}

void children_note_agentx(struct children *children, const char *address)
{
	children->group_of[0] = '\0';
	if (address[0])
		snprintf(children->group_of, sizeof(children->group_of), "--group-of=%s", address);
}

void children_note_namespace(struct children *children, const char *name)
{
	children->net_namespace[0] = '\0';
	if (name[0])
		snprintf(children->net_namespace, sizeof(children->net_namespace),
			"--net-namespace=%s", name);
}

bool children_run(const struct children *children)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		if (child_runs(children->members[role]))
			return true;
	}
	return false;
}

int children_send_core(struct children *children, enum message_type type)
{
	union message message;

	message_init(&message, type, 0);
	return child_send(children->members[ROLE_CORE], &message, -1);
}

void children_heed_stops(struct children *children)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		child_heed_stop(children->members[role]);
}

void children_let_go(struct children *children, bool succeeded)
{
	union message message;

	message_init(&message, MESSAGE_STOP, succeeded ? MESSAGE_STOP_SUCCEEDED : 0);
	for (int role = ROLE_CORE; role < ROLE_COUNT; role++) {
		child_let_go(children->members[role]);
		child_send(children->members[role], &message, -1);
	}
}

void children_hurry(struct children *children)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		struct child *child = children->members[role];

		if (!child_runs(child) || (role == ROLE_CHECK && !child_stands_still(child)))
			continue;
		log_message(
			LOG_WARNING, "%s does not end and is killed", role_name((enum role)role));
		children->members[role] = child_free(child);
	}
}

void children_kill(struct children *children)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		children->members[role] = child_free(children->members[role]);
}

/* SPDX-License-Identifier: ISC */
/* What core hears from and tells the supervisor, agentx and check. */
#include "agent/core/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/core/core.h"
#include "agent/core/imagebuilder.h"
#include "lib/channel.h"
#include "lib/descriptor.h"
#include "lib/lifeline.h"
#include "lib/log.h"

#define COME_BACK_USEC	  1000000 /* to what the supervisor could not be told */
#define IMAGE_PATIENCE_MS 30000	  /* an image of them: users from the network */

void core_channel_close(struct core_channel *channel)
{
	channel->source = sd_event_source_disable_unref(channel->source);
	channel->fd = descriptor_close(channel->fd);
}

static int save_source(const struct core *core)
{
	int fd = memfd_create("vrrp-source", MFD_CLOEXEC);
	int error = fd < 0 ? -errno : conf_source_save(core->current.source, fd);

	if (!error)
		return fd;
	descriptor_close(fd);
	log_message(LOG_ERR, "cannot save the accepted configuration: %s", strerror(-error));
	return error;
}

static int send_source(const struct core *core)
{
	const struct globals *globals = &core->current.config->globals;
	const struct hook_settings *hooks = &globals->hooks;
	union message message;
	int error;
	int fd = save_source(core);

	if (fd < 0)
		return fd;
	message_init(&message, MESSAGE_SOURCE, publisher_generation(core->publisher));
	if (globals->snmp_socket)
		snprintf(message.source.agentx, sizeof(message.source.agentx), "%s",
			globals->snmp_socket);
	message.source.rt_priority = globals->rt_priority;
	message.source.rt_limit = globals->engine_process.real_time_limit;
	message.source.cpusched = globals->engine_process.cpusched;
	message.source.cpu_latency = globals->cpu_latency;
	if (hooks->commands[IMAGE_HOOK_SHUTDOWN].argc > 0)
		message.source.shutdown = hooks->shutdown_timeout;
	error = channel_send(core->supervisor.fd, &message, fd);
	close(fd);
	return error;
}

static int send_ready(const struct core *core)
{
	union message message;

	message_init(&message, MESSAGE_READY, publisher_generation(core->publisher));
	return channel_send(core->supervisor.fd, &message, -1);
}

static int send_reloaded(const struct core *core)
{
	union message message;

	message_init(&message, MESSAGE_RELOADED, core->reload_id);
	message.outcome.error = core->state.reload.error;
	memcpy(message.outcome.text, core->state.reload.text, sizeof(message.outcome.text));
	return channel_send(core->supervisor.fd, &message, -1);
}

/* In the order in which they are to arrive. */
static const struct {
	enum core_owed owed;
	int (*send)(const struct core *core);
} debts[] = {
	{OWE_SOURCE, send_source},
	{OWE_READY, send_ready},
	{OWE_RELOADED, send_reloaded},
};

static int on_debts(sd_event_source *source, uint64_t usec, void *context)
{
	core_tell_supervisor(context, 0);
	return 0;
}

/* Not when there is room in the channel: that may not be what is lacking. */
static void come_back(struct core *core)
{
	core->debts = sd_event_source_disable_unref(core->debts);
	sd_event_add_time_relative(
		core->loop, &core->debts, CLOCK_MONOTONIC, COME_BACK_USEC, 0, on_debts, core);
}

void core_tell_supervisor(struct core *core, unsigned owed)
{
	core->owed |= owed;
	for (size_t i = 0; i < sizeof(debts) / sizeof(debts[0]); i++) {
		if (!(core->owed & debts[i].owed))
			continue;
		if (debts[i].send(core) < 0) {
			come_back(core);
			return;
		}
		core->owed &= ~(unsigned)debts[i].owed;
	}
}

static void answer_agentx(void *context, const union message *result)
{
	struct core *core = context;
	int error = core->agentx.fd < 0 ? -EPIPE : channel_send(core->agentx.fd, result, -1);

	if (error)
		log_message(LOG_WARNING, "agentx did not take the answer to a SET: %s",
			strerror(-error));
}

/* 1: a message, 0: none, -EPIPE: the other end is gone, -EMFILE: the message's descriptor is lost.
 * Nobody is sent descriptors here but by the supervisor. */
static int receive(int fd, const char *name, union message *message, int *attached)
{
	int result = channel_receive(fd, message, attached);

	if (result < 0 && result != -EPIPE)
		log_message(LOG_WARNING, "a bad message from %s: %s", name, strerror(-result));
	return result == -EBADMSG ? 0 : result;
}

static int on_agentx(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct core *core = context;
	union message message;
	int attached = -1;
	int result = receive(fd, "agentx", &message, &attached);

	if (result == -EPIPE)
		core_set_peer(core, PEER_AGENTX, -1);
	if (result <= 0)
		return 0;
	descriptor_close(attached);
	transactions_handle(core->transactions, &core->agentx_client, &message);
	return 0;
}

static int on_check(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct core *core = context;
	union message message;
	int attached = -1;
	int result = receive(fd, "check", &message, &attached);

	if (result == -EPIPE)
		core_set_peer(core, PEER_CHECK, -1);
	if (result > 0 && attached >= 0)
		close(attached);
	return 0;
}

void core_set_peer(struct core *core, enum message_peer_role role, int fd)
{
	struct core_channel *channel = role == PEER_AGENTX ? &core->agentx : &core->check;
	int error = 0;

	if (role == PEER_AGENTX) {
		transactions_lost(core->transactions, &core->agentx_client);
		core->agentx_client =
			(struct transaction_client){.answer = answer_agentx, .context = core};
	}
	core_channel_close(channel);
	channel->fd = fd;
	if (fd >= 0)
		error = sd_event_add_io(core->loop, &channel->source, fd, EPOLLIN,
			role == PEER_AGENTX ? on_agentx : on_check, core);
	if (error < 0)
		log_message(LOG_ERR, "cannot watch a channel: %s", strerror(-error));
	publisher_set_peer(core->publisher, role, fd);
}

/* The engine lives as long as the supervisor does: its channel is never replaced. */
static void on_peer(struct core *core, uint32_t role, int fd)
{
	if (fd >= 0 && (role == PEER_AGENTX || role == PEER_CHECK)) {
		core_set_peer(core, role, fd);
		return;
	}
	log_message(LOG_ERR, "the supervisor sent a channel that core has no use for");
	descriptor_close(fd);
}

static void handle_supervisor(struct core *core, const union message *message, int attached)
{
	switch (message->head.type) {
	case MESSAGE_PEER:
		on_peer(core, message->peer.role, attached);
		return;
	case MESSAGE_RELOAD:
		core->reload_wanted = true;
		core->reload_id = message->head.id;
		break;
	case MESSAGE_HANDOVER:
		core->handover_wanted = true;
		break;
	case MESSAGE_SOURCE_LOST:
		core->owed |= OWE_SOURCE;
		come_back(core);
		break;
	case MESSAGE_DUMP:
		core_dump_state(core);
		break;
	case MESSAGE_STOP:
		sd_event_exit(core->loop, CORE_EXIT_GOOD);
		break;
	default:
		log_message(LOG_WARNING, "the supervisor sent a %s",
			message_type_name(message->head.type));
	}
	descriptor_close(attached);
}

void core_hand_over_if_due(struct core *core)
{
	union message message;
	int error, fd;

	if (!core->handover_wanted || !core->started || core->reload_runs ||
		publisher_busy(core->publisher) || !transactions_idle(core->transactions))
		return;
	core->handover_wanted = false;
	lifeline_promise(core->state.lifeline, IMAGE_PATIENCE_MS);
	fd = image_build_whole(
		core->current.config, core->current.slots, publisher_generation(core->publisher));
	message_init(&message, MESSAGE_IMAGE, publisher_generation(core->publisher));
	error = fd < 0 ? fd : channel_send(core->supervisor.fd, &message, fd);
	if (error)
		log_message(LOG_ERR, "cannot hand the configuration over: %s", strerror(-error));
	descriptor_close(fd);
}

static int on_supervisor(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct core *core = context;
	union message message;
	int attached = -1;
	int result = receive(fd, "the supervisor", &message, &attached);

	if (result == -EPIPE)
		sd_event_exit(core->loop, CORE_EXIT_GOOD);
	/* That was the channel to somebody: the next core is connected with everybody. */
	if (result == -EMFILE)
		sd_event_exit(core->loop, CORE_EXIT_FAILED);
	if (result > 0)
		handle_supervisor(core, &message, attached);
	return 0;
}

int core_watch_supervisor(struct core *core)
{
	int error = sd_event_add_io(core->loop, &core->supervisor.source, core->supervisor.fd,
		EPOLLIN, on_supervisor, core);

	return error < 0 ? error : 0;
}

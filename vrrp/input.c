/* SPDX-License-Identifier: ISC */
#include "vrrp/input.h"

#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/hot.h"
#include "vrrp/engine_state.h"
#include "vrrp/execute.h"
#include "vrrp/net/filter.h"
#include "vrrp/net/receive.h"
#include "vrrp/net/socket.h"
#include "vrrp/publish.h"
#include "vrrp/ready.h"
#include "vrrp/repeats.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static_assert(READY_SOCKETS == (1 << INPUT_SOCKETS) - 1, "a bit for each socket");

#define PACKETS_PER_TURN  64
#define BATCHES_WHEN_LATE 256

/* Measured in docs/measurements.md ("What a wake-up costs"): a tick pays when it brings more than
 * three packets.  The rate is taken over windows of a tenth of a second. */
#define RATE_WINDOW (100 * NSEC_PER_MSEC)

struct pace {
	uint32_t above, below; /* packets in a window: the tick begins and ends */
	uint64_t tick;
};

static const struct pace hasty = {.above = 300, .below = 150, .tick = 2 * NSEC_PER_MSEC};
static const struct pace patient = {.above = 80, .below = 40, .tick = 5 * NSEC_PER_MSEC};

struct engine_input {
	int epoll;
	int sockets[INPUT_SOCKETS];
	struct vrrp_receive *batch;
	uint64_t window_end;
	uint32_t window_packets;
	bool watched; /* the sockets are, or are read on a tick */
	bool ticking;
	uint32_t overruns[INPUT_SOCKETS]; /* as each socket last counted them */
	uint64_t last_read;		  /* when all sockets were read before this turn */
};

static int watch_one(
	const struct engine_input *input, int which, int fd, int operation, uint32_t events)
{
	return ready_watch(input->epoll, operation, fd, 1u << which, events);
}

static int watch(const struct engine_input *input, int operation, uint32_t events)
{
	int error = 0;

	for (int i = 0; i < INPUT_SOCKETS && !error; i++) {
		if (input->sockets[i] >= 0)
			error = watch_one(input, i, input->sockets[i], operation, events);
	}
	return error;
}

/* A kernel without IPv6 (ipv6.disable=1) is one without routers of that family. */
static int open_sockets(struct engine_input *input)
{
	static const int families[2] = {AF_INET, AF_INET6};

	for (int i = 0; i < 2; i++) {
		int fd = input->sockets[i] < 0 ? vrrp_socket_open(families[i], VRRP_IP_PROTOCOL)
					       : input->sockets[i];

		if (fd < 0 && (fd != -EAFNOSUPPORT || families[i] != AF_INET6))
			return fd;
		input->sockets[i] = fd < 0 ? -1 : fd;
	}
	return 0;
}

/* At all that are open, or at none: 0 or a negative errno. */
static int attach(struct engine_input *input, const struct filter *filter)
{
	int error = filter ? 0 : -ENOENT;

	for (int i = 0; i < 2 && !error; i++) {
		if (input->sockets[i] >= 0)
			error = filter_attach(filter, input->sockets[i], i ? VRRP_IPV6 : VRRP_IPV4);
	}
	for (int i = 0; i < 2 && error; i++)
		filter_detach(input->sockets[i]);
	return error;
}

void input_use_filter(struct engine *engine, bool use, uint64_t now)
{
	if (use != engine->filtering || !use) {
		int error;

		repeats_forget_all(engine, now);
		error = attach(engine->input, use ? engine->filter : NULL);
		engine->filtering = !error;
		if (error && use && engine->filter)
			publish_filter_failure(engine, now, error);
	}
	engine->status.filter = STATUS_FILTER_UNAVAILABLE;
	if (engine->filtering)
		engine->status.filter = STATUS_FILTER_ON;
	else if (!use || engine->filter_unwanted)
		engine->status.filter = STATUS_FILTER_OFF;
}

int input_watch(struct engine_input *input)
{
	input->watched = true;
	return watch(input, EPOLL_CTL_ADD, EPOLLIN);
}

struct engine_input *input_open(int epoll, const int sockets[INPUT_SOCKETS])
{
	struct engine_input *input = calloc(1, sizeof(*input));
	int error;

	if (!input)
		return NULL;
	input->epoll = epoll;
	memcpy(input->sockets, sockets, sizeof(input->sockets));
	input->batch = vrrp_receive_new(PACKETS_PER_TURN);
	error = input->batch ? open_sockets(input) : -ENOMEM;
	if (error) {
		input_close(input);
		errno = -error;
		return NULL;
	}
	return input;
}

struct engine_input *input_close(struct engine_input *input)
{
	if (!input)
		return NULL;
	for (int i = 0; i < INPUT_SOCKETS; i++)
		descriptor_close(input->sockets[i]);
	vrrp_receive_free(input->batch);
	free(input);
	return NULL;
}

int input_socket(const struct engine_input *input, int which)
{
	return input->sockets[which];
}

int input_open_ah(struct engine_input *input)
{
	int fd, error = 0;

	if (input->sockets[INPUT_AH] >= 0)
		return input->sockets[INPUT_AH];
	fd = vrrp_socket_open_ah();
	if (fd < 0)
		return fd;
	if (input->watched)
		error = watch_one(input, INPUT_AH, fd, EPOLL_CTL_ADD, input->ticking ? 0 : EPOLLIN);
	if (error) {
		close(fd);
		return error;
	}
	if (input->ticking)
		vrrp_socket_set_timestamps(fd, true);
	input->sockets[INPUT_AH] = fd;
	return fd;
}

void input_close_ah(struct engine_input *input)
{
	input->sockets[INPUT_AH] = descriptor_close(input->sockets[INPUT_AH]);
	input->overruns[INPUT_AH] = 0;
}

/* RFC 6527's scalars count over all virtual routers and for packets that belong to none. */
static void count_global(struct engine *engine, enum vrrp_drop drop, uint64_t now)
{
	switch (vrrp_drop_counter(drop)) {
	case VRRP_COUNTER_CHECKSUM:
		engine->status.checksum_errors++;
		break;
	case VRRP_COUNTER_VERSION:
		engine->status.version_errors++;
		break;
	case VRRP_COUNTER_VRID:
		engine->status.vrid_errors++;
		engine->status.vrid_errors_at = now;
		break;
	default:
		break;
	}
}

/* By the stamp that the kernel puts on the packets while the sockets are read on a tick. */
static uint64_t stamped(const struct vrrp_datagram *datagram, uint64_t now)
{
	struct timespec wall;

	if (!datagram->realtime)
		return now;
	clock_gettime(CLOCK_REALTIME, &wall);
	return now + datagram->realtime -
	       ((uint64_t)wall.tv_sec * NSEC_PER_SEC + (uint64_t)wall.tv_nsec);
}

/* When a datagram arrived, on our clock: deadlines shall run from then and not from the reading,
 * which comes a wake-up or a tick later.  What was there to be read last time is not still here, so
 * a wall clock that is set meanwhile can't do harm.  Only packets without AH go through the filter,
 * which knows too. */
static uint64_t arrival(const struct engine *engine, const struct engine_router *router,
	const struct vrrp_datagram *datagram, bool by_ah, uint64_t now)
{
	const struct engine_input *input = engine->input;
	uint64_t at = 0;

	if (input->ticking)
		at = stamped(datagram, now);
	else if (!by_ah)
		at = repeats_came(engine, router);
	return at > input->last_read && at < now ? at : now;
}

static enum vrrp_drop decode(const struct engine *engine, const struct vrrp_datagram *datagram,
	bool by_ah, struct vrrp_view *view)
{
	struct vrrp_ip_facts facts = datagram->ip;

	if (facts.source.family == VRRP_IPV4)
		facts.group = engine->groups[VRRP_IPV4 - 1];
	if (by_ah) {
		facts.ip_header = datagram->ip_header;
		facts.ip_header_length = datagram->ip_header_length;
	}
	return vrrp_packet_decode(datagram->payload, datagram->received, &facts, view);
}

/* The kernel's filter counts all that carry the VRID, sound or not. */
static void count_stepped(
	const struct engine_interface *interface, const struct vrrp_datagram *datagram)
{
	struct engine_router *router;

	if (datagram->received < 2)
		return;
	router = interface->routers[datagram->ip.source.family - 1][datagram->payload[1]];
	if (router)
		repeats_stepped(router);
}

/* by_ah: it came by IP protocol 51, which others use as well. */
static void take_datagram(
	struct engine *engine, const struct vrrp_datagram *datagram, bool by_ah, uint64_t now)
{
	struct engine_interface *interface =
		interface_by_index(&engine->interfaces, (uint32_t)datagram->interface);
	struct engine_router *router = NULL;
	struct vrrp_view view;
	enum vrrp_drop drop;

	if (by_ah && !vrrp_ah_carries_vrrp(datagram->payload, datagram->received))
		return;
	engine->status.packets++;
	if (!interface)
		return;
	if (!by_ah)
		count_stepped(interface, datagram);
	drop = decode(engine, datagram, by_ah, &view);
	if (view.vrid)
		router = interface->routers[view.family - 1][view.vrid];
	if (drop == VRRP_DROP_NONE && !router)
		drop = VRRP_DROP_VRID_UNKNOWN;
	count_global(engine, drop, now);
	if (drop == VRRP_DROP_VRID_UNKNOWN)
		publish_unknown(engine, interface, now, &view);
	if (!router)
		return;
	if (drop == VRRP_DROP_NONE && view.version != router->protocol.configuration.version)
		count_global(engine, VRRP_DROP_VERSION_DIFFERS, now);
	if (drop == VRRP_DROP_NONE)
		execute_event(engine, router, arrival(engine, router, datagram, by_ah, now),
			&(struct vrrp_event){.type = VRRP_EVENT_ADVERT, .advert = &view});
	if (drop == VRRP_DROP_NONE && !by_ah)
		repeats_learn(engine, router, datagram, &view, now);
	if (drop != VRRP_DROP_NONE)
		execute_event(engine, router, now,
			&(struct vrrp_event){.type = VRRP_EVENT_REJECTED,
				.rejected = {.drop = drop, .source = view.source}});
}

static int read_batch(struct engine *engine, int which, uint64_t now)
{
	struct engine_input *input = engine->input;
	struct vrrp_receive *batch = input->batch;
	int count = vrrp_receive_read(batch, input->sockets[which], PACKETS_PER_TURN);

	if (count >= 0 && which != INPUT_AH && !vrrp_receive_more(batch))
		engine->emptied[which]++;
	for (int i = 0; i < count; i++)
		take_datagram(engine, vrrp_receive_datagram(batch, (unsigned int)i),
			which == INPUT_AH, now);
	if (count > 0) {
		input->window_packets += (uint32_t)count;
		input->overruns[which] = vrrp_receive_overruns(batch);
	}
	return count;
}

static void set_ticking(struct engine_input *input, bool on)
{
	if (watch(input, EPOLL_CTL_MOD, on ? 0 : EPOLLIN) < 0)
		return;
	for (int i = 0; i < INPUT_SOCKETS; i++) {
		if (input->sockets[i] >= 0)
			vrrp_socket_set_timestamps(input->sockets[i], on);
	}
	input->ticking = on;
}

/* Waking for each packet, or on a tick: settled anew at the end of each window. */
static void choose_mode(struct engine_input *input, const struct pace *pace, uint64_t now)
{
	bool ticking = input->ticking;

	if (now < input->window_end)
		return;
	if (input->window_packets > pace->above)
		ticking = true;
	else if (input->window_packets < pace->below)
		ticking = false;
	input->window_packets = 0;
	input->window_end = now + RATE_WINDOW;
	if (ticking == input->ticking)
		return;
	set_ticking(input, ticking);
	input->last_read = now;
}

/* The sockets that are to be read, as bits: on a tick nobody says that they are readable. */
static uint32_t wanted(struct engine *engine)
{
	bool all = engine->next_read != UINT64_MAX || engine->look_again;

	engine->look_again = false;
	return all ? READY_SOCKETS : engine->ready & READY_SOCKETS;
}

HOT bool input_read(struct engine *engine, uint64_t now, bool late)
{
	struct engine_input *input = engine->input;
	const struct pace *pace = engine->hasty ? &hasty : &patient;
	const uint32_t sockets = wanted(engine);
	bool more = false;

	if (!sockets)
		return false;
	for (int i = 0; i < INPUT_SOCKETS; i++) {
		int batches = late ? BATCHES_WHEN_LATE : 1;
		bool again;

		if (input->sockets[i] < 0 || !(sockets & 1u << i))
			continue;
		do {
			again = read_batch(engine, i, now) > 0 && vrrp_receive_more(input->batch);
		} while (again && --batches);
		more |= again;
	}
	more |= engine->look_again;
	engine->status.overruns =
		(uint64_t)input->overruns[0] + input->overruns[1] + input->overruns[INPUT_AH];
	choose_mode(input, pace, now);
	if (sockets == READY_SOCKETS)
		input->last_read = now;
	engine->next_read = input->ticking ? now + pace->tick : UINT64_MAX;
	return more;
}

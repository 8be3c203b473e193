/* SPDX-License-Identifier: ISC */
#include "agent/snmp/agentx.h"

#include "agent/snmp/accepted.h"
#include "agent/snmp/answer.h"
#include "agent/snmp/connector.h"
#include "agent/snmp/corelink.h"
#include "agent/snmp/direct.h"
#include "agent/snmp/ifindex.h"
#include "agent/snmp/mib.h"
#include "agent/snmp/notifier.h"
#include "agent/snmp/registration.h"
#include "agent/snmp/session.h"
#include "agent/snmp/set.h"
#include "agent/snmp/snmplib.h"
#include "agent/snmp/socketwatch.h"
#include "agent/snmp/transport.h"
#include "lib/agentxnotes.h"
#include "lib/channel.h"
#include "lib/clock.h"
#include "lib/confine.h"
#include "lib/consumer.h"
#include "lib/image.h"
#include "lib/inherit.h"
#include "lib/lifeline.h"
#include "lib/log.h"
#include "lib/masterpath.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define START_PATIENCE_MS 5000 /* for loading net-snmp */
#define LIBRARY_PERIOD	  (10 * NSEC_PER_SEC)
#define SET_PATIENCE_MS	  10000
#define LIBRARY_FDS	  16 /* more than net-snmp has here: one session */

enum {
	POLL_SUPERVISOR,
	POLL_CORE,
	POLL_WAKE,
	POLL_MASTER,
	POLL_LOOKOUT,
	POLL_FIXED
};

static struct {
	struct mib mib;
	struct corelink core;
	struct board *board;
	struct consumer *consumer;
	struct notifier *notifier;
	const char *given;		   /* the socket of the command line, which wins, or NULL */
	char socket[CORELINK_SOCKET_SIZE]; /* the one in use; "": the library's default */
	char context[CORELINK_CONTEXT_SIZE]; /* the one in use; "": the default one */
	bool open;			     /* net-snmp is initialised */
	bool failed;
	int lifeline;
	uint64_t next_try; /* of opening */
	uint64_t due;	   /* when there is something to do although nothing happens */
	bool pending;	   /* the master has said something that net-snmp has not taken */
	bool stop;
} worker = {.core = {.end = -1}};

static void on_attached(void *context)
{
	consumer_notes(worker.consumer)[NOTE_GROUP] = 0;
	registration_begin();
	notifier_session(worker.notifier, session_get());
}

static void on_detached(void *context)
{
	notifier_session(worker.notifier, NULL);
	set_abandon(&worker.core);
}

static void on_patience(void *context, uint32_t milliseconds)
{
	lifeline_promise(worker.lifeline, milliseconds);
}

#define GROUP_TRIES 5

/* Only a process that begins can join a group.  Where that does not help, it is left at that. */
static void on_group(void *context, gid_t group)
{
	_Atomic uint64_t *notes = consumer_notes(worker.consumer);

	if (notes[NOTE_GROUP] != group + 1ull) {
		notes[NOTE_GROUP] = group + 1ull;
		notes[NOTE_TRIES] = 0;
	}
	if (geteuid() != 0 || notes[NOTE_TRIES] == GROUP_TRIES)
		return;
	notes[NOTE_TRIES]++;
	log_message(LOG_INFO, "the AgentX socket is for group %u: beginning anew as its member",
		(unsigned)group);
	worker.stop = true;
}

static const struct session_events events = {
	.attached = on_attached,
	.detached = on_detached,
	.patience = on_patience,
	.group = on_group,
};

static const struct mib_module *module_of(const netsnmp_handler_registration *registration)
{
	const struct mib_module *module = mib_modules;

	while (snmplib.snmp_oid_compare(registration->rootoid, registration->rootoid_len,
		       module->root, module->root_length) != 0)
		module++;
	return module;
}

/* What answers are made from.  false: there is nothing yet; an old index will do. */
static bool begin_source(struct mib_source *source)
{
	*source = (struct mib_source){.now = clock_now(), .master_began = session_master_began()};
	return index_refresh(worker.mib.index, source->now) == 0 ||
	       index_count(worker.mib.index, INDEX_SLOT) > 0;
}

static size_t answer_directly(
	void *context, const uint8_t *pdu, size_t length, uint8_t *answer, size_t size)
{
	struct direct direct = {.mib = &worker.mib, .context = worker.context};

	if (!direct_takes(pdu) || !session_get() || !begin_source(&direct.source))
		return 0;
	direct.session = (uint32_t)session_get()->sessid;
	return direct_answer(&direct, pdu, length, answer, size);
}

static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const struct mib_module *module = module_of(registration);
	struct mib_source source;

	if (!begin_source(&source)) {
		snmplib.netsnmp_request_set_error_all(requests, SNMP_ERR_GENERR);
		return SNMP_ERR_NOERROR;
	}
	if (info->mode != MODE_GET && info->mode != MODE_GETNEXT) {
		lifeline_promise(worker.lifeline, SET_PATIENCE_MS);
		set_handle(&worker.mib, module, &worker.core, info->mode,
			(long)info->asp->pdu->transid, info, requests);
		return SNMP_ERR_NOERROR;
	}
	answer_requests(&worker.mib, module, &source, info->mode == MODE_GETNEXT, info, requests);
	return SNMP_ERR_NOERROR;
}

static void take_orders(void)
{
	union message message;
	int attached;
	int result;

	while ((result = channel_receive(INHERIT_SUPERVISOR, &message, &attached)) == 1) {
		if (message.head.type == MESSAGE_STOP) {
			worker.stop = true;
		} else if (message.head.type == MESSAGE_PEER && message.peer.role == PEER_CORE) {
			corelink_attach(&worker.core, attached);
			attached = -1;
		}
		if (attached >= 0)
			close(attached);
	}
	if (result == -EPIPE)
		worker.stop = true;
	if (result == -EMFILE) {
		log_message(
			LOG_ERR, "no descriptor is free for the channel to core: beginning anew");
		worker.failed = worker.stop = true;
	}
}

static int await_core(int timeout_ms)
{
	uint64_t until = clock_now() + (uint64_t)timeout_ms * NSEC_PER_MSEC;

	while (worker.core.end < 0 && !worker.stop) {
		struct pollfd poller = {.fd = INHERIT_SUPERVISOR, .events = POLLIN};
		uint64_t now = clock_now();

		if (now >= until)
			return -ETIMEDOUT;
		if (poll(&poller, 1, (int)((until - now) / NSEC_PER_MSEC) + 1) > 0)
			take_orders();
	}
	return worker.core.end < 0 ? -ETIMEDOUT : 0;
}

static void quiet_wake(void)
{
	uint64_t count;

	while (read(INHERIT_WAKE, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/* The library's descriptors are asked for before every wait: after a reattachment the same number
 * may be another socket.  How many there are; *wait_ms shrinks to the library's next timeout. */
static nfds_t library_fds(struct pollfd *fds, int *wait_ms)
{
	struct timeval timeout = {.tv_sec = *wait_ms / 1000, .tv_usec = *wait_ms % 1000 * 1000};
	netsnmp_large_fd_set set;
	nfds_t count = 0;
	int highest = 0;
	int block = 0;

	snmplib.netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	NETSNMP_LARGE_FD_ZERO(&set);
	snmplib.snmp_select_info2(&highest, &set, &timeout, &block);
	for (int fd = 0; fd < highest && count < LIBRARY_FDS; fd++) {
		if (snmplib.netsnmp_large_fd_is_set(fd, &set))
			fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	snmplib.netsnmp_large_fd_set_cleanup(&set);
	if (!block && timeout.tv_sec * 1000 + timeout.tv_usec / 1000 < *wait_ms)
		*wait_ms = (int)(timeout.tv_sec * 1000 + timeout.tv_usec / 1000) + 1;
	return count;
}

/* The socket to the master, or -1. */
static int master_fd(void)
{
	netsnmp_session *session = session_get();
	netsnmp_transport *transport = NULL;

	if (session)
		transport = snmplib.snmp_sess_transport(snmplib.snmp_sess_pointer(session));
	return transport ? transport->sock : -1;
}

/* Inside the library a request and its answer go through a session of its own before the answer is
 * sent.  That goes first: a master that has waited for a second repeats its request, and if the
 * repetition were read before the answer is sent, it would be answered with an error, sooner. */
static void library_read(const struct pollfd *fds, nfds_t count)
{
	netsnmp_large_fd_set set;
	int master = master_fd();
	bool inside = false;
	bool asked = false;

	snmplib.netsnmp_large_fd_set_init(&set, FD_SETSIZE);
	NETSNMP_LARGE_FD_ZERO(&set);
	for (nfds_t i = 0; i < count; i++) {
		if (fds[i].fd == master) {
			asked = fds[i].revents != 0;
		} else if (fds[i].revents) {
			snmplib.netsnmp_large_fd_setfd(fds[i].fd, &set);
			inside = true;
		}
	}
	if (master >= 0 && master == transport_session_fd())
		asked = worker.pending = transport_serve(answer_directly, NULL, asked);
	else
		worker.pending = false;
	if (asked && !inside)
		snmplib.netsnmp_large_fd_setfd(master, &set);
	if (inside || asked)
		snmplib.snmp_read2(&set);
	else
		snmplib.snmp_timeout();
	snmplib.netsnmp_large_fd_set_cleanup(&set);
}

static int wait_ms(void)
{
	uint64_t now = clock_now();

	if (worker.pending)
		return 0;
	return now >= worker.due ? 0 : (int)((worker.due - now) / NSEC_PER_MSEC) + 1;
}

static void wait_and_read(void)
{
	struct pollfd fds[POLL_FIXED + LIBRARY_FDS] = {
		[POLL_SUPERVISOR] = {.fd = INHERIT_SUPERVISOR, .events = POLLIN},
		[POLL_CORE] = {.fd = worker.core.end, .events = POLLIN},
		[POLL_WAKE] = {.fd = INHERIT_WAKE, .events = POLLIN},
		[POLL_MASTER] = {.fd = session_fd(), .events = POLLIN},
		[POLL_LOOKOUT] = {.fd = socketwatch_fd(), .events = POLLIN},
	};
	int timeout = wait_ms();
	nfds_t library = worker.open ? library_fds(fds + POLL_FIXED, &timeout) : 0;
	int ready;

	lifeline_promise_sleep(worker.lifeline, (uint32_t)timeout);
	ready = poll(fds, POLL_FIXED + library, timeout);
	lifeline_promise(worker.lifeline, LIFELINE_TURN_MS);
	if (ready < 0)
		return;
	if (fds[POLL_SUPERVISOR].revents)
		take_orders();
	if (fds[POLL_CORE].revents)
		corelink_receive(&worker.core);
	if (fds[POLL_WAKE].revents)
		quiet_wake();
	if (worker.open)
		library_read(fds + POLL_FIXED, library);
}

/* Before the first image has come VRRPV3-MIB is served, because that is the default; notifications
 * wait. */
static void follow_configuration(void)
{
	registration_serve(worker.core.known ? worker.core.flags : IMAGE_SNMP_RFCV3);
}

/* As session_init wants it. */
static const char *socket_name(void)
{
	if (worker.given)
		return worker.given;
	return worker.socket[0] ? worker.socket : NULL;
}

/* net-snmp was initialised with something else than the configuration wants now. */
static bool is_outdated(void)
{
	if (!worker.open || !worker.core.known)
		return false;
	return (!worker.given && strcmp(worker.socket, worker.core.socket) != 0) ||
	       strcmp(worker.context, worker.core.context) != 0;
}

static void be_due(uint64_t when)
{
	if (when < worker.due)
		worker.due = when;
}

/* In the log, and for whoever asks core. */
static void tell(const struct confinement *confinement, enum confine_reach reach)
{
	_Atomic uint64_t *notes = consumer_notes(worker.consumer);

	notes[NOTE_LANDLOCK] = (uint64_t)confinement->landlock;
	notes[NOTE_FILTER] = (uint64_t)confinement->filter;
	notes[NOTE_CONFINED] = confinement->unwanted	? AGENTX_UNCONFINED
			       : reach == CONFINE_ALONE ? AGENTX_ALONE
							: AGENTX_NETWORK;
	if (confinement->filter < 0)
		log_message(LOG_NOTICE,
			"no system calls can be filtered here (the kernel's CONFIG_SECCOMP_FILTER, "
			"or what a container may; x86-64, arm64): a hole in what speaks with snmpd "
			"would reach further than it must: docs/architecture.md, agentx");
	else if (confinement->landlock < 0)
		log_message(LOG_INFO,
			"there is no Landlock here (the kernel's CONFIG_SECURITY_LANDLOCK and "
			"lsm=, or what a container may): the filter of system calls does without");
}

/* Before net-snmp is initialised, which may connect, and when everything that it is made of is
 * loaded.  What time zone it is can't be looked up any more. */
static int shut_in(void)
{
	const char *name = socket_name();
	const char *path = masterpath_of(name ? name : MASTERPATH_DEFAULT);
	enum confine_reach reach = path ? CONFINE_ALONE : CONFINE_NETWORK;
	struct confinement confinement;
	int error;

	ifindex_open();
	tzset();
	confinement = confine_begin(reach);
	error = path ? connector_start(path) : 0;
	if (error) {
		log_message(LOG_ERR, "no process to connect to the AgentX master can be made: %s",
			strerrordesc_np(-error));
		return error;
	}
	confine_finish(reach, &confinement);
	tell(&confinement, reach);
	return 0;
}

/* A library that is not there may be installed yet. */
static void open_session(uint64_t now)
{
	int error;

	memcpy(worker.socket, worker.core.socket, sizeof(worker.socket));
	memcpy(worker.context, worker.core.context, sizeof(worker.context));
	lifeline_promise(worker.lifeline, START_PATIENCE_MS);
	worker.next_try = now + LIBRARY_PERIOD;
	if (snmplib_load() < 0)
		return;
	error = shut_in();
	if (!error)
		error = session_init(socket_name(), &events);
	if (!error)
		error = registration_init(worker.context[0] ? worker.context : NULL, handle);
	worker.open = !error;
	worker.failed = worker.stop = error != 0;
}

/* Where the master listens is known from the command line, or with the first configuration.  Since
 * net-snmp can't be initialised twice, another socket or context is a matter for another process.
 */
static void follow_socket(uint64_t now)
{
	if (!worker.open && worker.core.known) {
		if (now >= worker.next_try)
			open_session(now);
		be_due(worker.next_try);
	} else if (is_outdated()) {
		log_message(LOG_INFO, "snmp_socket or snmp_context has changed: beginning anew");
		worker.stop = true;
	}
}

/* Whoever comes after this process gets the whole configuration. */
static void follow_images(void)
{
	if (!worker.core.lost)
		return;
	log_message(LOG_ERR, "a configuration image could not be taken over: beginning anew");
	worker.failed = worker.stop = true;
}

static void follow_connector(void)
{
	if (!connector_lost())
		return;
	log_message(LOG_ERR, "the process that connects to the AgentX master is gone or stopped: "
			     "beginning anew");
	worker.failed = worker.stop = true;
}

/* Why there is no session. */
static int problem(void)
{
	return worker.next_try && !worker.open ? -ELIBACC : session_problem();
}

/* What core shows of the session. */
static void leave_notes(void)
{
	_Atomic uint64_t *notes = consumer_notes(worker.consumer);

	notes[NOTE_SESSION] = session_get() ? AGENTX_ATTACHED : AGENTX_TRYING;
	notes[NOTE_PROBLEM] = session_get() ? 0 : (uint64_t)-problem();
	notes[NOTE_TAKEN] = session_get() ? registration_taken() : 0;
}

static void go_round(void)
{
	uint64_t now = clock_now();

	follow_images();
	worker.due = now + LIFELINE_SLEEP_MS * NSEC_PER_MSEC;
	follow_socket(now);
	if (worker.open) {
		follow_configuration();
		be_due(session_tick(now));
		if (session_get())
			be_due(registration_tick(now));
		follow_connector();
	}
	leave_notes();
	if (worker.open && worker.core.known)
		notifier_pump(worker.notifier, worker.core.flags);
	wait_and_read();
}

static int open_inherited(void)
{
	/* First of all: a number that is free would be taken. */
	corelink_attach(&worker.core, inherited_channel(INHERIT_CORE));
	worker.board = board_open(INHERIT_BOARD, sizeof(union status_row));
	if (!worker.board) {
		log_message(LOG_ERR, "the status board can't be mapped: %m");
		return -errno;
	}
	worker.consumer = consumer_open(INHERIT_RING, INHERIT_BOOKMARKS, CONSUMER_AGENTX);
	if (!worker.consumer) {
		log_message(LOG_ERR, "the event ring can't be mapped: %m");
		return -errno;
	}
	worker.mib.board = worker.board;
	worker.mib.index = index_create(worker.board);
	worker.core.accepted = accepted_new();
	worker.mib.accepted = worker.core.accepted;
	worker.notifier = notifier_create(worker.consumer, worker.core.accepted);
	worker.core.await = await_core;
	if (!worker.core.accepted)
		return -ENOMEM;
	return worker.mib.index && worker.notifier ? 0 : -ENOMEM;
}

static void close_all(void)
{
	corelink_attach(&worker.core, -1);
	worker.notifier = notifier_free(worker.notifier);
	worker.mib.index = index_free(worker.mib.index);
	worker.core.accepted = accepted_free(worker.core.accepted);
	worker.consumer = consumer_close(worker.consumer);
	worker.board = board_close(worker.board);
}

/* What is sent to all processes is the supervisor's to answer. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE};

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

int agentx_run(const struct agentx_options *options)
{
	ignore_signals();
	worker.lifeline = inherited_timer(INHERIT_LIFELINE);
	worker.given = options->socket;
	worker.failed = open_inherited() != 0;
	while (!worker.stop && !worker.failed)
		go_round();
	close_all();
	return worker.failed;
}

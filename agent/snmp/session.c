/* SPDX-License-Identifier: ISC */
#include "agent/snmp/session.h"

#include "agent/snmp/snmplib.h"
#include "agent/snmp/socketwatch.h"
#include "agent/snmp/transport.h"
#include "agent/snmp/uptime.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/masterpath.h"

#include <errno.h>
#include <limits.h>
#include <net-snmp/agent/agent_callbacks.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGENTX_PING 13 /* PDU type, RFC 2741, section 6.1 */

/* What the library waits for an answer of the master, once, in every call that waits.  Opening a
 * session is the only one, and waits only where the library connects by itself. */
#define CALL_TIMEOUT_US	   2000000L
/* The same where the answer is there already: what is not understood at once never will be. */
#define HERE_TIMEOUT_US	   50000L
#define ATTACH_PATIENCE_MS 5000
/* What the master is asked to grant each of our answers: a SET may wait for the disk.  net-snmp's
 * own master does not heed it. */
#define MASTER_TIMEOUT_S   8

#define RETRY_PERIOD  (200 * NSEC_PER_MSEC) /* a Unix socket: trying costs microseconds */
#define REMOTE_PERIOD (5 * NSEC_PER_SEC)    /* anything else may block while it is tried */
#define PING_PERIOD   (5 * NSEC_PER_SEC)
#define LOOK_PERIOD   (5 * NSEC_PER_SEC) /* for what agent/snmp/socketwatch.h does not hear of */
#define OPEN_WITHIN   (5 * NSEC_PER_SEC) /* a master that is busy */
#define ANSWER_WITHIN 120		 /* s: a master that was stopped and goes on */

#define DESCRIPTION "vrrp-agent"

static struct {
	const char *path; /* of the master's Unix socket, or NULL: the library connects */
	const char *address;
	const struct session_events *events;
	netsnmp_session *session;
	uint64_t next_attempt;
	uint64_t asked; /* for a session, then; 0: the master has not been asked */
	uint64_t next_ping;
	uint64_t looked; /* for another socket in its place */
	uint64_t next_look;
	struct uptime uptime;
	int complaint; /* the last failure told, so that it is told once */
	bool pinging;
} state;

static int on_library_log(int major, int minor, void *argument, void *context)
{
	const struct snmp_log_message *message = argument;
	int level = message->priority >= LOG_INFO ? LOG_DEBUG : message->priority;

	log_message(level, "net-snmp: %.*s", (int)strcspn(message->msg, "\n"), message->msg);
	return 0;
}

/* The library's own default is five retries of a second in every call. */
static int on_session_init(int major, int minor, void *argument, void *context)
{
	netsnmp_session *session = argument;

	session->timeout = state.path ? HERE_TIMEOUT_US : CALL_TIMEOUT_US;
	session->retries = 0;
	return 0;
}

static int on_session_start(int major, int minor, void *argument, void *context)
{
	state.session = argument;
	return 0;
}

static int on_session_stop(int major, int minor, void *argument, void *context)
{
	if (!state.session)
		return 0;
	state.session = NULL;
	state.pinging = false;
	state.events->detached(state.events->context);
	log_message(LOG_WARNING, "the AgentX master at %s is gone", state.address);
	return 0;
}

static void set_options(void)
{
	static const int switches[] = {
		NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DONT_PERSIST_STATE,
		NETSNMP_DS_LIB_ALARM_DONT_USE_SIG,
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		snmplib.netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, switches[i], 1);
	snmplib.netsnmp_ds_set_boolean(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_ROOT_ACCESS, 1);
	snmplib.netsnmp_ds_set_boolean(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS, 1);
	snmplib.netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
		state.path ? TRANSPORT_ADDRESS : state.address);
	/* No MIB module is ever parsed here, nor are they looked for. */
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "", 1);
}

/* A path, possibly with "unix:" before it, is connected to here; everything else by the library. */
static void set_address(const char *address)
{
	state.address = address ? address : MASTERPATH_DEFAULT;
	state.path = masterpath_of(state.address);
}

int session_init(const char *socket, const struct session_events *events)
{
	int error = snmplib_load();

	if (error)
		return error;
	state.events = events;
	set_address(socket);
	snmplib.snmp_enable_calllog();
	snmplib.snmp_register_callback(
		SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_library_log, NULL);
	set_options();
	snmplib.netsnmp_enable_subagent();
	if (snmplib.init_agent("vrrp-agent") != 0)
		return -EIO;
	/* init_agent() has set both.  Without an interval the library neither pings nor attaches
	 * again by itself, and leaves that to session_tick(). */
	snmplib.netsnmp_ds_set_int(
		NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 0);
	snmplib.netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_TIMEOUT,
		MASTER_TIMEOUT_S * 1000000);
	snmplib.snmp_register_callback(
		SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SESSION_INIT, on_session_init, NULL);
	snmplib.snmp_register_callback(
		SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, on_session_start, NULL);
	snmplib.snmp_register_callback(
		SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, on_session_stop, NULL);
	transport_register();
	snmplib.init_snmp("vrrp-agent");
	return 0;
}

void session_drop(const char *why)
{
	netsnmp_transport *transport;

	if (!state.session)
		return;
	log_message(LOG_WARNING, "leaving the AgentX master: %s", why);
	transport = snmplib.snmp_sess_transport(snmplib.snmp_sess_pointer(state.session));
	if (transport)
		shutdown(transport->sock, SHUT_RDWR);
}

bool session_send(netsnmp_pdu *pdu, snmp_callback answered, void *magic)
{
	pdu->sessid = state.session->sessid;
	if (snmplib.snmp_async_send(state.session, pdu, answered, magic) != 0)
		return true;
	snmplib.snmp_free_pdu(pdu);
	return false;
}

bool session_is_answer(int operation, const netsnmp_session *session)
{
	return operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && session == state.session;
}

/* It may be that the socket is for a group that was not the socket's, or had none, when this
 * process had the power to join it. */
static void look_for_group(void)
{
	gid_t groups[NGROUPS_MAX];
	int count = getgroups(NGROUPS_MAX, groups);
	struct stat status;

	if (!state.path || stat(state.path, &status) < 0 || !(status.st_mode & S_IWGRP) ||
		status.st_gid == getegid())
		return;
	for (int i = 0; i < count; i++) {
		if (groups[i] == status.st_gid)
			return;
	}
	state.events->group(state.events->context, status.st_gid);
}

static void complain(int error)
{
	const char *advice = "";

	if (error == -EACCES)
		look_for_group();
	if (state.complaint == error)
		return;
	state.complaint = error;
	if (error == -EACCES)
		advice = " (snmpd.conf: agentXPerms 0660 0755 USER GROUP)";
	else if (error == -EAGAIN || error == -ETIMEDOUT)
		advice = " (it is there but stopped or too busy to answer)";
	else if (error == -EPROTO)
		advice = " (what listens there does not speak AgentX)";
	else if (error == -ENOENT || error == -ECONNREFUSED)
		advice = " (is snmpd running, with `master agentx`?)";
	log_message(LOG_WARNING, "no AgentX master at %s: %s%s; trying again", state.address,
		strerror(-error), advice);
}

/* The library attaches when it believes that its configuration was read.  `error`: what to complain
 * of if it does not. */
static void open_session(int error)
{
	snmplib.snmp_call_callbacks(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG, NULL);
	transport_discard();
	if (!state.session) {
		complain(error);
		return;
	}
	state.session->timeout = CALL_TIMEOUT_US;
	state.complaint = 0;
	uptime_forget(&state.uptime);
	uptime_heard(&state.uptime, clock_now(), (uint32_t)snmplib.netsnmp_get_agent_uptime());
	state.next_ping =
		0; /* the sooner there is a second answer about its sysUpTime, the better */
	log_message(LOG_NOTICE, "attached to the AgentX master at %s", state.address);
	state.events->attached(state.events->context);
}

/* One of us, and of the master, at a time: nothing here waits. */
static void attach_local(uint64_t now)
{
	bool due = now >= state.next_attempt;
	int error;

	if (!state.asked && !due)
		return;
	error = state.asked ? transport_proceed()
			    : transport_connect(state.path, MASTER_TIMEOUT_S, DESCRIPTION);
	if (!error && !state.asked) {
		state.asked = now;
		return;
	}
	if (state.asked && error == -EAGAIN) {
		if (!transport_replaced(state.path) && now - state.asked < OPEN_WITHIN)
			return;
		error = -ETIMEDOUT;
	}
	state.asked = 0;
	state.next_attempt = now + RETRY_PERIOD;
	if (!error) {
		open_session(-EPROTO);
		return;
	}
	transport_discard();
	complain(error);
}

static void attach_remote(uint64_t now)
{
	if (now < state.next_attempt)
		return;
	state.events->patience(state.events->context, ATTACH_PATIENCE_MS);
	open_session(-ECONNREFUSED);
	state.next_attempt = clock_now() + REMOTE_PERIOD;
}

static int on_pong(
	int operation, netsnmp_session *session, int request, netsnmp_pdu *pdu, void *magic)
{
	if (operation == NETSNMP_CALLBACK_OP_TIMED_OUT && session == state.session)
		session_drop("it does not answer");
	if (!session_is_answer(operation, session))
		return 1;
	state.pinging = false;
	if (pdu->errstat != SNMP_ERR_NOERROR)
		session_drop("it no longer knows this session");
	else
		uptime_heard(&state.uptime, clock_now(), (uint32_t)pdu->time);
	return 1;
}

/* Finds out whether the master still knows the session, and what its sysUpTime is. */
static void ping(void)
{
	netsnmp_pdu *pdu = snmplib.snmp_pdu_create(AGENTX_PING);

	if (!pdu)
		return;
	pdu->flags |= UCD_MSG_FLAG_PDU_TIMEOUT;
	pdu->time = ANSWER_WITHIN;
	state.pinging = session_send(pdu, on_pong, NULL);
}

/* Whoever takes the master's place while the folder is not watched is found by looking. */
static void look_for_another(uint64_t now)
{
	if (now < state.next_look)
		return;
	state.looked = now;
	state.next_look = now + (socketwatch_watch(state.path) ? LOOK_PERIOD : RETRY_PERIOD);
	if (transport_replaced(state.path))
		session_drop("another one has taken its place");
}

static uint64_t tick_attached(uint64_t now)
{
	uint64_t due = UINT64_MAX;

	if (state.path) {
		look_for_another(now);
		due = state.next_look;
	}
	if (!state.pinging && now >= state.next_ping) {
		state.next_ping = now + PING_PERIOD;
		ping();
	}
	return !state.pinging && state.next_ping < due ? state.next_ping : due;
}

uint64_t session_tick(uint64_t now)
{
	if (socketwatch_fd() >= 0 && socketwatch_heard()) {
		state.next_look = state.looked + RETRY_PERIOD;
		state.next_attempt = 0;
	}
	if (!state.session && state.path)
		attach_local(now);
	else if (!state.session)
		attach_remote(now);
	return state.session ? tick_attached(now) : now + RETRY_PERIOD;
}

int session_fd(void)
{
	return transport_fd();
}

netsnmp_session *session_get(void)
{
	return state.session;
}

const char *session_address(void)
{
	return state.address;
}

int session_problem(void)
{
	return state.complaint;
}

int64_t session_master_began(void)
{
	return state.uptime.began;
}

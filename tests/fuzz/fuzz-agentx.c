/* SPDX-License-Identifier: ISC */
/* A hostile AgentX master: whatever it says, on a session that it has agreed to or in place of
 * agreeing, must not hurt the subagent.  Transport, session, registrations, answers and the parser
 * of net-snmp are the real ones, the master is at the other end of a real socket.
 *
 * The first octet: bit 0, the session is agreed to as it should be before the rest is said; bit 1,
 * it is said all at once, instead of one PDU after the other. */
#include "agent/conf/load.h"
#include "agent/core/imagebuilder.h"
#include "agent/snmp/accepted.h"
#include "agent/snmp/answer.h"
#include "agent/snmp/direct.h"
#include "agent/snmp/mib.h"
#include "agent/snmp/openpdu.h"
#include "agent/snmp/registration.h"
#include "agent/snmp/session.h"
#include "agent/snmp/set.h"
#include "agent/snmp/transport.h"
#include "lib/clock.h"
#include "lib/image.h"
#include "lib/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROWS  5
#define TURNS 30

static struct {
	struct mib mib;
	struct corelink core;
	char folder[32];
	struct sockaddr_un address;
	int listener;
	uint64_t now; /* the session's clock, a second further at each turn */
} fuzz = {.core = {.end = -1}, .address = {.sun_family = AF_UNIX}, .listener = -1};

static int no_core(int timeout_ms)
{
	return -ETIMEDOUT;
}

static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
	netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct mib_source source = {.now = clock_now(), .master_began = session_master_began()};
	const struct mib_module *module = mib_modules;

	while (snmp_oid_compare(registration->rootoid, registration->rootoid_len, module->root,
		       module->root_length) != 0)
		module++;
	index_refresh(fuzz.mib.index, source.now);
	if (info->mode != MODE_GET && info->mode != MODE_GETNEXT)
		set_handle(&fuzz.mib, module, &fuzz.core, info->mode, (long)info->asp->pdu->transid,
			info, requests);
	else
		answer_requests(
			&fuzz.mib, module, &source, info->mode == MODE_GETNEXT, info, requests);
	return SNMP_ERR_NOERROR;
}

static size_t answer_directly(
	void *context, const uint8_t *pdu, size_t length, uint8_t *answer, size_t size)
{
	struct direct direct = {
		.mib = &fuzz.mib,
		.source = {.now = clock_now(), .master_began = session_master_began()},
		.context = "",
	};

	if (!session_get())
		return 0;
	direct.session = (uint32_t)session_get()->sessid;
	index_refresh(fuzz.mib.index, direct.source.now);
	return direct_answer(&direct, pdu, length, answer, size);
}

static void on_attached(void *context)
{
	registration_begin();
}

static void on_detached(void *context)
{
	set_abandon(&fuzz.core);
}

static void on_patience(void *context, uint32_t milliseconds)
{
}

static void on_group(void *context, gid_t group)
{
}

static void remove_socket(void)
{
	unlink(fuzz.address.sun_path);
	rmdir(fuzz.folder);
}

static void listen_somewhere(void)
{
	strcpy(fuzz.folder, "/tmp/fuzz-agentx-XXXXXX");
	if (!mkdtemp(fuzz.folder))
		abort();
	snprintf(fuzz.address.sun_path, sizeof(fuzz.address.sun_path), "%s/x", fuzz.folder);
	fuzz.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fuzz.listener < 0 ||
		bind(fuzz.listener, (struct sockaddr *)&fuzz.address, sizeof(fuzz.address)) < 0 ||
		listen(fuzz.listener, 1) < 0)
		abort();
}

/* What the rows are of: addresses in and out of service, a group, static parts, trackers. */
static const char text[] =
	"global_defs {\n router_id node\n script_user root root\n}\n"
	"static_ipaddress { 10.9.0.1/24 dev eth1 }\n"
	"static_routes { 10.20.0.0/16 via 10.9.0.2 dev eth1 }\n"
	"static_rules { from 10.50.0.0/16 table 77 preference 400 }\n"
	"vrrp_script alive { script \"/bin/true alive\"\n }\n"
	"vrrp_sync_group both { group { A C }\n notify_master /bin/true root\n }\n"
	"vrrp_instance A {\n interface eth0\n virtual_router_id 1\n"
	" virtual_ipaddress { 192.0.2.1/24\n 192.0.2.9/24\n 192.0.2.2/24 admin_state down }\n"
	" virtual_routes { 10.30.0.0/16 via 192.0.2.9 }\n"
	" track_interface { eth2 }\n track_script { alive }\n notify /bin/true root\n}\n"
	"vrrp_instance B {\n interface eth0\n virtual_router_id 2\n native_ipv6\n"
	" virtual_ipaddress { fe80::2/64\n 2001:db8::2/64 }\n}\n"
	"vrrp_instance C {\n interface eth0\n virtual_router_id 3\n"
	" virtual_ipaddress { 192.0.2.3/24 }\n"
	" virtual_ipaddress_excluded { 192.0.2.33/24 }\n}\n"
	"vrrp_instance D {\n interface eth0\n virtual_router_id 4\n native_ipv6\n"
	" virtual_ipaddress { fe80::4/64 }\n}\n"
	"vrrp_instance E {\n interface eth0\n virtual_router_id 5\n"
	" virtual_ipaddress { 192.0.2.5/24 }\n}\n";

static void accept_image(void)
{
	struct conf_diagnostics diagnostics = {0};
	struct config *config = conf_load_text("fuzz", text, strlen(text), NULL, &diagnostics);
	struct slots *none = slots_new(), *slots;
	int image;

	if (!config || !none) {
		conf_diagnostics_print(&diagnostics, stderr);
		abort();
	}
	slots = slots_plan(none, config);
	image = slots ? image_build_whole(config, slots, 1) : -1;
	if (image < 0 || accepted_take(fuzz.core.accepted, image) < 0)
		abort();
	close(image);
	slots_free(slots);
	slots_free(none);
	config_free(config);
	conf_diagnostics_clear(&diagnostics);
}

static void make_rows(void)
{
	struct board *board;
	int fd;

	board = board_create(STATUS_ROWS, sizeof(union status_row), &fd);
	if (!board)
		abort();
	for (uint32_t slot = 0; slot < ROWS; slot++) {
		union status_row row = {.router = {.used = 1,
						.family = 1 + slot % 2,
						.vrid = (uint8_t)(slot + 1),
						.version = slot % 2 ? 3 : 2,
						.priority = 100,
						.address_octets = slot % 2 ? 16 : 4,
						.interface_index = 2,
						.interface = "eth0"}};

		board_write(board, status_row(slot), &row);
	}
	fuzz.mib.board = board;
	fuzz.mib.index = index_create(board);
	fuzz.core.accepted = accepted_new();
	fuzz.mib.accepted = fuzz.core.accepted;
	fuzz.core.await = no_core;
	accept_image();
}

static void begin(void)
{
	static const struct session_events events = {
		.attached = on_attached,
		.detached = on_detached,
		.patience = on_patience,
		.group = on_group,
	};
	log_open("fuzz", LOG_EMERG);
	listen_somewhere();
	make_rows();
	if (session_init(fuzz.address.sun_path, &events) < 0 || registration_init(NULL, handle) < 0)
		abort();
	registration_serve(IMAGE_SNMP_RFCV3 | IMAGE_SNMP_RFCV2 | IMAGE_SNMP_KEEPALIVED);
	atexit(remove_socket);
}

/* Everything that is there for the library now; false if there was nothing. */
static bool read_once(void)
{
	struct timeval none = {0};
	bool left = false;
	fd_set set;
	int highest = 0;
	int block = 0;
	int ready;
	int fd;

	FD_ZERO(&set);
	snmp_select_info(&highest, &set, &none, &block);
	none = (struct timeval){0};
	ready = select(highest, &set, NULL, NULL, &none);
	if (ready < 0)
		return false;
	fd = transport_session_fd();
	if (fd >= 0) {
		left = transport_serve(answer_directly, NULL, FD_ISSET(fd, &set));
		FD_CLR(fd, &set);
		if (left)
			FD_SET(fd, &set);
	}
	if (ready > 0 || left)
		snmp_read(&set);
	return ready > 0 || left;
}

static void turn(void)
{
	fuzz.now += NSEC_PER_SEC;
	session_tick(fuzz.now);
	if (session_get())
		registration_tick(fuzz.now);
	for (int i = 0; i < TURNS && read_once(); i++)
		;
}

/* What the subagent says is of no interest, but it must not fill the socket. */
static void drain(int master)
{
	uint8_t octets[4096];

	while (recv(master, octets, sizeof(octets), MSG_DONTWAIT) > 0)
		;
}

static void agree(int master)
{
	uint8_t answer[OPENPDU_HEADER + 8] = {1, 18, 0x10, 0, 0, 0, 0, 1, [19] = 8};

	drain(master);
	if (send(master, answer, sizeof(answer), MSG_NOSIGNAL) < 0)
		abort();
	turn();
	if (!session_get())
		abort();
}

static void say(int master, const uint8_t *data, size_t size, bool at_once)
{
	while (size > 0) {
		size_t length = size;

		if (!at_once && size > OPENPDU_HEADER) {
			length = OPENPDU_HEADER + openpdu_u32(data, OPENPDU_AT_LENGTH);
			length = length > size ? size : length;
		}
		drain(master);
		if (send(master, data, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return;
		turn();
		data += length;
		size -= length;
	}
}

/* A new connection of the subagent's; what the last input has left is closed. */
static int meet(void)
{
	int old;

	while ((old = accept4(fuzz.listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(old);
	for (int i = 0; i < TURNS; i++) {
		int master;

		turn();
		master = accept4(fuzz.listener, NULL, NULL, SOCK_CLOEXEC);
		if (master >= 0)
			return master;
	}
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int master;

	if (fuzz.listener < 0)
		begin();
	if (size < 1)
		return 0;
	master = meet();
	if (data[0] & 1)
		agree(master);
	say(master, data + 1, size - 1, data[0] & 2);
	close(master);
	turn();
	turn();
	if (session_get())
		abort();
	return 0;
}

/* SPDX-License-Identifier: ISC */
/* What one turn of the engine asks of the kernel, and what it has read before it believes a
 * deadline, however it was held up.  It runs in the network namespace that network.sh makes: the
 * router on eth0, who speaks to it at peer0. */
#include "lib/board.h"
#include "lib/clock.h"
#include "lib/message.h"
#include "tests/engine/calls.h"
#include "tests/engine/lab.h"
#include "vrrp/net/send.h"
#include "vrrp/net/socket.h"
#include "vrrp/protocol/packet.h"
#include "vrrp/status.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLOT	 7
#define VRID	 51
#define INTERVAL (50 * NSEC_PER_MSEC)
#define PRIORITY 100
#define TURNS	 20

/* Less than what the engine takes for a freeze, if this machine lets go of it in time: so it is
 * tried several times. */
#define A_LITTLE (1200 * NSEC_PER_USEC)
#define TRIES	 4

struct scene {
	struct lab lab;
	struct draft draft;
	int socket; /* the speaker's */
	struct vrrp_send *batch;
	unsigned int test;
	unsigned int failed;
};

static void report(struct scene *scene, bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++scene->test, what);
	fflush(stdout);
	scene->failed += !good;
}

/* ---- The router, and who speaks to it ---- */

static bool start(struct scene *scene)
{
	struct image_address *address;
	struct image_router *router;

	lab_whole(&scene->lab, &scene->draft);
	router = draft_router(&scene->draft, SLOT, "one", "eth0", VRID);
	address = draft_address(&scene->draft, "eth0");
	memcpy(address->address, (const uint8_t[4]){10, 0, 0, 1}, 4);
	address->prefix_length = 32;
	router->priority = PRIORITY;
	router->flags = IMAGE_ROUTER_PREEMPT;
	router->interval = INTERVAL;
	lab_send(&scene->lab, &scene->draft);
	return lab_answer(&scene->lab) == MESSAGE_OK;
}

static void speak(struct scene *scene)
{
	const struct vrrp_address own =
		vrrp_address_make(VRRP_IPV4, (const uint8_t[4]){10, 0, 0, 1});
	const struct vrrp_advert advert = {
		.source = vrrp_address_make(VRRP_IPV4, (const uint8_t[4]){192, 0, 2, 2}),
		.destination = vrrp_address_make(VRRP_IPV4, (const uint8_t[4]){224, 0, 0, 18}),
		.addresses = &own,
		.address_count = 1,
		.interval = INTERVAL,
		.version = 3,
		.vrid = VRID,
		.priority = 200};
	uint8_t message[VRRP_PACKET_MAX];
	ssize_t length = vrrp_packet_encode(&advert, message, sizeof(message));

	vrrp_send_clear(scene->batch);
	vrrp_send_append(scene->batch, (int)if_nametoindex("peer0"), &advert.source,
		&advert.destination, message, (size_t)length);
	if (vrrp_send_flush(scene->batch, scene->socket))
		printf("# not sent: %d\n", vrrp_send_error(scene->batch, 0));
}

static struct status_router row(struct scene *scene)
{
	union status_row content = {0};

	board_read(scene->lab.board, status_row(SLOT), &content);
	return content.router;
}

static bool is_active(void *context)
{
	struct status_router seen = row(context);

	return seen.state == VRRP_STATE_ACTIVE && seen.addresses_set;
}

static bool is_backup(void *context)
{
	speak(context);
	return row(context).state == VRRP_STATE_BACKUP;
}

static void sleep_until(uint64_t time)
{
	const struct timespec until = {
		.tv_sec = (time_t)(time / NSEC_PER_SEC), .tv_nsec = (long)(time % NSEC_PER_SEC)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
		;
}

/* ---- What a turn costs ---- */

static bool have_passed(void *context)
{
	return calls_made().turns >= *(const uint64_t *)context;
}

static void cost(struct scene *scene)
{
	const struct calls before = calls_made();
	uint64_t wanted = before.turns + TURNS;
	bool passed = lab_wait(have_passed, &wanted);
	const struct calls after = calls_made();

	report(scene, passed && after.sends - before.sends == after.turns - before.turns,
		"an Active with nothing to read sends once each turn");
	printf("# %llu turns, %llu reads\n", (unsigned long long)(after.turns - before.turns),
		(unsigned long long)(after.reads - before.reads));
	report(scene, passed && after.reads == before.reads, "and reads nothing");
}

/* ---- Held up ---- */

/* Lets the engine do one turn, which something or its clock has begun, and then all that follow to
 * where its next deadline is due: there it is held again.  Nothing moves while the row is read. */
static struct status_router go_on(struct scene *scene)
{
	calls_hold(CALLS_BY_CLOCK);
	calls_release();
	if (!calls_held())
		printf("# the engine did not get to its next deadline\n");
	return row(scene);
}

/* The engine, a Backup, has woken for its deadline and does not get on until that is `late`. */
static bool hold_backup(struct scene *scene, uint64_t late, bool heard)
{
	const struct timespec spoken = {.tv_nsec = INTERVAL / 4};
	struct status_router before, after;
	bool backup = lab_wait(is_backup, scene), held;

	nanosleep(&spoken, NULL); /* so that the last word has been read */
	calls_hold(CALLS_BY_CLOCK);
	held = calls_held();
	before = row(scene);
	if (heard)
		speak(scene);
	sleep_until(before.last_heard + 3 * INTERVAL + INTERVAL * (256 - PRIORITY) / 256 + late);
	after = go_on(scene);
	calls_release();
	return backup && held && before.state == VRRP_STATE_BACKUP &&
	       after.counters[STATUS_TRANSITIONS] == before.counters[STATUS_TRANSITIONS] + !heard &&
	       after.state == (heard ? VRRP_STATE_BACKUP : VRRP_STATE_ACTIVE) &&
	       after.counters[STATUS_RECEIVED] == before.counters[STATUS_RECEIVED] + heard;
}

/* The same of an Active, with its next advertisement.  Woken by something else, long before, it has
 * to look for itself even if it is in time. */
static bool hold_active(struct scene *scene, enum calls_end end, bool heard)
{
	struct status_router before, after;
	bool active = lab_wait(is_active, scene), held;

	calls_hold(end);
	if (end == CALLS_BY_EVENT)
		lab_new_core(&scene->lab);
	held = calls_held();
	before = row(scene);
	if (heard)
		speak(scene);
	sleep_until(calls_sent_at() + INTERVAL + (end == CALLS_BY_CLOCK ? A_LITTLE : 0));
	after = go_on(scene);
	calls_release();
	return active && held && before.state == VRRP_STATE_ACTIVE &&
	       after.state == (heard ? VRRP_STATE_BACKUP : VRRP_STATE_ACTIVE) &&
	       after.counters[STATUS_SENT] == before.counters[STATUS_SENT] + !heard;
}

static void hold_actives(struct scene *scene, enum calls_end end, bool heard, const char *what)
{
	bool good = true;

	for (int i = 0; i < TRIES; i++)
		good = hold_active(scene, end, heard) && good;
	report(scene, good, what);
}

static void hold_backups(struct scene *scene)
{
	bool good = true;

	for (int i = 0; i < TRIES; i++)
		good = hold_backup(scene, A_LITTLE, true) && good;
	report(scene, good, "a Backup that is a little late reads first");
	report(scene, hold_backup(scene, 3 * INTERVAL, true), "and one that is very late");
	report(scene, hold_backup(scene, A_LITTLE, false), "with nothing to read it takes over");
}

/* A Backup that is left alone, and that this machine lets wake in time. */
static void rehearse(struct scene *scene)
{
	const uint64_t before = calls_probes();
	bool good = true;

	for (int i = 0; i < TRIES && good && calls_probes() == before; i++)
		good = lab_wait(is_backup, scene) && lab_wait(is_active, scene);
	report(scene, good && calls_probes() > before, "a takeover is rehearsed");
}

int main(int argc, char **argv)
{
	static struct scene scene;
	const struct sched_param priority = {.sched_priority = 1};

	if (argc != 2) {
		fprintf(stderr, "usage: %s RUN-DIRECTORY\n", argv[0]);
		return 2;
	}
	/* As the supervisor does; where that is refused, other programs disturb. */
	sched_setscheduler(0, SCHED_RR, &priority);
	scene.socket = vrrp_socket_open(AF_INET, VRRP_IP_PROTOCOL);
	scene.batch = vrrp_send_new(AF_INET, 1);
	lab_start(&scene.lab, argv[1]);
	report(&scene, start(&scene) && lab_wait(is_active, &scene), "a router is Active");
	cost(&scene);
	hold_actives(&scene, CALLS_BY_CLOCK, false, "an Active that is late advertises");
	hold_actives(&scene, CALLS_BY_EVENT, false, "also if something else has woken it");
	hold_actives(&scene, CALLS_BY_CLOCK, true, "one that has another to follow says no word");
	hold_actives(&scene, CALLS_BY_EVENT, true, "nor if something else has woken it");
	hold_backups(&scene);
	rehearse(&scene);
	lab_stop(&scene.lab);
	report(&scene, lab_stopped(&scene.lab), "it stops");
	lab_end(&scene.lab);
	vrrp_send_free(scene.batch);
	close(scene.socket);
	printf("1..%u\n", scene.test);
	return scene.failed != 0;
}

/* SPDX-License-Identifier: ISC */
/* The real engine and the real applier, driven through a hundred thousand transitions while a
 * reader watches.  It runs in the network namespace that churn.sh makes: eth0 for the owners, eth1
 * and its other end peer1 for pairs of ordinary routers that hear each other. */
#include "lib/board.h"
#include "lib/clock.h"
#include "lib/message.h"
#include "tests/engine/allocations.h"
#include "tests/engine/lab.h"
#include "tests/engine/watcher.h"
#include "vrrp/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TRANSITIONS 100000
#define OWNERS	    250
#define HALF	    (OWNERS / 2)
#define KEPT	    80 /* of them, by a smaller configuration */
#define CYCLES	    (TRANSITIONS / OWNERS)

/* Pair i: the backup in slot BACKUPS + i, the active one in slot ACTIVES + i. */
#define PAIRS	 20
#define AH_PAIRS 4 /* of them */
#define BACKUPS	 256
#define ACTIVES	 (BACKUPS + PAIRS)

/* Routers that come, go and change their VRID: two VRIDs for each slot. */
#define GUESTS	   20
#define GUEST_SLOT 320
#define GUEST_VRID 100

#define STEADY_ADVERTS 2000
#define STOPS	       10
#define LAST_SLOTS     (IMAGE_SLOTS - 2 * HALF)

struct churn {
	struct lab lab;
	struct watcher *watcher;
	struct draft draft;
	bool disabled[OWNERS];
	uint8_t guest[GUESTS]; /* its VRID, 0: not there */
	uint32_t random;
	unsigned int test;
	unsigned int failed;
};

static uint32_t draw(struct churn *churn, uint32_t below)
{
	churn->random = churn->random * 1664525u + 1013904223u;
	return (churn->random >> 8) % below;
}

__attribute__((format(printf, 3, 4))) static void report(
	struct churn *churn, bool good, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("%s %u - ", good ? "ok" : "not ok", ++churn->test);
	vprintf(format, arguments);
	putchar('\n');
	fflush(stdout);
	va_end(arguments);
	churn->failed += !good;
}

/* ---- What is configured ---- */

static struct image_router *enter(
	struct churn *churn, uint32_t slot, const char *interface, uint8_t vrid, uint8_t priority)
{
	struct image_router *router = draft_router(&churn->draft, slot, "r", interface, vrid);
	struct image_address *address = draft_address(&churn->draft, interface);
	const uint8_t octets[4] = {10, (uint8_t)(slot >> 8), (uint8_t)slot, 1};

	memcpy(address->address, octets, sizeof(octets));
	address->prefix_length = 32;
	router->priority = priority;
	router->flags = IMAGE_ROUTER_PREEMPT;
	router->interval = 100 * NSEC_PER_MSEC;
	return router;
}

/* The first pairs speak version 2 inside AH, which has no interval below a second. */
static bool uses_ah(uint32_t vrid)
{
	return vrid <= AH_PAIRS;
}

static void use_ah(struct image_router *router)
{
	if (!uses_ah(router->vrid))
		return;
	router->version = 2;
	router->auth = IMAGE_AUTH_AH;
	memcpy(router->auth_data, "s3cr3t", 6);
	router->interval = NSEC_PER_SEC;
}

static void enter_owner(struct churn *churn, uint32_t slot)
{
	struct image_router *router = enter(churn, slot, "eth0", (uint8_t)(slot + 1), 255);

	if (churn->disabled[slot])
		router->flags |= IMAGE_ROUTER_DISABLED;
}

static void enter_backup(struct churn *churn, uint32_t slot, uint32_t vrid)
{
	struct image_router *router =
		enter(churn, slot, "eth1", (uint8_t)vrid, (uint8_t)(1 + draw(churn, 100)));

	/* What its Active advertises, or it would complain of every advertisement. */
	churn->draft.addresses[router->addresses.first].address[1] = ACTIVES >> 8;
	churn->draft.addresses[router->addresses.first].address[2] = (uint8_t)(ACTIVES + vrid - 1);
	use_ah(router);
}

static void enter_guest(struct churn *churn, uint32_t guest)
{
	enter(churn, GUEST_SLOT + guest, "eth1", churn->guest[guest], 255);
}

static bool expected(uint32_t slot, const struct status_router *row)
{
	bool owner = slot < OWNERS;
	bool backup = slot >= BACKUPS && slot < ACTIVES;
	bool active = slot >= ACTIVES && slot < ACTIVES + PAIRS;
	bool guest = slot >= GUEST_SLOT && slot < GUEST_SLOT + GUESTS;
	const char *interface = owner ? "eth0" : active ? "peer1" : "eth1";

	if (row->family != 1 || row->address_count != 1 ||
		row->version != ((backup || active) && uses_ah(row->vrid) ? 2 : 3) ||
		strcmp(row->interface, interface) != 0)
		return false;
	if (owner)
		return row->vrid == slot + 1 && row->priority == 255;
	if (guest)
		return row->priority == 255 && row->vrid >= GUEST_VRID &&
		       row->vrid < GUEST_VRID + 2 * GUESTS;
	return (backup && row->vrid <= PAIRS && row->priority <= 100) ||
	       (active && row->vrid == slot - ACTIVES + 1 && row->priority == 200);
}

/* ---- Sending it ---- */

static bool send_and_wait(struct churn *churn)
{
	lab_send(&churn->lab, &churn->draft);
	return lab_answer(&churn->lab) == MESSAGE_OK;
}

static void enter_pairs(struct churn *churn)
{
	for (uint32_t i = 0; i < PAIRS; i++)
		enter_backup(churn, BACKUPS + i, i + 1);
	for (uint32_t i = 0; i < PAIRS; i++)
		use_ah(enter(churn, ACTIVES + i, "peer1", (uint8_t)(i + 1), 200));
}

static void configure_all(struct churn *churn)
{
	bool good;

	lab_whole(&churn->lab, &churn->draft);
	enter_pairs(churn);
	good = send_and_wait(churn);
	for (uint32_t half = 0; half < 2; half++) {
		lab_delta(&churn->lab, &churn->draft);
		for (uint32_t i = 0; i < HALF; i++)
			enter_owner(churn, half * HALF + i);
		good = send_and_wait(churn) && good;
	}
	report(churn, good, "a whole image and deltas are accepted");
}

/* A guest that is there goes, one that is not comes, with another VRID than before. */
static void change_guests(struct churn *churn)
{
	for (uint32_t i = 0; i < GUESTS; i++) {
		if (churn->guest[i] && draw(churn, 2)) {
			churn->guest[i] = 0;
			draft_remove(&churn->draft, GUEST_SLOT + i);
		} else if (draw(churn, 2)) {
			churn->guest[i] = (uint8_t)(GUEST_VRID + 2 * i + (churn->guest[i] + 1) % 2);
			enter_guest(churn, i);
		}
	}
}

static void change_some(struct churn *churn, uint32_t half, bool others)
{
	lab_delta(&churn->lab, &churn->draft);
	for (uint32_t i = half * HALF; i < (half + 1) * HALF; i++) {
		churn->disabled[i] = !churn->disabled[i];
		if (!others)
			enter_owner(churn, i);
	}
	if (!others)
		return;
	for (uint32_t i = half * HALF; i < half * HALF + HALF / 2; i++)
		enter_owner(churn, i);
	for (uint32_t i = 0; i < PAIRS; i += 1 + draw(churn, 3))
		enter_backup(churn, BACKUPS + i, i + 1);
	change_guests(churn);
}

/* The other half of what change_some() with others left for lack of room. */
static void change_rest(struct churn *churn, uint32_t half)
{
	lab_delta(&churn->lab, &churn->draft);
	for (uint32_t i = half * HALF + HALF / 2; i < (half + 1) * HALF; i++)
		enter_owner(churn, i);
}

static bool cycle(struct churn *churn, bool others)
{
	bool good = true;

	for (uint32_t half = 0; half < 2; half++) {
		change_some(churn, half, others);
		good = send_and_wait(churn) && good;
		if (others) {
			change_rest(churn, half);
			good = send_and_wait(churn) && good;
		}
	}
	return good;
}

/* ---- What must hold when it is quiet ---- */

static bool read_row(struct churn *churn, size_t row, union status_row *content)
{
	return board_read(churn->lab.board, row, content) == 0;
}

static uint32_t wished(const struct churn *churn)
{
	uint32_t count = PAIRS;

	for (uint32_t i = 0; i < OWNERS; i++)
		count += !churn->disabled[i];
	for (uint32_t i = 0; i < GUESTS; i++)
		count += churn->guest[i] != 0;
	return count;
}

static bool sums_agree(struct churn *churn)
{
	uint64_t states[VRRP_STATES] = {0};
	union status_row row;

	for (uint32_t slot = 0; slot < IMAGE_SLOTS; slot++) {
		if (!read_row(churn, status_row(slot), &row))
			return false;
		if (row.router.used && row.router.state < VRRP_STATES)
			states[row.router.state]++;
	}
	return read_row(churn, STATUS_ENGINE_ROW, &row) &&
	       memcmp(states, row.engine.routers, sizeof(states)) == 0 &&
	       row.engine.generation == churn->lab.generation &&
	       states[VRRP_STATE_ACTIVE] == wished(churn);
}

static bool is_quiet(void *context)
{
	struct churn *churn = context;

	return sums_agree(churn) && lab_addresses() == wished(churn);
}

/* Every cycle turns all owners over, so that they are all on again after an even number. */
static void churn_on(struct churn *churn)
{
	bool good = true;
	bool quiet = true;

	for (int i = 1; i <= CYCLES; i++) {
		good = cycle(churn, i % 4 == 0) && good;
		if (i % (CYCLES / 4) == 0)
			quiet = lab_wait(is_quiet, churn) && quiet;
		if (i % (CYCLES / 8) == 0)
			lab_new_core(&churn->lab);
	}
	report(churn, good, "every image of %d cycles is accepted, also from a new core", CYCLES);
	report(churn, quiet,
		"when it is quiet the counts are the sums of the rows, and every Active's address "
		"is there");
}

/* ---- Identities that move ---- */

static bool hears(struct churn *churn, uint32_t slot, uint32_t vrid)
{
	union status_row row;

	return read_row(churn, status_row(slot), &row) && row.router.vrid == vrid &&
	       row.router.state == VRRP_STATE_BACKUP && row.router.counters[STATUS_RECEIVED] >= 5;
}

static bool pair_hears(void *context)
{
	return hears(context, BACKUPS, 2) && hears(context, BACKUPS + 1, 1);
}

static bool unswapped_hears(void *context)
{
	return hears(context, BACKUPS, 1) && hears(context, BACKUPS + 1, 2);
}

static void swap(struct churn *churn)
{
	bool good;

	report(churn, lab_wait(unswapped_hears, churn), "Backups hear their Active");
	lab_delta(&churn->lab, &churn->draft);
	enter_backup(churn, BACKUPS, 2);
	enter_backup(churn, BACKUPS + 1, 1);
	good = send_and_wait(churn);
	report(churn, good && lab_wait(pair_hears, churn),
		"two routers that change slots with each other hear their Active");
}

/* A new core sends a whole image, here one that leaves most routers out. */
static void replace_core(struct churn *churn)
{
	bool good;

	change_some(churn, 1, false);
	lab_send(&churn->lab, &churn->draft);
	lab_new_core(&churn->lab);
	lab_whole(&churn->lab, &churn->draft);
	memset(churn->guest, 0, sizeof(churn->guest));
	for (uint32_t i = 0; i < OWNERS; i++) {
		churn->disabled[i] = i >= KEPT;
		if (i < KEPT)
			enter_owner(churn, i);
	}
	enter_pairs(churn);
	lab_send(&churn->lab, &churn->draft);
	good = lab_answer(&churn->lab) == MESSAGE_OK;
	report(churn, good && lab_wait(is_quiet, churn),
		"a core that is replaced while its image is taken in finds the engine ready");
}

/* ---- Allocation ---- */

static uint64_t adverts(struct churn *churn)
{
	uint64_t sum = 0;
	union status_row row;

	for (uint32_t slot = 0; slot < GUEST_SLOT; slot++) {
		if (read_row(churn, status_row(slot), &row))
			sum += row.router.counters[STATUS_SENT] +
			       row.router.counters[STATUS_RECEIVED];
	}
	return sum;
}

struct steady {
	struct churn *churn;
	uint64_t adverts;
};

static bool have_flown(void *context)
{
	struct steady *steady = context;

	return adverts(steady->churn) - steady->adverts >= STEADY_ADVERTS;
}

static void stay_steady(struct churn *churn)
{
	struct steady steady = {churn, adverts(churn)};
	uint64_t before = allocations_of_engine();
	bool flown = lab_wait(have_flown, &steady);
	uint64_t calls = allocations_of_engine() - before;

	report(churn, before > 0 && flown && calls == 0,
		"the engine allocates and frees nothing while %d adverts come and go "
		"(%llu calls, %llu before)",
		STEADY_ADVERTS, (unsigned long long)calls, (unsigned long long)before);
}

/* ---- The end ---- */

static void stop(struct churn *churn)
{
	struct watched seen;
	unsigned int left;
	bool stopped;

	lab_stop(&churn->lab);
	stopped = lab_stopped(&churn->lab);
	left = lab_addresses();
	report(churn, stopped && left == 0,
		"after STOP, STOPPED comes when no address is left (%u)", left);
	watcher_end(churn->watcher, &seen);
	report(churn, seen.transitions + seen.lost >= TRANSITIONS,
		"%llu transitions were seen (%llu events were lost, %llu rounds over the board)",
		(unsigned long long)seen.transitions, (unsigned long long)seen.lost,
		(unsigned long long)seen.rounds);
	report(churn, seen.torn == 0, "every row of the board makes sense (%llu did not)",
		(unsigned long long)seen.torn);
	report(churn, seen.gaps == 0 && seen.breaks == 0,
		"events have no gaps and follow from each other (%llu, %llu)",
		(unsigned long long)seen.gaps, (unsigned long long)seen.breaks);
	report(churn, seen.backwards == 0 && churn->lab.disorder == 0,
		"generation and heartbeat rise, images are answered once and in order (%llu, %llu)",
		(unsigned long long)seen.backwards, (unsigned long long)churn->lab.disorder);
	lab_end(&churn->lab);
}

static bool owners_active(void *context)
{
	struct churn *churn = context;
	union status_row row;

	return read_row(churn, STATUS_ENGINE_ROW, &row) &&
	       row.engine.routers[VRRP_STATE_ACTIVE] == HALF && lab_addresses() == HALF;
}

static bool is_begun(const struct churn *churn, uint64_t generation)
{
	return board_generation(churn->lab.board) != generation;
}

/* The image that is under way takes all the owners away, but only at its end, since their slots are
 * the last: the engine most likely reads STOP between. */
static bool stop_during_intake(struct churn *churn, const char *run_dir)
{
	uint64_t generation;
	bool good;

	lab_start(&churn->lab, run_dir);
	lab_whole(&churn->lab, &churn->draft);
	for (uint32_t i = 0; i < HALF; i++)
		enter(churn, LAST_SLOTS + i, "eth0", (uint8_t)(i + 1), 255);
	good = send_and_wait(churn) && lab_wait(owners_active, churn);
	lab_whole(&churn->lab, &churn->draft);
	for (uint32_t i = 0; i < HALF; i++)
		enter(churn, i, "eth1", (uint8_t)(i + 1), 255);
	generation = board_generation(churn->lab.board);
	lab_send(&churn->lab, &churn->draft);
	for (int tries = 0; tries < 10000000 && !is_begun(churn, generation); tries++)
		;
	lab_stop(&churn->lab);
	good = lab_stopped(&churn->lab) && good;
	lab_end(&churn->lab);
	return good && lab_addresses() == 0;
}

static void stop_often(struct churn *churn, const char *run_dir)
{
	int good = 0;

	while (good < STOPS && stop_during_intake(churn, run_dir))
		good++;
	report(churn, good == STOPS,
		"a STOP that comes while a configuration is taken in stops in order (%d of %d)",
		good, STOPS);
}

int main(int argc, char **argv)
{
	static struct churn churn;

	if (argc != 2) {
		fprintf(stderr, "usage: %s RUN-DIRECTORY\n", argv[0]);
		return 2;
	}
	lab_start(&churn.lab, argv[1]);
	churn.watcher = watcher_start(&churn.lab, expected);
	configure_all(&churn);
	report(&churn, lab_wait(is_quiet, &churn), "every owner is Active and has its address");
	churn_on(&churn);
	swap(&churn);
	stay_steady(&churn);
	replace_core(&churn);
	stop(&churn);
	stop_often(&churn, argv[1]);
	printf("1..%u\n", churn.test);
	return churn.failed != 0;
}

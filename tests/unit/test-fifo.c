/* SPDX-License-Identifier: ISC */
/* From the event ring to a FIFO: lines, readers that are slow or late, and a next life. */
#include "check/notify/fifo.h"
#include "lib/fifonotes.h"
#include "tests/unit/checklab.h"
#include "tests/unit/draft.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define RECORDS 4096
#define PIPE	4096 /* octets that the FIFO holds here */

static struct {
	sd_event *loop;
	struct ring *ring;
	int ring_fd;
	int bookmarks;
	struct scripttable *table;
	struct consumer *consumer;
	struct fifo *fifo;
	struct runlist_entry *notes;
	struct draft draft;
	char text[1 << 20];
} lab;

static void open_fifo(void)
{
	struct consumer *check = consumer_open(lab.ring_fd, lab.bookmarks, CONSUMER_CHECK);

	assert_non_null(check);
	lab.notes = (struct runlist_entry *)consumer_notes(check);
	lab.table = scripttable_create();
	lab.consumer = consumer_open(lab.ring_fd, lab.bookmarks, CONSUMER_FIFO);
	assert_non_null(lab.consumer);
	lab.fifo = fifo_create(lab.loop, IMAGE_FIFO_ALL, lab.consumer, lab.table, lab.notes);
	assert_non_null(lab.fifo);
	consumer_close(check);
}

static int begin(void **state)
{
	lab.ring = ring_create(RECORDS, &lab.ring_fd);
	lab.bookmarks = consumer_bookmarks_create();
	if (!lab.ring || lab.bookmarks < 0 || sd_event_new(&lab.loop) < 0)
		return -1;
	open_fifo();
	draft_begin(&lab.draft, 1, 0);
	draft_string(&lab.draft, "");
	draft_router(&lab.draft, 3, "VI_1", "eth0", 7);
	unlink(lab_path("fifo"));
	lab_log_clear();
	return 0;
}

static void close_fifo(void)
{
	lab.fifo = fifo_free(lab.fifo);
	lab.table = scripttable_free(lab.table);
}

static int end(void **state)
{
	close_fifo();
	lab.loop = sd_event_unref(lab.loop);
	lab.ring = ring_close(lab.ring);
	close(lab.bookmarks);
	return 0;
}

static void apply(bool configured)
{
	struct image *image;
	size_t size;
	void *bytes;

	lab.draft.header.fifos[IMAGE_FIFO_ALL].path =
		configured ? draft_string(&lab.draft, lab_path("fifo")) : 0;
	bytes = draft_bytes(&lab.draft, &size);
	image = image_open_bytes(bytes, size);
	assert_non_null(image);
	assert_int_equal(scripttable_apply(lab.table, image), 0);
	fifo_configure(lab.fifo, image);
	image_close(image);
	free(bytes);
}

static void tell(const struct event *event)
{
	struct event whole = *event;

	whole.slot = 3;
	strcpy(whole.interface, "eth0");
	whole.family = IMAGE_IPV4;
	whole.vrid = 7;
	ring_append(lab.ring, &whole);
}

static void tell_state(uint8_t state, uint8_t priority)
{
	tell(&(struct event){.kind = EVENT_TRANSITION, .new_state = state, .priority = priority});
}

static void pump(void)
{
	fifo_pump(lab.fifo, ring_next(lab.ring));
}

/* What the FIFO holds now. */
static const char *read_fifo(void)
{
	int fd = open(lab_path("fifo"), O_RDONLY | O_NONBLOCK);
	size_t length = 0;
	ssize_t part;

	assert_true(fd >= 0);
	while ((part = read(fd, lab.text + length, sizeof(lab.text) - 1 - length)) > 0)
		length += (size_t)part;
	lab.text[length] = '\0';
	close(fd);
	return lab.text;
}

static void shrink(void)
{
	int fd = open(lab_path("fifo"), O_RDONLY | O_NONBLOCK);

	assert_true(fcntl(fd, F_SETPIPE_SZ, PIPE) > 0);
	close(fd);
}

static void test_lines(void **state)
{
	apply(true);
	tell_state(IMAGE_ON_ACTIVE, 100);
	tell(&(struct event){.kind = EVENT_LOWER_HEARD, .priority = 100});
	tell(&(struct event){.kind = EVENT_PRIORITY, .new_state = IMAGE_ON_ACTIVE, .priority = 9});
	tell(&(struct event){.kind = EVENT_NOTE});
	tell(&(struct event){.kind = EVENT_STATE, .new_state = IMAGE_ON_FAULT, .priority = 1});
	tell(&(struct event){.kind = EVENT_TRANSITION,
		.old_state = IMAGE_ON_BACKUP,
		.reason = EVENT_REASON_REMOVED,
		.priority = 1});
	tell(&(struct event){.kind = EVENT_TRANSITION,
		.old_state = IMAGE_ON_FAULT,
		.reason = EVENT_REASON_REMOVED});
	tell_state(IMAGE_ON_STOP, 2);
	pump();
	assert_string_equal(read_fifo(),
		"INSTANCE \"VI_1\" MASTER 100\nINSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 100\n"
		"INSTANCE \"VI_1\" FAULT 1\nINSTANCE \"VI_1\" FAULT 1\nINSTANCE \"VI_1\" STOP 2\n");
	lab.draft.routers[0].flags |= IMAGE_ROUTER_TELL_PRIORITY | IMAGE_ROUTER_TELL_DELETED;
	apply(true);
	tell(&(struct event){.kind = EVENT_PRIORITY, .new_state = IMAGE_ON_FAULT, .priority = 9});
	tell(&(struct event){.kind = EVENT_TRANSITION,
		.old_state = IMAGE_ON_FAULT,
		.reason = EVENT_REASON_REMOVED});
	pump();
	assert_string_equal(
		read_fifo(), "INSTANCE \"VI_1\" BACKUP_PRIORITY 9\nINSTANCE \"VI_1\" DELETED 0\n");
}

/* What has not been looked at is not told, and what happened before it was configured neither. */
static void test_place(void **state)
{
	apply(false);
	tell_state(IMAGE_ON_BACKUP, 1);
	pump();
	apply(true);
	tell_state(IMAGE_ON_ACTIVE, 2);
	tell_state(IMAGE_ON_FAULT, 3);
	fifo_pump(lab.fifo, ring_next(lab.ring) - 1);
	assert_string_equal(read_fifo(), "INSTANCE \"VI_1\" MASTER 2\n");
	pump();
	assert_string_equal(read_fifo(), "INSTANCE \"VI_1\" FAULT 3\n");
}

static bool is_told(void *count)
{
	read_fifo();
	for (const char *at = lab.text; (at = strchr(at, '\n')); at++)
		--*(int *)count;
	return *(int *)count <= 0;
}

/* Beyond what the FIFO and the ring hold, events are lost: as many as are said to be. */
static void test_nobody_reads(void **state)
{
	const int events = 2 * RECORDS;
	uint64_t lost;
	int left;

	apply(true);
	shrink();
	for (int i = 0; i < events; i++) {
		tell_state(IMAGE_ON_BACKUP, 100);
		pump();
	}
	lost = consumer_lost(lab.consumer);
	assert_true(lost > 0);
	lab_expect_log("its reader is too slow, or there is none");
	left = events - (int)lost;
	assert_true(lab_turn(lab.loop, is_told, &left, 20000));
	assert_int_equal(left, 0);
	assert_int_equal(consumer_lost(lab.consumer), lost);
	assert_int_equal(consumer_notes(lab.consumer)[FIFO_NOTE_WRITTEN], events - lost);
}

/* Killed with events in the FIFO and behind it: the next life goes on with the next line. */
static void test_next_life(void **state)
{
	int left = 1000;

	apply(true);
	shrink();
	for (int i = 0; i < left; i++)
		tell_state(IMAGE_ON_BACKUP, (uint8_t)(i % 251));
	pump();
	read_fifo();
	for (const char *at = lab.text; (at = strchr(at, '\n')); at++)
		left--;
	close_fifo();
	open_fifo();
	apply(true);
	pump();
	assert_true(lab_turn(lab.loop, is_told, &left, 20000));
	assert_int_equal(left, 0);
	lab_expect_not_in_log("lost");
}

static bool is_done(void *context)
{
	return fifo_is_done(lab.fifo);
}

/* Stopped for a successor, configured or not: that one goes on, with the same file. */
static void test_successor(void **state)
{
	struct stat before, after;

	apply(false);
	tell_state(IMAGE_ON_BACKUP, 1);
	pump();
	fifo_stop(lab.fifo, true);
	close_fifo();
	open_fifo();
	apply(true);
	assert_int_equal(stat(lab_path("fifo"), &before), 0);
	tell_state(IMAGE_ON_BACKUP, 2);
	fifo_stop(lab.fifo, true);
	assert_true(lab_turn(lab.loop, is_done, NULL, 20000));
	close_fifo();
	assert_int_equal(stat(lab_path("fifo"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	open_fifo();
	apply(true);
	tell_state(IMAGE_ON_BACKUP, 3);
	pump();
	assert_string_equal(read_fifo(), "INSTANCE \"VI_1\" BACKUP 3\n");
	fifo_stop(lab.fifo, false);
	assert_int_equal(stat(lab_path("fifo"), &after), -1);
}

static void test_file(void **state)
{
	struct stat status;
	FILE *file;

	lab.draft.header.fifos[IMAGE_FIFO_ALL].uid = 1;
	lab.draft.header.fifos[IMAGE_FIFO_ALL].gid = 2;
	apply(true);
	assert_int_equal(stat(lab_path("fifo"), &status), 0);
	assert_int_equal(status.st_mode, S_IFIFO | 0600);
	assert_int_equal(status.st_uid, 1);
	assert_int_equal(status.st_gid, 2);
	apply(false);
	assert_int_equal(stat(lab_path("fifo"), &status), -1);

	assert_int_equal(mkfifo(lab_path("fifo"), 0640), 0);
	apply(true);
	apply(false);
	assert_int_equal(stat(lab_path("fifo"), &status), 0);
	assert_int_equal(status.st_uid, 0);
	assert_int_equal(status.st_mode, S_IFIFO | 0640);
	unlink(lab_path("fifo"));

	file = fopen(lab_path("fifo"), "w");
	fclose(file);
	apply(true);
	tell_state(IMAGE_ON_ACTIVE, 1);
	pump();
	lab_expect_log("something is there that is no FIFO");
	assert_int_equal(stat(lab_path("fifo"), &status), 0);
	assert_int_equal(status.st_size, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines),
		TEST(place),
		TEST(nobody_reads),
		TEST(next_life),
		TEST(successor),
		TEST(file),
	};

	lab_need_root();
	return cmocka_run_group_tests(tests, lab_set_up, lab_tear_down);
}

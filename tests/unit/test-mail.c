/* SPDX-License-Identifier: ISC */
/* The queue of mails: what a failure costs, while the program runs and at its end.  The processes
 * that send are played here. */
#include "check/mail/mail.h"
#include "check/mail/sender.h"
#include "lib/mailnotes.h"
#include "tests/unit/checklab.h"
#include "tests/unit/draft.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RECORDS 4096
#define ROUTERS 3
#define STATE	1 /* any that mail tells of */

/* The one under way, and the names of all that were begun. */
struct sender {
	sender_ended ended;
	void *context;
};

static struct {
	sd_event *loop;
	struct ring *ring;
	int ring_fd;
	int bookmarks;
	struct scripttable *table;
	struct consumer *consumer;
	struct mail *mail;
	struct draft draft;
	struct sender sender;
	char begun[256];
	int start_error;
	bool powerless;
} lab;

bool delivery_is_possible(void)
{
	return !lab.powerless;
}

int sender_start(struct sender **sender, sd_event *loop, const struct delivery *delivery,
	sender_ended ended, void *context)
{
	assert_null(lab.sender.ended);
	strcat(strcat(lab.begun, delivery->name), " ");
	if (lab.start_error)
		return lab.start_error;
	lab.sender = (struct sender){ended, context};
	*sender = &lab.sender;
	return 0;
}

struct sender *sender_abandon(struct sender *sender)
{
	lab.sender.ended = NULL;
	return NULL;
}

/* The attempt that is under way ends. */
static void answer(enum delivery_outcome outcome)
{
	struct sender now = lab.sender;

	assert_non_null(now.ended);
	lab.sender.ended = NULL;
	now.ended(now.context, outcome, outcome == DELIVERY_LATER ? "451 not now" : "");
}

static uint64_t noted(enum mail_note which)
{
	return consumer_notes(lab.consumer)[which];
}

static void open_mail(void)
{
	lab.table = scripttable_create();
	lab.consumer = consumer_open(lab.ring_fd, lab.bookmarks, CONSUMER_MAIL);
	assert_non_null(lab.consumer);
	lab.mail = mail_create(lab.loop, lab.consumer, lab.table);
	assert_non_null(lab.mail);
	lab.begun[0] = '\0';
}

static void apply(void)
{
	struct image *image;
	size_t size;
	void *bytes = draft_bytes(&lab.draft, &size);

	image = image_open_bytes(bytes, size);
	assert_non_null(image);
	assert_int_equal(scripttable_apply(lab.table, image), 0);
	assert_int_equal(mail_image(lab.mail, image), 0);
	image_close(image);
	free(bytes);
}

static int begin(void **state)
{
	static const char *const names[ROUTERS] = {"one", "two", "three"};
	struct image_mail *mail = &lab.draft.header.mail;

	memset(&lab, 0, sizeof(lab));
	lab.ring = ring_create(RECORDS, &lab.ring_fd);
	lab.bookmarks = consumer_bookmarks_create();
	if (!lab.ring || lab.bookmarks < 0 || sd_event_new(&lab.loop) < 0)
		return -1;
	draft_begin(&lab.draft, 1, 0);
	draft_string(&lab.draft, "");
	for (uint32_t i = 0; i < ROUTERS; i++)
		draft_router(&lab.draft, i, names[i], "eth0", (uint8_t)(i + 1))->shown |=
			IMAGE_SHOWN_ALERT;
	mail->server = draft_string(&lab.draft, "192.0.2.25");
	mail->port = 25;
	mail->recipients = draft_string(&lab.draft, "root@localhost");
	mail->recipient_count = 1;
	mail->words[STATE] = draft_string(&lab.draft, "MASTER");
	lab_log_clear();
	return 0;
}

static void close_mail(void)
{
	lab.mail = mail_free(lab.mail);
	lab.table = scripttable_free(lab.table);
	consumer_close(lab.consumer);
}

static int end(void **state)
{
	lab.loop = sd_event_unref(lab.loop);
	lab.ring = ring_close(lab.ring);
	close(lab.ring_fd);
	close(lab.bookmarks);
	return 0;
}

static void tell_all(void)
{
	for (uint32_t i = 0; i < ROUTERS; i++) {
		struct event event = {.kind = EVENT_TRANSITION,
			.slot = i,
			.family = IMAGE_IPV4,
			.vrid = (uint8_t)(i + 1),
			.new_state = STATE};

		strcpy(event.interface, "eth0");
		ring_append(lab.ring, &event);
	}
	mail_pump(lab.mail);
}

static void test_a_failure_holds_up_the_queue(void **state)
{
	open_mail();
	apply();
	tell_all();
	answer(DELIVERY_LATER);
	assert_string_equal(lab.begun, "one ");
	assert_int_equal(noted(NOTE_MAIL_WAITING), 3);
	assert_int_equal(noted(NOTE_MAIL_FAILED), 1);
	close_mail();
	lab_expect_log("although 3 mails have not been sent");
}

/* Each is tried once: what is wrong with one, or with the server for a moment, costs no other. */
static void test_each_is_tried_at_the_end(void **state)
{
	open_mail();
	apply();
	tell_all();
	mail_stop(lab.mail, false);
	assert_false(mail_idle(lab.mail));
	answer(DELIVERY_LATER);
	assert_string_equal(lab.begun, "one two ");
	assert_false(mail_idle(lab.mail));
	answer(DELIVERY_DONE);
	answer(DELIVERY_LATER);
	assert_string_equal(lab.begun, "one two three ");
	assert_true(mail_idle(lab.mail));
	assert_int_equal(noted(NOTE_MAIL_SENT), 1);
	assert_int_equal(noted(NOTE_MAIL_LOST), 2);
	assert_int_equal(noted(NOTE_MAIL_WAITING), 0);
	close_mail();
	lab_expect_log("one: a mail was lost: 451 not now (1 in all)");
	lab_expect_log("although 2 mails have not been sent");
}

/* Also those that wait for the next attempt. */
static void test_a_pause_ends_with_the_program(void **state)
{
	open_mail();
	apply();
	tell_all();
	answer(DELIVERY_LATER);
	mail_stop(lab.mail, false);
	for (int i = 0; i < ROUTERS; i++)
		answer(DELIVERY_DONE);
	assert_string_equal(lab.begun, "one one two three ");
	assert_true(mail_idle(lab.mail));
	close_mail();
	lab_expect_not_in_log("have not been sent");
}

static void test_no_process_can_be_made_at_the_end(void **state)
{
	open_mail();
	apply();
	lab.start_error = -EAGAIN;
	mail_stop(lab.mail, false);
	tell_all();
	assert_string_equal(lab.begun, "one two three ");
	assert_true(mail_idle(lab.mail));
	assert_int_equal(noted(NOTE_MAIL_LOST), 3);
	close_mail();
}

/* The next program finds in the ring what this one could not send. */
static void test_a_successor_is_left_what_failed(void **state)
{
	open_mail();
	apply();
	tell_all();
	mail_stop(lab.mail, true);
	answer(DELIVERY_DONE);
	answer(DELIVERY_LATER);
	assert_string_equal(lab.begun, "one two ");
	assert_true(mail_idle(lab.mail));
	assert_int_equal(noted(NOTE_MAIL_LOST), 0);
	close_mail();
	lab_expect_not_in_log("have not been sent");

	open_mail();
	apply();
	assert_string_equal(lab.begun, "two ");
	answer(DELIVERY_DONE);
	answer(DELIVERY_DONE);
	assert_string_equal(lab.begun, "two three ");
	assert_int_equal(noted(NOTE_MAIL_SENT), 3);
	close_mail();
}

/* It is said once, before there is a mail; they wait for a process that may. */
static void test_a_process_without_the_power_to_send(void **state)
{
	lab.powerless = true;
	open_mail();
	apply();
	lab_expect_log("mail can't be sent, and waits: user 65534");
	lab_log_clear();
	tell_all();
	lab.draft.header.generation++;
	apply();
	assert_string_equal(lab.begun, "");
	assert_int_equal(noted(NOTE_MAIL_WAITING), 3);
	assert_int_equal(noted(NOTE_MAIL_FAILED), 1);
	mail_stop(lab.mail, true);
	assert_true(mail_idle(lab.mail));
	close_mail();
	lab_expect_not_in_log("can't be sent");

	lab.powerless = false;
	open_mail();
	apply();
	for (int i = 0; i < ROUTERS; i++)
		answer(DELIVERY_DONE);
	assert_string_equal(lab.begun, "one two three ");
	assert_int_equal(noted(NOTE_MAIL_FAILED), 0);
	close_mail();
}

static void test_nothing_is_said_where_no_mail_is_configured(void **state)
{
	lab.powerless = true;
	lab.draft.header.mail.server = 0;
	open_mail();
	apply();
	close_mail();
	lab_expect_not_in_log("can't be sent");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_failure_holds_up_the_queue),
		TEST(each_is_tried_at_the_end),
		TEST(a_pause_ends_with_the_program),
		TEST(no_process_can_be_made_at_the_end),
		TEST(a_successor_is_left_what_failed),
		TEST(a_process_without_the_power_to_send),
		TEST(nothing_is_said_where_no_mail_is_configured),
	};

	lab_need_root();
	return cmocka_run_group_tests_name("mail", tests, lab_set_up, lab_tear_down);
}

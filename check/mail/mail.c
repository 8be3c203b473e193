/* SPDX-License-Identifier: ISC */
#include "check/mail/mail.h"

#include "check/config/eventreader.h"
#include "check/mail/delivery.h"
#include "check/mail/mailsettings.h"
#include "check/mail/sender.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mailnotes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#define USEC_PER_MSEC (NSEC_PER_MSEC / NSEC_PER_USEC)

struct letter {
	TAILQ_ENTRY(letter) turn;
	uint64_t number; /* of the event */
	uint64_t at;	 /* when it happened, ns of CLOCK_MONOTONIC */
	uint8_t state;	 /* enum vrrp_state */
	bool group;
	char name[];
};

struct mail {
	sd_event *loop;
	struct consumer *consumer;
	const struct scripttable *table;
	struct mailsettings *settings; /* NULL before the first image */
	TAILQ_HEAD(, letter) letters;  /* the first is under way, if one is */
	unsigned int waiting;
	struct sender *sender; /* under way */
	struct eventreader events;
	sd_event_source *retry;
	uint64_t delay_ms; /* from the last failure to the next attempt, 0: none has failed */
	bool resting;	   /* until then */
	bool powerless;	   /* this process can't send any: they wait for the next one */
	bool told;	   /* that */
	bool stopping;
	bool succeeded;	       /* stopping: another program sends what is left */
	bool ended;	       /* stopping, and nothing is tried any more */
	unsigned int given_up; /* stopping: tried without success */
};

static void send_first(struct mail *mail);

static void note(struct mail *mail, enum mail_note which, uint64_t count)
{
	consumer_notes(mail->consumer)[which] += count;
}

static void settle(struct mail *mail)
{
	const struct letter *first = TAILQ_FIRST(&mail->letters);

	consumer_done_before(
		mail->consumer, first ? first->number : eventreader_place(&mail->events));
	consumer_notes(mail->consumer)[NOTE_MAIL_WAITING] = mail->waiting;
	if (mail->powerless && mail->waiting && !consumer_notes(mail->consumer)[NOTE_MAIL_FAILED])
		note(mail, NOTE_MAIL_FAILED, 1);
}

static bool is_configured(const struct mail *mail)
{
	return mail->settings && mail->settings->server && mail->settings->to_count;
}

static void drop(struct mail *mail, struct letter *letter)
{
	TAILQ_REMOVE(&mail->letters, letter, turn);
	mail->waiting--;
	free(letter);
}

/* Told when it has happened 1, 2, 4, ... times. */
static void lose(struct mail *mail, struct letter *letter, const char *why)
{
	uint64_t count;

	note(mail, NOTE_MAIL_LOST, 1);
	count = consumer_notes(mail->consumer)[NOTE_MAIL_LOST];
	if ((count & (count - 1)) == 0)
		log_message(LOG_ERR, "%s: a mail was lost: %s (%llu in all)", letter->name, why,
			(unsigned long long)count);
	drop(mail, letter);
}

static const char *word_of(const struct mail *mail, const struct letter *letter)
{
	return letter->state < IMAGE_MAIL_STATES ? mail->settings->words[letter->state] : NULL;
}

static void set_timer(sd_event_source *timer, uint64_t ms)
{
	sd_event_source_set_time_relative(timer, ms * USEC_PER_MSEC);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static void try_later(struct mail *mail, const char *name, const char *text)
{
	_Atomic uint64_t *failed = &consumer_notes(mail->consumer)[NOTE_MAIL_FAILED];
	uint64_t count = ++*failed;

	mail->delay_ms = mail->delay_ms ? 2 * mail->delay_ms : MAIL_RETRY_MIN_MS;
	if (mail->delay_ms > MAIL_RETRY_MAX_MS)
		mail->delay_ms = MAIL_RETRY_MAX_MS;
	if ((count & (count - 1)) == 0)
		log_message(LOG_WARNING,
			"%s: mail can't be sent: %s; trying again in %llu s (%u mails wait)", name,
			text, (unsigned long long)(mail->delay_ms / 1000), mail->waiting);
	mail->ended = mail->stopping;
	mail->resting = !mail->ended;
	if (mail->resting)
		set_timer(mail->retry, mail->delay_ms);
}

/* What the server does to one at the end says nothing about the next, and there is no later. */
static void on_failure(struct mail *mail, struct letter *letter, const char *text)
{
	if (!mail->stopping || mail->succeeded) {
		try_later(mail, letter->name, text);
		return;
	}
	mail->given_up++;
	lose(mail, letter, text);
}

static void on_ended(void *context, enum delivery_outcome outcome, const char *text)
{
	struct mail *mail = context;
	struct letter *letter = TAILQ_FIRST(&mail->letters);

	mail->sender = NULL;
	if (outcome == DELIVERY_LATER) {
		on_failure(mail, letter, text);
		send_first(mail);
		settle(mail);
		return;
	}
	mail->delay_ms = 0;
	consumer_notes(mail->consumer)[NOTE_MAIL_FAILED] = 0;
	if (outcome == DELIVERY_REFUSED) {
		note(mail, NOTE_MAIL_REFUSED, 1);
		log_message(LOG_ERR, "%s: the mail server refused a mail, which is given up: %s",
			letter->name, text);
	} else {
		note(mail, NOTE_MAIL_SENT, 1);
		if (*text)
			log_message(LOG_WARNING,
				"%s: a mail was sent, but not to everybody, or not as asked: %s",
				letter->name, text);
		log_message(LOG_DEBUG, "%s: a mail was sent", letter->name);
	}
	drop(mail, letter);
	send_first(mail);
	settle(mail);
}

static time_t wall_clock(uint64_t at)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - (time_t)((clock_now() - at) / NSEC_PER_SEC);
}

/* What is too old, or what nobody wants to be told any more. */
static void sort_out(struct mail *mail)
{
	struct letter *letter;

	while ((letter = TAILQ_FIRST(&mail->letters))) {
		if (!is_configured(mail) || !word_of(mail, letter))
			lose(mail, letter, "the configuration does not ask for it any more");
		else if (clock_now() > letter->at &&
			 clock_now() - letter->at > MAIL_AGE_MAX_S * NSEC_PER_SEC)
			lose(mail, letter, "no server has taken it for a day");
		else
			return;
	}
}

static int begin(struct mail *mail, const struct letter *letter)
{
	const struct delivery delivery = {.settings = mail->settings,
		.name = letter->name,
		.word = word_of(mail, letter),
		.group = letter->group,
		.at = wall_clock(letter->at),
		.moment = letter->at,
		.number = letter->number};

	return sender_start(&mail->sender, mail->loop, &delivery, on_ended, mail);
}

static void send_first(struct mail *mail)
{
	struct letter *letter;
	int error;

	while (!mail->sender && !mail->ended) {
		sort_out(mail);
		letter = TAILQ_FIRST(&mail->letters);
		if (!letter || mail->powerless || (mail->resting && !mail->stopping))
			return;
		error = begin(mail, letter);
		if (error)
			on_failure(mail, letter, strerror(-error));
	}
}

static void enqueue(struct mail *mail, const struct instance *instance, const struct event *event,
	uint64_t number)
{
	struct letter *letter = TAILQ_FIRST(&mail->letters);

	if (mail->waiting >= MAIL_QUEUE_MAX)
		lose(mail, mail->sender ? TAILQ_NEXT(letter, turn) : letter, "too many wait");
	letter = calloc(1, sizeof(*letter) + strlen(instance->name) + 1);
	if (!letter) {
		note(mail, NOTE_MAIL_LOST, 1);
		log_message(LOG_ERR, "%s: a mail was lost: no memory", instance->name);
		return;
	}
	strcpy(letter->name, instance->name);
	letter->group = instance->is_group;
	letter->number = number;
	letter->at = event->at;
	letter->state = event->new_state;
	TAILQ_INSERT_TAIL(&mail->letters, letter, turn);
	mail->waiting++;
}

/* False: the event waits for an image. */
static bool take(void *context, const struct event *event, uint64_t number)
{
	struct mail *mail = context;
	const struct instance *instance;

	if (event->kind != EVENT_TRANSITION && event->kind != EVENT_GROUP)
		return true;
	if (!is_configured(mail) || event->new_state >= IMAGE_MAIL_STATES ||
		!mail->settings->words[event->new_state])
		return true;
	instance = scripttable_find(mail->table, event);
	if (!instance)
		return eventreader_is_impatient(&mail->events);
	if (instance->alert)
		enqueue(mail, instance, event, number);
	return true;
}

static void on_lost(void *context, uint64_t count)
{
	if (is_configured(context))
		log_message(LOG_ERR,
			"%llu events were overwritten before they were read: mails about "
			"transitions among them were not sent",
			(unsigned long long)count);
}

void mail_pump(struct mail *mail)
{
	if (!mail->settings)
		return;
	eventreader_read(&mail->events);
	send_first(mail);
	settle(mail);
	eventreader_go_on(&mail->events);
}

static void tell_powerless(struct mail *mail)
{
	if (!mail->powerless || mail->told || !is_configured(mail))
		return;
	mail->told = true;
	log_message(LOG_ERR,
		"mail can't be sent, and waits: user %d, who each is sent as, can't be become "
		"without CAP_SETUID and CAP_SETGID (under systemd check gets them from its own "
		"unit: systemctl unmask vrrp-agent-check.socket vrrp-agent-check.service, then "
		"systemctl restart vrrp-agent)",
		DELIVERY_USER);
}

int mail_image(struct mail *mail, const struct image *image)
{
	struct mailsettings *settings = mailsettings_make(image);

	if (!settings)
		return -ENOMEM;
	if (mail->settings && !mailsettings_same_way(mail->settings, settings))
		mail->resting = false;
	mailsettings_free(mail->settings);
	mail->settings = settings;
	tell_powerless(mail);
	eventreader_image(&mail->events);
	mail_pump(mail);
	return 0;
}

void mail_stop(struct mail *mail, bool succeeded)
{
	mail->stopping = true;
	mail->succeeded = succeeded;
	mail->ended = mail->powerless || (succeeded && mail->resting);
	eventreader_stop(&mail->events);
	mail_pump(mail);
}

bool mail_idle(const struct mail *mail)
{
	if (mail->sender || (!TAILQ_EMPTY(&mail->letters) && !mail->ended))
		return false;
	return !mail->settings || eventreader_is_done(&mail->events);
}

unsigned int mail_waiting(const struct mail *mail)
{
	return mail->waiting;
}

static void on_events(void *context)
{
	mail_pump(context);
}

static const struct eventreader_user reading = {.take = take, .pump = on_events, .lost = on_lost};

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
	struct mail *mail = context;

	mail->resting = false;
	send_first(mail);
	settle(mail);
	return 0;
}

static int add_timer(struct mail *mail)
{
	int error = sd_event_add_time_relative(
		mail->loop, &mail->retry, CLOCK_MONOTONIC, 0, 0, on_retry, mail);

	return error < 0 ? error : sd_event_source_set_enabled(mail->retry, SD_EVENT_OFF);
}

struct mail *mail_create(sd_event *loop, struct consumer *consumer, const struct scripttable *table)
{
	struct mail *mail = calloc(1, sizeof(*mail));
	int error;

	if (!mail)
		return NULL;
	mail->loop = loop;
	mail->consumer = consumer;
	mail->table = table;
	mail->powerless = !delivery_is_possible();
	TAILQ_INIT(&mail->letters);
	error = eventreader_open(&mail->events, loop, consumer, &reading, mail);
	if (error >= 0)
		error = add_timer(mail);
	if (error >= 0)
		return mail;
	errno = -error;
	return mail_free(mail);
}

struct mail *mail_free(struct mail *mail)
{
	if (!mail)
		return NULL;
	sender_abandon(mail->sender);
	if (mail->succeeded)
		log_message(LOG_DEBUG, "%u mails are left to the next program", mail->waiting);
	else if (mail->waiting + mail->given_up)
		log_message(LOG_ERR, "stopping, although %u mails have not been sent",
			mail->waiting + mail->given_up);
	while (!TAILQ_EMPTY(&mail->letters))
		drop(mail, TAILQ_FIRST(&mail->letters));
	mailsettings_free(mail->settings);
	eventreader_close(&mail->events);
	sd_event_source_disable_unref(mail->retry);
	free(mail);
	return NULL;
}

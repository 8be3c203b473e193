/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/routing.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/descriptor.h"
#include "vrrp/applier/route.h"
#include "vrrp/applier/rule.h"
#include "vrrp/net/netlink.h"
#include "vrrp/net/netlink_request.h"
#include "vrrp/protocol/address.h"

#define RETRY_FAILED NSEC_PER_SEC
#define LOOK_PAUSE   (100 * NSEC_PER_MSEC) /* between two times that all are looked at */
#define RETRY_LOST   (20 * NSEC_PER_MSEC)  /* between two times that one is put back */

struct routing {
	struct monitor *monitor;
	struct journal *journal;
	struct routed_book *book;
	struct notes *notes;
	const struct predecessor *predecessor;
	int fd;	  /* requests */
	int news; /* and the kernel's own */
	bool listening;
	bool look;	/* all are to be looked at */
	uint64_t looks; /* not before, ns */
};

static const int news_groups[] = {
	RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE};

struct routing *routing_new(struct monitor *monitor, struct journal *journal,
	struct routed_book *book, struct notes *notes)
{
	struct routing *routing = calloc(1, sizeof(*routing));
	int error;

	if (!routing)
		return NULL;
	*routing = (struct routing){.monitor = monitor,
		.journal = journal,
		.book = book,
		.notes = notes,
		.fd = -1,
		.news = -1};
	routing->fd = netlink_open(0);
	routing->news = netlink_open(0);
	error = routing->fd < 0 ? routing->fd : routing->news < 0 ? routing->news : 0;
	if (!error)
		return routing;
	routing_free(routing);
	errno = -error;
	return NULL;
}

struct routing *routing_free(struct routing *routing)
{
	if (!routing)
		return NULL;
	descriptor_close(routing->fd);
	descriptor_close(routing->news);
	free(routing);
	return NULL;
}

void routing_set_predecessor(struct routing *routing, const struct predecessor *predecessor)
{
	routing->predecessor = predecessor;
}

bool routing_is_ours(const struct routing *routing, const struct journal_record *record)
{
	const struct routed *routed;

	for (unsigned int i = 0; i < ROUTED_BUCKETS; i++)
		LIST_FOREACH (routed, &routing->book->buckets[i], in_bucket)
			if (routed->state == ROUTED_OURS && routed->removal.kind == record->kind &&
				routed->removal.length == record->length &&
				memcmp(routed->removal.request, record->request, record->length) ==
					0)
				return true;
	return false;
}

/* Who has no routes hears nothing of anybody's. */
static void listen_to_news(struct routing *routing)
{
	if (routing->listening)
		return;
	routing->listening = true;
	for (size_t i = 0; i < sizeof(news_groups) / sizeof(news_groups[0]); i++)
		if (setsockopt(routing->news, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &news_groups[i],
			    sizeof(news_groups[i])) < 0)
			routing->listening = false;
}

int routing_fd(const struct routing *routing)
{
	return routing->news;
}

void routing_describe(const struct routing *routing, struct journal *journal)
{
	const struct routed *routed;

	for (unsigned int i = 0; i < ROUTED_BUCKETS; i++)
		LIST_FOREACH (routed, &routing->book->buckets[i], in_bucket)
			if (routed->state == ROUTED_OURS)
				journal_add(journal, &routed->removal);
}

/* ---- Telling ---- */

static void tell(struct routing *routing, const struct routed *routed, enum note_kind kind)
{
	const struct routed_use *use;

	LIST_FOREACH (use, &routed->uses, in_routed)
		if (use->group->wanted)
			notes_post(routing->notes, &(struct note){.kind = kind,
							   .slot = use->group->slot,
							   .item = use->item,
							   .error = routed->error});
}

/* Of a route with a source that this host does not have, the kernel says no more than of any other
 * mistake. */
static int reason(const struct routing *routing, const struct routed *routed, int error)
{
	const struct image_route *route = &routed->route;
	struct vrrp_address source;

	if (error != -EINVAL || routed->key.is_rule || !(route->flags & IMAGE_ROUTE_SOURCE))
		return error;
	source = vrrp_address_make((enum vrrp_family)route->family, route->source);
	return monitor_holds(routing->monitor, &source) ? error : -EADDRNOTAVAIL;
}

/* A link that goes down takes its routes with it a moment before its routers are in fault: what was
 * there is no failure until it has failed twice. */
static void fail(struct routing *routing, struct routed *routed, int error, uint64_t now)
{
	bool told = routed->error == error;

	routed->retry_at = now + RETRY_FAILED;
	if (routed->state == ROUTED_OURS && !routed->excused) {
		routed->excused = true;
		return;
	}
	routed->error = error;
	if (!told)
		tell(routing, routed, routed->key.is_rule ? NOTE_RULE_FAILED : NOTE_ROUTE_FAILED);
}

/* ---- Removing ---- */

/* The hops of a route with many of them don't fit into the journal, and it goes without naming
 * them as well. */
static void keep_removal(struct routing *routing, struct routed *routed)
{
	struct journal_record *record = &routed->removal;
	struct image_route plain = routed->route;
	struct requests scratch;
	const void *body;
	size_t length;

	requests_clear(&scratch);
	if (routed->key.is_rule)
		rule_put(&scratch, &routed->rule, false);
	else
		route_put(&scratch, routing->monitor, &routed->route, routed->hops, false);
	body = request_body(&scratch, &length);
	if (length > sizeof(record->request)) {
		plain.hops.count = 0;
		requests_clear(&scratch);
		route_put(&scratch, routing->monitor, &plain, NULL, false);
		body = request_body(&scratch, &length);
	}
	*record =
		(struct journal_record){.kind = routed->key.is_rule ? JOURNAL_RULE : JOURNAL_ROUTE,
			.length = (uint16_t)length};
	memcpy(record->request, body, length);
}

static void put_removal(struct requests *requests, const struct journal_record *record)
{
	request_begin(requests, record->kind == JOURNAL_RULE ? RTM_DELRULE : RTM_DELROUTE, 0,
		record->request, record->length);
}

static void strike(struct routing *routing, struct routed *routed)
{
	journal_strike(routing->journal, &routed->removal);
	routed->state = ROUTED_ABSENT;
}

/* One batch; false when nothing is to go any more.  Whatever the kernel answers, it is gone: it
 * was not there, or can't be removed by trying again. */
static bool remove_some(struct routing *routing)
{
	struct routed *batch[REQUESTS_MAX], *routed, *next;
	struct requests requests;

	requests_clear(&requests);
	for (routed = TAILQ_FIRST(&routing->book->leaving); routed && requests_have_room(&requests);
		routed = next) {
		next = TAILQ_NEXT(routed, in_queue);
		routed->lost = routed->excused = false;
		routed->error = 0;
		if (routed->state != ROUTED_OURS) {
			routed->state = ROUTED_ABSENT;
			routed_settle(routing->book, routed);
			continue;
		}
		batch[requests.count] = routed;
		put_removal(&requests, &routed->removal);
	}
	requests_send(&requests, routing->fd);
	for (unsigned int i = 0; i < requests.count; i++) {
		strike(routing, batch[i]);
		routed_settle(routing->book, batch[i]);
	}
	return !TAILQ_EMPTY(&routing->book->leaving);
}

void routing_remove(struct routing *routing)
{
	while (!TAILQ_EMPTY(&routing->book->leaving) && remove_some(routing))
		;
}

int routing_remove_left(const struct journal_record *records, size_t count)
{
	struct requests requests;
	int fd = netlink_open(0);

	if (fd < 0)
		return fd;
	requests_clear(&requests);
	for (size_t i = 0; i < count; i++) {
		if (records[i].kind == JOURNAL_ROUTE || records[i].kind == JOURNAL_RULE)
			put_removal(&requests, &records[i]);
		if (!requests_have_room(&requests) || i + 1 == count) {
			requests_send(&requests, fd);
			requests_clear(&requests);
		}
	}
	close(fd);
	return 0;
}

/* ---- Setting ---- */

static int put_addition(
	struct routing *routing, struct requests *requests, const struct routed *routed)
{
	if (!routed->key.is_rule)
		return route_put(requests, routing->monitor, &routed->route, routed->hops, true);
	rule_put(requests, &routed->rule, true);
	return 0;
}

/* Noted before it is made.  One that is ours is noted already, but may have another index now. */
static void note(struct routing *routing, struct routed *routed)
{
	const struct journal_record before = routed->removal;

	keep_removal(routing, routed);
	if (routed->state == ROUTED_OURS && before.length == routed->removal.length &&
		memcmp(before.request, routed->removal.request, before.length) == 0)
		return;
	if (routed->state == ROUTED_OURS)
		journal_strike(routing->journal, &before);
	journal_add(routing->journal, &routed->removal);
	if (predecessor_has_request(routing->predecessor, &routed->removal))
		routed->state = ROUTED_OURS;
}

static void finish(struct routing *routing, struct routed *routed, int error, uint64_t now)
{
	bool had_failed = routed->error != 0;
	bool was_ours = routed->state == ROUTED_OURS;
	bool is_back = was_ours || (routed->excused && !had_failed);

	if (error == -EEXIST && !was_ours) {
		strike(routing, routed);
		routed->state = ROUTED_STRANGER;
	} else if (error && error != -EEXIST) {
		fail(routing, routed, reason(routing, routed, error), now);
		strike(routing, routed);
		return; /* it stays in the queue */
	} else {
		routed->state = ROUTED_OURS;
	}
	routed->error = 0;
	if (had_failed)
		tell(routing, routed, routed->key.is_rule ? NOTE_RULE_SET : NOTE_ROUTE_SET);
	if (!error && is_back) {
		routed->retry_at = now + RETRY_LOST;
		if (routed->lost)
			tell(routing, routed,
				routed->key.is_rule ? NOTE_RULE_RESTORED : NOTE_ROUTE_RESTORED);
	}
	routed->lost = routed->excused = false;
	routed_settle(routing->book, routed);
}

struct batch {
	struct requests requests;
	struct routed *routed[REQUESTS_MAX];
	uint64_t wait; /* the first time at which something that waits is due */
	bool full;
};

static void fill(struct routing *routing, struct batch *batch, uint64_t now)
{
	struct routed *routed;

	TAILQ_FOREACH (routed, &routing->book->coming, in_queue) {
		unsigned int count = batch->requests.count;
		int error;

		if (now < routed->retry_at) {
			if (routed->retry_at < batch->wait)
				batch->wait = routed->retry_at;
			continue;
		}
		if (!requests_have_room(&batch->requests)) {
			batch->full = true;
			return;
		}
		error = put_addition(routing, &batch->requests, routed);
		if (error) {
			request_take_back(&batch->requests);
			fail(routing, routed, error, now);
			if (routed->retry_at < batch->wait)
				batch->wait = routed->retry_at;
			continue;
		}
		batch->routed[count] = routed;
		note(routing, routed);
	}
}

static void look_at_all(struct routing *routing)
{
	struct routed *routed;

	for (unsigned int i = 0; i < ROUTED_BUCKETS; i++)
		LIST_FOREACH (routed, &routing->book->buckets[i], in_bucket) {
			if (!routed->wanted ||
				(routed->state == ROUTED_OURS && !routed_is_tracked(routed)))
				continue;
			if (routed->state != ROUTED_OURS)
				routed->retry_at = 0;
			routed_enqueue(routing->book, routed);
		}
}

uint64_t routing_add(struct routing *routing, uint64_t now)
{
	struct batch batch = {.wait = UINT64_MAX};

	if (routing->look && now < routing->looks) {
		batch.wait = routing->looks;
	} else if (routing->look) {
		routing->look = false;
		routing->looks = now + LOOK_PAUSE;
		look_at_all(routing);
	}
	if (TAILQ_EMPTY(&routing->book->coming))
		return batch.wait;
	listen_to_news(routing);
	requests_clear(&batch.requests);
	fill(routing, &batch, now);
	if (!batch.requests.count)
		return batch.wait;
	journal_flush(routing->journal);
	requests_send(&batch.requests, routing->fd);
	for (unsigned int i = 0; i < batch.requests.count; i++)
		finish(routing, batch.routed[i], batch.requests.errors[i], now);
	if (batch.full)
		return 0;
	/* What failed just now is still in the queue. */
	return TAILQ_EMPTY(&routing->book->coming) || batch.wait < now + RETRY_FAILED
		       ? batch.wait
		       : now + RETRY_FAILED;
}

/* ---- News ---- */

static bool route_key(const struct nlmsghdr *message, struct routed_key *key)
{
	const struct rtmsg *body = nlmsg_data(message);
	struct nlattr *attributes[RTA_MAX + 1];

	if ((body->rtm_family != AF_INET && body->rtm_family != AF_INET6) ||
		body->rtm_flags & RTM_F_CLONED ||
		nlmsg_parse((struct nlmsghdr *)message, sizeof(*body), attributes, RTA_MAX, NULL) <
			0)
		return false;
	*key = (struct routed_key){
		.family = body->rtm_family == AF_INET ? IMAGE_IPV4 : IMAGE_IPV6,
		.length = body->rtm_dst_len,
		.number = attributes[RTA_TABLE] ? nla_get_u32(attributes[RTA_TABLE])
						: body->rtm_table,
	};
	if (attributes[RTA_DST])
		nla_memcpy(key->destination, attributes[RTA_DST], sizeof(key->destination));
	return true;
}

static bool rule_key(const struct nlmsghdr *message, struct routed_key *key)
{
	const struct fib_rule_hdr *body = nlmsg_data(message);
	struct nlattr *attributes[FRA_MAX + 1];

	if ((body->family != AF_INET && body->family != AF_INET6) ||
		nlmsg_parse((struct nlmsghdr *)message, sizeof(*body), attributes, FRA_MAX, NULL) <
			0)
		return false;
	*key = (struct routed_key){
		.is_rule = 1,
		.family = body->family == AF_INET ? IMAGE_IPV4 : IMAGE_IPV6,
		.number = attributes[FRA_PRIORITY] ? nla_get_u32(attributes[FRA_PRIORITY]) : 0,
	};
	return true;
}

/* It may be one of ours that is gone, or another one like it. */
static void take_news(void *context, const struct nlmsghdr *message)
{
	struct routing *routing = context;
	bool replaced = message->nlmsg_type == RTM_NEWROUTE && message->nlmsg_flags & NLM_F_REPLACE;
	struct routed_key key;
	struct routed *routed;

	if (message->nlmsg_type == RTM_DELROUTE || replaced) {
		if (!route_key(message, &key))
			return;
	} else if (message->nlmsg_type != RTM_DELRULE || !rule_key(message, &key)) {
		return;
	}
	for (routed = routed_first(routing->book, &key); routed;
		routed = routed_next(routed, &key)) {
		if (!routed->wanted || (routed->state == ROUTED_OURS && !routed_is_tracked(routed)))
			continue;
		routed->lost = routed->state == ROUTED_OURS;
		routed_enqueue(routing->book, routed);
	}
}

void routing_look_again(struct routing *routing)
{
	routing->look = true;
}

void routing_read(struct routing *routing)
{
	bool lost = false;

	while (netlink_read(routing->news, take_news, routing) == -ENOBUFS)
		lost = true;
	if (lost)
		routing_look_again(routing);
}

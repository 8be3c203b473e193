/* SPDX-License-Identifier: ISC */
#include "tests/unit/protocol-lab.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vrrp/protocol/step.h"

struct vrrp_address lab_address(const char *text)
{
	enum vrrp_family family = strchr(text, ':') ? VRRP_IPV6 : VRRP_IPV4;
	uint8_t bytes[16];

	if (inet_pton(family == VRRP_IPV6 ? AF_INET6 : AF_INET, text, bytes) != 1) {
		fprintf(stderr, "not an address: %s\n", text);
		abort();
	}
	return vrrp_address_make(family, bytes);
}

void lab_make(struct lab *lab, uint8_t version, enum vrrp_family family)
{
	const bool ipv6 = family == VRRP_IPV6;

	memset(lab, 0, sizeof(*lab));
	lab->now = 1000 * VRRP_SECOND;
	lab->addresses[0] = lab_address(ipv6 ? "fe80::64" : "192.0.2.100");
	lab->addresses[1] = lab_address(ipv6 ? "2001:db8::64" : "192.0.2.101");
	lab->configuration = (struct vrrp_configuration){
		.addresses = lab->addresses,
		.address_count = 2,
		.group = lab_address(ipv6 ? "ff02::12" : "224.0.0.18"),
		.interval = VRRP_SECOND,
		.family = (uint8_t)family,
		.vrid = LAB_VRID,
		.version = version,
		.priority = 100,
		.preempt = true,
	};
	vrrp_router_init(&lab->router, &lab->configuration);
	lab->armed = VRRP_NEVER;
	lab_link(lab, true, ipv6 ? "fe80::a" : "192.0.2.10");
}

/* Whoever only carries the actions out must know the deadline: one that is dropped without being
 * disarmed would be reported for ever. */
static void follow_deadline(struct lab *lab)
{
	for (unsigned int i = 0; i < lab->actions.count; i++) {
		const struct vrrp_action *action = &lab->actions.list[i];

		if (action->type == VRRP_ACTION_ARM)
			lab->armed = action->deadline;
		else if (action->type == VRRP_ACTION_DISARM)
			lab->armed = VRRP_NEVER;
	}
	if (lab->armed != lab->router.state.deadline) {
		fprintf(stderr, "the actions leave another deadline than the router's\n");
		abort();
	}
}

static void step(struct lab *lab, const struct vrrp_event *event)
{
	vrrp_step(&lab->router, lab->now, event, &lab->actions);
	follow_deadline(lab);
}

void lab_reconfigure(struct lab *lab)
{
	step(lab, &(struct vrrp_event){
			  .type = VRRP_EVENT_CONFIGURED, .configuration = &lab->configuration});
}

void lab_set_priority(struct lab *lab, uint8_t priority)
{
	lab->configuration.priority = priority;
	lab_reconfigure(lab);
}

void lab_event(struct lab *lab, enum vrrp_event_type type)
{
	step(lab, &(struct vrrp_event){.type = type});
}

void lab_start(struct lab *lab)
{
	lab_event(lab, VRRP_EVENT_START);
}

void lab_link(struct lab *lab, bool up, const char *primary)
{
	struct vrrp_event event = {.type = VRRP_EVENT_LINK, .link.up = up};

	if (primary)
		event.link.primary = lab_address(primary);
	step(lab, &event);
}

void lab_track(struct lab *lab, int32_t sum, bool failed)
{
	step(lab, &(struct vrrp_event){
			  .type = VRRP_EVENT_TRACKED, .tracked = {.sum = sum, .failed = failed}});
}

void lab_run_to_deadline(struct lab *lab)
{
	if (lab->router.state.deadline == VRRP_NEVER) {
		fprintf(stderr, "no deadline is armed\n");
		abort();
	}
	lab->now = lab->router.state.deadline;
	lab_event(lab, VRRP_EVENT_DEADLINE);
}

void lab_make_active(struct lab *lab)
{
	lab_start(lab);
	if (lab_state(lab) == VRRP_STATE_BACKUP)
		lab_run_to_deadline(lab);
	lab_event(lab, VRRP_EVENT_ADDRESSES_APPLIED);
}

bool lab_uses_pseudo_header(const struct lab *lab)
{
	return lab->configuration.version == VRRP_VERSION_3;
}

static uint32_t sum_words(uint32_t sum, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	return sum;
}

void frame_write_checksum(struct frame *frame, bool pseudo_header)
{
	const size_t octets = frame->facts.source.family == VRRP_IPV6 ? 16 : 4;
	uint32_t sum;

	if (frame->facts.length < 8)
		return;
	frame->octets[6] = frame->octets[7] = 0;
	sum = sum_words(0, frame->octets, frame->facts.length);
	if (pseudo_header) {
		sum = sum_words(sum, frame->facts.source.bytes, octets);
		sum = sum_words(sum, frame->facts.destination.bytes, octets);
		sum += (uint32_t)frame->facts.length + 112;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	frame->octets[6] = (uint8_t)(~sum >> 8);
	frame->octets[7] = (uint8_t)~sum;
}

void lab_frame(const struct lab *lab, struct frame *frame, const char *source, uint8_t priority)
{
	const struct vrrp_configuration *configuration = &lab->configuration;
	uint8_t *at = frame->octets;
	size_t octets = configuration->family == VRRP_IPV6 ? 16 : 4;

	memset(frame, 0, sizeof(*frame));
	*at++ = (uint8_t)(configuration->version << 4 | 1);
	*at++ = configuration->vrid;
	*at++ = priority;
	*at++ = (uint8_t)configuration->address_count;
	if (configuration->version == VRRP_VERSION_2) {
		*at++ = configuration->auth.type;
		*at++ = (uint8_t)(configuration->interval / VRRP_SECOND);
	} else {
		*at++ = (uint8_t)(configuration->interval / VRRP_CENTISECOND >> 8);
		*at++ = (uint8_t)(configuration->interval / VRRP_CENTISECOND);
	}
	at += 2;
	for (size_t i = 0; i < configuration->address_count; i++, at += octets)
		memcpy(at, configuration->addresses[i].bytes, octets);
	if (configuration->version == VRRP_VERSION_2) {
		memcpy(at, configuration->auth.data, 8);
		at += 8;
	}
	frame->received = (size_t)(at - frame->octets);
	frame->facts = (struct vrrp_ip_facts){
		.source = lab_address(source),
		.destination = configuration->group,
		.length = frame->received,
		.ttl = 255,
	};
	frame_write_checksum(frame, lab_uses_pseudo_header(lab));
}

void lab_feed(struct lab *lab, const struct frame *frame)
{
	struct vrrp_view view;
	struct vrrp_event event = {.type = VRRP_EVENT_ADVERT, .advert = &view};
	/* A copy of exactly the octets received lets the address sanitizer see one too many. */
	uint8_t *exact = malloc(frame->received ? frame->received : 1);
	enum vrrp_drop drop;

	memcpy(exact, frame->octets, frame->received);
	drop = vrrp_packet_decode(exact, frame->received, &frame->facts, &view);
	lab->actions.count = 0;
	if (view.vrid == lab->router.configuration.vrid) {
		if (drop != VRRP_DROP_NONE)
			event = (struct vrrp_event){.type = VRRP_EVENT_REJECTED,
				.rejected = {.drop = drop, .source = view.source}};
		step(lab, &event);
	}
	free(exact);
}

void lab_hear(struct lab *lab, const char *source, uint8_t priority)
{
	struct frame frame;

	lab_frame(lab, &frame, source, priority);
	lab_feed(lab, &frame);
}

enum vrrp_state lab_state(const struct lab *lab)
{
	return (enum vrrp_state)lab->router.state.state;
}

unsigned int lab_count(const struct lab *lab, enum vrrp_action_type type)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < lab->actions.count; i++)
		count += lab->actions.list[i].type == type;
	return count;
}

const struct vrrp_action *lab_action(const struct lab *lab, enum vrrp_action_type type)
{
	for (unsigned int i = lab->actions.count; i-- > 0;) {
		if (lab->actions.list[i].type == type)
			return &lab->actions.list[i];
	}
	return NULL;
}

void lab_make_version_3(struct lab *lab, enum vrrp_state state)
{
	lab_make(lab, 3, VRRP_IPV4);
	if (state == VRRP_STATE_BACKUP)
		lab_start(lab);
	else
		lab_make_active(lab);
	assert_int_equal(lab_state(lab), state);
}

void lab_assert_sent(const struct lab *lab, uint8_t priority)
{
	assert_int_equal(lab_count(lab, VRRP_ACTION_SEND_ADVERT), 1);
	assert_int_equal(lab_action(lab, VRRP_ACTION_SEND_ADVERT)->advert.priority, priority);
}

void lab_assert_armed(const struct lab *lab, uint64_t deadline)
{
	assert_int_equal(lab_count(lab, VRRP_ACTION_ARM), 1);
	assert_int_equal(lab_action(lab, VRRP_ACTION_ARM)->deadline, deadline);
	assert_int_equal(lab->router.state.deadline, deadline);
}

void lab_assert_changed(const struct lab *lab, enum vrrp_state old_state, enum vrrp_state new_state,
	enum vrrp_transition reason)
{
	const struct vrrp_action *action = lab_action(lab, VRRP_ACTION_STATE_CHANGED);

	assert_int_equal(lab_count(lab, VRRP_ACTION_STATE_CHANGED), 1);
	assert_string_equal(vrrp_state_word(action->changed.old_state), vrrp_state_word(old_state));
	assert_string_equal(vrrp_state_word(action->changed.new_state), vrrp_state_word(new_state));
	assert_string_equal(
		vrrp_transition_word(action->changed.reason), vrrp_transition_word(reason));
	assert_int_equal(lab_state(lab), new_state);
}

void lab_assert_silent(const struct lab *lab)
{
	assert_int_equal(lab->actions.count, 0);
}

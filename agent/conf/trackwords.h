/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TRACKWORDS_H
#define AGENT_CONF_TRACKWORDS_H

/* The part of the table in words.c that is about trackers; included there alone. */

#define IN_TRACKER(number, member)                                         \
	.attribute = (number), .offset = offsetof(struct tracker, member), \
	.size = sizeof(((struct tracker *)0)->member)

/* Whole seconds, as keepalived has them: 32 bits of microseconds. */
#define SCRIPT_SECONDS RANGE(VRRP_SECOND, 4294 * VRRP_SECOND)

/* clang-format off */
#define SCRIPT_WORDS \
	{"script", CONTEXT_SCRIPT, KIND_COMMAND, STATUS_SUPPORTED, CONF_ONCE | CONF_NO_USER, \
		IN_TRACKER(TRACKER_SCRIPT, command), DOC("the command; exit status 0 is good")}, \
	{"interval", CONTEXT_SCRIPT, KIND_SECONDS, STATUS_SUPPORTED, CONF_WHOLE, \
		IN_TRACKER(TRACKER_INTERVAL, interval_ns), SCRIPT_SECONDS, DEFAULT("1"), \
		DOC("seconds from one run to the next")}, \
	{"timeout", CONTEXT_SCRIPT, KIND_SECONDS, STATUS_SUPPORTED, CONF_WHOLE, \
		IN_TRACKER(TRACKER_TIMEOUT, timeout_ns), SCRIPT_SECONDS, DEFAULT("interval"), \
		DOC("seconds that a run may take; it has failed then, and is ended")}, \
	{"weight", CONTEXT_SCRIPT, KIND_WEIGHT, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_WEIGHT, weight), .maximum = 253, DEFAULT("0"), \
		DOC("what it adds to the priority, of those who track it; 0 = they go to fault")}, \
	{"rise", CONTEXT_SCRIPT, KIND_NUMBER, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_RISE, rise), RANGE(1, 2147483647), DEFAULT("1"), \
		DOC("successes in a row until it counts as good; the first run counts at once")}, \
	{"fall", CONTEXT_SCRIPT, KIND_NUMBER, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_FALL, fall), RANGE(1, 2147483647), DEFAULT("1"), \
		DOC("failures in a row until it counts as bad")}, \
	{"user", CONTEXT_SCRIPT, KIND_RUN_AS, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_USER, command), DEFAULT("script_user"), \
		DOC("user and group that run it")}, \
	KNOWN(CONTEXT_SCRIPT, "init_fail", STATUS_IMPLIED, \
		"bad until the first run; whom it could put into fault waits for that anyway")
/* clang-format on */

#endif

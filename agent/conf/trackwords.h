/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TRACKWORDS_H
#define AGENT_CONF_TRACKWORDS_H

#include "agent/conf/wordnotation.h"

/* The part of the table in words.c that is about trackers; included there alone. */

/* Whole seconds, as keepalived has them: 32 bits of microseconds. */
#define SCRIPT_SECONDS RANGE(VRRP_SECOND, 4294 * VRRP_SECOND)

/* clang-format off */
#define SCRIPT_WORDS \
	{"script", CONTEXT_SCRIPT, KIND_COMMAND, STATUS_SUPPORTED, CONF_NO_USER, \
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

#define PROCESS_DELAY RANGE(1000, 3600 * VRRP_SECOND)

#define PROCESS_WORDS \
	{"process", CONTEXT_TRACK_PROCESS, KIND_PROGRAM, STATUS_SUPPORTED, CONF_ONCE, \
		IN_TRACKER(TRACKER_PROCESS, command), \
		DOC("name of the process; with parameters, its whole command line")}, \
	{"param_match", CONTEXT_TRACK_PROCESS, KIND_CHOICE, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_PARAMETERS, parameters), .choices = parameter_matches, \
		.minimum = IMAGE_PARAMETERS_EXACT, DEFAULT("exact if there are parameters"), \
		DOC("parameters alone: exact; partial: more may follow; initial: the last one may be longer")}, \
	{"weight", CONTEXT_TRACK_PROCESS, KIND_WEIGHT, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_WEIGHT, weight), .maximum = 254, DEFAULT("0"), \
		DOC("what it adds to the priority, of those who track it; 0 = they go to fault")}, \
	{"quorum", CONTEXT_TRACK_PROCESS, KIND_NUMBER, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_QUORUM, quorum), RANGE(1, 65535), DEFAULT("1"), \
		DOC("processes needed")}, \
	{"quorum_max", CONTEXT_TRACK_PROCESS, KIND_NUMBER, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_QUORUM_MAX, quorum_max), RANGE(0, 65535), DEFAULT("any number"), \
		DOC("processes allowed; 0 = none may run")}, \
	{"fork_delay", CONTEXT_TRACK_PROCESS, KIND_SECONDS, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_FORK_DELAY, fork_delay_ns), PROCESS_DELAY, DEFAULT("0"), \
		DOC("seconds that a change which a fork made has to last")}, \
	{"terminate_delay", CONTEXT_TRACK_PROCESS, KIND_SECONDS, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_TERMINATE_DELAY, terminate_delay_ns), PROCESS_DELAY, \
		DEFAULT("0"), DOC("seconds that a change which a process's end made has to last")}, \
	{"delay", CONTEXT_TRACK_PROCESS, KIND_SECONDS, STATUS_SUPPORTED, \
		CONF_ALIAS | CONF_BOTH_DELAYS, IN_TRACKER(TRACKER_FORK_DELAY, fork_delay_ns), \
		PROCESS_DELAY, DOC("both delays")}, \
	{"full_command", CONTEXT_TRACK_PROCESS, KIND_FLAG, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_FULL_COMMAND, full_command), DEFAULT("off"), \
		DOC("compare with the program as it was called, not with the process's name")}

#define FILE_WORDS \
	{"file", CONTEXT_TRACK_FILE, KIND_STRING, STATUS_SUPPORTED, CONF_ONCE, \
		IN_TRACKER(TRACKER_FILE, path), .maximum = 4095, \
		DOC("the file; a missing one, and one without a number, counts as 0")}, \
	{"weight", CONTEXT_TRACK_FILE, KIND_WEIGHT, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_WEIGHT, weight), .maximum = 254, DEFAULT("1"), \
		DOC("factor of its number, which is added to the priority; 0 = fault unless it is 0")}, \
	{"init_file", CONTEXT_TRACK_FILE, KIND_INIT_FILE, STATUS_SUPPORTED, \
		IN_TRACKER(TRACKER_INIT_FILE, init_file), \
		DOC("what is written at the start, 0 unless given, if there is no such file")}
/* clang-format on */

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_BLOCKWORDS_H
#define AGENT_CONF_BLOCKWORDS_H

#include "agent/conf/wordnotation.h"

/* The part of the table in words.c that is about smaller blocks; included there alone. */

/* clang-format off */
/* vrrp_sync_group */
#define GROUP_WORDS \
	{"group", CONTEXT_SYNC_GROUP, KIND_MEMBERS, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_MEMBERS, members), DOC("the names of its instances")}, \
	{"track_interface", CONTEXT_SYNC_GROUP, KIND_INTERFACES, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_TRACK_INTERFACE, track_interfaces), \
		DOC("interfaces whose link counts for all its instances")}, \
	{"track_script", CONTEXT_SYNC_GROUP, KIND_TRACKED, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_TRACK_SCRIPT, tracked[IMAGE_TRACKER_SCRIPT]), .maximum = 253, \
		DOC("vrrp_scripts that count for all its instances")}, \
	{"track_file", CONTEXT_SYNC_GROUP, KIND_TRACKED, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_TRACK_FILE, tracked[IMAGE_TRACKER_FILE]), .maximum = 254, \
		DOC("files that count for all its instances")}, \
	{"track_process", CONTEXT_SYNC_GROUP, KIND_TRACKED, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_TRACK_PROCESS, tracked[IMAGE_TRACKER_PROCESS]), .maximum = 254, \
		DOC("processes that count for all its instances")}, \
	KNOWN(CONTEXT_SYNC_GROUP, "track_bfd", STATUS_REFUSED, \
		"BFD sessions that decide the priority of all its instances"), \
	{"notify_master", CONTEXT_SYNC_GROUP, KIND_COMMAND, STATUS_SUPPORTED, CONF_ONCE, \
		IN_GROUP(GROUP_NOTIFY_MASTER, notify_master), DOC("command run when active")}, \
	{"notify_backup", CONTEXT_SYNC_GROUP, KIND_COMMAND, STATUS_SUPPORTED, CONF_ONCE, \
		IN_GROUP(GROUP_NOTIFY_BACKUP, notify_backup), DOC("command run when backup")}, \
	{"notify_fault", CONTEXT_SYNC_GROUP, KIND_COMMAND, STATUS_SUPPORTED, CONF_ONCE, \
		IN_GROUP(GROUP_NOTIFY_FAULT, notify_fault), DOC("command run on a fault")}, \
	{"notify_stop", CONTEXT_SYNC_GROUP, KIND_COMMAND, STATUS_SUPPORTED, CONF_ONCE, \
		IN_GROUP(GROUP_NOTIFY_STOP, notify_stop), DOC("command run at the end")}, \
	{"notify", CONTEXT_SYNC_GROUP, KIND_COMMAND, STATUS_SUPPORTED, CONF_ONCE, \
		IN_GROUP(GROUP_NOTIFY, notify), \
		DOC("command run on each change, with GROUP, name, state and 0 behind")}, \
	INSIDE(CONTEXT_SYNC_GROUP, "notify_priority_changes", "priorities in the FIFO"), \
	{"smtp_alert", CONTEXT_SYNC_GROUP, KIND_BOOL, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_SMTP_ALERT, smtp_alert), DEFAULT("smtp_alert of global_defs"), \
		DOC("send mail on each change")}, \
	{"global_tracking", CONTEXT_SYNC_GROUP, KIND_FLAG, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_GLOBAL_TRACKING, global_tracking), DEFAULT("off"), \
		DOC("older spelling of sync_group_tracking_weight")}, \
	{"sync_group_tracking_weight", CONTEXT_SYNC_GROUP, KIND_FLAG, STATUS_SUPPORTED, \
		IN_GROUP(GROUP_TRACKING_WEIGHT, tracking_weight), DEFAULT("off"), \
		DOC("weights of its instances' own trackers count")}

/* garp_group */
#define GARP_GROUP_WORDS \
	{"garp_interval", CONTEXT_GARP_GROUP, KIND_SECONDS, STATUS_SUPPORTED, \
		IN_GARP_GROUP(GARP_GROUP_GARP_INTERVAL, garp_interval_ns), PAUSE, \
		DOC("seconds between two gratuitous ARPs")}, \
	{"gna_interval", CONTEXT_GARP_GROUP, KIND_SECONDS, STATUS_SUPPORTED, \
		IN_GARP_GROUP(GARP_GROUP_GNA_INTERVAL, gna_interval_ns), PAUSE, \
		DOC("seconds between two neighbour advertisements")}, \
	{"interface", CONTEXT_GARP_GROUP, KIND_INTERFACE, STATUS_SUPPORTED, \
		IN_GARP_GROUP(GARP_GROUP_INTERFACE, interface), DOC("its only interface")}, \
	{"interfaces", CONTEXT_GARP_GROUP, KIND_STRINGS, STATUS_SUPPORTED, \
		IN_GARP_GROUP(GARP_GROUP_INTERFACES, interfaces), \
		DOC("its interfaces, which share the pauses")}

/* bfd_instance */
#define BFD_WORDS \
	INSIDE(CONTEXT_BFD, "neighbor_ip", "address of the other end"), \
	INSIDE(CONTEXT_BFD, "neighbour_ip", "address of the other end"), \
	INSIDE(CONTEXT_BFD, "source_ip", "our address"), \
	INSIDE(CONTEXT_BFD, "min_rx", "shortest interval wanted, in ms"), \
	INSIDE(CONTEXT_BFD, "min_tx", "shortest interval sent, in ms"), \
	INSIDE(CONTEXT_BFD, "idle_tx", "interval while down, in ms"), \
	INSIDE(CONTEXT_BFD, "multiplier", "packets missed until down"), \
	INSIDE(CONTEXT_BFD, "passive", "wait for the other end"), \
	INSIDE(CONTEXT_BFD, "ttl", "TTL sent"), \
	INSIDE(CONTEXT_BFD, "hoplimit", "hop limit sent"), \
	INSIDE(CONTEXT_BFD, "max_hops", "hops allowed"), \
	INSIDE(CONTEXT_BFD, "weight", "what it adds to the priority"), \
	INSIDE(CONTEXT_BFD, "vrrp", "tell the instances"), \
	INSIDE(CONTEXT_BFD, "checker", "tell the health checkers")
/* clang-format on */

#endif

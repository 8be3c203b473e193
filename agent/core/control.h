/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_CONTROL_H
#define AGENT_CORE_CONTROL_H

#include <systemd/sd-event.h>

struct core_state;

/* The control socket, RUN_DIR/control.sock, for vrrpctl: a service of core (struct core_service). A
 * client writes one line, a JSON object {"command": WORD, ...}, and reads one line back: the
 * answer's document, or {"error": TEXT}.  Root and the socket's group may connect; the file's mode
 * says who (0660). */

void *control_start(sd_event *loop, const struct core_state *state);
void control_stop(void *service);

#endif

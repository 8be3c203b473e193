/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_SAVE_H
#define AGENT_CTL_SAVE_H

#include <stdbool.h>

/* `vrrpctl config save`: writes what management changed into the configuration file, as the agent
 * behind the control socket proposes it, and prints what stays in the overlay: as text, or as a
 * document.  The exit status; trouble is told on stderr. */
int save_configuration(const char *socket, bool json);

#endif

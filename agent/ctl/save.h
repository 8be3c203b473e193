/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_SAVE_H
#define AGENT_CTL_SAVE_H

/* `vrrpctl config save`: writes what management changed into the configuration file, as the agent
 * behind the control socket proposes it.  The exit status; trouble is told on stderr. */
int save_configuration(const char *socket);

#endif

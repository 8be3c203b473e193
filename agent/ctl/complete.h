/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_COMPLETE_H
#define AGENT_CTL_COMPLETE_H

/* What a shell may offer where a word of a command is being typed. */

/* Prints what the place numbered `place`, from 0, of a synopsis stands for, one word a line: NAME is
 * each virtual router, WORD each word of a vrrp_instance, as the agent behind the socket has them;
 * nothing if it does not answer.  Others stand for themselves. */
void complete_place(const char *socket, const char *synopsis, int place);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CTL_DURATION_H
#define AGENT_CTL_DURATION_H

#include <jansson.h>

#define DURATION_ROOM 64

/* Seconds as the two largest units that say something: "3d 4h", "12m 5s", "8s"; "-" if it is no
 * number. */
void duration_write(char out[DURATION_ROOM], const json_t *seconds);

#endif

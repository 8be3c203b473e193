/* SPDX-License-Identifier: ISC */
#ifndef VRRP_AH_SOCKET_H
#define VRRP_AH_SOCKET_H

#include <stdbool.h>

struct engine;
struct vrrp_configuration;

/* The socket for AH (IP protocol 51) is there for as long as some router's advertisements travel
 * inside it.  Engine thread. */

/* Opens it if the configuration asks for AH and it is not open.  0 or a negative errno. */
int ah_socket_open(struct engine *engine, const struct vrrp_configuration *configuration);

/* Whether a router uses AH changed from `before` to `after`: with the last that does the socket is
 * closed. */
void ah_socket_count(struct engine *engine, bool before, bool after);

/* Closes a socket that no router needs, such as the predecessor's. */
void ah_socket_close_needless(struct engine *engine);

#endif

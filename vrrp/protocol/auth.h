/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_AUTH_H
#define VRRP_PROTOCOL_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "vrrp/protocol/limits.h"
#include "vrrp/protocol/reason.h"

/* AuthType of version 2 (RFC 2338 5.3.6).  RFC 3768 withdrew all but none; PASS sends the password
 * in clear and keeps honest mistakes out, not attackers. */
enum vrrp_auth_type {
	VRRP_AUTH_NONE = 0,
	VRRP_AUTH_PASS = 1,
	VRRP_AUTH_AH = 2,
};

struct vrrp_auth {
	uint8_t type;			/* enum vrrp_auth_type */
	uint8_t data[VRRP_AUTH_OCTETS]; /* the password, padded with zeros */
};

/* PASS with that password.  Only its first 8 octets count, as in keepalived. */
struct vrrp_auth vrrp_auth_password(const char *password);

/* Whether a message of AuthType `type` with that trailer satisfies `auth`: NONE,
 * AUTH_UNKNOWN, AUTH_TYPE or AUTH_FAILED.  Under AuthType 0 the trailer is ignored (RFC
 * 3768 5.3.10), and under 2, where ah.h has the rest.  Constant time. */
enum vrrp_drop vrrp_auth_check(
	const struct vrrp_auth *auth, uint8_t type, const uint8_t trailer[VRRP_AUTH_OCTETS]);

#endif

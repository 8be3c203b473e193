/* SPDX-License-Identifier: ISC */
#include "vrrp/protocol/auth.h"

#include <string.h>

#include <nettle/memops.h>

struct vrrp_auth vrrp_auth_password(const char *password)
{
	struct vrrp_auth auth = {.type = VRRP_AUTH_PASS};

	memcpy(auth.data, password, strnlen(password, sizeof(auth.data)));
	return auth;
}

enum vrrp_drop vrrp_auth_check(
	const struct vrrp_auth *auth, uint8_t type, const uint8_t trailer[VRRP_AUTH_OCTETS])
{
	if (type > VRRP_AUTH_AH)
		return VRRP_DROP_AUTH_UNKNOWN;
	if (type != auth->type)
		return VRRP_DROP_AUTH_TYPE;
	switch (type) {
	case VRRP_AUTH_NONE:
		return VRRP_DROP_NONE;
	case VRRP_AUTH_PASS:
		if (!memeql_sec(trailer, auth->data, VRRP_AUTH_OCTETS))
			return VRRP_DROP_AUTH_FAILED;
		return VRRP_DROP_NONE;
	default: /* VRRP_AUTH_AH: the message is inside what proves it */
		return VRRP_DROP_NONE;
	}
}

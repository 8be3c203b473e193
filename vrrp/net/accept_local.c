/* SPDX-License-Identifier: ISC */
#include "vrrp/net/accept_local.h"

#include <linux/ip.h>

#include "vrrp/net/devconf.h"

int vrrp_accept_local_get(struct nl_sock *sock, int interface, struct vrrp_accept_local *out)
{
	int error = devconf_get(sock, interface, IPV4_DEVCONF_ACCEPT_LOCAL, &out->accept_local);

	if (!error)
		error = devconf_get(sock, interface, IPV4_DEVCONF_RP_FILTER, &out->rp_filter);
	return error;
}

int vrrp_accept_local_set(struct nl_sock *sock, int interface, uint32_t value)
{
	return devconf_set(sock, interface, IPV4_DEVCONF_ACCEPT_LOCAL, value);
}

/* SPDX-License-Identifier: ISC */
#include "vrrp/net/devconf.h"

#include <errno.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet.h>

/* libnl keeps its own error numbers; these are the ones a link request can meet. */
static int to_errno(int error)
{
	switch (-error) {
	case NLE_SUCCESS:
		return 0;
	case NLE_NODEV:
	case NLE_OBJ_NOTFOUND:
		return -ENODEV;
	case NLE_PERM:
		return -EPERM;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_NOATTR:
		return -ENOENT;
	case NLE_OPNOTSUPP:
	case NLE_AF_NOSUPPORT:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

int devconf_get(struct nl_sock *sock, int interface, unsigned int setting, uint32_t *value)
{
	struct rtnl_link *link;
	int error;

	if (interface <= 0) /* libnl would abort */
		return -ENODEV;
	error = rtnl_link_get_kernel(sock, interface, NULL, &link);
	if (error < 0)
		return to_errno(error);
	error = rtnl_link_inet_get_conf(link, setting, value);
	rtnl_link_put(link);
	return error < 0 ? -ENOENT : 0;
}

int devconf_set(struct nl_sock *sock, int interface, unsigned int setting, uint32_t value)
{
	struct rtnl_link *current, *change;
	int error;

	if (interface <= 0)
		return -ENODEV;
	current = rtnl_link_alloc();
	change = rtnl_link_alloc();
	if (!current || !change) {
		error = -NLE_NOMEM;
		goto out;
	}
	rtnl_link_set_ifindex(current, interface);
	error = rtnl_link_inet_set_conf(change, setting, value);
	if (!error)
		error = rtnl_link_change(sock, current, change, 0);
out:
	rtnl_link_put(current);
	rtnl_link_put(change);
	return to_errno(error);
}

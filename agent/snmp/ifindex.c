/* SPDX-License-Identifier: ISC */
#include "agent/snmp/ifindex.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int handle = -1;

int ifindex_open(void)
{
	if (handle < 0)
		handle = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	return handle < 0 ? -errno : 0;
}

unsigned int ifindex_of(const char *name)
{
	struct ifreq request = {.ifr_ifindex = 0};
	size_t length = strlen(name);

	if (length >= sizeof(request.ifr_name) || ifindex_open() < 0)
		return 0;
	memcpy(request.ifr_name, name, length);
	return ioctl(handle, SIOCGIFINDEX, &request) < 0 ? 0 : (unsigned int)request.ifr_ifindex;
}

bool ifindex_name(unsigned int index, char name[static IF_NAMESIZE])
{
	struct ifreq request = {.ifr_ifindex = (int)index};

	if (ifindex_open() < 0 || ioctl(handle, SIOCGIFNAME, &request) < 0)
		return false;
	memcpy(name, request.ifr_name, IF_NAMESIZE);
	return true;
}

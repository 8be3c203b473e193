/* SPDX-License-Identifier: ISC */
#include "vrrp/net/filter.h"

#include <errno.h>

int filter_load(uint32_t places, int descriptors[FILTER_DESCRIPTORS])
{
	return -ENOSYS;
}

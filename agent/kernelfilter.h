/* SPDX-License-Identifier: ISC */
#ifndef AGENT_KERNELFILTER_H
#define AGENT_KERNELFILTER_H

#include <stdint.h>

struct filter;
struct handed_over;

/* The filter that checks repeated adverts in the kernel (vrrp/net/filter.h): the predecessor's, or
 * a new one, which takes BPF among the capabilities.  NULL: there is none; the log says
 * why.  routers: about so many will use it, 0: unknown; more find a place as long as there is one.
 * Supervisor thread, before the capabilities are dropped. */
struct filter *kernelfilter_take(struct handed_over *handed, uint32_t routers);

#endif

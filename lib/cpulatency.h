/* SPDX-License-Identifier: ISC */
#ifndef LIB_CPULATENCY_H
#define LIB_CPULATENCY_H

#include <stdint.h>

/* How long a processor that sleeps may take to wake.  Whoever holds the kernel's device open asks
 * for that, of all processors of the machine; the least that anybody asks for counts, and nothing
 * is asked for any more when the device is closed. */

#define CPULATENCY_DEVICE "/dev/cpu_dma_latency"
#define CPULATENCY_MAX	  2000000000u /* µs; to the kernel as much as nothing */
#define CPULATENCY_NONE	  UINT32_MAX  /* nothing is asked for */

/* Asks for so many µs, at most CPULATENCY_MAX, by the descriptor that asked before, or -1.  Returns
 * the descriptor, close-on-exec, for its owner to close; or a negative errno: then it is closed,
 * and nothing is asked for. */
int cpulatency_ask(int fd, uint32_t microseconds);

#endif

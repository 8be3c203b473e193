/* SPDX-License-Identifier: ISC */
#ifndef TESTS_ENGINE_ALLOCATIONS_H
#define TESTS_ENGINE_ALLOCATIONS_H

#include <stdint.h>

/* How often the engine's thread has called malloc, calloc, realloc or free so far: the program is
 * linked with --wrap for each of them. */
uint64_t allocations_of_engine(void);

#endif

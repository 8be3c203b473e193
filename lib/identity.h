/* SPDX-License-Identifier: ISC */
#ifndef LIB_IDENTITY_H
#define LIB_IDENTITY_H

#include <stdint.h>

/* A name as a number (FNV-1a), where the name itself is too long to be kept. */
static inline uint64_t identity_of_name(const char *name)
{
	uint64_t identity = 0xcbf29ce484222325ull;

	for (; *name; name++)
		identity = (identity ^ (uint8_t)*name) * 0x100000001b3ull;
	return identity ? identity : 1;
}

#endif

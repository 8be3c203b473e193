/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_IMAGEWALK_H
#define TESTS_UNIT_IMAGEWALK_H

#include "lib/image.h"

#include <stdint.h>

/* Reads everything that an accepted image lets its readers reach, as they would: under the address
 * sanitizer, a reach beyond the document ends the program.  Returns a sum that depends on all. */
uint64_t image_walk(const struct image *image);

#endif

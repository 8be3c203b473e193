/* SPDX-License-Identifier: ISC */
#ifndef CHECK_TRACK_VALUEFILE_H
#define CHECK_TRACK_VALUEFILE_H

#include <stdbool.h>
#include <stdint.h>

/* A file that holds a number.
 *
 * What this process may not do by itself, being root without the power to pass over permissions, it
 * does as the owner of the file, or of the folder where it makes one: never more than that owner
 * could do. */

enum valuefile_result {
	VALUEFILE_NUMBER,    /* *value is what it says */
	VALUEFILE_NONE,	     /* there is no such file: 0 */
	VALUEFILE_NO_NUMBER, /* it does not begin with a number: 0 */
	VALUEFILE_RANGE,     /* the number does not fit; *value is not touched */
	VALUEFILE_UNREADABLE /* it can't be read, or is no file: 0; errno says why */
};

/* Decimal, or with 0x or 0 as C has it; white space before it and anything behind it are passed
 * over. */
enum valuefile_result valuefile_parse(const char *text, int32_t *value);

enum valuefile_result valuefile_read(const char *path, int32_t *value);

/* Writes `value` to a file that does not exist or, with `overwrite`, to a new one in its place.  A
 * symbolic link is replaced, never followed.  1: written; 0: there is one already; or a negative
 * errno. */
int valuefile_init(const char *path, int32_t value, bool overwrite);

#endif

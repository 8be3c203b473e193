/* SPDX-License-Identifier: ISC */
#ifndef LIB_HOT_H
#define LIB_HOT_H

/* On the definition of what each turn of the engine runs.  The linker lays these functions side by
 * side: a processor that comes out of sleep looks up the address of each page it enters, and of a
 * turn's time that was a good part. */
#define HOT __attribute__((hot))

#endif

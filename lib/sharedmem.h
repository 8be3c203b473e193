/* SPDX-License-Identifier: ISC */
#ifndef LIB_SHAREDMEM_H
#define LIB_SHAREDMEM_H

#include <stddef.h>

/* Memory shared between the processes of one agent, as memfds.  Two kinds:
 *  - a *region* (status board, event ring): its creator writes it for as long as it lives,
 * everybody else can only map it for reading, because F_SEAL_FUTURE_WRITE is set once the creator
 * has mapped it;
 *  - a *document* (configuration image, accepted source): complete before anybody sees it, then
 * sealed against every change. All functions return a negative errno on failure.  Any thread. */

/* Creates a zeroed region of `size` bytes, sparse until written, mapped read-write at *map.
 * Returns its descriptor, which the caller owns.  `future_write` leaves out the seal, for good: for
 * the rare region that another process must write (consumer cursors). */
int sharedmem_region(const char *name, size_t size, int future_write, void **map);

/* Maps a region or document of at least `minimum` bytes for reading; its size is stored in *size.
 * -EINVAL: too small.  The mapping is the caller's (munmap). */
int sharedmem_map(int fd, size_t minimum, const void **map, size_t *size);

/* Maps a region for writing, of exactly `size` bytes: -EINVAL if it has another size,
 * -EPERM if it was sealed. */
int sharedmem_map_writable(int fd, size_t size, void **map);

/* Copies `size` bytes into a new document and seals it.  Returns its descriptor, the caller's. */
int sharedmem_document(const char *name, const void *bytes, size_t size);

/* 0 if `fd` is a document that nobody can change any more, else -EPERM. */
int sharedmem_check_sealed(int fd);

#endif

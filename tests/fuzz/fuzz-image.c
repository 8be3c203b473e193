/* SPDX-License-Identifier: ISC */
/* A configuration image of arbitrary octets: refused, or everything it lets a reader reach lies
 * within it. */
#include "lib/image.h"
#include "tests/unit/imagewalk.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *bytes = malloc(size); /* exactly so large, and aligned as a mapping is */
	struct image *image;

	if (!bytes)
		return 0;
	if (size)
		memcpy(bytes, data, size);
	image = image_open_bytes(bytes, size);
	if (image)
		image_walk(image);
	image_close(image);
	free(bytes);
	return 0;
}

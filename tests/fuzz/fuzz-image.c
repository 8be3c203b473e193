/* SPDX-License-Identifier: ISC */
/* A configuration image of arbitrary octets: refused, or everything it lets a reader reach lies
 * within it.  They are tried as they are, and as the body of a document whose header adds up:
 * nearly nothing else would come to the checks behind that of the header. */
#include "lib/image.h"
#include "tests/unit/imagewalk.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COUNT_MAX 15 /* of each array that is mended */

static void open_and_walk(const void *bytes, size_t size)
{
	struct image *image = image_open_bytes(bytes, size);

	if (image)
		image_walk(image);
	image_close(image);
}

/* Arrays so short that they fit; what is left are strings, the last of which ends. */
static void mend(void *bytes, size_t size)
{
	struct image_header *header = bytes;
	struct image_span *const spans[] = {&header->routers, &header->addresses, &header->peers,
		&header->tracks, &header->commands, &header->removed, &header->routes,
		&header->hops, &header->rules, &header->paces, &header->groups, &header->trackers,
		&header->uses, &header->strings};
	const size_t count = sizeof(spans) / sizeof(spans[0]);

	for (size_t i = 0; i < count; i++)
		*spans[i] = (struct image_span){0, spans[i]->count & COUNT_MAX};
	header->strings.count = 0;
	for (size_t i = 0; i < count && image_layout(header).size > size; i++)
		spans[i]->count = 0;
	header->magic = IMAGE_MAGIC;
	header->size = size;
	header->generation |= 1;
	header->base_generation &= header->generation >> 1;
	header->strings.count = (uint32_t)(size - image_layout(header).size);
	if (header->strings.count)
		((char *)bytes)[size - 1] = '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *bytes = calloc(1, size); /* exactly so large, and aligned as a mapping is */

	if (!bytes)
		return 0;
	if (size)
		memcpy(bytes, data, size);
	open_and_walk(bytes, size);
	if (size >= sizeof(struct image_header)) {
		mend(bytes, size);
		open_and_walk(bytes, size);
	}
	free(bytes);
	return 0;
}

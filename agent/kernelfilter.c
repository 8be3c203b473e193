/* SPDX-License-Identifier: ISC */
#include "agent/kernelfilter.h"

#include "agent/legacy.h"
#include "lib/log.h"
#include "vrrp/net/filter.h"

#include <errno.h>
#include <string.h>

/* Of 192 octets each. */
#define PLACES_MIN 128
#define PLACES_MAX 32768
#define UNKNOWN	   1000 /* routers */

/* Up to two thirds are taken, so that nobody has to look far. */
static uint32_t places_for(uint32_t routers)
{
	uint32_t wanted = (routers ? routers : UNKNOWN) / 2 * 3;
	uint32_t places = PLACES_MIN;

	while (places < wanted && places < PLACES_MAX)
		places *= 2;
	return places;
}

static struct filter *take_former(struct legacy *legacy)
{
	int descriptors[FILTER_DESCRIPTORS];

	for (int i = 0; i < FILTER_DESCRIPTORS; i++) {
		if (legacy->filter[i] < 0)
			return NULL;
		descriptors[i] = legacy->filter[i];
	}
	memset(legacy->filter, -1, sizeof(legacy->filter));
	return filter_open(descriptors);
}

static void complain(int error)
{
	const char *reason = strerrordesc_np(error);

	if (error == ENOSYS)
		reason = "the program was built without it";
	else if (error == ELIBACC)
		reason = "libbpf is needed (Debian: libbpf1)";
	else if (error == EPERM)
		reason = "that needs CAP_BPF";
	log_message(LOG_INFO, "the kernel does not check repeated advertisements: %s", reason);
}

static struct filter *make(uint32_t places)
{
	int descriptors[FILTER_DESCRIPTORS];
	int error = filter_load(places, descriptors);
	struct filter *filter = error ? NULL : filter_open(descriptors);

	if (error)
		errno = -error;
	return filter;
}

/* A new program is this version's own.  Who may not make one, because it was executed without the
 * power to, goes on with the former. */
struct filter *kernelfilter_take(struct legacy *legacy, uint32_t routers)
{
	struct filter *former = take_former(legacy);
	struct filter *filter = make(former ? filter_places(former) : places_for(routers));

	if (!filter && !former)
		complain(errno);
	if (!filter)
		return former;
	filter_close(former);
	return filter;
}

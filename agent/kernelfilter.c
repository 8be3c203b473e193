/* SPDX-License-Identifier: ISC */
#include "agent/kernelfilter.h"

#include "agent/handed_over.h"
#include "lib/log.h"
#include "vrrp/net/filter.h"
#include "vrrp/net/filter_entry.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Of 200 octets each, which are the engine's memory; the least leaves room for reloads that bring
 * more. */
#define PLACES_MIN 1024
#define PLACES_MAX 32768
#define UNKNOWN	   1000 /* routers */

static_assert(sizeof(struct filter_entry) == 200, "docs/architecture.md says so as well");

/* Up to two thirds are taken, so that nobody has to look far. */
static uint32_t places_for(uint32_t routers)
{
	uint32_t wanted = (routers ? routers : UNKNOWN) / 2 * 3;
	uint32_t places = PLACES_MIN;

	while (places < wanted && places < PLACES_MAX)
		places *= 2;
	return places;
}

static struct filter *take_handed_over(struct handed_over *handed)
{
	int descriptors[FILTER_DESCRIPTORS];

	for (int i = 0; i < FILTER_DESCRIPTORS; i++) {
		if (handed->filter[i] < 0)
			return NULL;
		descriptors[i] = handed->filter[i];
	}
	memset(handed->filter, -1, sizeof(handed->filter));
	return filter_open(descriptors);
}

static void complain(int error)
{
	const char *reason = error < 0 ? strerrordesc_np(-error) : NULL;

	if (error == FILTER_NOT_BUILT)
		reason = "the program was built without it";
	else if (error == -ELIBACC)
		reason = "libbpf is needed (Debian: libbpf1)";
	else if (error == -EPERM)
		reason = "not permitted (by CAP_BPF, seccomp or lockdown)";
	log_message(LOG_INFO, "the kernel does not check repeated advertisements: %s",
		reason ? reason : "libbpf can't load the program");
}

/* NULL: *error. */
static struct filter *make(uint32_t places, int *error)
{
	int descriptors[FILTER_DESCRIPTORS];
	struct filter *filter;

	*error = filter_load(places, descriptors);
	if (*error)
		return NULL;
	filter = filter_open(descriptors);
	if (!filter)
		*error = -errno;
	return filter;
}

/* A new program is this version's own.  Who may not make one, because it was executed without the
 * power to, goes on with the predecessor's. */
struct filter *kernelfilter_take(struct handed_over *handed, uint32_t routers)
{
	struct filter *handed_over = take_handed_over(handed);
	int error;
	struct filter *filter = make(places_for(routers), &error);

	if (!filter && !handed_over)
		complain(error);
	if (!filter)
		return handed_over;
	filter_close(handed_over);
	return filter;
}

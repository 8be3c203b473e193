/* SPDX-License-Identifier: ISC */
/* What the monitor reads of route netlink, and the check process of the process connector: any
 * octets as a datagram of the kernel's. */
#include <assert.h>
#include <netlink/msg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check/track/procconnector.h"
#include "vrrp/net/news.h"

#define DATAGRAM_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_link(const struct nlmsghdr *message)
{
	struct link_news news;

	if (!news_read_link(message, &news))
		return;
	assert(news.index > 0);
	assert(memchr(news.name, '\0', sizeof(news.name)));
	assert(news.has_name == (news.name[0] != '\0'));
}

static void check_address(const struct nlmsghdr *message)
{
	struct address_news news;

	if (!news_read_address(message, &news))
		return;
	assert(news.address.family == VRRP_IPV4 || news.address.family == VRRP_IPV6);
	assert(news.prefix_length <= 8 * vrrp_address_length(news.address.family));
}

/* Of its own size, so that nothing behind it is read in silence. */
static void check_process(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size);
	struct procconnector_event event;

	if (!exact)
		return;
	memcpy(exact, data, size);
	if (procconnector_read(exact, size, &event) && event.kind != CONNECTOR_OTHER)
		assert(event.pid > 0);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(struct nlmsghdr) uint8_t datagram[DATAGRAM_MAX];
	struct nlmsghdr *message = (struct nlmsghdr *)datagram;
	int left = (int)size;

	if (size > sizeof(datagram))
		return 0;
	check_process(data, size);
	memcpy(datagram, data, size);
	for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left)) {
		check_link(message);
		check_address(message);
	}
	return 0;
}

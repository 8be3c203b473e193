/* SPDX-License-Identifier: ISC */
/* Which of the addresses that a crash left are taken away, also by a kernel that tells no tags.  It
 * is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vrrp/applier/leftover.h"
#include "vrrp/net/ifaddress.h"
#include "vrrp/net/netlink.h"

#include <fcntl.h>

#define INDEX  3
#define PREFIX 24

static enum monitor_presence presence;
static uint8_t present_prefix;
static const char *present_name;
static unsigned int removed;

enum monitor_presence monitor_presence(const struct monitor *monitor, uint32_t index,
	const struct vrrp_address *address, uint8_t *prefix_length)
{
	assert_int_equal(index, INDEX);
	*prefix_length = present_prefix;
	return presence;
}

const char *monitor_name(const struct monitor *monitor, uint32_t index)
{
	return present_name;
}

int netlink_open(uint32_t groups)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

void address_apply(int fd, struct address_change *changes, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		assert_int_equal(changes[i].index, INDEX);
		changes[i].error = 0;
	}
	removed += count;
}

static unsigned int removed_of(enum monitor_presence there, uint8_t prefix_length, const char *name)
{
	const uint8_t octets[] = {192, 0, 2, 1};
	struct journal_record record = {.kind = JOURNAL_ADDRESS,
		.index = INDEX,
		.address = vrrp_address_make(VRRP_IPV4, octets),
		.prefix_length = PREFIX};

	strcpy(record.interface, "eth0");
	presence = there;
	present_prefix = prefix_length;
	present_name = name;
	removed = 0;
	assert_int_equal(leftover_remove(NULL, &record, 1), 0);
	return removed;
}

static void with_tags(void **state)
{
	assert_int_equal(removed_of(MONITOR_TAGGED, PREFIX, "eth0"), 1);
	assert_int_equal(removed_of(MONITOR_TAGGED, PREFIX, "lan0"), 1);
	assert_int_equal(removed_of(MONITOR_STRANGER, PREFIX, "eth0"), 0);
	assert_int_equal(removed_of(MONITOR_ABSENT, PREFIX, "eth0"), 0);
}

static void without_tags(void **state)
{
	assert_int_equal(removed_of(MONITOR_PRESENT, PREFIX, "eth0"), 1);
	assert_int_equal(removed_of(MONITOR_PRESENT, PREFIX, "lan0"), 1);
	assert_int_equal(removed_of(MONITOR_PRESENT, PREFIX + 1, "eth0"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_tags),
		cmocka_unit_test(without_tags),
	};

	return cmocka_run_group_tests_name("left-addresses", tests, NULL, NULL);
}

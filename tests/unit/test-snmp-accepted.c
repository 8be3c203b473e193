/* SPDX-License-Identifier: ISC */
/* The accepted configuration, kept slot by slot from whole images and deltas. */
#include "agent/snmp/accepted.h"
#include "tests/unit/draft.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static struct draft draft;

static int take(struct accepted *accepted)
{
	int fd = draft_document(&draft);
	int error = accepted_take(accepted, fd);

	close(fd);
	return error;
}

static const char *name_of(struct accepted *accepted, uint32_t slot)
{
	const struct accepted_router *found = accepted_slot(accepted, slot);

	return found ? image_string(found->image, found->router->name) : NULL;
}

static struct accepted *with_three(void)
{
	struct accepted *accepted = accepted_new();

	draft_begin(&draft, 5, 0);
	draft_router(&draft, 0, "a", "eth0", 1);
	draft_router(&draft, 3, "b", "eth0", 2);
	draft_router(&draft, 9, "c", "eth0", 3);
	assert_int_equal(take(accepted), 0);
	return accepted;
}

static void a_delta_changes_what_it_names(void **state)
{
	struct accepted *accepted = with_three();

	draft_begin(&draft, 6, 5);
	draft_router(&draft, 3, "b2", "eth0", 2);
	draft_router(&draft, 4, "d", "eth0", 4);
	draft_remove(&draft, 0);
	assert_int_equal(take(accepted), 0);
	assert_null(name_of(accepted, 0));
	assert_string_equal(name_of(accepted, 3), "b2");
	assert_string_equal(name_of(accepted, 4), "d");
	assert_string_equal(name_of(accepted, 9), "c");
	assert_int_equal(image_header(accepted_image(accepted))->generation, 6);
	accepted_free(accepted);
}

static void a_whole_image_replaces_everything(void **state)
{
	struct accepted *accepted = with_three();

	draft_begin(&draft, 9, 0);
	draft_router(&draft, 3, "new", "eth0", 2);
	assert_int_equal(take(accepted), 0);
	assert_null(name_of(accepted, 0));
	assert_string_equal(name_of(accepted, 3), "new");
	assert_null(name_of(accepted, 9));
	accepted_free(accepted);
}

static void a_delta_against_another_configuration_is_refused(void **state)
{
	struct accepted *accepted = with_three();

	draft_begin(&draft, 9, 7);
	draft_router(&draft, 3, "stale", "eth0", 2);
	assert_int_equal(take(accepted), -ESTALE);
	assert_string_equal(name_of(accepted, 3), "b");
	accepted_free(accepted);
	accepted = accepted_new();
	assert_int_equal(take(accepted), -ESTALE);
	assert_null(accepted_image(accepted));
	accepted_free(accepted);
}

static void addresses_are_sorted_and_listed(void **state)
{
	/* a file may list one again */
	static const uint8_t octets[] = {9, 3, 200, 3, 1, 9};
	static const uint8_t rising[] = {1, 3, 9, 200};
	struct accepted *accepted = accepted_new();
	const struct accepted_router *found;

	draft_begin(&draft, 1, 0);
	draft_router(&draft, 0, "other", "eth0", 1);
	draft_address(&draft, "eth0");
	draft_router(&draft, 1, "it", "eth0", 2);
	for (size_t i = 0; i < sizeof(octets); i++)
		draft_address(&draft, "eth0")->address[3] = octets[i];
	assert_int_equal(take(accepted), 0);
	found = accepted_slot(accepted, 1);
	assert_int_equal(accepted_address_count(found), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(accepted_address(found, i)->address[3], rising[i]);
		assert_true(accepted_is_in_service(found, accepted_address(found, i)));
	}
	assert_int_equal(accepted_listed_count(found), sizeof(octets));
	for (size_t i = 0; i < sizeof(octets); i++)
		assert_int_equal(accepted_listed_address(found, i)->address[3], octets[i]);
	accepted_free(accepted);
}

/* Not in service: shown among the others.  Excluded: held with them, but none of them. */
static void dormant_and_excluded_addresses_are_told_apart(void **state)
{
	static const uint8_t octets[] = {9, 3, 1, 4};
	static const uint8_t rising[] = {3, 4, 9};
	struct accepted *accepted = accepted_new();
	const struct accepted_router *found;
	struct image_router *router;

	draft_begin(&draft, 1, 0);
	router = draft_router(&draft, 0, "it", "eth0", 2);
	for (size_t i = 0; i < 4; i++)
		draft_address(&draft, "eth0")->address[3] = octets[i];
	router->addresses.count = 2;
	router->excluded = (struct image_span){2, 1};
	router->dormant = (struct image_span){3, 1};
	assert_int_equal(take(accepted), 0);
	found = accepted_slot(accepted, 0);
	assert_int_equal(accepted_address_count(found), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(accepted_address(found, i)->address[3], rising[i]);
		assert_int_equal(
			accepted_is_in_service(found, accepted_address(found, i)), rising[i] != 4);
	}
	assert_int_equal(accepted_listed_count(found), 3);
	assert_int_equal(accepted_listed_address(found, 2)->address[3], 1);
	assert_false(accepted_is_in_service(found, accepted_listed_address(found, 2)));
	accepted_free(accepted);
}

static void a_router_is_found_by_its_identity_too(void **state)
{
	struct accepted *accepted = with_three();
	struct status_router router = {.vrid = 2, .family = 1, .interface = "eth0"};

	assert_non_null(accepted_find(accepted, 3, &router));
	assert_null(accepted_find(accepted, 0, &router));
	assert_null(accepted_find(accepted, 4, &router));
	router.family = 2;
	assert_null(accepted_find(accepted, 3, &router));
	router.family = 1;
	strcpy(router.interface, "eth00");
	assert_null(accepted_find(accepted, 3, &router));
	accepted_free(accepted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delta_changes_what_it_names),
		cmocka_unit_test(a_whole_image_replaces_everything),
		cmocka_unit_test(a_delta_against_another_configuration_is_refused),
		cmocka_unit_test(addresses_are_sorted_and_listed),
		cmocka_unit_test(dormant_and_excluded_addresses_are_told_apart),
		cmocka_unit_test(a_router_is_found_by_its_identity_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

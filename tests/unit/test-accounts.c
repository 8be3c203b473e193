/* SPDX-License-Identifier: ISC */
/* Users and groups of the host: each is looked up once. */
#include "agent/core/accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define USER  "daemon"
#define GROUP "tty"

static unsigned int look_ups;
static int failure; /* of all look-ups; 0: they are done */

struct passwd *__real_getpwnam(const char *name);
struct passwd *__wrap_getpwnam(const char *name);
struct group *__real_getgrnam(const char *name);
struct group *__wrap_getgrnam(const char *name);

struct passwd *__wrap_getpwnam(const char *name)
{
	look_ups++;
	errno = failure;
	return failure ? NULL : __real_getpwnam(name);
}

struct group *__wrap_getgrnam(const char *name)
{
	look_ups++;
	errno = failure;
	return failure ? NULL : __real_getgrnam(name);
}

static int begin(void **state)
{
	look_ups = 0;
	failure = 0;
	return 0;
}

static void test_each_is_looked_up_once(void **state)
{
	const struct passwd *user = __real_getpwnam(USER);
	const gid_t group = __real_getgrnam(GROUP)->gr_gid;
	struct accounts accounts = {0};

	for (int i = 0; i < 1000; i++) {
		uid_t uid = 1;
		gid_t gid = 1;

		assert_int_equal(accounts_user(&accounts, USER, &uid, &gid), 0);
		assert_int_equal(uid, user->pw_uid);
		assert_int_equal(gid, user->pw_gid);
		assert_int_equal(accounts_group(&accounts, GROUP, &gid), 0);
		assert_int_equal(gid, group);
	}
	assert_int_equal(look_ups, 2);
}

/* A user is not the group of the same name. */
static void test_user_and_group_of_one_name(void **state)
{
	struct accounts accounts = {0};
	uid_t uid = 1;
	gid_t gid = 1;

	assert_int_equal(accounts_group(&accounts, GROUP, &gid), 0);
	assert_int_equal(accounts_user(&accounts, GROUP, &uid, &gid), -ENOENT);
	assert_int_equal(look_ups, 2);
}

static void test_who_is_missing_stays_so(void **state)
{
	struct accounts accounts = {0};
	uid_t uid = 12;
	gid_t gid = 13;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(accounts_user(&accounts, "no-such-user", &uid, &gid), -ENOENT);
		assert_int_equal(accounts_group(&accounts, "no-such-group", &gid), -ENOENT);
	}
	assert_int_equal(uid, 12);
	assert_int_equal(gid, 13);
	assert_int_equal(look_ups, 2);
}

/* More names than are remembered are looked up again, and none is mistaken for another. */
static void test_more_than_are_remembered(void **state)
{
	static char names[2 * ACCOUNTS_REMEMBERED][16];
	struct accounts accounts = {0};
	uid_t uid = 1;
	gid_t gid = 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(names[i], sizeof(names[i]), "no-such-%zu", i);
		assert_int_equal(accounts_user(&accounts, names[i], &uid, &gid), -ENOENT);
		assert_int_equal(accounts_user(&accounts, USER, &uid, &gid), 0);
		assert_int_equal(uid, __real_getpwnam(USER)->pw_uid);
	}
	assert_in_range(look_ups, 2 * ACCOUNTS_REMEMBERED + 2, 2 * ACCOUNTS_REMEMBERED + 4);
}

static void test_failure_is_not_absence(void **state)
{
	struct accounts accounts = {0};
	uid_t uid = 1;
	gid_t gid = 1;

	failure = EIO;
	assert_int_equal(accounts_user(&accounts, USER, &uid, &gid), -EIO);
	assert_int_equal(accounts_group(&accounts, GROUP, &gid), -EIO);
	accounts = (struct accounts){0};
	failure = ESRCH;
	assert_int_equal(accounts_user(&accounts, USER, &uid, &gid), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup(test_##name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_is_looked_up_once),
		TEST(user_and_group_of_one_name),
		TEST(who_is_missing_stays_so),
		TEST(more_than_are_remembered),
		TEST(failure_is_not_absence),
	};

	return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}

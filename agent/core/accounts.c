/* SPDX-License-Identifier: ISC */
#include "agent/core/accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>

enum {
	KIND_USER = 'u',
	KIND_GROUP = 'g'
};

/* What getpwnam and getgrnam say of one that does not exist differs from source to source. */
static int failure(void)
{
	return errno && errno != ESRCH && errno != EBADF && errno != EPERM ? -errno : -ENOENT;
}

static void look_up_user(struct account *account)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(account->name);
	account->error = entry ? 0 : failure();
	if (entry) {
		account->uid = entry->pw_uid;
		account->gid = entry->pw_gid;
	}
}

static void look_up_group(struct account *account)
{
	const struct group *entry;

	errno = 0;
	entry = getgrnam(account->name);
	account->error = entry ? 0 : failure();
	if (entry)
		account->gid = entry->gr_gid;
}

static const struct account *find(struct accounts *accounts, char kind, const char *name)
{
	struct account *account = accounts->remembered;

	for (; account < &accounts->remembered[ACCOUNTS_REMEMBERED]; account++) {
		if (account->kind == kind && strcmp(account->name, name) == 0)
			return account;
	}
	account = &accounts->remembered[accounts->next++ % ACCOUNTS_REMEMBERED];
	*account = (struct account){.kind = kind, .name = name};
	if (kind == KIND_USER)
		look_up_user(account);
	else
		look_up_group(account);
	return account;
}

int accounts_user(struct accounts *accounts, const char *name, uid_t *uid, gid_t *gid)
{
	const struct account *account = find(accounts, KIND_USER, name);

	if (account->error)
		return account->error;
	*uid = account->uid;
	*gid = account->gid;
	return 0;
}

int accounts_group(struct accounts *accounts, const char *name, gid_t *gid)
{
	const struct account *account = find(accounts, KIND_GROUP, name);

	if (account->error)
		return account->error;
	*gid = account->gid;
	return 0;
}

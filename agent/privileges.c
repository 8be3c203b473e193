/* SPDX-License-Identifier: ISC */
#include "agent/privileges.h"

#include "lib/masterpath.h"

#include <errno.h>
#include <grp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEEP_MAX 4

static const struct {
	int count;
	cap_value_t capabilities[KEEP_MAX];
	int may_gain; /* through the programs it executes */
} kept[ROLE_COUNT] = {
	[ROLE_SUPERVISOR] = {2, {CAP_NET_ADMIN, CAP_NET_RAW}, 1},
	[ROLE_CORE] = {0, {0}, 0},
	[ROLE_AGENTX] = {0, {0}, 0},
	[ROLE_CHECK] = {4, {CAP_SETUID, CAP_SETGID, CAP_KILL, CAP_CHOWN}, 1},
};

/* The socket's group lets in whom snmpd's agentXPerms names.  Where there is no power to join a
 * group, there is none to be dropped either. */
static int join_socket_group(const char *address)
{
	const char *path = masterpath_of(address ? address : MASTERPATH_DEFAULT);
	struct stat status;

	if (geteuid() != 0 || !path || stat(path, &status) < 0)
		return 0;
	return setgroups(1, &status.st_gid) < 0 && errno != EPERM ? -errno : 0;
}

/* Without SETPCAP there is nothing to drop, and nothing that could be gained by being root. */
static int give_up_gaining(void)
{
	for (cap_value_t capability = 0; cap_get_bound(capability) >= 0; capability++) {
		if (cap_drop_bound(capability) < 0 && errno != EPERM)
			return -errno;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int limit(cap_t capabilities, cap_t permitted, enum role role)
{
	for (int i = 0; i < kept[role].count; i++) {
		cap_value_t capability = kept[role].capabilities[i];
		cap_flag_value_t has = CAP_CLEAR;

		cap_get_flag(permitted, capability, CAP_PERMITTED, &has);
		if (has == CAP_CLEAR)
			continue;
		if (cap_set_flag(capabilities, CAP_PERMITTED, 1, &capability, CAP_SET) < 0 ||
			cap_set_flag(capabilities, CAP_EFFECTIVE, 1, &capability, CAP_SET) < 0)
			return -errno;
	}
	return cap_set_proc(capabilities) < 0 ? -errno : 0;
}

int privileges_drop(enum role role, const char *agentx)
{
	cap_t permitted;
	cap_t capabilities;
	int error = 0;

	if (role == ROLE_AGENTX)
		error = join_socket_group(agentx);
	if (!error && !kept[role].may_gain)
		error = give_up_gaining();
	if (error)
		return error;
	permitted = cap_get_proc();
	capabilities = cap_init();
	error = permitted && capabilities ? limit(capabilities, permitted, role) : -ENOMEM;
	cap_free(permitted);
	cap_free(capabilities);
	return error;
}

/* SPDX-License-Identifier: ISC */
#include "agent/core/rights.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "agent/core/accounts.h"

static struct right_group find(const char *name)
{
	struct right_group group = {0};
	struct accounts accounts = {0};

	group.known = name && accounts_group(&accounts, name, &group.gid) == 0;
	return group;
}

struct rights rights_resolve(const struct globals *globals)
{
	return (struct rights){
		.change = find(globals->change_group), .view = find(globals->view_group)};
}

static bool has(const gid_t *groups, size_t count, const struct right_group *wanted)
{
	for (size_t i = 0; wanted->known && i < count; i++) {
		if (groups[i] == wanted->gid)
			return true;
	}
	return false;
}

/* The supplementary groups, the caller's to free; one more place is left at the end.  NULL: none
 * can be had. */
static gid_t *peer_groups(int fd, size_t *count)
{
	socklen_t size = 0;
	gid_t *groups;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) < 0 && errno != ERANGE)
		return NULL;
	groups = malloc(size + sizeof(*groups));
	if (groups && size && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		size = 0;
	*count = size / sizeof(*groups);
	return groups;
}

enum right rights_of_peer(const struct rights *rights, int fd)
{
	enum right right = RIGHT_NONE;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	size_t count;
	gid_t *groups;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return RIGHT_NONE;
	if (peer.uid == 0)
		return RIGHT_ROOT;
	groups = peer_groups(fd, &count);
	if (!groups)
		return RIGHT_NONE;
	groups[count++] = peer.gid;
	if (has(groups, count, &rights->change))
		right = RIGHT_CHANGE;
	else if (has(groups, count, &rights->view))
		right = RIGHT_VIEW;
	free(groups);
	return right;
}

static void check(
	const char *name, const struct origin *origin, struct conf_diagnostics *diagnostics)
{
	struct accounts accounts = {0};
	gid_t ignored;

	if (name && accounts_group(&accounts, name, &ignored) < 0)
		conf_diagnose_origin(diagnostics, CONF_ERROR, origin,
			"there is no group '%s' to answer over the control socket: create it or "
			"name another",
			name);
}

void rights_check(const struct config *config, struct conf_diagnostics *diagnostics)
{
	const struct globals *globals = &config->globals;

	check(globals->change_group, &globals->origins[GLOBAL_CHANGE_GROUP], diagnostics);
	check(globals->view_group, &globals->origins[GLOBAL_VIEW_GROUP], diagnostics);
}

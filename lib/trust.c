/* SPDX-License-Identifier: ISC */
#include "lib/trust.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel allows on one path */

/* A path under resolution: what is judged, and what is still to go. */
struct walk {
	char *done; /* the folders so far, without a slash at the end; empty: the root */
	char todo[PATH_MAX];
	int links;
	char *why;
};

static int refuse(const struct walk *walk, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(const struct walk *walk, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(walk->why, TRUST_WHY, format, arguments);
	va_end(arguments);
	return error;
}

static const char *kind(mode_t mode)
{
	return S_ISDIR(mode) ? "folder" : "file";
}

/* With an access control list, the group's bits of the mode are the list's mask. */
static bool group_may_write(const char *path, const struct stat *status)
{
	if (!(status->st_mode & S_IWGRP))
		return false;
	return status->st_gid != 0 || getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

static int judge(const struct walk *walk, const struct stat *status)
{
	const char *path = walk->done[0] ? walk->done : "/";

	if (status->st_uid != 0)
		return refuse(walk, -EPERM,
			"the %s %s belongs to user %u: a script that runs as root must be out of "
			"other users' reach (chown root it, or run the script as that user)",
			kind(status->st_mode), path, status->st_uid);
	if (S_ISLNK(status->st_mode))
		return 0;
	if (status->st_mode & S_IWOTH)
		return refuse(walk, -EPERM,
			"the %s %s is writable by everybody: a script that runs as root must be "
			"out of other users' reach (chmod o-w it, or move the script)",
			kind(status->st_mode), path);
	if (group_may_write(path, status))
		return refuse(walk, -EPERM,
			"the %s %s is writable by other users of group %u: a script that runs as "
			"root must be out of other users' reach (chmod g-w it)",
			kind(status->st_mode), path, status->st_gid);
	return 0;
}

/* Takes the next component off the path, onto the end of what is done: 1, 0 if none is left. */
static int descend(struct walk *walk)
{
	size_t start = strspn(walk->todo, "/");
	size_t length = strcspn(walk->todo + start, "/");
	char *slash = strrchr(walk->done, '/');
	size_t done = strlen(walk->done);
	const char *part = walk->todo + start;

	if (!length)
		return 0;
	if (length == 2 && memcmp(part, "..", 2) == 0) {
		if (slash)
			*slash = '\0';
	} else if (length != 1 || *part != '.') {
		if (done + length + 2 > PATH_MAX)
			return -ENAMETOOLONG;
		snprintf(walk->done + done, PATH_MAX - done, "/%.*s", (int)length, part);
	}
	memmove(walk->todo, part + length, strlen(part + length) + 1);
	return 1;
}

static int follow(struct walk *walk)
{
	char target[PATH_MAX];
	char rest[PATH_MAX];
	ssize_t length = readlink(walk->done, target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	memcpy(rest, walk->todo, sizeof(rest));
	if (snprintf(walk->todo, sizeof(walk->todo), "%s/%s", target, rest) >=
		(int)sizeof(walk->todo))
		return -ENAMETOOLONG;
	if (target[0] == '/')
		walk->done[0] = '\0';
	else
		*strrchr(walk->done, '/') = '\0';
	return 0;
}

static int step(struct walk *walk, struct stat *status)
{
	int error;

	if (lstat(walk->done[0] ? walk->done : "/", status) < 0)
		return refuse(walk, -errno, "%s: %s", walk->done, strerror(errno));
	error = judge(walk, status);
	if (error || !S_ISLNK(status->st_mode))
		return error;
	error = follow(walk);
	if (error)
		return refuse(walk, error, "the link %s can't be followed: %s", walk->done,
			strerror(-error));
	return 0;
}

int trust_resolve(const char *path, char resolved[PATH_MAX], char why[TRUST_WHY])
{
	struct walk walk = {.done = resolved, .why = why};
	struct stat status;
	int more;

	resolved[0] = '\0';
	if (path[0] != '/')
		return refuse(&walk, -EINVAL, "%s is not an absolute path", path);
	if (strlen(path) >= sizeof(walk.todo))
		return refuse(&walk, -ENAMETOOLONG, "the path is too long");
	strcpy(walk.todo, path);
	do {
		int error = step(&walk, &status);

		if (error)
			return error;
		more = descend(&walk);
	} while (more > 0);
	if (more < 0)
		return refuse(&walk, more, "the path is too long");
	if (!S_ISREG(status.st_mode))
		return refuse(&walk, -EACCES, "%s is not a file", path);
	if (!(status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return refuse(&walk, -EACCES, "%s is not executable (chmod +x it)", path);
	return 0;
}

int trust_find(const char *name, char path[PATH_MAX])
{
	const char *folder = TRUST_PATH;

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX ? 0 : -ENAMETOOLONG;
	while (*folder) {
		int length = (int)strcspn(folder, ":");

		if (snprintf(path, PATH_MAX, "%.*s/%s", length, folder, name) < PATH_MAX &&
			access(path, X_OK) == 0)
			return 0;
		folder += length;
		folder += *folder == ':';
	}
	return -ENOENT;
}

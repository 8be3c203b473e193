/* SPDX-License-Identifier: ISC */
#ifndef LIB_TRUST_H
#define LIB_TRUST_H

#include <limits.h>
#include <stddef.h>

/* Which programs may run with the rights of root: those that nobody but root can replace or change.
 * So the file, every folder on the way to it, and every symbolic link and its folders, must belong
 * to root and be writable by nobody else (group 0 may write unless an access control list opens it
 * to others; a sticky folder is a writable one).  As only root could change anything that was
 * looked at, what was judged is what is executed afterwards. */

#define TRUST_WHY 512

/* Where programs are looked for that are named without a folder. */
#define TRUST_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Finds the program's path: `name` itself if it has a slash, else its place in TRUST_PATH.  0 or
 * -ENOENT. */
int trust_find(const char *name, char path[PATH_MAX]);

/* Resolves an absolute path to one without symbolic links.  0: only root can change what is there,
 * and it is an executable file.  -EPERM: somebody else could; other negative errno: it can't be
 * used.  In both cases `why` says what is wrong, where, and what to do about it. */
int trust_resolve(const char *path, char resolved[PATH_MAX], char why[TRUST_WHY]);

#endif

/* SPDX-License-Identifier: ISC */
#include "lib/landlock.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* By number, as the kernel has them: headers are often older than the kernel that runs. */
#define CREATE_RULESET 444
#define RESTRICT_SELF  446
#define GET_VERSION    1u

#define BIT(number)	    (UINT64_C(1) << (number))
#define FILES_READ	    (BIT(2) | BIT(3)) /* files, folders */
#define FILES_FIRST	    (BIT(13) - 1)     /* version 1: execute, write, make, remove */
#define FILES_REFER	    BIT(13)	      /* version 2 */
#define FILES_TRUNCATE	    BIT(14)	      /* 3 */
#define PORTS_BIND	    BIT(0)	      /* 4 */
#define PORTS_CONNECT	    BIT(1)	      /* 4 */
#define FILES_DEVICE_IOCTL  BIT(15)	      /* 5 */
#define SCOPE_ABSTRACT_UNIX BIT(0)	      /* 6 */
#define SCOPE_SIGNAL	    BIT(1)	      /* 6 */

struct ruleset {
	uint64_t files;
	uint64_t ports;
	uint64_t scopes;
};

/* What a right is not asked for is as before; what is asked for and has no rule is refused: there
 * are no rules here. */
static struct ruleset ruleset_of(long version, bool network)
{
	struct ruleset ruleset = {.files = FILES_FIRST};

	if (version >= 2)
		ruleset.files |= FILES_REFER;
	if (version >= 3)
		ruleset.files |= FILES_TRUNCATE;
	if (version >= 4)
		ruleset.ports = PORTS_BIND | PORTS_CONNECT;
	if (version >= 5)
		ruleset.files |= FILES_DEVICE_IOCTL;
	if (version >= LANDLOCK_SCOPES)
		ruleset.scopes = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	if (network) {
		ruleset.files &= ~FILES_READ;
		ruleset.ports &= ~PORTS_CONNECT;
	}
	return ruleset;
}

int landlock_restrict(bool network)
{
	long version = syscall(CREATE_RULESET, NULL, 0, GET_VERSION);
	struct ruleset ruleset = ruleset_of(version, network);
	int error = 0;
	int fd;

	if (version < 0)
		return -errno;
	fd = (int)syscall(CREATE_RULESET, &ruleset, sizeof(ruleset), 0);
	if (fd < 0)
		return -errno;
	if (syscall(RESTRICT_SELF, fd, 0) < 0)
		error = -errno;
	close(fd);
	return error ? error : (int)version;
}

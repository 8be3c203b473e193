/* SPDX-License-Identifier: ISC */
#ifndef LIB_NETSPACE_H
#define LIB_NETSPACE_H

/* Network namespaces by the name that ip-netns(8) gives them.  For processes of one thread: what a
 * thread enters, those which it starts are in, others are not. */

#define NETSPACE_NAME_MAX 255

/* 0, or what is wrong with the namespace of that name: -ENOENT, -EINVAL (something else has the
 * name), or another negative errno. */
int netspace_look(const char *name);

/* 0 also without the power (SYS_ADMIN) where the process is in it already.  Negative: as above, or
 * -EPERM. */
int netspace_enter(const char *name);

/* This process's own, by descriptor, for another process to enter.  Negative: an errno. */
int netspace_open_own(void);
int netspace_enter_fd(int fd);

#endif

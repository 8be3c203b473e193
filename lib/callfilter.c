/* SPDX-License-Identifier: ISC */
#include "lib/callfilter.h"

#include <errno.h>
#include <stdint.h>

#if (defined(__x86_64__) && !defined(__ILP32__)) || \
	(defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Always refused. */
static const int refused[] = {
	/* signals (tgkill: below), and whatever else acts on another process of the same user */
	SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_ptrace,
	SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_setpriority, SYS_ioprio_set,
	SYS_sched_setparam, SYS_sched_setscheduler, SYS_sched_setattr, SYS_sched_setaffinity,
	SYS_migrate_pages, SYS_move_pages, SYS_perf_event_open,
	/* other programs and processes (clone: below) */
	SYS_execve, SYS_execveat,
	/* what has a name and belongs to a user */
	SYS_shmget, SYS_shmat, SYS_shmctl, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl,
	SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_add_key,
	SYS_request_key, SYS_keyctl,
	/* what a stranger has no business with in the kernel */
	SYS_unshare, SYS_setns, SYS_bpf, SYS_userfaultfd,
	/* files, in what Landlock judges and in what it does not */
	SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat,
	SYS_symlinkat, SYS_truncate, SYS_ftruncate, SYS_fchmod, SYS_fchmodat, SYS_fchown,
	SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr,
	SYS_lremovexattr, SYS_fremovexattr,
#ifdef SYS_fork /* the same by older names */
	SYS_fork, SYS_vfork, SYS_creat, SYS_mkdir, SYS_rmdir, SYS_mknod, SYS_unlink, SYS_rename,
	SYS_link, SYS_symlink, SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes,
	SYS_futimesat,
#endif
	/* a pair of datagram sockets can send to any name */
	SYS_socketpair, SYS_listen};

/* Refused to a process that neither reads files nor has a network. */
static const int outside[] = {SYS_openat,
#ifdef SYS_open
	SYS_open,
#endif
	SYS_socket, SYS_connect, SYS_bind};

/* From here on all processors have the same numbers, whether the headers know them or not.  What is
 * not among these is unknown to the process: io_uring, pidfds, clone3, openat2, mounts and all that
 * is yet to come. */
#define UNIFIED_SINCE 424

static const int unified[] = {
	436, /* close_range */
	439, /* faccessat2 */
	441, /* epoll_pwait2 */
	449, /* futex_waitv */
};

/* A call that one of its arguments decides, by its lower half: all of these have 32 bits, or, of
 * clone's and open's, the bits that matter. */
struct decision {
	int call;
	uint8_t argument;
	uint16_t test; /* BPF_JEQ: is one of the values; BPF_JSET: has a bit of one of them */
	bool allowed;  /* if so; or if not */
	uint8_t count;
	uint32_t values[4];
};

#define WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static const struct decision decisions[] = {
	{SYS_clone, 0, BPF_JSET, true, 1, {CLONE_THREAD}},
	{SYS_fcntl, 1, BPF_JEQ, false, 3, {F_SETOWN, F_SETOWN_EX, F_SETSIG}}, /* SIGIO */
	{SYS_ioctl, 1, BPF_JEQ, false, 4, {FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX}},
	{SYS_openat, 2, BPF_JSET, false, 1, {WRITING}},
#ifdef SYS_open
	{SYS_open, 1, BPF_JSET, false, 1, {WRITING}},
#endif
	{SYS_socket, 0, BPF_JEQ, true, 3, {AF_INET, AF_INET6, AF_NETLINK}},
};

#define ROOM \
	(16 + 2 * (COUNT(refused) + COUNT(outside) + COUNT(unified)) + 12 * (COUNT(decisions) + 2))

struct program {
	struct sock_filter code[ROOM];
	unsigned short length;
};

static void add(struct program *program, uint16_t code, uint32_t value, uint8_t yes, uint8_t no)
{
	program->code[program->length++] =
		(struct sock_filter){.code = code, .jt = yes, .jf = no, .k = value};
}

static void load(struct program *program, size_t offset)
{
	add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct program *program, uint32_t verdict)
{
	add(program, BPF_RET | BPF_K, verdict, 0, 0);
}

static uint32_t verdict_of(bool allowed)
{
	return allowed ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM;
}

/* The next instruction only if what was loaded passes the test. */
static void only_if(struct program *program, uint16_t test, uint32_t value)
{
	add(program, BPF_JMP | BPF_K | test, value, 0, 1);
}

static void add_calls(struct program *program, const int *calls, size_t count, bool allowed)
{
	for (size_t i = 0; i < count; i++) {
		only_if(program, BPF_JEQ, (uint32_t)calls[i]);
		answer(program, verdict_of(allowed));
	}
}

static void add_decision(struct program *program, const struct decision *decision)
{
	/* else past the load, the tests and what is answered without them */
	add(program, BPF_JMP | BPF_K | BPF_JEQ, (uint32_t)decision->call, 0,
		(uint8_t)(2 + 2 * decision->count));
	/* little endian: the lower half is first */
	load(program, offsetof(struct seccomp_data, args) + decision->argument * sizeof(uint64_t));
	for (int i = 0; i < decision->count; i++) {
		only_if(program, decision->test, decision->values[i]);
		answer(program, verdict_of(decision->allowed));
	}
	answer(program, verdict_of(!decision->allowed));
}

static void write_program(struct program *program, bool network)
{
	const uint32_t own = (uint32_t)getpid();
	/* abort() is a signal to oneself; limits are asked for by the call that sets them */
	const struct decision own_only[] = {
		{SYS_tgkill, 0, BPF_JEQ, true, 1, {own}},
		{SYS_prlimit64, 0, BPF_JEQ, true, 2, {0, own}},
	};

	load(program, offsetof(struct seccomp_data, arch));
	add(program, BPF_JMP | BPF_K | BPF_JEQ, OWN_ARCHITECTURE, 1, 0);
	answer(program, verdict_of(false));
	load(program, offsetof(struct seccomp_data, nr));
	add_calls(program, unified, COUNT(unified), true);
	only_if(program, BPF_JGE, UNIFIED_SINCE);
	answer(program, SECCOMP_RET_ERRNO | ENOSYS);
	add_calls(program, refused, COUNT(refused), false);
	if (!network)
		add_calls(program, outside, COUNT(outside), false);
	for (size_t i = 0; i < COUNT(decisions); i++)
		add_decision(program, &decisions[i]);
	for (size_t i = 0; i < COUNT(own_only); i++)
		add_decision(program, &own_only[i]);
	answer(program, SECCOMP_RET_ALLOW);
}

/* Without what older kernels do to the branch prediction of a filtered process: nobody's code runs
 * here but ours. */
int callfilter_install(bool network)
{
	struct program program = {.length = 0};
	struct sock_fprog filter;

	write_program(&program, network);
	filter = (struct sock_fprog){.len = program.length, .filter = program.code};
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		       &filter) < 0
		       ? -errno
		       : 0;
}

#else

int callfilter_install(bool network)
{
	return -EOPNOTSUPP;
}

#endif

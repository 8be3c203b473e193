/* SPDX-License-Identifier: ISC */
/* A confined process, and what it still can do: each attempt is made by a process of its own, once
 * without being confined, to see that it would succeed, and then confined by either means alone and
 * by both. */
#include "lib/callfilter.h"
#include "lib/confine.h"
#include "lib/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SUCCEEDED 0
#define KILLED	  250

extern char **environ;

static char folder[] = "/tmp/test-confine-XXXXXX";
static char own_file[64], new_name[64], socket_name[64];
static int listener = -1;
static pid_t victim; /* the process that others of the same user would do something to */

/* ---- What is tried: 0 or an errno ---- */

static int result_of(long returned)
{
	return returned < 0 ? errno : SUCCEEDED;
}

static int close_result(int fd)
{
	int result = result_of(fd);

	if (fd >= 0)
		close(fd);
	return result;
}

static int signal_victim(void)
{
	return result_of(kill(victim, 0));
}

static int signal_thread_of_victim(void)
{
	return result_of(syscall(SYS_tgkill, victim, victim, 0));
}

static int queue_to_victim(void)
{
	return result_of(sigqueue(victim, SIGCONT, (union sigval){0}));
}

static int signal_all(void)
{
	return result_of(kill(-victim, 0));
}

/* The input's arrival would be a signal to it. */
static int owner_of_input(void)
{
	return result_of(fcntl(STDERR_FILENO, F_SETOWN, victim));
}

static int signal_by_pidfd(void)
{
	int fd = (int)syscall(434, victim, 0);
	int result = result_of(fd);

	if (fd >= 0)
		result = result_of(syscall(424, fd, 0, NULL, 0));
	return result;
}

static int trace_victim(void)
{
	return result_of(ptrace(PTRACE_SEIZE, victim, 0, 0));
}

static int write_victim(void)
{
	static char byte;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};

	return result_of(process_vm_writev(victim, &part, 1, &part, 1, 0));
}

static int limit_victim(void)
{
	struct rlimit limit;

	if (prlimit(victim, RLIMIT_CPU, NULL, &limit) < 0)
		return errno;
	return result_of(prlimit(victim, RLIMIT_CPU, &limit, NULL));
}

static int schedule_victim(void)
{
	const struct sched_param usual = {0};

	return result_of(sched_setscheduler(victim, SCHED_OTHER, &usual));
}

static int slow_down_victim(void)
{
	return result_of(setpriority(PRIO_PROCESS, (id_t)victim, 19));
}

static int fork_itself(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return result_of(pid);
}

static int spawn_program(void)
{
	char *arguments[] = {(char *)"true", NULL};
	pid_t pid;

	return posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environ);
}

static int execute(void)
{
	char *arguments[] = {(char *)"true", NULL};

	execve("/bin/true", arguments, environ);
	return errno;
}

static int write_new(void)
{
	return close_result(open(new_name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int write_old(void)
{
	return close_result(open(own_file, O_WRONLY | O_CLOEXEC));
}

static int truncate_old(void)
{
	return result_of(truncate(own_file, 0));
}

static int remove_old(void)
{
	return result_of(unlink(own_file));
}

static int rename_old(void)
{
	return result_of(rename(own_file, new_name));
}

static int link_old(void)
{
	return result_of(link(own_file, new_name));
}

static int link_by_name(void)
{
	return result_of(symlink(own_file, new_name));
}

static int make_folder(void)
{
	return result_of(mkdir(new_name, 0700));
}

static int make_fifo(void)
{
	return result_of(mkfifo(new_name, 0600));
}

static int open_to_all(void)
{
	return result_of(chmod(own_file, 0666));
}

static int give_away(void)
{
	return result_of(chown(own_file, getuid(), getgid()));
}

static int set_times(void)
{
	return result_of(utimensat(AT_FDCWD, own_file, NULL, 0));
}

static int get_shared_memory(void)
{
	int memory = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	int result = result_of(memory);

	if (memory >= 0)
		shmctl(memory, IPC_RMID, NULL);
	return result;
}

static int make_ring(void)
{
	char parameters[120] = {0};

	return close_result((int)syscall(425, 1, parameters));
}

static int read_file(void)
{
	return close_result(open(own_file, O_RDONLY | O_CLOEXEC));
}

static int make_socket(void)
{
	return close_result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int connect_by_name(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_name);
	return result_of(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

static int send_by_name(void)
{
	int ends[2];

	return result_of(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends));
}

static int connect_port(void)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	getsockname(listener, (struct sockaddr *)&address, &size);
	return result_of(connect(fd, (struct sockaddr *)&address, size));
}

/* ---- Confined, and how it went ---- */

enum means {
	MEANS_NONE,
	MEANS_LANDLOCK,
	MEANS_FILTER,
	MEANS_BOTH,
};

static void take(enum means means, enum confine_reach reach)
{
	bool network = reach == CONFINE_NETWORK;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (means == MEANS_LANDLOCK)
		landlock_restrict(network);
	if (means == MEANS_FILTER)
		callfilter_install(network);
	if (means == MEANS_BOTH) {
		struct confinement confinement = confine_begin(reach);

		confine_finish(reach, &confinement);
	}
}

static int outcome_of(int (*attempt)(void), enum means means, enum confine_reach reach)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		take(means, reach);
		_exit(attempt());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

/* Makes good what an attempt has changed. */
static void restore(void)
{
	int fd;

	unlink(new_name);
	rmdir(new_name);
	fd = open(own_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

/* What refuses it: by which Landlock version, and whether the filter does. */
#define NEVER 1000

static const struct {
	const char *name;
	int (*attempt)(void);
	int landlock;	      /* from this version on */
	bool in_network_also; /* also if it reads files and has a network */
} attempts[] = {
	{"a signal", signal_victim, 6, true},
	{"a signal to a thread", signal_thread_of_victim, 6, true},
	{"a signal with a value", queue_to_victim, 6, true},
	{"a signal to a group", signal_all, 6, true},
	{"a signal by pidfd", signal_by_pidfd, 6, true},
	{"a signal by input", owner_of_input, NEVER, true},
	{"tracing", trace_victim, 1, true},
	{"writing memory", write_victim, 1, true},
	{"limits", limit_victim, NEVER, true},
	{"scheduling", schedule_victim, NEVER, true},
	{"a nice value", slow_down_victim, NEVER, true},
	{"a fork", fork_itself, NEVER, true},
	{"a program", execute, 1, true},
	{"a process of a program", spawn_program, 1, true},
	{"a new file", write_new, 1, true},
	{"writing a file", write_old, 1, true},
	{"truncating a file", truncate_old, 3, true},
	{"removing a file", remove_old, 1, true},
	{"renaming a file", rename_old, 1, true},
	{"a link", link_old, 1, true},
	{"a symbolic link", link_by_name, 1, true},
	{"a folder", make_folder, 1, true},
	{"a FIFO", make_fifo, 1, true},
	{"a mode", open_to_all, NEVER, true},
	{"an owner", give_away, NEVER, true},
	{"times", set_times, NEVER, true},
	{"shared memory", get_shared_memory, NEVER, true},
	{"an io_uring", make_ring, NEVER, true},
	{"a Unix socket", connect_by_name, NEVER, true},
	{"datagrams to a name", send_by_name, NEVER, true},
	{"reading a file", read_file, 1, false},
	{"a socket", make_socket, NEVER, false},
	{"a connection", connect_port, 4, false},
};

#define COUNT (sizeof(attempts) / sizeof(attempts[0]))

static bool is_filter_known(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(callfilter_install(false) != 0);
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

static int landlock_version(void)
{
	return (int)syscall(444, NULL, 0, 1);
}

static void try_all(enum means means, enum confine_reach reach, const bool *refused)
{
	bool good = true;

	for (size_t i = 0; i < COUNT; i++) {
		int before = outcome_of(attempts[i].attempt, MEANS_NONE, reach);
		int result;

		restore();
		if (before != SUCCEEDED) {
			print_message("%s fails anyway: %s\n", attempts[i].name, strerror(before));
			continue;
		}
		result = outcome_of(attempts[i].attempt, means, reach);
		restore();
		if (result == KILLED || (result != SUCCEEDED) != refused[i]) {
			print_error("%s: %s, means %d, reach %d\n", attempts[i].name,
				result == KILLED ? "killed" : strerror(result), means, reach);
			good = false;
		}
	}
	assert_true(good);
}

static void check(enum means means, enum confine_reach reach)
{
	int version = means == MEANS_FILTER ? 0 : landlock_version();
	bool filter = means != MEANS_LANDLOCK && is_filter_known();
	bool refused[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		refused[i] = (filter || version >= attempts[i].landlock) &&
			     (reach == CONFINE_ALONE || attempts[i].in_network_also);
	try_all(means, reach, refused);
}

static void test_landlock(void **state)
{
	if (landlock_version() < 1)
		skip();
	check(MEANS_LANDLOCK, CONFINE_ALONE);
	check(MEANS_LANDLOCK, CONFINE_NETWORK);
}

static void test_filter(void **state)
{
	if (!is_filter_known())
		skip();
	check(MEANS_FILTER, CONFINE_ALONE);
	check(MEANS_FILTER, CONFINE_NETWORK);
}

static void test_both(void **state)
{
	check(MEANS_BOTH, CONFINE_ALONE);
	check(MEANS_BOTH, CONFINE_NETWORK);
}

/* ---- What goes on ---- */

static void *on_thread(void *context)
{
	return context;
}

static int use_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, on_thread, NULL);

	return error ? error : pthread_join(thread, NULL);
}

static int use_rest(void)
{
	struct timespec now;
	struct rlimit limit;
	struct stat status;
	int ends[2];
	char *memory = malloc(64 << 20);
	int fd = inotify_init1(IN_CLOEXEC);

	if (!memory || fd < 0 || inotify_add_watch(fd, folder, IN_CREATE) < 0 ||
		stat(own_file, &status) < 0 || access(own_file, F_OK) < 0 ||
		clock_gettime(CLOCK_REALTIME, &now) < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
		pipe2(ends, O_CLOEXEC) < 0 || write(ends[1], "x", 1) != 1 ||
		fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || getpid() < 0)
		return errno;
	memory[0] = 1;
	free(memory);
	return SUCCEEDED;
}

static int be_aborted(void)
{
	const struct rlimit none = {0};

	setrlimit(RLIMIT_CORE, &none);
	abort();
}

static void test_what_goes_on(void **state)
{
	static const enum confine_reach reaches[] = {CONFINE_ALONE, CONFINE_NETWORK};

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(outcome_of(use_thread, MEANS_BOTH, reaches[i]), SUCCEEDED);
		assert_int_equal(outcome_of(use_rest, MEANS_BOTH, reaches[i]), SUCCEEDED);
		assert_int_equal(outcome_of(be_aborted, MEANS_BOTH, reaches[i]), KILLED);
	}
}

/* What it says of itself is what the kernel has. */
static int compare_with_kernel(void)
{
	const int version = landlock_version();
	const int without = errno;
	const bool filter = is_filter_known();
	struct confinement confinement = confine_begin(CONFINE_ALONE);

	confine_finish(CONFINE_ALONE, &confinement);
	if (confinement.unwanted)
		return EINVAL;
	if (confinement.landlock != (version > 0 ? version : -without))
		return ERANGE;
	return (confinement.filter == 0) == filter ? SUCCEEDED : EDOM;
}

static void test_what_is_said(void **state)
{
	assert_int_equal(outcome_of(compare_with_kernel, MEANS_NONE, CONFINE_ALONE), SUCCEEDED);
}

/* ---- */

static int begin(void **state)
{
	const struct sockaddr_in any = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int named = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!mkdtemp(folder))
		return -1;
	snprintf(own_file, sizeof(own_file), "%s/own", folder);
	snprintf(new_name, sizeof(new_name), "%s/new", folder);
	snprintf(socket_name, sizeof(socket_name), "%s/socket", folder);
	restore();
	strcpy(address.sun_path, socket_name);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(named, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(named, 1000) < 0 ||
		bind(listener, (const struct sockaddr *)&any, sizeof(any)) < 0 ||
		listen(listener, 1000) < 0)
		return -1;
	victim = fork();
	if (victim == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	setpgid(victim, victim);
	return victim < 0 ? -1 : 0;
}

static int end(void **state)
{
	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	unlink(own_file);
	unlink(socket_name);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_landlock),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_what_goes_on),
		cmocka_unit_test(test_what_is_said),
	};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	puts("1..0 # SKIP nothing is confined while a sanitizer watches");
	return 0;
#endif
	return cmocka_run_group_tests(tests, begin, end);
}

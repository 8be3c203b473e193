/* SPDX-License-Identifier: ISC */
/* The store of what SNMP and vrrpctl changed: what is on the disk, and what is after a failure. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/core/store.h"
#include "lib/lifeline.h"
#include "tests/unit/lifeline-watcher.h"

#define OLD_TEXT "vrrp_instance A {\n\tpriority 110\n}\n"
#define NEW_TEXT "vrrp_instance A {\n\tpriority 120\n}\n"

struct folder {
	char top[64];
	char state[128]; /* below top, not made yet */
	char file[160];
};

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	return remove(path);
}

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	strcpy(folder->top, "/tmp/test-store-XXXXXX");
	assert_non_null(mkdtemp(folder->top));
	snprintf(folder->state, sizeof(folder->state), "%s/lib/vrrp", folder->top);
	snprintf(folder->file, sizeof(folder->file), "%s/overlay.conf", folder->state);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	nftw(folder->top, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(folder);
	return 0;
}

static struct store *open_good(const char *path)
{
	struct store *store;

	assert_int_equal(store_open(path, -1, &store), 0);
	assert_string_equal(store_problem(store), "");
	return store;
}

static void assert_text(const struct store *store, const char *expected)
{
	size_t length;

	assert_string_equal(store_text(store, &length), expected);
	assert_int_equal(length, strlen(expected));
}

static void read_file(const char *path, char *bytes, size_t size)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	bytes[fread(bytes, 1, size - 1, file)] = '\0';
	fclose(file);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int write_text(struct store *store, uint64_t transaction, const char *text)
{
	return store_write(store, transaction, text, strlen(text));
}

static void test_first_open_makes_a_private_folder(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	struct stat status;

	assert_int_equal(stat(folder->state, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_text(store, "");
	assert_int_equal(store_last_outcome(store), STORE_NOTHING);
	assert_string_equal(store_path(store), folder->file);
	assert_int_equal(access(folder->file, F_OK), -1);
	store_close(store);
}

/* What the store has the disk keep, a path behind the other; NULL: nobody asks. */
static char *synced;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	char place[64], path[256], *before = synced;
	ssize_t length;

	snprintf(place, sizeof(place), "/proc/self/fd/%d", fd);
	length = readlink(place, path, sizeof(path) - 1);
	path[length < 0 ? 0 : length] = '\0';
	if (before && asprintf(&synced, "%s%s\n", before, path) >= 0)
		free(before);
	return __real_fsync(fd);
}

static void assert_open_syncs(const struct folder *folder, const char *expected)
{
	synced = strdup("");
	store_close(open_good(folder->state));
	assert_string_equal(synced, expected);
	free(synced);
	synced = NULL;
}

/* Else the first change, acknowledged, could be lost with the folder that it is in. */
static void test_new_folders_outlive_a_power_cut(void **state)
{
	const struct folder *folder = *state;
	char expected[512];

	snprintf(expected, sizeof(expected), "%s\n%s/lib\n", folder->top, folder->top);
	assert_open_syncs(folder, expected);
	assert_open_syncs(folder, "");
}

static void test_written_file_has_its_form(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	char bytes[512];
	struct stat status;

	assert_int_equal(write_text(store, 18446744073709551615ull, OLD_TEXT), 0);
	read_file(folder->file, bytes, sizeof(bytes));
	assert_string_equal(bytes,
		"# vrrp-agent overlay, transaction 18446744073709551615, applied\n" OLD_TEXT
		"# end of overlay\n");
	assert_int_equal(stat(folder->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	store_close(store);
}

static void test_next_life_reads_what_was_written(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	size_t length;

	assert_int_equal(write_text(store, 7, OLD_TEXT), 0);
	assert_int_equal(write_text(store, 8, NEW_TEXT), 0);
	store_close(store);
	store = open_good(folder->state);
	assert_text(store, NEW_TEXT);
	assert_int_equal(store_transaction(store), 8);
	assert_int_equal(store_last_outcome(store), STORE_APPLIED);
	assert_non_null(store_previous(store, &length));
	assert_string_equal(store_previous(store, &length), OLD_TEXT);
	store_close(store);
}

static void test_first_transaction_can_be_taken_back_in_the_next_life(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	size_t length = 1;

	assert_int_equal(write_text(store, 7, OLD_TEXT), 0);
	store_close(store);
	store = open_good(folder->state);
	assert_non_null(store_previous(store, &length));
	assert_int_equal(length, 0);
	assert_int_equal(store_take_back(store, 7), 0);
	assert_null(store_previous(store, &length));
	store_close(store);
	store = open_good(folder->state);
	assert_text(store, "");
	assert_int_equal(store_transaction(store), 7);
	assert_int_equal(store_last_outcome(store), STORE_UNDONE);
	assert_null(store_previous(store, &length));
	store_close(store);
}

/* Whoever has the old file open keeps seeing all of it: it is replaced, not written over. */
static void test_replacement_is_atomic(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	char before[512], after[512];
	int fd;

	assert_int_equal(write_text(store, 1, OLD_TEXT), 0);
	read_file(folder->file, before, sizeof(before));
	fd = open(folder->file, O_RDONLY);
	assert_int_equal(write_text(store, 2, "# nothing\n"), 0);
	after[read(fd, after, sizeof(after) - 1)] = '\0';
	assert_string_equal(after, before);
	close(fd);
	snprintf(after, sizeof(after), "%s.new", folder->file);
	assert_int_equal(access(after, F_OK), -1);
	store_close(store);
}

static void assert_failed_write(struct store *store, const char *path, int error)
{
	char before[512], after[512], message[256];
	size_t size = 1 << 20;
	char *large = malloc(size);

	assert_non_null(large);
	memset(large, '\n', size);
	read_file(path, before, sizeof(before));
	assert_int_equal(store_write(store, 9, large, size), -error);
	free(large);
	snprintf(message, sizeof(message), "cannot write %s: %s", path, strerror(error));
	assert_string_equal(store_problem(store), message);
	assert_text(store, OLD_TEXT);
	assert_int_equal(store_transaction(store), 1);
	read_file(path, after, sizeof(after));
	assert_string_equal(after, before);
	snprintf(message, sizeof(message), "%s.new", path);
	assert_int_equal(access(message, F_OK), -1);
}

static void test_file_size_limit_leaves_the_old_content(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	struct rlimit old, small;

	assert_int_equal(write_text(store, 1, OLD_TEXT), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_failed_write(store, folder->file, EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(write_text(store, 10, NEW_TEXT), 0);
	assert_string_equal(store_problem(store), "");
	store_close(store);
}

/* Runs `work` where mounting harms nobody.  False: that is not allowed to root here. */
static bool with_own_mounts(void (*work)(const struct folder *), const struct folder *folder)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mkdir(folder->state, 0700) < 0 ||
			mount("tmpfs", folder->state, "tmpfs", 0, "size=64k,mode=0700") < 0)
			_exit(77);
		work(folder);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		return false;
	assert_int_equal(WEXITSTATUS(status), 0);
	return true;
}

/* In a child: a failed assertion of cmocka would go on in the parent's code. */
#define REQUIRE(condition)                                                              \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			_exit(1);                                                       \
		}                                                                       \
	} while (0)

static void fill_disk(const struct folder *folder)
{
	struct store *store;
	size_t size = 1 << 20, length;
	char *large = malloc(size);

	REQUIRE(large && store_open(folder->state, -1, &store) == 0);
	memset(large, '\n', size);
	REQUIRE(write_text(store, 1, OLD_TEXT) == 0);
	REQUIRE(store_write(store, 2, large, size) == -ENOSPC);
	REQUIRE(strcmp(store_text(store, &length), OLD_TEXT) == 0);
	store_close(store);
	REQUIRE(store_open(folder->state, -1, &store) == 0);
	REQUIRE(strcmp(store_text(store, &length), OLD_TEXT) == 0);
	REQUIRE(write_text(store, 3, NEW_TEXT) == 0);
	store_close(store);
	free(large);
}

static void remount_read_only(const struct folder *folder)
{
	struct store *store;
	size_t length;

	REQUIRE(store_open(folder->state, -1, &store) == 0);
	REQUIRE(write_text(store, 1, OLD_TEXT) == 0);
	REQUIRE(mount(NULL, folder->state, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	REQUIRE(write_text(store, 2, NEW_TEXT) == -EROFS);
	REQUIRE(strcmp(store_text(store, &length), OLD_TEXT) == 0);
	REQUIRE(store_transaction(store) == 1);
	store_close(store);
}

static void test_full_disk_leaves_the_old_content(void **state)
{
	const struct folder *folder = *state;
	char parent[160];

	snprintf(parent, sizeof(parent), "%s/lib", folder->top);
	assert_int_equal(mkdir(parent, 0755), 0);
	if (!with_own_mounts(fill_disk, folder))
		skip();
}

static void test_read_only_disk_leaves_the_old_content(void **state)
{
	const struct folder *folder = *state;
	char parent[160];

	snprintf(parent, sizeof(parent), "%s/lib", folder->top);
	assert_int_equal(mkdir(parent, 0755), 0);
	if (!with_own_mounts(remount_read_only, folder))
		skip();
}

static void assert_damaged(const struct folder *folder)
{
	struct store *store;
	char message[512];

	assert_int_equal(store_open(folder->state, -1, &store), -EBADMSG);
	assert_non_null(store);
	snprintf(message, sizeof(message), "%s is damaged", folder->file);
	assert_memory_equal(store_problem(store), message, strlen(message));
	assert_non_null(strstr(store_problem(store), "move it away"));
	store_close(store);
}

static void test_torn_file_is_refused_and_kept(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	char bytes[512], kept[512];
	size_t size;

	assert_int_equal(write_text(store, 1, OLD_TEXT), 0);
	store_close(store);
	read_file(folder->file, bytes, sizeof(bytes));
	size = strlen(bytes);
	for (size_t length = 0; length < size; length++) {
		write_file(folder->file, bytes, length);
		assert_damaged(folder);
	}
	read_file(folder->file, kept, sizeof(kept));
	bytes[size - 1] = '\0';
	assert_string_equal(kept, bytes);
}

/* What a file system may leave after a power cut: the right length, the end in zeros. */
static void test_zeros_are_refused(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	char bytes[512];
	size_t size;

	assert_int_equal(write_text(store, 1, OLD_TEXT), 0);
	store_close(store);
	read_file(folder->file, bytes, sizeof(bytes));
	size = strlen(bytes);
	memset(bytes + size / 2, 0, 4);
	write_file(folder->file, bytes, size);
	assert_damaged(folder);
}

static void test_bad_first_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"transaction -1, applied",
		"transaction 18446744073709551616, applied",
		"transaction 1, perhaps",
		"transaction 1 applied",
		"applied",
	};
	const struct folder *folder = *state;

	store_close(open_good(folder->state));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char bytes[512];

		snprintf(bytes, sizeof(bytes), "# vrrp-agent overlay, %s\n# end of overlay\n",
			bad[i]);
		write_file(folder->file, bytes, strlen(bytes));
		assert_damaged(folder);
	}
}

/* Killed between the two renames: the old file has two names, and no transaction can be undone by
 * it. */
static void test_previous_of_nobody_is_not_believed(void **state)
{
	const struct folder *folder = *state;
	struct store *store = open_good(folder->state);
	char previous[160];
	size_t length;

	assert_int_equal(write_text(store, 1, OLD_TEXT), 0);
	store_close(store);
	snprintf(previous, sizeof(previous), "%s/overlay.previous", folder->state);
	assert_int_equal(unlink(previous), 0);
	assert_int_equal(link(folder->file, previous), 0);
	store = open_good(folder->state);
	assert_null(store_previous(store, &length));
	assert_int_equal(write_text(store, 2, NEW_TEXT), 0);
	assert_string_equal(store_previous(store, &length), OLD_TEXT);
	store_close(store);
	store = open_good(folder->state);
	assert_non_null(store_previous(store, &length));
	assert_string_equal(store_previous(store, &length), OLD_TEXT);
	store_close(store);
}

static void test_time_is_asked_for_before_the_disk(void **state)
{
	const struct folder *folder = *state;
	struct store *store;
	int lifeline = lifeline_create();

	assert_int_equal(store_open(folder->state, lifeline, &store), 0);
	assert_false(lifeline_is_kept(lifeline)); /* nothing has been promised */
	assert_int_equal(write_text(store, 1, OLD_TEXT), 0);
	assert_in_range(watcher_left(lifeline), 20000, 30000);
	store_close(store);
	close(lifeline);
}

static void test_folder_that_cannot_be_made_is_named(void **state)
{
	const struct folder *folder = *state;
	char path[160], message[512];
	struct store *store;

	snprintf(path, sizeof(path), "%s/file", folder->top);
	write_file(path, "", 0);
	snprintf(path, sizeof(path), "%s/file/state", folder->top);
	assert_int_equal(store_open(path, -1, &store), -ENOTDIR);
	snprintf(message, sizeof(message), "cannot use the state directory %s: %s; ", path,
		strerror(ENOTDIR));
	assert_memory_equal(store_problem(store), message, strlen(message));
	store_close(store);
}

/* As on FAT, where a file has one name: what was before is kept, and comes back, all the same. */
static void keep_without_links(const struct folder *folder)
{
	struct sock_filter refuse[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(refuse) / sizeof(refuse[0]), refuse};
	struct store *store;
	size_t length;

	REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	REQUIRE(store_open(folder->state, -1, &store) == 0);
	REQUIRE(write_text(store, 1, OLD_TEXT) == 0 && write_text(store, 2, NEW_TEXT) == 0);
	store_close(store);
	REQUIRE(store_open(folder->state, -1, &store) == 0);
	REQUIRE(strcmp(store_text(store, &length), NEW_TEXT) == 0);
	REQUIRE(store_previous(store, &length) &&
		strcmp(store_previous(store, &length), OLD_TEXT) == 0);
	REQUIRE(store_take_back(store, 3) == 0);
	REQUIRE(strcmp(store_text(store, &length), OLD_TEXT) == 0);
	store_close(store);
}

static void test_file_system_without_second_names(void **state)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		keep_without_links(*state);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* What a program that was killed leaves running may be at its last write: it is waited for. */
static void test_folder_of_one_that_ends_is_waited_for(void **state)
{
	const struct folder *folder = *state;
	pid_t child;
	int fd;

	store_close(open_good(folder->state));
	fd = open(folder->state, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	child = fork();
	if (child == 0) {
		poll(NULL, 0, 300);
		_exit(0);
	}
	close(fd);
	store_close(open_good(folder->state));
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_folder_is_of_one_agent(void **state)
{
	const struct folder *folder = *state;
	struct store *first = open_good(folder->state), *second;

	assert_int_equal(write_text(first, 1, "# first\n"), 0);
	assert_int_equal(store_open(folder->state, -1, &second), -EBUSY);
	assert_non_null(strstr(store_problem(second), folder->state));
	assert_non_null(strstr(store_problem(second), "--state-dir"));
	store_close(second);
	store_close(first);
	first = open_good(folder->state);
	assert_text(first, "# first\n");
	store_close(first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_open_makes_a_private_folder),
		TEST(test_new_folders_outlive_a_power_cut),
		TEST(test_written_file_has_its_form),
		TEST(test_next_life_reads_what_was_written),
		TEST(test_first_transaction_can_be_taken_back_in_the_next_life),
		TEST(test_replacement_is_atomic),
		TEST(test_file_size_limit_leaves_the_old_content),
		TEST(test_torn_file_is_refused_and_kept),
		TEST(test_zeros_are_refused),
		TEST(test_bad_first_lines_are_refused),
		TEST(test_previous_of_nobody_is_not_believed),
		TEST(test_time_is_asked_for_before_the_disk),
		TEST(test_folder_that_cannot_be_made_is_named),
		TEST(test_file_system_without_second_names),
		TEST(test_folder_of_one_that_ends_is_waited_for),
		TEST(test_folder_is_of_one_agent),
		/* These mount, which needs root. */
		TEST(test_full_disk_leaves_the_old_content),
		TEST(test_read_only_disk_leaves_the_old_content),
	};

	return _cmocka_run_group_tests("store", tests,
		sizeof(tests) / sizeof(tests[0]) - (geteuid() == 0 ? 0 : 2), NULL, NULL);
}

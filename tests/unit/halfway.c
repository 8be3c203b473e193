/* SPDX-License-Identifier: ISC */
#include "tests/unit/halfway.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

void die_halfway(void (*write)(void *context, const void *source), void *context, size_t size,
	size_t missing)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *source = pages + page - (size - missing);
	int status;
	pid_t pid;

	assert_ptr_not_equal(pages, MAP_FAILED);
	memset(source, 0xff, size);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		write(context, source);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	munmap(pages, 2 * page);
}

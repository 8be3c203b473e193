/* SPDX-License-Identifier: ISC */
#include "tests/engine/allocations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static _Atomic uint64_t calls;

/* Names that the linker gives; nobody else shall use them. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *old);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *old);

static void count(void)
{
	char name[16] = "";

	if (pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 &&
		strcmp(name, "engine") == 0)
		atomic_fetch_add(&calls, 1);
}

void *__wrap_malloc(size_t size)
{
	count();
	return __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
	count();
	return __real_calloc(number, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	count();
	return __real_realloc(old, size);
}

void __wrap_free(void *old)
{
	count();
	__real_free(old);
}

uint64_t allocations_of_engine(void)
{
	return atomic_load(&calls);
}

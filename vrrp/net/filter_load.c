/* SPDX-License-Identifier: ISC */
#include "vrrp/net/filter.h"

#include "lib/library.h"
#include "vrrp/net/filter_entry.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Loaded for these few moments: linked, libbpf and its two libraries would be in every process. */
#define LIBRARY "libbpf.so.1"

extern const unsigned char filter_object[], filter_object_end[];

__asm__(".section .rodata\n"
	".balign 16\n"
	".global filter_object, filter_object_end\n"
	".hidden filter_object, filter_object_end\n"
	"filter_object:\n"
	".incbin \"vrrp/net/filter.bpf.o\"\n"
	"filter_object_end:\n"
	".previous\n");

static struct {
	__typeof__(bpf_object__open_mem) *open;
	__typeof__(bpf_object__load) *load;
	__typeof__(bpf_object__close) *close;
	__typeof__(bpf_object__find_map_by_name) *find_map;
	__typeof__(bpf_object__find_program_by_name) *find_program;
	__typeof__(bpf_map__set_max_entries) *set_max_entries;
	__typeof__(bpf_map__fd) *map_fd;
	__typeof__(bpf_program__fd) *program_fd;
	__typeof__(libbpf_set_print) *set_print;
} api;

static const struct library_function functions[] = {
	{"bpf_object__open_mem", &api.open},
	{"bpf_object__load", &api.load},
	{"bpf_object__close", &api.close},
	{"bpf_object__find_map_by_name", &api.find_map},
	{"bpf_object__find_program_by_name", &api.find_program},
	{"bpf_map__set_max_entries", &api.set_max_entries},
	{"bpf_map__fd", &api.map_fd},
	{"bpf_program__fd", &api.program_fd},
	{"libbpf_set_print", &api.set_print},
};

static int write_head(int map, uint32_t places)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct filter_head *head = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (head == MAP_FAILED)
		return -errno;
	*head = (struct filter_head){.layout = FILTER_LAYOUT, .mask = places - 1};
	munmap(head, page);
	return 0;
}

/* The object closes its own with it. */
static int duplicate(const int from[FILTER_DESCRIPTORS], int to[FILTER_DESCRIPTORS])
{
	for (int i = 0; i < FILTER_DESCRIPTORS; i++) {
		to[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 0);
		if (to[i] >= 0)
			continue;
		while (i > 0)
			close(to[--i]);
		return -errno;
	}
	return 0;
}

static int load_object(
	struct bpf_object *object, uint32_t places, int descriptors[FILTER_DESCRIPTORS])
{
	struct bpf_map *map = api.find_map(object, "entries");
	int own[FILTER_DESCRIPTORS];
	int error = map ? api.set_max_entries(map, places + 1) : -ENOENT;

	if (!error)
		error = api.load(object);
	if (error)
		return error;
	own[FILTER_MAP] = api.map_fd(map);
	own[FILTER_PROGRAM4] = api.program_fd(api.find_program(object, "filter_ipv4"));
	own[FILTER_PROGRAM6] = api.program_fd(api.find_program(object, "filter_ipv6"));
	error = write_head(own[FILTER_MAP], places);
	return error ? error : duplicate(own, descriptors);
}

int filter_load(uint32_t places, int descriptors[FILTER_DESCRIPTORS])
{
	void *library = library_open(LIBRARY, functions, sizeof(functions) / sizeof(*functions));
	struct bpf_object *object;
	int error;

	if (!library)
		return -ELIBACC;
	api.set_print(NULL);
	object = api.open(filter_object, (size_t)(filter_object_end - filter_object), NULL);
	error = object ? load_object(object, places, descriptors) : -errno;
	api.close(object);
	library_close(library);
	return error;
}

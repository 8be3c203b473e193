/* SPDX-License-Identifier: ISC */
#include "lib/sharedmem.h"

#include "lib/descriptor.h"
#include "lib/fullio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int fail(int fd)
{
	int error = -errno;

	descriptor_close(fd);
	return error;
}

static int memfd_of_size(const char *name, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return fail(fd);
	return fd;
}

int sharedmem_region(const char *name, size_t size, int future_write, void **map)
{
	int fd = memfd_of_size(name, size);
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

	if (fd < 0)
		return fd;
	*map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*map == MAP_FAILED)
		return fail(fd);
	if (!future_write)
		seals |= F_SEAL_FUTURE_WRITE;
	if (fcntl(fd, F_ADD_SEALS, seals) < 0) {
		int error = fail(fd);

		munmap(*map, size);
		return error;
	}
	return fd;
}

int sharedmem_map(int fd, size_t minimum, const void **map, size_t *size)
{
	struct stat status;
	void *bytes;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_size <= 0 || (size_t)status.st_size < minimum)
		return -EINVAL;
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	*map = bytes;
	*size = (size_t)status.st_size;
	return 0;
}

int sharedmem_map_writable(int fd, size_t size, void **map)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_size < 0 || (size_t)status.st_size != size)
		return -EINVAL;
	*map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return *map == MAP_FAILED ? -errno : 0;
}

int sharedmem_document(const char *name, const void *bytes, size_t size)
{
	int fd = memfd_of_size(name, 0);

	if (fd < 0)
		return fd;
	if (fullio_write(fd, bytes, size) < 0 ||
		fcntl(fd, F_ADD_SEALS, DOCUMENT_SEALS | F_SEAL_SEAL) < 0)
		return fail(fd);
	return fd;
}

int sharedmem_check_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & DOCUMENT_SEALS) == DOCUMENT_SEALS ? 0 : -EPERM;
}

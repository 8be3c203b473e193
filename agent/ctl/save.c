/* SPDX-License-Identifier: ISC */
#include "agent/ctl/save.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/ctl/request.h"
#include "lib/fullio.h"

/* Of what the agent proposes. */
static const char *const printed[] = {"schema", "file", "written", "left"};

static int fail(const char *what, const char *path)
{
	return request_fail("%s %s: %s", what, path, strerror(errno));
}

/* Whether the file still has that text. */
static bool has_text(int fd, const char *text)
{
	size_t length = strlen(text);
	char *bytes = malloc(length + 1);
	ssize_t got = bytes ? pread(fd, bytes, length + 1, 0) : -1;
	bool same = got == (ssize_t)length && memcmp(bytes, text, length) == 0;

	free(bytes);
	return same;
}

static int write_and_sync(int fd, const char *text)
{
	return fullio_write(fd, text, strlen(text)) < 0 ? -1 : fsync(fd);
}

static int sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int result = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	free(copy);
	return result;
}

/* With the old file's owner and mode, and on the disk before it takes its place. */
static int write_new(const char *new, const char *text, const struct stat *old)
{
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = -1;

	if (fd < 0)
		return -1;
	if (fchown(fd, old->st_uid, old->st_gid) == 0 && fchmod(fd, old->st_mode) == 0)
		result = write_and_sync(fd, text);
	return close(fd) < 0 ? -1 : result;
}

/* Where symbolic links lead the file is written anew: that may be another file system. */
static int follow(const char *path, const char *text, const struct stat *old)
{
	char *target = realpath(path, NULL), *new = NULL;
	int status = 1;

	if (target && asprintf(&new, "%s.vrrpctl", target) >= 0) {
		status = write_new(new, text, old) == 0 && rename(new, target) == 0 &&
					 sync_folder(target) == 0
				 ? 0
				 : fail("cannot write", target);
		if (status)
			unlink(new);
	}
	free(new);
	free(target);
	return status;
}

/* Beside the file first, for the agent to look at, then in its place. */
static int replace(const char *socket, const char *path, const char *beside, const char *text,
	const struct stat *old)
{
	json_t *checked = NULL;
	struct stat link;
	int status = 1;

	if (write_new(beside, text, old) < 0)
		fail("cannot write", beside);
	else
		checked =
			request_answer(socket, json_pack("{s:s}", "command", "config-save-check"));
	if (checked && lstat(path, &link) == 0 && S_ISLNK(link.st_mode))
		status = follow(path, text, old);
	else if (checked)
		status = rename(beside, path) == 0 && sync_folder(path) == 0
				 ? 0
				 : fail("cannot write", path);
	unlink(beside);
	json_decref(checked);
	return status;
}

static int save_file(const char *socket, const char *path, const char *beside, const char *before,
	const char *after)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat old;
	bool same;

	if (fd < 0 || fstat(fd, &old) < 0)
		return fail("cannot read", path);
	same = has_text(fd, before);
	close(fd);
	if (same)
		return replace(socket, path, beside, after, &old);
	return request_fail("%s was changed since the agent read it: reload it first", path);
}

static void print_saved(const char *path, json_int_t written, const char *left)
{
	if (written)
		printf("# %" JSON_INTEGER_FORMAT " change%s written into %s.\n", written,
			written == 1 ? " is" : "s are", path);
	else
		printf("# There is nothing to write into %s.\n", path);
	if (*left)
		printf("# These stay in the overlay: another file, a definition, a sequence or a\n"
		       "# condition makes their place in %s,\n"
		       "# or state MASTER or priority 255 there takes them away.  Write them there "
		       "by\n"
		       "# hand, with what they need.\n%s",
			path, left);
}

static void print_document(const json_t *proposal)
{
	json_t *document = json_object();

	for (size_t i = 0; i < sizeof(printed) / sizeof(printed[0]); i++)
		json_object_set(document, printed[i], json_object_get(proposal, printed[i]));

	request_print(document);
	json_decref(document);
}

static int save(const char *socket, const json_t *proposal, bool json)
{
	const char *path = json_string_value(json_object_get(proposal, "file"));
	const char *beside = json_string_value(json_object_get(proposal, "beside"));
	const char *before = json_string_value(json_object_get(proposal, "before"));
	const char *after = json_string_value(json_object_get(proposal, "after"));
	const json_t *written = json_object_get(proposal, "written");
	const char *left = json_string_value(json_object_get(proposal, "left"));
	json_t *answer = NULL;
	int status = 1;

	if (!path || !beside || !before || !after || !json_is_integer(written) || !left)
		request_fail("the agent's answer is incomplete");
	else if (strcmp(before, after) == 0)
		status = 0;
	else
		status = save_file(socket, path, beside, before, after);
	if (status)
		return status;
	answer = request_answer(socket, json_pack("{s:s}", "command", "config-saved"));
	if (answer && json)
		print_document(proposal);
	else if (answer)
		print_saved(path, json_integer_value(written), left);
	json_decref(answer);
	return answer ? 0 : 1;
}

int save_configuration(const char *socket, bool json)
{
	json_t *proposal = request_answer(socket, json_pack("{s:s}", "command", "config-save"));
	int status = proposal ? save(socket, proposal, json) : 1;

	json_decref(proposal);
	return status;
}

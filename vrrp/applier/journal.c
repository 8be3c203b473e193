/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/journal.h"

#include "lib/descriptor.h"
#include "lib/fullio.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME     "applied.journal"
#define TITLE	      "vrrp-agent journal 1 "
#define LINE_MAX_SIZE (128 + 2 * JOURNAL_REQUEST_MAX)
#define BLOAT_MINIMUM 4096 /* struck lines that are not worth a rewrite */

struct journal {
	char *path;
	char *new_path;
	char identity[JOURNAL_IDENTITY];
	journal_source source;
	void *context;
	struct journal_record *left;
	size_t left_count;
	char *text; /* noted, not written */
	size_t text_length;
	size_t text_size;
	size_t added; /* lines in the file since it was written anew */
	size_t struck;
	int fd;
	bool broken; /* the file does not say what it should */
};

static int read_word(const char *path, char *word, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;
	int error;

	if (fd < 0)
		return -errno;
	length = read(fd, word, size - 1);
	error = errno;
	close(fd);
	if (length < 0)
		return -error;
	word[length] = '\0';
	word[strcspn(word, "\n")] = '\0';
	return 0;
}

int journal_identity(char identity[JOURNAL_IDENTITY])
{
	char boot[40];
	struct stat space;
	int error = read_word("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));

	if (error)
		return error;
	if (stat("/proc/thread-self/ns/net", &space) < 0)
		return -errno;
	snprintf(identity, JOURNAL_IDENTITY, "%s %ju:%ju", boot, (uintmax_t)space.st_dev,
		(uintmax_t)space.st_ino);
	return 0;
}

/* ---- Reading ---- */

struct line {
	struct journal_record record;
	size_t number;
	bool holds;
};

static bool is_request(char kind)
{
	return kind == JOURNAL_ROUTE || kind == JOURNAL_RULE;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "+r 0208..." */
static bool parse_request(const char *text, struct line *line)
{
	struct journal_record *record = &line->record;
	const char *digits = text + 3;

	line->holds = text[0] == '+';
	record->kind = (enum journal_kind)text[1];
	if ((text[0] != '+' && text[0] != '-') || text[2] != ' ')
		return false;
	for (; digits[0] && digits[1] && record->length < JOURNAL_REQUEST_MAX; digits += 2) {
		int high = digit(digits[0]), low = digit(digits[1]);

		if (high < 0 || low < 0)
			return false;
		record->request[record->length++] = (uint8_t)(high << 4 | low);
	}
	return !digits[0] && record->length > 0;
}

/* "+a 3 eth0 192.0.2.1/24", "+s 3 eth0 8/0" (a setting and what it was) or "-m 3 vrrp.51" */
static bool parse_line(const char *text, struct line *line)
{
	struct journal_record *record = &line->record;
	char sign = 0, kind = 0, address[INET6_ADDRSTRLEN] = "", end, *rest;
	unsigned int prefix = 0;
	int fields;

	if (text[0] && is_request(text[1]))
		return parse_request(text, line);
	fields = sscanf(text, "%c%c %" SCNu32 " %15s %45[0-9a-f.:]/%u%c", &sign, &kind,
		&record->index, record->interface, address, &prefix, &end);

	line->holds = sign == '+';
	record->kind = (enum journal_kind)kind;
	if (fields < 4 || (sign != '+' && sign != '-') || !record->index)
		return false;
	if (kind == JOURNAL_DEVICE || kind == JOURNAL_FIREWALL)
		return fields == 4;
	if (kind == JOURNAL_SETTING) {
		record->setting = (uint32_t)strtoul(address, &rest, 10);
		record->value = prefix;
		return fields == 6 && !*rest && record->setting;
	}
	if (kind != JOURNAL_ADDRESS || fields != 6)
		return false;
	record->prefix_length = (uint8_t)prefix;
	if (inet_pton(AF_INET, address, record->address.bytes) == 1)
		record->address.family = VRRP_IPV4;
	else if (inet_pton(AF_INET6, address, record->address.bytes) == 1)
		record->address.family = VRRP_IPV6;
	return record->address.family && prefix <= 8 * vrrp_address_length(record->address.family);
}

int journal_compare(const void *one, const void *other)
{
	const struct journal_record *left = one, *right = other;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->index != right->index)
		return left->index < right->index ? -1 : 1;
	if (left->prefix_length != right->prefix_length)
		return left->prefix_length < right->prefix_length ? -1 : 1;
	if (left->length != right->length)
		return left->length < right->length ? -1 : 1;
	if (left->length)
		return memcmp(left->request, right->request, left->length);
	if (left->setting != right->setting)
		return left->setting < right->setting ? -1 : 1;
	/* What was set on a link that was renamed meanwhile is still the same. */
	if (left->kind == JOURNAL_DEVICE)
		return strcmp(left->interface, right->interface);
	return memcmp(&left->address, &right->address, sizeof(left->address));
}

static int compare_lines(const void *left, const void *right)
{
	const struct line *one = left, *other = right;
	int order = journal_compare(&one->record, &other->record);

	if (order)
		return order;
	return one->number < other->number ? -1 : one->number > other->number;
}

/* The last line about each change says whether it holds. */
static int keep_what_holds(struct journal *journal, struct line *lines, size_t count)
{
	journal->left = calloc(count ? count : 1, sizeof(*journal->left));
	if (!journal->left)
		return -ENOMEM;
	if (count)
		qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++) {
		bool last = i + 1 == count ||
			    journal_compare(&lines[i].record, &lines[i + 1].record) != 0;

		if (last && lines[i].holds)
			journal->left[journal->left_count++] = lines[i].record;
	}
	return 0;
}

static int read_lines(struct journal *journal, char *text)
{
	struct line *lines = NULL;
	size_t count = 0, room = 0;
	char *end;
	int error;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		struct line line = {.number = count};

		*end = '\0';
		if (!parse_line(text, &line))
			continue;
		if (count == room) {
			struct line *more;

			room = room ? 2 * room : 256;
			more = realloc(lines, room * sizeof(*lines));
			if (!more) {
				free(lines);
				return -ENOMEM;
			}
			lines = more;
		}
		lines[count++] = line;
	}
	error = keep_what_holds(journal, lines, count);
	free(lines);
	return error;
}

static int read_text(int fd, char **text)
{
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	*text = calloc(1, (size_t)status.st_size + 1);
	if (!*text)
		return -ENOMEM;
	got = fullio_read(fd, *text, (size_t)status.st_size);
	return got < 0 ? (int)got : 0;
}

static int read_journal(struct journal *journal, int saved)
{
	size_t title = strlen(TITLE), identity = strlen(journal->identity);
	int fd = saved >= 0 ? saved : open(journal->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *text = NULL;
	int error;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	error = read_text(fd, &text);
	if (fd != saved)
		close(fd);
	if (!error && strncmp(text, TITLE, title) == 0 &&
		strncmp(text + title, journal->identity, identity) == 0 &&
		text[title + identity] == '\n')
		error = read_lines(journal, text + title + identity + 1);
	free(text);
	return error;
}

/* ---- Writing ---- */

static size_t write_request(char *text, char sign, const struct journal_record *record)
{
	size_t length = (size_t)sprintf(text, "%c%c ", sign, record->kind);

	for (uint16_t i = 0; i < record->length; i++)
		length += (size_t)sprintf(text + length, "%02x", record->request[i]);
	return length;
}

static void describe(const struct journal_record *record, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "";

	if (record->kind == JOURNAL_SETTING) {
		snprintf(text, size, "%" PRIu32 "/%" PRIu32, record->setting, record->value);
	} else if (record->kind == JOURNAL_ADDRESS) {
		inet_ntop(record->address.family == VRRP_IPV4 ? AF_INET : AF_INET6,
			record->address.bytes, address, sizeof(address));
		snprintf(text, size, "%s/%u", address, record->prefix_length);
	}
}

static void note(struct journal *journal, char sign, const struct journal_record *record)
{
	char address[INET6_ADDRSTRLEN + sizeof("/128")] = "";
	size_t length;

	if (journal->text_size - journal->text_length < LINE_MAX_SIZE) {
		size_t size = journal->text_size ? 2 * journal->text_size : 64 * LINE_MAX_SIZE;
		char *text = realloc(journal->text, size);

		if (!text) {
			journal->broken = true;
			return;
		}
		journal->text = text;
		journal->text_size = size;
	}
	if (is_request((char)record->kind)) {
		length = write_request(journal->text + journal->text_length, sign, record);
		journal->text[journal->text_length + length] = '\n';
		journal->text_length += length + 1;
		return;
	}
	describe(record, address, sizeof(address));
	length = (size_t)snprintf(journal->text + journal->text_length, LINE_MAX_SIZE,
		"%c%c %" PRIu32 " %s %s", sign, record->kind, record->index, record->interface,
		address);
	if (!address[0])
		length--; /* the blank before it */
	journal->text[journal->text_length + length] = '\n';
	journal->text_length += length + 1;
}

void journal_add(struct journal *journal, const struct journal_record *record)
{
	note(journal, '+', record);
	journal->added++;
}

void journal_strike(struct journal *journal, const struct journal_record *record)
{
	note(journal, '-', record);
	journal->struck++;
}

static int write_noted(struct journal *journal, int fd)
{
	int error = fullio_write(fd, journal->text, journal->text_length);

	journal->text_length = 0;
	return error;
}

/* All that holds at present, after the title. */
static int write_whole(struct journal *journal, int fd)
{
	char title[sizeof(TITLE) + JOURNAL_IDENTITY + 1];
	int error, length = snprintf(title, sizeof(title), TITLE "%s\n", journal->identity);

	/* What holds is told again; kept, it would grow as long as no file can be made. */
	journal->text_length = 0;
	journal->added = 0;
	journal->struck = 0;
	journal->broken = false;
	journal->source(journal->context, journal);
	if (journal->broken) /* memory was short: some of it is not there */
		return -ENOMEM;
	error = fullio_write(fd, title, (size_t)length);
	return error ? error : write_noted(journal, fd);
}

static int write_new_file(struct journal *journal, int fd)
{
	int error = write_whole(journal, fd);

	if (!error && rename(journal->new_path, journal->path) < 0)
		error = -errno;
	return error;
}

int journal_rewrite(struct journal *journal)
{
	int fd, error;

	unlink(journal->new_path);
	fd = open(journal->new_path,
		O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		journal->text_length = 0;
		journal->broken = true;
		return -errno;
	}
	error = write_new_file(journal, fd);
	journal->broken = error != 0;
	if (error) {
		close(fd);
		return error;
	}
	descriptor_close(journal->fd);
	journal->fd = fd;
	return 0;
}

int journal_flush(struct journal *journal)
{
	int error;

	if (journal->broken ||
		(journal->struck > BLOAT_MINIMUM && 2 * journal->struck > journal->added))
		return journal_rewrite(journal);
	if (!journal->text_length)
		return 0;
	error = write_noted(journal, journal->fd);
	if (error)
		journal->broken = true;
	return error;
}

int journal_save(struct journal *journal)
{
	int fd = memfd_create("vrrp-journal", MFD_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = write_whole(journal, fd);
	/* What was noted, and is in this one now, the file may lack. */
	journal->broken = true;
	if (!error)
		return fd;
	close(fd);
	return error;
}

static int prepare(struct journal *journal, const char *directory, int saved)
{
	if (asprintf(&journal->path, "%s/" FILE_NAME, directory) < 0) {
		journal->path = NULL;
		return -ENOMEM;
	}
	if (asprintf(&journal->new_path, "%s.new", journal->path) < 0) {
		journal->new_path = NULL;
		return -ENOMEM;
	}
	return read_journal(journal, saved);
}

static struct journal *release(struct journal *journal)
{
	descriptor_close(journal->fd);
	free(journal->path);
	free(journal->new_path);
	free(journal->left);
	free(journal->text);
	free(journal);
	return NULL;
}

struct journal *journal_open(const char *directory, const char *identity, int saved,
	journal_source source, void *context)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int error;

	if (!journal)
		return NULL;
	*journal = (struct journal){.fd = -1, .source = source, .context = context, .broken = true};
	snprintf(journal->identity, sizeof(journal->identity), "%s", identity);
	error = prepare(journal, directory, saved);
	if (error) {
		release(journal);
		errno = -error;
		return NULL;
	}
	return journal;
}

struct journal *journal_close(struct journal *journal)
{
	if (!journal)
		return NULL;
	/* Nothing was written over what is there before the first flush. */
	if (journal->fd >= 0 && journal_rewrite(journal) == 0 && journal->added == 0)
		unlink(journal->path);
	return release(journal);
}

const struct journal_record *journal_left(const struct journal *journal, size_t *count)
{
	*count = journal->left_count;
	return journal->left;
}

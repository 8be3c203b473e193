/* SPDX-License-Identifier: ISC */
#include "lib/log.h"

#include "lib/descriptor.h"
#include "lib/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* So long a line waits for whoever reads too slowly; after it none does until there is room. */
#define PATIENCE_MS 200
#define LINE_SIZE   2048

static const char *const level_names[] = {
	"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"};

static struct {
	const char *name;
	int level;
	bool journal;
	bool socket;
	bool may_fill;	    /* somebody has to read what is written */
	int way;	    /* another way to where standard error leads; -1: there is none */
	unsigned long lost; /* lines that nobody took, one after the other */
} log_state = {.name = "", .level = LOG_INFO, .way = -1};

/* The service manager says which device and inode the journal's stream has. */
static bool leads_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device &&
	       status.st_ino == inode;
}

/* The same pipe or terminal opened anew: what is set here of blocking is nobody else's.  Beyond the
 * numbers at which a child looks for what it was given. */
static int open_way(void)
{
	int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int way = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, INHERIT_END);

	descriptor_close(fd);
	return way;
}

void log_open(const char *name, int level)
{
	struct stat status = {0};

	fstat(STDERR_FILENO, &status);
	log_state.name = name;
	log_state.level = level;
	log_state.journal = leads_to_journal();
	log_state.socket = S_ISSOCK(status.st_mode);
	log_state.may_fill = log_state.socket || S_ISFIFO(status.st_mode) || isatty(STDERR_FILENO);
	descriptor_close(log_state.way);
	log_state.way = log_state.may_fill && !log_state.socket ? open_way() : -1;
}

void log_yield_descriptors(void)
{
	log_state.way = descriptor_close(log_state.way);
}

int log_parse_level(const char *word)
{
	if (word[0] >= '0' && word[0] <= '7' && !word[1])
		return word[0] - '0';
	for (int level = LOG_EMERG; level <= LOG_DEBUG; level++) {
		if (strcmp(word, level_names[level]) == 0)
			return level;
	}
	return -1;
}

bool log_is_journal(void)
{
	return log_state.journal;
}

int log_enabled(int level)
{
	return level <= log_state.level;
}

static int prefix(char *line, size_t size, int level)
{
	struct timespec now;
	struct tm local;
	char clock[16];

	if (log_state.journal)
		return snprintf(line, size, "<%d>%s: ", level, log_state.name);
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	return snprintf(line, size, "%s.%03ld %s %s: ", clock, now.tv_nsec / 1000000,
		level_names[level], log_state.name);
}

static ssize_t write_some(const char *text, size_t length)
{
	if (log_state.socket)
		return send(STDERR_FILENO, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	return write(log_state.way >= 0 ? log_state.way : STDERR_FILENO, text, length);
}

static bool has_room(void)
{
	struct pollfd room = {
		.fd = log_state.way >= 0 ? log_state.way : STDERR_FILENO, .events = POLLOUT};

	return poll(&room, 1, log_state.lost ? 0 : PATIENCE_MS) > 0;
}

/* In one piece where there is room, so that lines of several processes don't mix. */
static bool put(const char *text, size_t length)
{
	bool again = true; /* another process may have taken the room */

	while (length) {
		ssize_t done;

		if (log_state.may_fill && !has_room())
			return false;
		done = write_some(text, length);
		if (done >= 0) {
			text += done;
			length -= (size_t)done;
		} else if (errno == EAGAIN && again) {
			again = false;
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

/* After lines that nobody took, the first one that somebody does says how many they were. */
static void put_line(const char *line, size_t length)
{
	char told[LINE_SIZE];
	size_t size;

	if (log_state.lost) {
		size = (size_t)prefix(told, sizeof(told), LOG_WARNING);
		size += (size_t)snprintf(told + size, sizeof(told) - size,
			"%lu message(s) could not be written, because nobody read them\n",
			log_state.lost);
		if (put(told, size))
			log_state.lost = 0;
	}
	if (log_state.lost || !put(line, length))
		log_state.lost++;
}

void log_message(int level, const char *format, ...)
{
	char line[LINE_SIZE];
	size_t length;
	va_list arguments;
	int part;

	if (!log_enabled(level))
		return;
	length = (size_t)prefix(line, sizeof(line), level);
	va_start(arguments, format);
	part = vsnprintf(line + length, sizeof(line) - length - 1, format, arguments);
	va_end(arguments);
	if (part < 0)
		return;
	length += (size_t)part;
	if (length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	put_line(line, length);
}

/* Line by line, as long as a pipe takes one whole. */
static void put_lines(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		length += text[length] == '\n';
		if (length > LINE_SIZE)
			length = LINE_SIZE;
		put_line(text, length);
		text += length;
	}
}

void log_plain(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	put_lines(text);
	free(text);
}

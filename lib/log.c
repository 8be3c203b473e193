/* SPDX-License-Identifier: ISC */
#include "lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {
	"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"};

static struct {
	const char *name;
	int level;
	bool journal;
} log_state = {.name = "", .level = LOG_INFO};

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

void log_open(const char *name, int level)
{
	log_state.name = name;
	log_state.level = level;
	log_state.journal = leads_to_journal();
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

/* One write for the whole line, so that lines of several processes don't mix. */
void log_message(int level, const char *format, ...)
{
	char line[2048];
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
	if (write(STDERR_FILENO, line, length) < 0)
		return; /* there is nobody left to tell */
}

/* SPDX-License-Identifier: ISC */
#include "check/mail/delivery.h"

#include "check/mail/mailtext.h"
#include "check/mail/reply.h"
#include "lib/library.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PASSWORD_MAX  256
#define CA_OCTETS_MAX (1 << 20)
#define LIBRARY	      "libcurl.so.4"

/* For older headers; which library is there is another matter, and one that does not know an option
 * says so. */
#if LIBCURL_VERSION_NUM < 0x075500
#define CURLOPT_PROTOCOLS_STR ((CURLoption)(CURLOPTTYPE_OBJECTPOINT + 318))
#endif
#if LIBCURL_VERSION_NUM < 0x074d00
#define CURLOPT_CAINFO_BLOB ((CURLoption)(CURLOPTTYPE_BLOB + 309))
#endif

/* Loaded here and nowhere else: it brings twenty libraries, which the engine's process is to know
 * nothing of. */
static struct {
	__typeof__(curl_easy_init) *init;
	__typeof__(curl_easy_setopt) *set;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_slist_append) *append;
} api;

static const struct library_function functions[] = {
	{"curl_easy_init", &api.init},
	{"curl_easy_setopt", &api.set},
	{"curl_easy_perform", &api.perform},
	{"curl_easy_cleanup", &api.cleanup},
	{"curl_slist_append", &api.append},
};

struct attempt {
	const struct delivery *delivery;
	int report;
	char host[IMAGE_HOST_MAX + 1]; /* ours */
	char from[IMAGE_MAILBOX_MAX + IMAGE_HOST_MAX];
	char password[PASSWORD_MAX];
	char *ca;
	size_t ca_length;
	char *text;
	size_t length, sent;
	struct reply reply;
	char error[CURL_ERROR_SIZE];
};

static void tell(int report, enum delivery_outcome outcome, const char *text)
{
	dprintf(report, "%c%.*s", '0' + outcome, DELIVERY_REPORT - 2, text);
}

static _Noreturn void fail(int report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Of what is not the server's doing, and may be mended. */
static _Noreturn void fail(int report, const char *format, ...)
{
	char text[DELIVERY_REPORT];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	tell(report, DELIVERY_LATER, text);
	_exit(EXIT_SUCCESS);
}

/* The name that the name service knows this host by, as keepalived's. */
static void find_host(struct attempt *attempt)
{
	const struct addrinfo hints = {.ai_flags = AI_CANONNAME};
	const struct mailsettings *settings = attempt->delivery->settings;
	struct addrinfo *found;

	if (gethostname(attempt->host, sizeof(attempt->host) - 1) < 0 || !attempt->host[0])
		snprintf(attempt->host, sizeof(attempt->host), "localhost");
	if (settings->helo && settings->from)
		return;
	if (getaddrinfo(attempt->host, NULL, &hints, &found) == 0 && found->ai_canonname)
		snprintf(attempt->host, sizeof(attempt->host), "%s", found->ai_canonname);
}

static void read_password(struct attempt *attempt)
{
	const char *path = attempt->delivery->settings->password_file;
	struct stat status;
	ssize_t length;
	int fd;

	if (!path)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) < 0)
		fail(attempt->report, "smtp_password_file %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode) || status.st_mode & (S_IRWXG | S_IRWXO))
		fail(attempt->report,
			"smtp_password_file %s must be a file that only its owner may read (chmod "
			"600)",
			path);
	length = read(fd, attempt->password, sizeof(attempt->password) - 1);
	close(fd);
	attempt->password[length > 0 ? length : 0] = '\0';
	attempt->password[strcspn(attempt->password, "\r\n")] = '\0';
	if (!attempt->password[0])
		fail(attempt->report,
			"smtp_password_file %s: its first line is "
			"no password",
			path);
}

static void read_certificates(struct attempt *attempt)
{
	const char *path = attempt->delivery->settings->ca;
	FILE *file;

	if (!path)
		return;
	file = fopen(path, "re");
	attempt->ca = malloc(CA_OCTETS_MAX);
	if (file && attempt->ca)
		attempt->ca_length = fread(attempt->ca, 1, CA_OCTETS_MAX, file);
	if (!attempt->ca_length)
		fail(attempt->report, "smtp_tls_ca %s can't be read: %s", path, strerror(errno));
	fclose(file);
}

bool delivery_is_possible(void)
{
	const uint32_t needed = 1u << CAP_SETUID | 1u << CAP_SETGID;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	return geteuid() != 0 || syscall(SYS_capget, &header, sets) < 0 ||
	       (sets[0].effective & needed) == needed;
}

/* Only root can become nobody; anybody else stays who they are. */
static void drop_power(int report)
{
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 ||
				      setresgid(DELIVERY_USER, DELIVERY_USER, DELIVERY_USER) < 0 ||
				      setresuid(DELIVERY_USER, DELIVERY_USER, DELIVERY_USER) < 0))
		fail(report, "can't become user %d: %s", DELIVERY_USER, strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		fail(report, "can't give up privileges: %s", strerror(errno));
}

static void load(int report)
{
	const char *problem =
		library_load(LIBRARY, functions, sizeof(functions) / sizeof(*functions));

	if (problem)
		fail(report, "libcurl is needed (Debian: libcurl4): %s", problem);
}

static size_t on_read(char *buffer, size_t size, size_t count, void *context)
{
	struct attempt *attempt = context;
	size_t length = attempt->length - attempt->sent;

	if (length > size * count)
		length = size * count;
	memcpy(buffer, attempt->text + attempt->sent, length);
	attempt->sent += length;
	return length;
}

/* Each line that the server says. */
static size_t on_reply(char *line, size_t size, size_t count, void *context)
{
	struct attempt *attempt = context;

	reply_take(&attempt->reply, line, size * count);
	return size * count;
}

static void make_url(const struct attempt *attempt, char *url, size_t room)
{
	const struct mailsettings *settings = attempt->delivery->settings;
	bool literal = strchr(settings->server, ':');

	snprintf(url, room, "smtp%s://%s%s%s:%u/%s",
		settings->tls == IMAGE_MAIL_TLS_IMPLICIT ? "s" : "", literal ? "[" : "",
		settings->server, literal ? "]" : "", settings->port,
		settings->helo ? settings->helo : attempt->host);
}

static struct curl_slist *list_recipients(const struct mailsettings *settings)
{
	struct curl_slist *list = NULL;

	for (uint32_t i = 0; i < settings->to_count; i++) {
		struct curl_slist *longer = api.append(list, settings->to[i]);

		if (!longer)
			return NULL;
		list = longer;
	}
	return list;
}

static void set_security(CURL *curl, const struct attempt *attempt)
{
	const struct mailsettings *settings = attempt->delivery->settings;
	bool judge = settings->tls >= IMAGE_MAIL_TLS_REQUIRED;
	struct curl_blob ca = {attempt->ca, attempt->ca_length, CURL_BLOB_COPY};

	api.set(curl, CURLOPT_USE_SSL,
		settings->tls == IMAGE_MAIL_TLS_OFF   ? (long)CURLUSESSL_NONE
		: settings->tls == IMAGE_MAIL_TLS_TRY ? (long)CURLUSESSL_TRY
						      : (long)CURLUSESSL_ALL);
	api.set(curl, CURLOPT_SSL_VERIFYPEER, judge ? 1L : 0L);
	api.set(curl, CURLOPT_SSL_VERIFYHOST, judge ? 2L : 0L);
	/* One before 7.77 reads the file itself, when we are nobody already. */
	if (attempt->ca && api.set(curl, CURLOPT_CAINFO_BLOB, &ca) != CURLE_OK)
		api.set(curl, CURLOPT_CAINFO, settings->ca);
	if (settings->user) {
		api.set(curl, CURLOPT_USERNAME, settings->user);
		api.set(curl, CURLOPT_PASSWORD, attempt->password);
	}
}

static void judge(const struct attempt *attempt, CURLcode result)
{
	const char *text;
	enum delivery_outcome outcome =
		reply_judge(&attempt->reply, result == CURLE_OK, attempt->error, &text);

	tell(attempt->report, outcome, text);
}

/* What came of it is told before QUIT is said. */
static void perform(struct attempt *attempt)
{
	const struct mailsettings *settings = attempt->delivery->settings;
	struct curl_slist *recipients = list_recipients(settings);
	CURL *curl = api.init();
	char url[2 * IMAGE_HOST_MAX + 32];

	if (!curl || !recipients)
		fail(attempt->report, "no memory");
	make_url(attempt, url, sizeof(url));
	set_security(curl, attempt);
	api.set(curl, CURLOPT_URL, url);
	api.set(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	api.set(curl, CURLOPT_PROXY, "");
	api.set(curl, CURLOPT_NOSIGNAL, 1L);
	api.set(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)settings->timeout_ms);
	api.set(curl, CURLOPT_TIMEOUT_MS, (long)delivery_limit_ms(settings));
	api.set(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(settings->timeout_ms + 999) / 1000);
	api.set(curl, CURLOPT_ERRORBUFFER, attempt->error);
	api.set(curl, CURLOPT_MAIL_FROM, attempt->from);
	api.set(curl, CURLOPT_MAIL_RCPT, recipients);
	api.set(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	api.set(curl, CURLOPT_HEADERFUNCTION, on_reply);
	api.set(curl, CURLOPT_HEADERDATA, attempt);
	api.set(curl, CURLOPT_READFUNCTION, on_read);
	api.set(curl, CURLOPT_READDATA, attempt);
	api.set(curl, CURLOPT_UPLOAD, 1L);
	judge(attempt, api.perform(curl));
	api.cleanup(curl);
}

static void compose(struct attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	const struct mailsettings *settings = delivery->settings;
	const struct mailtext text = {.router_id = settings->router_id ? settings->router_id : "",
		.from = attempt->from,
		.host = attempt->host,
		.to = settings->to,
		.to_count = settings->to_count,
		.name = delivery->name,
		.word = delivery->word,
		.group = delivery->group,
		.at = delivery->at,
		.moment = delivery->moment,
		.number = delivery->number};

	if (settings->from)
		snprintf(attempt->from, sizeof(attempt->from), "%s", settings->from);
	else
		snprintf(attempt->from, sizeof(attempt->from), "root@%s", attempt->host);
	attempt->text = mailtext_compose(&text, &attempt->length);
	if (!attempt->text)
		fail(attempt->report, "no memory");
}

_Noreturn void delivery_run(const struct delivery *delivery, pid_t parent, int report)
{
	struct attempt attempt = {.delivery = delivery};

	attempt.report = fcntl(report, F_DUPFD_CLOEXEC, 3);
	if (attempt.report < 0)
		_exit(EXIT_FAILURE);
	if (attempt.report > 3)
		syscall(SYS_close_range, 3, attempt.report - 1, 0);
	syscall(SYS_close_range, attempt.report + 1, ~0u, 0);
	read_password(&attempt);
	read_certificates(&attempt);
	drop_power(attempt.report);
	/* Not before: the kernel forgets it when the user changes. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	load(attempt.report);
	find_host(&attempt);
	compose(&attempt);
	perform(&attempt);
	_exit(EXIT_SUCCESS);
}

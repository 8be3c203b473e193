/* SPDX-License-Identifier: ISC */
/*
 * The receiver alone, for tests: opens the sockets of vrrp/net in the namespace it runs in, prints
 * one JSON line per datagram heard and does what its standard input says, one command a line, each
 * answered by a JSON line {"done": COMMAND, "result": NUMBER}:
 *
 *	join INTERFACE GROUP | leave INTERFACE GROUP
 *	forget IFINDEX | renew IFINDEX
 *	accept_local INTERFACE 0|1 | get_accept_local INTERFACE | get_rp_filter INTERFACE
 *	queue IFINDEX SOURCE DESTINATION OCTETS VALUE    (a payload of equal octets)
 *	queue_announce IFINDEX MAC ADDRESS SOURCE
 *	flush | flush_announce                           (result: how many the kernel refused)
 *	error INDEX | error_announce INDEX               (of the last flush)
 *
 * It ends at end of file.  INTERFACE is a name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vrrp/net/announce.h"
#include "vrrp/net/devconf.h"
#include "vrrp/net/membership.h"
#include "vrrp/net/receive.h"
#include "vrrp/net/send.h"
#include "vrrp/net/socket.h"

#define SLOTS	  64
#define QUEUE	  4096
#define PAYLOAD	  5000
#define ARGUMENTS 6
#define FAMILIES  2

struct test {
	int sockets[FAMILIES];
	int announce_socket;
	struct nl_sock *netlink;
	struct vrrp_receive *receive;
	struct vrrp_membership *membership;
	struct vrrp_send *send[FAMILIES];
	struct vrrp_send *frames;
	int last; /* family index of the last queued packet */
	uint8_t (*frame_octets)[VRRP_ANNOUNCE_FRAME];
	uint8_t payloads[256][PAYLOAD];
};

static const int families[FAMILIES] = {AF_INET, AF_INET6};

static void die(const char *what, int error)
{
	fprintf(stderr, "receiver: %s: %s\n", what, strerror(error));
	exit(1);
}

static struct vrrp_address parse_address(const char *text)
{
	struct vrrp_address address = {0};

	if (inet_pton(AF_INET, text, address.bytes) == 1)
		address.family = VRRP_IPV4;
	else if (inet_pton(AF_INET6, text, address.bytes) == 1)
		address.family = VRRP_IPV6;
	else
		die(text, EINVAL);
	return address;
}

static const char *address_text(const struct vrrp_address *address, char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(address->family == VRRP_IPV4 ? AF_INET : AF_INET6, address->bytes, text,
		INET6_ADDRSTRLEN);
}

static void print_datagram(const struct vrrp_datagram *heard)
{
	char source[INET6_ADDRSTRLEN], destination[INET6_ADDRSTRLEN];

	printf("{\"interface\": %d, \"source\": \"%s\", \"destination\": \"%s\", \"ttl\": %u, "
	       "\"header\": %zu, \"length\": %zu, \"received\": %zu, \"realtime\": %llu, "
	       "\"payload\": \"",
		heard->interface, address_text(&heard->ip.source, source),
		address_text(&heard->ip.destination, destination), heard->ip.ttl,
		heard->ip_header_length, heard->ip.length, heard->received,
		(unsigned long long)heard->realtime);
	for (size_t i = 0; i < heard->received; i++)
		printf("%02x", heard->payload[i]);
	puts("\"}");
}

static void hear(struct test *test, int fd)
{
	int heard = vrrp_receive_read(test->receive, fd, SLOTS);

	if (heard < 0)
		die("vrrp_receive_read", -heard);
	for (int i = 0; i < heard; i++)
		print_datagram(vrrp_receive_datagram(test->receive, (unsigned int)i));
}

static int do_join(struct test *test, char **words)
{
	struct vrrp_address group = parse_address(words[2]);

	return vrrp_membership_join(test->membership, (int)if_nametoindex(words[1]), &group);
}

static int do_leave(struct test *test, char **words)
{
	struct vrrp_address group = parse_address(words[2]);

	return vrrp_membership_leave(test->membership, (int)if_nametoindex(words[1]), &group);
}

static int do_forget(struct test *test, char **words)
{
	return vrrp_membership_forget(test->membership, atoi(words[1]));
}

static int do_renew(struct test *test, char **words)
{
	return vrrp_membership_renew(test->membership, atoi(words[1]));
}

static int do_accept_local(struct test *test, char **words)
{
	return devconf_set(test->netlink, (int)if_nametoindex(words[1]), IPV4_DEVCONF_ACCEPT_LOCAL,
		(uint32_t)atoi(words[2]));
}

static int get(struct test *test, const char *interface, uint32_t setting)
{
	uint32_t value;
	int error = devconf_get(test->netlink, (int)if_nametoindex(interface), setting, &value);

	return error ? error : (int)value;
}

static int do_get_accept_local(struct test *test, char **words)
{
	return get(test, words[1], IPV4_DEVCONF_ACCEPT_LOCAL);
}

static int do_get_rp_filter(struct test *test, char **words)
{
	return get(test, words[1], IPV4_DEVCONF_RP_FILTER);
}

static int do_queue(struct test *test, char **words)
{
	struct vrrp_address source = parse_address(words[2]);
	struct vrrp_address destination = parse_address(words[3]);

	test->last = source.family == VRRP_IPV6;
	return vrrp_send_append(test->send[test->last], atoi(words[1]), &source, &destination,
		test->payloads[(uint8_t)atoi(words[5])], (size_t)atoi(words[4]));
}

static int do_flush(struct test *test, char **words)
{
	unsigned int failed = vrrp_send_flush(test->send[test->last], test->sockets[test->last]);

	vrrp_send_clear(test->send[test->last]);
	return (int)failed;
}

static int do_error(struct test *test, char **words)
{
	return vrrp_send_error(test->send[test->last], (unsigned int)atoi(words[1]));
}

static int do_queue_announce(struct test *test, char **words)
{
	uint8_t *frame = test->frame_octets[vrrp_send_count(test->frames)];
	struct vrrp_address address = parse_address(words[3]);
	struct vrrp_address source = parse_address(words[4]);
	uint8_t mac[VRRP_ANNOUNCE_MAC];
	int length;

	if (sscanf(words[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		    &mac[4], &mac[5]) != 6)
		die(words[2], EINVAL);
	length = vrrp_announce_build(frame, mac, &address, &source);
	if (length < 0)
		return length;
	return vrrp_send_append_frame(test->frames, atoi(words[1]), frame, (size_t)length);
}

static int do_flush_announce(struct test *test, char **words)
{
	unsigned int failed = vrrp_send_flush(test->frames, test->announce_socket);

	vrrp_send_clear(test->frames);
	return (int)failed;
}

static int do_error_announce(struct test *test, char **words)
{
	return vrrp_send_error(test->frames, (unsigned int)atoi(words[1]));
}

static const struct command {
	const char *name;
	int words;
	int (*run)(struct test *test, char **words);
} commands[] = {
	{"join", 3, do_join},
	{"leave", 3, do_leave},
	{"forget", 2, do_forget},
	{"renew", 2, do_renew},
	{"accept_local", 3, do_accept_local},
	{"get_accept_local", 2, do_get_accept_local},
	{"get_rp_filter", 2, do_get_rp_filter},
	{"queue", 6, do_queue},
	{"queue_announce", 5, do_queue_announce},
	{"flush", 1, do_flush},
	{"flush_announce", 1, do_flush_announce},
	{"error", 2, do_error},
	{"error_announce", 2, do_error_announce},
};

static void run_command(struct test *test, char *line)
{
	char *words[ARGUMENTS + 1] = {0}, *rest = NULL;
	int count = 0;

	for (char *word = strtok_r(line, " \n", &rest); word && count < ARGUMENTS;
		word = strtok_r(NULL, " \n", &rest))
		words[count++] = word;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *command = &commands[i];

		if (count == command->words && !strcmp(words[0], command->name)) {
			printf("{\"done\": \"%s\", \"result\": %d}\n", words[0],
				command->run(test, words));
			return;
		}
	}
	die(count ? words[0] : "an empty command", EINVAL);
}

static void set_up(struct test *test)
{
	for (int i = 0; i < FAMILIES; i++) {
		test->sockets[i] = vrrp_socket_open(families[i], VRRP_IP_PROTOCOL);
		if (test->sockets[i] < 0)
			die("vrrp_socket_open", -test->sockets[i]);
		if (vrrp_socket_set_timestamps(test->sockets[i], true) < 0)
			die("vrrp_socket_set_timestamps", errno);
		test->send[i] = vrrp_send_new(families[i], QUEUE);
	}
	test->announce_socket = vrrp_announce_open();
	if (test->announce_socket < 0)
		die("vrrp_announce_open", -test->announce_socket);
	test->netlink = nl_socket_alloc();
	if (!test->netlink || nl_connect(test->netlink, NETLINK_ROUTE) < 0)
		die("netlink socket", errno);
	test->receive = vrrp_receive_new(SLOTS);
	test->membership = vrrp_membership_new();
	test->frames = vrrp_send_new_frames(QUEUE);
	test->frame_octets = calloc(QUEUE, sizeof(*test->frame_octets));
	if (!test->receive || !test->membership || !test->frames || !test->frame_octets ||
		!test->send[0] || !test->send[1])
		die("set-up", errno);
	for (int value = 0; value < 256; value++)
		memset(test->payloads[value], value, sizeof(test->payloads[value]));
}

static void tear_down(struct test *test)
{
	for (int i = 0; i < FAMILIES; i++) {
		close(test->sockets[i]);
		vrrp_send_free(test->send[i]);
	}
	close(test->announce_socket);
	nl_socket_free(test->netlink);
	vrrp_receive_free(test->receive);
	vrrp_membership_free(test->membership);
	vrrp_send_free(test->frames);
	free(test->frame_octets);
}

int main(void)
{
	static struct test test;
	char line[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	set_up(&test);
	puts("{\"done\": \"open\", \"result\": 0}");
	for (;;) {
		struct pollfd polled[] = {
			{.fd = test.sockets[0], .events = POLLIN},
			{.fd = test.sockets[1], .events = POLLIN},
			{.fd = STDIN_FILENO, .events = POLLIN},
		};

		if (poll(polled, 3, -1) < 0)
			die("poll", errno);
		for (int i = 0; i < FAMILIES; i++)
			if (polled[i].revents)
				hear(&test, test.sockets[i]);
		if (!polled[2].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			break;
		run_command(&test, line);
	}
	tear_down(&test);
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "vrrp/applier/accept.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/descriptor.h"
#include "lib/library.h"
#include "vrrp/net/hash.h"
#include "vrrp/net/netlink.h"

#define BUCKETS		 4096
#define PRIORITY_DEFAULT (-1)
#define RETRY_FAILED	 (10 * NSEC_PER_SEC)
#define NAME_SIZE	 32

/* Loaded with the first address that is not to accept. */
static struct {
	__typeof__(nft_ctx_new) *new_context;
	__typeof__(nft_ctx_free) *free_context;
	__typeof__(nft_ctx_buffer_error) *buffer_error;
	__typeof__(nft_ctx_buffer_output) *buffer_output;
	__typeof__(nft_ctx_get_error_buffer) *error_text;
	__typeof__(nft_run_cmd_from_buffer) *run;
} nft;

static const struct library_function functions[] = {
	{"nft_ctx_new", &nft.new_context},
	{"nft_ctx_free", &nft.free_context},
	{"nft_ctx_buffer_error", &nft.buffer_error},
	{"nft_ctx_buffer_output", &nft.buffer_output},
	{"nft_ctx_get_error_buffer", &nft.error_text},
	{"nft_run_cmd_from_buffer", &nft.run},
};

/* An address that packets are dropped to; a link-local one on its interface. */
struct dropped {
	LIST_ENTRY(dropped) in_bucket;
	TAILQ_ENTRY(dropped) in_changes;
	struct vrrp_address address;
	char interface[16]; /* empty unless the address is link-local */
	uint32_t wanted;
	bool present; /* in the kernel's set */
	bool changed;
};

struct slot_drops {
	struct dropped **items;
	uint32_t count;
};

struct accept {
	struct journal *journal;
	struct notes *notes;
	struct nft_ctx *nft; /* NULL until it is needed */
	LIST_HEAD(, dropped) buckets[BUCKETS];
	TAILQ_HEAD(, dropped) changes;
	uint32_t wanted;   /* addresses, in all */
	uint64_t retry_at; /* after a failure */
	int error;	   /* as it was told last */
	bool table;	   /* it is there */
	bool missing;	   /* and the news say that it is not */
	int32_t priority;
	bool counters;
	int news;
	char name[NAME_SIZE];
	uint32_t slot_count;
	struct slot_drops slots[];
};

static void name_table(char name[NAME_SIZE], uint32_t pid)
{
	snprintf(name, NAME_SIZE, "vrrp_agent_%u", pid);
}

static int open_news(void)
{
	struct sockaddr_nl name = {
		.nl_family = AF_NETLINK, .nl_groups = 1 << (NFNLGRP_NFTABLES - 1)};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct accept *accept_new(uint32_t slots, struct journal *journal, struct notes *notes)
{
	struct accept *accept = calloc(1, sizeof(*accept) + slots * sizeof(accept->slots[0]));

	if (!accept)
		return NULL;
	accept->journal = journal;
	accept->notes = notes;
	accept->slot_count = slots;
	accept->priority = PRIORITY_DEFAULT;
	accept->news = open_news();
	TAILQ_INIT(&accept->changes);
	name_table(accept->name, (uint32_t)getpid());
	return accept;
}

struct accept *accept_free(struct accept *accept)
{
	if (!accept)
		return NULL;
	for (unsigned int i = 0; i < BUCKETS; i++)
		while (!LIST_EMPTY(&accept->buckets[i])) {
			struct dropped *dropped = LIST_FIRST(&accept->buckets[i]);

			LIST_REMOVE(dropped, in_bucket);
			free(dropped);
		}
	for (uint32_t i = 0; i < accept->slot_count; i++)
		free(accept->slots[i].items);
	if (accept->nft)
		nft.free_context(accept->nft);
	descriptor_close(accept->news);
	free(accept);
	return NULL;
}

int accept_fd(const struct accept *accept)
{
	return accept->news;
}

static struct journal_record record_of(uint32_t pid)
{
	return (struct journal_record){
		.kind = JOURNAL_FIREWALL, .index = pid, .interface = "nftables"};
}

void accept_describe(const struct accept *accept, struct journal *journal)
{
	const struct journal_record record = record_of((uint32_t)getpid());

	if (accept->table)
		journal_add(journal, &record);
}

/* ---- Addresses ---- */

static void change(struct accept *accept, struct dropped *dropped)
{
	if (dropped->changed)
		return;
	dropped->changed = true;
	TAILQ_INSERT_TAIL(&accept->changes, dropped, in_changes);
}

static struct dropped *find_or_make(struct accept *accept, const struct image_address *like)
{
	struct dropped key = {
		.address = vrrp_address_make((enum vrrp_family)like->family, like->address)};
	struct dropped *dropped;
	uint32_t hash;

	if (vrrp_address_is_link_local(&key.address) && key.address.family == VRRP_IPV6)
		memcpy(key.interface, like->interface, sizeof(key.interface));
	hash = hash_octets(HASH_START, &key.address, sizeof(key.address));
	LIST_FOREACH (dropped, &accept->buckets[hash % BUCKETS], in_bucket)
		if (vrrp_address_equal(&dropped->address, &key.address) &&
			strcmp(dropped->interface, key.interface) == 0)
			return dropped;
	dropped = calloc(1, sizeof(*dropped));
	if (!dropped)
		return NULL;
	*dropped = key;
	LIST_INSERT_HEAD(&accept->buckets[hash % BUCKETS], dropped, in_bucket);
	return dropped;
}

static void forget_if_unused(struct dropped *dropped)
{
	if (dropped->wanted || dropped->changed || dropped->present)
		return;
	LIST_REMOVE(dropped, in_bucket);
	free(dropped);
}

static void release(struct accept *accept, struct slot_drops *drops)
{
	for (uint32_t i = 0; i < drops->count; i++) {
		struct dropped *dropped = drops->items[i];

		accept->wanted--;
		if (--dropped->wanted == 0)
			change(accept, dropped);
	}
	free(drops->items);
}

int accept_drop(
	struct accept *accept, uint32_t slot, const struct image_address *addresses, uint32_t count)
{
	struct slot_drops drops = {.items = NULL};

	if (!count && !accept->slots[slot].count)
		return 0;
	drops.items = calloc(count + 1, sizeof(*drops.items));
	if (!drops.items)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		struct dropped *dropped = find_or_make(accept, &addresses[i]);

		if (!dropped) {
			release(accept, &drops);
			return -ENOMEM;
		}
		drops.items[drops.count++] = dropped;
		accept->wanted++;
		if (dropped->wanted++ == 0)
			change(accept, dropped);
	}
	release(accept, &accept->slots[slot]);
	accept->slots[slot] = drops;
	return 0;
}

/* ---- The kernel ---- */

static void write_table(const struct accept *accept, FILE *stream)
{
	const char *name = accept->name;
	const char *counter = accept->counters ? "counter " : "";

	/* One of this name can be there: the program was replaced and kept its number. */
	fprintf(stream, "add table inet %s; delete table inet %s; add table inet %s\n", name, name,
		name);
	fprintf(stream, "add set inet %s ipv4 { type ipv4_addr; }\n", name);
	fprintf(stream, "add set inet %s ipv6 { type ipv6_addr; }\n", name);
	fprintf(stream, "add set inet %s link_local { type ipv6_addr . ifname; }\n", name);
	fprintf(stream,
		"add chain inet %s input { type filter hook input priority %d; policy accept; }\n",
		name, accept->priority);
	fprintf(stream, "add rule inet %s input ip daddr @ipv4 %sdrop\n", name, counter);
	fprintf(stream,
		"add rule inet %s input icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } "
		"%saccept\n",
		name, counter);
	fprintf(stream, "add rule inet %s input ip6 daddr @ipv6 %sdrop\n", name, counter);
	fprintf(stream, "add rule inet %s input ip6 daddr . iifname @link_local %sdrop\n", name,
		counter);
}

static void write_element(const struct accept *accept, const struct dropped *dropped, FILE *stream)
{
	bool ipv4 = dropped->address.family == VRRP_IPV4;
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(ipv4 ? AF_INET : AF_INET6, dropped->address.bytes, text, sizeof(text));
	fprintf(stream, "%s element inet %s %s { %s", dropped->wanted ? "add" : "delete",
		accept->name,
		ipv4			? "ipv4"
		: dropped->interface[0] ? "link_local"
					: "ipv6",
		text);
	if (dropped->interface[0])
		fprintf(stream, " . \"%s\"", dropped->interface);
	fputs(" }\n", stream);
}

static void write_changes(const struct accept *accept, FILE *stream)
{
	const struct dropped *dropped;

	if (!accept->table) {
		write_table(accept, stream);
		for (unsigned int i = 0; i < BUCKETS; i++)
			LIST_FOREACH (dropped, &accept->buckets[i], in_bucket)
				if (dropped->wanted)
					write_element(accept, dropped, stream);
		return;
	}
	TAILQ_FOREACH (dropped, &accept->changes, in_changes)
		if ((dropped->wanted > 0) != dropped->present)
			write_element(accept, dropped, stream);
}

/* libnftables tells of errors in words only. */
static int error_of(const char *text)
{
	static const struct {
		const char *words;
		int error;
	} errors[] = {
		{"Operation not permitted", -EPERM},
		{"Permission denied", -EPERM},
		{"not supported", -EOPNOTSUPP},
		{"No such file", -ENOENT},
		{"Too many open files", -EMFILE},
		{"Protocol not", -EOPNOTSUPP},
	};

	for (size_t i = 0; text && i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strstr(text, errors[i].words))
			return errors[i].error;
	return -EIO;
}

static int begin(struct accept *accept)
{
	if (library_load(LIBRARY_NFTABLES, functions, sizeof(functions) / sizeof(functions[0])))
		return -ELIBACC;
	accept->nft = nft.new_context(NFT_CTX_DEFAULT);
	if (!accept->nft)
		return -EPERM;
	nft.buffer_error(accept->nft);
	nft.buffer_output(accept->nft);
	return 0;
}

static int run(struct accept *accept, const char *commands)
{
	int error = accept->nft ? 0 : begin(accept);

	if (error)
		return error;
	if (nft.run(accept->nft, commands) == 0)
		return 0;
	return error_of(nft.error_text(accept->nft));
}

static int run_changes(struct accept *accept)
{
	char *commands = NULL;
	size_t length;
	FILE *stream = open_memstream(&commands, &length);
	int error;

	if (!stream)
		return -ENOMEM;
	write_changes(accept, stream);
	error = fclose(stream) == 0 ? 0 : -ENOMEM;
	if (!error)
		error = length ? run(accept, commands) : 0;
	free(commands);
	return error;
}

/* The kernel has what is wanted. */
static void settle(struct accept *accept)
{
	struct dropped *dropped;

	while ((dropped = TAILQ_FIRST(&accept->changes)) != NULL) {
		TAILQ_REMOVE(&accept->changes, dropped, in_changes);
		dropped->changed = false;
		dropped->present = dropped->wanted > 0;
		forget_if_unused(dropped);
	}
}

static uint64_t fail(struct accept *accept, int error, uint64_t now)
{
	if (error != accept->error)
		notes_post(accept->notes,
			&(struct note){
				.kind = NOTE_ACCEPT_FAILED, .slot = NOTES_NO_SLOT, .error = error});
	accept->error = error;
	accept->retry_at = now + RETRY_FAILED;
	return accept->retry_at;
}

void accept_remove(struct accept *accept)
{
	const struct journal_record record = record_of((uint32_t)getpid());
	char command[64];

	if (!accept->table)
		return;
	snprintf(command, sizeof(command), "delete table inet %s\n", accept->name);
	accept->table = false;
	if (run(accept, command) == 0)
		journal_strike(accept->journal, &record);
}

uint64_t accept_work(struct accept *accept, uint64_t now)
{
	const struct journal_record record = record_of((uint32_t)getpid());
	int error;

	if (TAILQ_EMPTY(&accept->changes))
		return UINT64_MAX;
	if (now < accept->retry_at)
		return accept->retry_at;
	if (accept->wanted && !accept->table) {
		journal_add(accept->journal, &record);
		journal_flush(accept->journal);
	}
	if (!accept->wanted)
		accept_remove(accept);
	error = accept->wanted ? run_changes(accept) : 0;
	if (error && accept->table && error == -ENOENT) {
		/* somebody removed it meanwhile */
		accept->table = false;
		error = run_changes(accept);
	}
	if (error)
		return fail(accept, error, now);
	accept->table = accept->wanted > 0;
	accept->error = 0;
	settle(accept);
	return UINT64_MAX;
}

void accept_undo(struct accept *accept, const struct journal_record *record)
{
	char name[NAME_SIZE], command[2 * NAME_SIZE + 48];

	if (accept->table && record->index == (uint32_t)getpid())
		return;
	name_table(name, record->index);
	/* whether it is there or not */
	snprintf(command, sizeof(command), "add table inet %s; delete table inet %s\n", name, name);
	run(accept, command);
}

/* ---- News ---- */

static void take_news(void *context, const struct nlmsghdr *message)
{
	struct accept *accept = context;
	struct nlattr *attributes[NFTA_TABLE_MAX + 1];
	bool gone = message->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE);

	if ((!gone && message->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE)) ||
		nlmsg_parse((struct nlmsghdr *)message, sizeof(struct nfgenmsg), attributes,
			NFTA_TABLE_MAX, NULL) < 0 ||
		!attributes[NFTA_TABLE_NAME] ||
		strcmp(nla_get_string(attributes[NFTA_TABLE_NAME]), accept->name) != 0)
		return;
	accept->missing = gone;
}

/* What has been set is to be set again. */
static void begin_anew(struct accept *accept)
{
	struct dropped *dropped;

	accept->table = false;
	for (unsigned int i = 0; i < BUCKETS; i++)
		LIST_FOREACH (dropped, &accept->buckets[i], in_bucket)
			change(accept, dropped);
}

void accept_shape(struct accept *accept, int32_t priority, bool counters)
{
	if (accept->priority == priority && accept->counters == counters)
		return;
	accept->priority = priority;
	accept->counters = counters;
	if (accept->table)
		begin_anew(accept);
}

void accept_read(struct accept *accept)
{
	accept->missing = false;
	if (accept->news >= 0)
		while (netlink_read(accept->news, take_news, accept) == -ENOBUFS)
			;
	if (!accept->table || !accept->missing)
		return;
	begin_anew(accept);
}

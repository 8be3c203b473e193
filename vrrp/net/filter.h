/* SPDX-License-Identifier: ISC */
#ifndef VRRP_NET_FILTER_H
#define VRRP_NET_FILTER_H

#include "vrrp/net/receive.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The kernel keeps to itself the adverts of which it was told that a repetition says nothing new:
 * a program at the raw sockets compares them, and notes how many came and when the last did
 * (filter_entry.h).  Whoever waits for the sockets is not woken, and reads the notes when it likes:
 * they lie in memory that both share, so that no function here but the first ones and the
 * attaching is a system call, and none allocates.
 *
 * One thread uses a filter; loading and opening may be another's before.
 */
struct filter;

/* What a filter consists of in the kernel; it can be handed to a successor. */
enum filter_descriptor {
	FILTER_MAP,
	FILTER_PROGRAM4,
	FILTER_PROGRAM6,
	FILTER_DESCRIPTORS
};

#define FILTER_NOT_BUILT 1

/* Makes one for `places` (a power of two) virtual routers at most, of which some few may find no
 * place when more than half are taken.  Needs CAP_BPF, which nothing below does.  FILTER_NOT_BUILT:
 * the program was built without; -ELIBACC: there is no libbpf; another negative errno, or what
 * libbpf has beyond those (-4000 and below).  In filter_load.c, or filter_none.c where it can't be
 * built. */
int filter_load(uint32_t places, int descriptors[FILTER_DESCRIPTORS]);

/* Takes the descriptors, also when it fails; no place is taken then, whatever the predecessor had.
 * NULL: errno; EPROTO: another version's. */
struct filter *filter_open(const int descriptors[FILTER_DESCRIPTORS]);

/* Frees it, NULL too; returns NULL.  Sockets keep what is attached. */
struct filter *filter_close(struct filter *filter);

/* Stays the filter's. */
int filter_descriptor(const struct filter *filter, enum filter_descriptor which);

/* As it was loaded for. */
uint32_t filter_places(const struct filter *filter);

/* Puts it at a socket of socket.h, in place of another one's.  0 or a negative errno. */
int filter_attach(const struct filter *filter, int fd, enum vrrp_family family);

/* Takes away what is there. */
void filter_detach(int fd);

/* A free place for the virtual router of the interface with that index, the caller's until it is
 * released; or 0: there is none to be had, or somebody has that router's. */
uint32_t filter_claim(struct filter *filter, uint32_t interface, uint8_t family, uint8_t vrid);

/* Nothing is kept there any more; 0 is no place. */
void filter_release(struct filter *filter, uint32_t place);

/* How many packets of that router were let through since some time before the place was claimed;
 * each is counted before it is to be had at the socket. */
uint64_t filter_passed(const struct filter *filter, uint32_t place);

/* When the last of those came, or one that is not counted yet (CLOCK_MONOTONIC). */
uint64_t filter_passed_at(const struct filter *filter, uint32_t place);

/* Keeps what repeats this datagram, as long as filter_passed() is `passed`: so many have been dealt
 * with.  False: it is too long, or has IP options. */
bool filter_keep(struct filter *filter, uint32_t place, const struct vrrp_datagram *datagram,
	uint64_t passed);

/* Lets everything through again. */
void filter_pass(struct filter *filter, uint32_t place);

/* How many were kept at this place ever; `heard`: when the last came (CLOCK_MONOTONIC). */
uint64_t filter_count(const struct filter *filter, uint32_t place, uint64_t *heard);

#endif

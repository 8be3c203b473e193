/* SPDX-License-Identifier: ISC */
#ifndef VRRP_APPLIER_REPORT_H
#define VRRP_APPLIER_REPORT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/image.h"

/* What the applier tells the engine (applier.h says when). */

#define APPLIER_INTERFACES IMAGE_INTERFACES

struct applier_result {
	uint32_t slot;
	bool owned;	   /* what was wished when it was done */
	int error;	   /* 0, or the negative errno of the first address that failed: -ENODEV,
			      -ENETDOWN: its interface is missing or down; it is set when that ends,
			      and another result comes */
	bool source_held;  /* an interface has the configured source; false if none is needed */
	uint32_t restored; /* addresses put back so far because somebody else had removed them */
};

struct applier_interface {
	char name[16];
	uint32_t index; /* 0: there is no such interface */
	uint8_t mac[6];
	bool up; /* exists, administratively up, carrier, not dormant */
	bool has_primary4;
	bool has_primary6;
	uint8_t reserved[3];
	uint8_t primary4[4];  /* its first IPv4 address, those that the applier has set excluded */
	uint8_t primary6[16]; /* its first link-local address, not tentative, the same excluded */
	uint32_t flaps;	      /* times it went down */
	uint32_t mtu;
	uint8_t reserved2[4];
};

static_assert(sizeof(struct applier_interface) % 8 == 0, "a row of a board");

#endif

/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_LIMITS_H
#define VRRP_PROTOCOL_LIMITS_H

/* Ranges of the protocol (RFC 9568 sections 5 and 6, RFC 3768 section 5).  Times in nanoseconds. */

#define VRRP_SECOND	 1000000000ull
#define VRRP_CENTISECOND 10000000ull
#define VRRP_MILLISECOND 1000000ull

#define VRRP_IP_PROTOCOL 112
#define VRRP_TTL	 255

#define VRRP_VERSION_2 2
#define VRRP_VERSION_3 3

#define VRRP_VRID_MIN 1
#define VRRP_VRID_MAX 255

#define VRRP_PRIORITY_STOP    0 /* the Active is leaving */
#define VRRP_PRIORITY_MIN     1
#define VRRP_PRIORITY_MAX     254
#define VRRP_PRIORITY_OWNER   255 /* the router holds the addresses itself */
#define VRRP_PRIORITY_DEFAULT 100

/* Version 3 counts the interval in centiseconds (12 bits), version 2 in seconds (8 bits). */
#define VRRP_V3_INTERVAL_MIN  VRRP_CENTISECOND
#define VRRP_V3_INTERVAL_MAX  (4095 * VRRP_CENTISECOND)
#define VRRP_V2_INTERVAL_MIN  VRRP_SECOND
#define VRRP_V2_INTERVAL_MAX  (255 * VRRP_SECOND)
#define VRRP_INTERVAL_DEFAULT VRRP_SECOND

/* Adverts that may be missed before a Backup takes over. */
#define VRRP_DOWN_ADVERTS_MIN	  1
#define VRRP_DOWN_ADVERTS_MAX	  100
#define VRRP_DOWN_ADVERTS_DEFAULT 3

#define VRRP_PREEMPT_DELAY_MAX (1000 * VRRP_SECOND)

#define VRRP_ADDRESSES_MAX 255

#define VRRP_HEADER_OCTETS 8
#define VRRP_AUTH_OCTETS   8 /* the trailer of every version 2 message */
/* The longest message: version 3 with 255 IPv6 addresses. */
#define VRRP_PACKET_MAX	   (VRRP_HEADER_OCTETS + 16 * VRRP_ADDRESSES_MAX)

#endif

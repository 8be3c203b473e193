/* SPDX-License-Identifier: ISC */
#ifndef VRRP_PROTOCOL_TIMER_H
#define VRRP_PROTOCOL_TIMER_H

#include <stdint.h>

/* The protocol's times, in nanoseconds and nowhere rounded to the wire's centiseconds: with short
 * intervals and priorities that are close, that rounding makes two routers take over at once. */

/* Skew_Time.  Version 3: ((256 - priority) * interval) / 256; version 2: (256 - priority) / 256 of
 * a second, whatever the interval (RFC 3768 6.1). */
uint64_t vrrp_skew(uint8_t version, uint8_t priority, uint64_t interval);

/* Active_Down_Interval: adverts * interval + Skew_Time, where the RFCs have three adverts. */
uint64_t vrrp_active_down(uint8_t version, uint8_t priority, uint64_t interval, uint8_t adverts);

/* By how much an advertisement of that interval may leave early, so that a caller can send
 * several in one wake-up: 1 %, at most 5 ms. */
uint64_t vrrp_advert_slack(uint64_t interval);

#endif

/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CONF_TEXT_ORIGIN_H
#define AGENT_CONF_TEXT_ORIGIN_H

#include <stdint.h>

enum origin_kind {
	ORIGIN_DEFAULT, /* nobody wrote it */
	ORIGIN_FILE,	/* the configuration file or one it includes */
	ORIGIN_OVERLAY, /* what SNMP or vrrpctl changed */
};

/* Where a value was written; line and column count from 1, 0 = nowhere. */
struct origin {
	const char *file; /* NULL when nowhere */
	const char *via;  /* of which definition or sequence, for messages; NULL: of none */
	uint32_t line;
	uint16_t column;
	uint8_t kind; /* enum origin_kind */
};

#endif

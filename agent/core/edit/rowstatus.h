/* SPDX-License-Identifier: ISC */
#ifndef AGENT_CORE_EDIT_ROWSTATUS_H
#define AGENT_CORE_EDIT_ROWSTATUS_H

#include <stdbool.h>
#include <stdint.h>

/* RowStatus (RFC 2579): what a manager may ask of a row, by what the row is. */

enum row_state {
	ROW_ABSENT,
	ROW_NOT_READY,	    /* it lacks something that it needs in service */
	ROW_NOT_IN_SERVICE, /* complete, and down */
	ROW_ACTIVE,
	ROW_STATES
};

enum row_request {
	ROW_SET_ACTIVE = 1,
	ROW_SET_NOT_IN_SERVICE = 2,
	ROW_CREATE_AND_GO = 4,
	ROW_CREATE_AND_WAIT = 5,
	ROW_DESTROY = 6,
	ROW_REQUESTS
};

/* Whether the request is one at all: 3 (notReady) is only ever read. */
bool row_is_request(int64_t request);

/* Whether it can be asked of such a row.  What becomes active has to be complete as well when all
 * of the transaction is done. */
bool row_allows(enum row_state state, enum row_request request);

bool row_creates(enum row_request request);

/* Whether the row is in service after it.  Not for ROW_DESTROY. */
bool row_serves(enum row_request request);

#endif

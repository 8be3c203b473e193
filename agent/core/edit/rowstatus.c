/* SPDX-License-Identifier: ISC */
#include "agent/core/edit/rowstatus.h"

static const struct {
	bool exists, creates, serves;
	bool allowed[ROW_STATES]; /* in the order of enum row_state */
} requests[ROW_REQUESTS] = {
	[ROW_SET_ACTIVE] = {true, false, true, {false, true, true, true}},
	[ROW_SET_NOT_IN_SERVICE] = {true, false, false, {false, false, true, true}},
	[ROW_CREATE_AND_GO] = {true, true, true, {true, false, false, false}},
	[ROW_CREATE_AND_WAIT] = {true, true, false, {true, false, false, false}},
	[ROW_DESTROY] = {true, false, false, {true, true, true, true}},
};

bool row_is_request(int64_t request)
{
	return request > 0 && request < ROW_REQUESTS && requests[request].exists;
}

bool row_allows(enum row_state state, enum row_request request)
{
	return requests[request].allowed[state];
}

bool row_creates(enum row_request request)
{
	return requests[request].creates;
}

bool row_serves(enum row_request request)
{
	return requests[request].serves;
}

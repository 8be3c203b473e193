/* SPDX-License-Identifier: ISC */
#include "lib/lifeline.h"

#include "lib/channel.h"

int lifeline_beat(int end, uint32_t within_ms)
{
	union message message;

	message_init(&message, MESSAGE_HEARTBEAT, 0);
	message.heartbeat.within = within_ms;
	return channel_send(end, &message, -1);
}

/* SPDX-License-Identifier: ISC */
#include "lib/lifeline.h"

#include "lib/channel.h"

#include <time.h>

#define MSEC_PER_SEC  1000
#define NSEC_PER_MSEC 1000000

static uint32_t ran_ms(void)
{
	struct timespec ran = {0};

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ran);
	return (uint32_t)(ran.tv_sec * MSEC_PER_SEC + ran.tv_nsec / NSEC_PER_MSEC);
}

void lifeline_write(union message *message, uint32_t within_ms)
{
	message_init(message, MESSAGE_HEARTBEAT, 0);
	message->heartbeat.within = within_ms;
	message->heartbeat.ran = ran_ms();
}

int lifeline_beat(int end, uint32_t within_ms)
{
	union message message;

	lifeline_write(&message, within_ms);
	return channel_send(end, &message, -1);
}

/* SPDX-License-Identifier: ISC */
#include "agent/ctl/logview.h"

#include <time.h>

#include "agent/ctl/request.h"

void logview_print_event(const json_t *event, FILE *stream)
{
	const char *text = json_string_value(json_object_get(event, "text"));
	double at = json_number_value(json_object_get(event, "time"));
	time_t second = (time_t)at;
	struct tm local;
	char when[32];

	if (!text || !localtime_r(&second, &local) ||
		!strftime(when, sizeof(when), "%F %T", &local))
		return;
	fprintf(stream, "%s.%03d  %s\n", when, (int)((at - (double)second) * 1000), text);
}

int logview_command(const char *socket, bool json, const char *name, int count)
{
	json_t *answer = request_answer(socket,
		json_pack("{s:s, s:i, s:s*}", "command", "log", "count", count, "name", name));
	const json_t *event;
	size_t index;

	if (answer && json)
		request_print(answer);
	else if (answer)
		json_array_foreach(json_object_get(answer, "events"), index, event)
		{
			logview_print_event(event, stdout);
		}
	json_decref(answer);
	return answer ? 0 : 1;
}

#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static _Atomic(int) threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
	atomic_store(&threshold, (int)level);
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "error";
	case LOG_WARN:
		return "warn";
	case LOG_INFO:
		return "info";
	case LOG_DEBUG:
		return "debug";
	}
	return "error";
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	char line[2048], date[32];
	struct buf stamp = { .p = date, .cap = sizeof(date), .max = sizeof(date) };
	va_list args;

	if ((int)level > atomic_load(&threshold))
		return;
	clock_put_rfc3339(&stamp, clock_wall_us(), 3, "Z");
	int n = snprintf(line, sizeof(line) - 1, "%.*s %s %s ", (int)stamp.n, stamp.p, level_name(level), event);
	if (n < 0 || (size_t)n >= sizeof(line) - 1)
		return;
	va_start(args, fmt);
	int more = vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, fmt, args);
	va_end(args);
	if (more < 0)
		return;
	size_t length = (size_t)n + (size_t)more;
	if (length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
			line[i] = '?';
	line[length++] = '\n';
	ssize_t written = write(STDERR_FILENO, line, length);
	(void)written; /* A lost log line must not stop the sale. */
}

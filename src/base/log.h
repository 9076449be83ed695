/* base/log.h: one line an event on standard error, key=value, for the journal.
 *
 * Library code returns codes; the edge that answers or gives up logs once. State changes and callers' faults at info,
 * our own faults at error. Never pass a PIN, code, token, signature, secret or phone number. */
#pragma once

#include "base/str.h"

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 }; /* syslog's numbers */

void log_set_level(enum log_level level);

/* `event` is a short name such as "order.completed"; the rest is printf for "key=value key=value". Control characters
 * are replaced by '?', so that foreign text cannot forge a line. Thread-safe: one write(2) a line. */
void log_event(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);

#define log_error(event, ...) log_event(LOG_ERROR, (event), __VA_ARGS__)
#define log_warn(event, ...) log_event(LOG_WARN, (event), __VA_ARGS__)
#define log_info(event, ...) log_event(LOG_INFO, (event), __VA_ARGS__)
#define log_debug(event, ...) log_event(LOG_DEBUG, (event), __VA_ARGS__)

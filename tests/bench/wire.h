/* bench/wire.h: as much of HTTP/1.1 as a load generator and a callback sink need, and no more.
 *
 * Heads are read where they lie; nothing is copied. Bodies need a Content-Length: without one a message counts as
 * broken, because a generator that guesses where an answer ends measures its guess. */
#pragma once

#include "base/str.h"

enum wire_state { WIRE_PARTIAL, WIRE_DONE, WIRE_BROKEN };

struct wire_head {
	struct str first_line;
	size_t bytes; /* of the head, its blank line included */
	size_t body_bytes;
	bool close; /* "Connection: close" */
};

/* Reads the head that begins at bytes.p; *ret is set on WIRE_DONE only. A request without a length has no body, so
 * `length_needed` is for answers. */
enum wire_state wire_parse_head(struct str bytes, bool length_needed, struct wire_head *ret);

/* The status of "HTTP/1.1 201 Created"; 0 if the line is something else. */
int wire_status(struct str first_line);

/* What follows the first `"name":`, up to a comma, a bracket or a quote (an opening quote is skipped); absent if the
 * name does not occur. Good enough for bodies whose writer is known to print without white space. */
struct str wire_json_value(struct str body, const char *name_with_quotes_and_colon);

/* A non-blocking TCP socket without Nagle's delay, bound to 127.0.0.1 and listening, or connecting to it. -1 and errno
 * on failure. */
int wire_listen(int port);
int wire_connect(int port);
int wire_port(int listening_fd); /* the port that the system chose */

int64_t wire_now_ns(void); /* monotonic */
/* User and system time that this process has used. */
int64_t wire_cpu_ns(void);

/* http/call.h: one request that its caller waits for: commands to a server, over its control socket or from afar.
 *
 * Not for servers: http/client.h never waits. TLS certificates are checked; redirects are not followed. */
#pragma once

#include "base/buf.h"

struct http_call {
	const char *method, *url;
	const char *socket_path; /* a Unix socket to go through; NULL: the host of the URL */
	const char *bearer;	 /* Authorization: Bearer; NULL: none */
	struct str body;	 /* absent: none */
	int64_t timeout_us;
	/* found */
	struct buf *reply; /* the body is appended */
	int status;
};

/* ERR_IO when nobody answers, ERR_TIMEOUT; `call->status` otherwise. */
MUST_USE enum err http_call(struct http_call *call);

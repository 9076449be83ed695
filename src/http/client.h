/* http/client.h: requests to other people's servers: one thread, many at a time.
 *
 * Only http and https; redirects are never followed; proxies of the environment are not used; the address that is
 * really connected must be public (address.h); time and size are limited. Requests to one host queue behind each
 * other, never behind another host's, and a host that keeps failing gets a lane of its own width: one at a time, and
 * together with its like at most a quarter of what may be in flight.
 *
 * The sender owns the request and all it points at, and must not touch it between submit and `done`. Response bytes
 * live until `done` returns. */
#pragma once

#include "base/buf.h"

enum http_error {
	HTTP_ANSWERED = 0,     /* an answer came whole: look at its status */
	HTTP_BAD_URL,	       /* not a URL of http or https, one with a name in it, or a header with a line break */
	HTTP_FORBIDDEN_TARGET, /* it resolves to addresses that we do not call */
	HTTP_RESOLVE,	       /* no such name, or no name server */
	HTTP_CONNECT,	       /* nobody listens there, or TLS failed */
	HTTP_TIMEOUT,
	HTTP_BROKEN,	/* the connection ended early, or what came is not HTTP */
	HTTP_TOO_LARGE, /* headers or body passed the limit; `status` is known, the body is not */
	HTTP_STOPPED,	/* our side is shutting down */
};
const char *http_error_name(enum http_error e); /* "timeout", for logs and for the operator */

struct http_field {
	const char *name;
	struct str value;
};

struct http_response {
	enum http_error error;
	bool sent;	     /* a byte of the request may have left: the other side may have acted on it */
	int status;	     /* 0 = none came */
	struct str body;     /* absent unless HTTP_ANSWERED */
	struct str headers;  /* raw lines as they came */
	int64_t duration_us; /* of the transfer, without waiting in the queue */
};
/* The value of the first header of this name (not case-sensitive), trimmed; absent if there is none. */
struct str http_response_header(const struct http_response *r, const char *name);

struct http_request {
	const char *method; /* any but "GET" sends the body, an absent one as empty */
	const char *url;
	const struct http_field *headers;
	size_t header_count;
	struct str body; /* absent = none */
	int64_t timeout_ms;
	int64_t connect_ms; /* until a connection stands; 0 = 5 s. Part of timeout_ms */
	size_t max_response_bytes;
	int max_per_host; /* how many requests to this host may be in flight */
	/* On a connection of its own. Otherwise, should a kept-alive connection turn out dead, libcurl sends the
	 * request again on a fresh one, and it might arrive twice. */
	bool once;
	/* On a kept-alive connection all the same, but never again: if that one turns out dead, HTTP_BROKEN and `sent`.
	 */
	bool no_resend;
	/* Called once on the client's thread: be quick. Another request may be submitted from within. */
	void (*done)(struct http_request *r, const struct http_response *response);
	void *sender;
	/* the client's own */
	struct http_request *next;
};

struct http_client;

struct http_client_options {
	bool allow_private; /* also call loopback and private networks: a demo */
	int max_in_flight;
	bool no_slow_lane;   /* the hosts are our own: they are served alike, whatever they answer */
	const char *ca_file; /* PEM: certificates that are trusted beside the system's; not copied. NULL: none */
};

/* Starts the thread. ERR_INTERNAL if libcurl or the thread does not start. */
MUST_USE enum err http_client_new(const struct http_client_options *options, struct http_client **ret);
/* Every request that is not done gets HTTP_STOPPED; ends the thread. NULL is fine. */
void http_client_free(struct http_client *client);

/* Thread-safe. The queue is as long as its senders make it. */
void http_client_submit(struct http_client *client, struct http_request *r);

/* What keeps two requests apart: scheme, host and port of the URL, as text within it: "https://example.com:8443".
 * Absent if it is not http or https or has no host. */
struct str http_origin(struct str url);

struct http_client_stats {
	int64_t in_flight, queued, answered, failed;
};
void http_client_stats(struct http_client *client, struct http_client_stats *ret);

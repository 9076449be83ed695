/* http/server.h: the HTTP/1.1 edge: listeners, limits, and requests that wait without a thread.
 *
 * One server is one loop in one thread. A handler is called on that thread with a whole request (line, headers, body);
 * it either answers at once (http_reply) or parks the exchange (http_park): the connection then sleeps, no thread
 * waits, and http_ready from any thread brings it back to the loop thread, where the exchange's on_ready answers it.
 * The server owns every exchange and all that it points at, from the first byte of the request until the last byte of
 * the answer has left; between http_park and http_ready whoever holds the exchange may use its arena.
 * Refused here, before any handler: what smuggles, stalls or floods (http/header.h and LIMIT_* say what exactly).
 * Plain HTTP only: status, headers and body of an answer leave in one write, which TLS in this process would break. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

struct http_server;
struct http_exchange;

struct http_header {
	struct str name, value;
};

typedef void (*http_handler)(void *arg, struct http_exchange *x);
/* Renders the body of a refusal. x->status is set already (400, 413, 414 or 431) and may be changed; `e` is
 * ERR_BAD_REQUEST or ERR_TOO_LARGE. Method, target and headers may be absent: the request is known to be broken. Must
 * call http_reply, must not park. The connection is closed afterwards. */
typedef void (*http_refuser)(void *arg, struct http_exchange *x, enum err e);

enum { HTTP_REPLY_HEADERS = 32 };

/* One request and its answer. */
struct http_exchange {
	struct arena arena; /* dies with the exchange */
	struct str method;  /* as sent: methods are case-sensitive */
	struct str target;  /* raw, as it came in the request line */
	struct str path;    /* raw bytes before '?', of an absolute-form target too; http/query.h decodes */
	struct str query;   /* raw bytes after '?'; absent without one */
	struct str body;    /* empty without one; of GET and HEAD too */
	const struct http_header *headers;
	size_t header_count;
	struct str peer;    /* textual address; behind a trusted proxy the one from X-Forwarded-For; "unix" */
	uint64_t id;	    /* unique in the process; sent as X-Request-Id, 16 hex digits */
	int64_t arrived_us; /* monotonic; when the request line was there */
	int status;	    /* of the answer; 200 until the handler sets it */
	struct buf reply;   /* body of the answer; at most LIMIT_RESPONSE_BYTES */
	void *user;	    /* the handler's own; NULL at first */
	bool gone;	    /* the client has closed its side while it was parked; answering has no effect */
	bool close;	    /* set it to have the connection closed after the answer */
	bool secret;	    /* set it to have the answer's body wiped from memory once it was sent */
};

struct http_config {
	int64_t request_us;  /* from the first byte of a request to its last */
	int64_t idle_us;     /* a kept-alive connection without a request */
	int64_t reply_us;    /* from the answer to its last byte taken by the client */
	size_t connections;  /* open at once; one more is closed at once. RLIMIT_NOFILE is raised to fit */
	size_t header_bytes; /* all headers together */
	size_t headers;
	size_t target_bytes;
	const char *const *trusted_proxies; /* addresses or networks such as "10.0.0.0/8"; copied */
	size_t trusted_proxy_count;
	bool trust_unix; /* X-Forwarded-For is believed on Unix sockets too */
};

struct http_listener {
	http_handler handler;
	http_refuser refuse; /* NULL: an empty body */
	void *arg;	     /* of all of these */
	size_t body_bytes;   /* the largest request body; 0 means LIMIT_BODY_BYTES */
	/* Of a request whose body is or may be larger: how large it may be, going by its head. LIMIT_LARGE_BODIES of
	 * them are read at once, of any other one body_bytes is the limit. NULL: of all. */
	size_t (*body_limit)(void *arg, const struct http_exchange *x);
};

enum http_refusal {
	HTTP_REFUSED_CONNECTION, /* over config.connections */
	HTTP_REFUSED_HEADER,	 /* a header or target that smuggles or is malformed: 400 */
	HTTP_REFUSED_TARGET,	 /* too long: 414 */
	HTTP_REFUSED_HEADERS,	 /* too many or too large: 431 */
	HTTP_REFUSED_BODY,	 /* too large: 413 */
	HTTP_REFUSED_SLOW,	 /* past request_us or reply_us: cut */
	HTTP_REFUSED_PARSER,	 /* answered or dropped by the parser before we saw a whole header */
	HTTP_REFUSALS
};

struct http_counters {
	uint64_t accepted, connections, parked; /* the last two are present numbers */
	uint64_t requests, replies;
	uint64_t bytes_in, bytes_out; /* bodies of requests and answers */
	uint64_t hung_up;	      /* clients that left while their request was parked */
	uint64_t refused[HTTP_REFUSALS];
};

void http_config_default(struct http_config *config); /* the LIMIT_* of base/limits.h, no proxies */

/* ERR_CONFIG for a malformed proxy address, ERR_IO when the kernel refuses descriptors. The config is copied. */
MUST_USE enum err http_server_new(const struct http_config *config, struct http_server **ret);
/* Call it once the loop has returned and no thread calls http_ready any more. Exchanges that are still parked are given
 * to their on_ready with x->gone set. NULL is fine. */
void http_server_free(struct http_server *s);

/* Whether http_server_listen_tcp() would take that text. */
bool http_is_listen_address(struct str text);
/* "127.0.0.1:8080", "[::1]:8080"; port 0 takes a free one. *ret_port is the port bound; may be NULL. ERR_CONFIG for a
 * malformed address, ERR_IO if it cannot be bound (the reason is logged). Before http_server_run only. */
MUST_USE enum err http_server_listen_tcp(struct http_server *s, const char *address,
					 const struct http_listener *listener, int *ret_port);
/* A socket at `path`, mode 0600; a stale one is replaced. Removed by http_server_free. */
MUST_USE enum err http_server_listen_unix(struct http_server *s, const char *path,
					  const struct http_listener *listener);

/* Called at the end of every turn of the loop, on its thread: what gathered in the turn goes on together. Returns when
 * it wants another turn at the latest (monotonic), though nothing else happens; INT64_MAX: never. */
typedef int64_t (*http_turn)(void *arg);
void http_server_each_turn(struct http_server *s, http_turn fn, void *arg); /* NULL: nobody any more */

/* The loop; returns after http_server_stop, or when a drain is over. */
void http_server_run(struct http_server *s);
/* Thread-safe. Leaves the loop at once; connections are closed by http_server_free. */
void http_server_stop(struct http_server *s);
/* Thread-safe. Takes no more connections, closes idle ones, answers what is in flight or parked, then leaves the loop;
 * after `within_us` it leaves it anyway. */
void http_server_drain(struct http_server *s, int64_t within_us);

/* Thread-safe. From one of the next turns of the loop these are the trusted proxies, for connections that are open too.
 * ERR_CONFIG for a malformed address: then nothing changes. */
MUST_USE enum err http_server_trust(struct http_server *s, const char *const *proxies, size_t count);

/* Thread-safe. */
void http_server_counters(const struct http_server *s, struct http_counters *ret);

/* The first header of that name, compared without case; absent if there is none. */
struct str http_header_find(const struct http_exchange *x, const char *name);

/* Adds a header to the answer; the name is sent exactly as spelled here. Control bytes in the value become '?'; an
 * empty value leaves the header out (dvs.md 2: an empty page number breaks a client). Both are copied. Date,
 * Content-Length, Connection and X-Request-Id are ours. At most HTTP_REPLY_HEADERS. Loop thread, or the holder of a
 * parked exchange. */
void http_reply_header(struct http_exchange *x, const char *name, struct str value);

/* Sends status, headers and x->reply; loop thread, once an exchange. A reply buffer that has failed (over its maximum)
 * is sent as an empty 500. x must not be touched afterwards. */
void http_reply(struct http_exchange *x);

/* Puts the exchange to sleep; from the handler or from on_ready, in place of http_reply. on_ready is called exactly
 * once, on the loop thread, after http_ready, and must answer or park again. */
void http_park(struct http_exchange *x, http_handler on_ready, void *arg);

/* Thread-safe, never waits. Each exchange must be parked and be given once. At most one wake-up a call. */
void http_ready(struct http_server *s, struct http_exchange *const *exchanges, size_t n);

/* http/server_private.h: what the files of the server share; nobody else includes it.
 *
 * libmicrohttpd parses and sends; it runs in external mode only, its epoll descriptor inside ours. Everything here
 * belongs to the loop thread, except the list of ready exchanges and the flags of stop and drain.
 *
 *   server.c      the loop, the wake-ups, the life of a server
 *   listen.c      sockets that listen, accepting
 *   connection.c  the life of a connection: phases, deadlines, lingering
 *   exchange.c    one request: from the parser's callbacks to the answer
 *   inner.c       requests that came many in one */
#pragma once

#include "http/inner.h"
#include "http/proxy.h"
#include "http/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

struct connection;
struct exchange;

/* What an event of our epoll is about; the first member of whatever its data.ptr points at. */
enum source {
	SOURCE_WAKE,
	SOURCE_PARSER, /* libmicrohttpd's own epoll descriptor */
	SOURCE_LISTENER,
	SOURCE_CONNECTION,
	SOURCE_LINGER,
};

/* What a connection is waiting for. Each phase has one limit, so a list in order of entry is in order of deadline. */
enum phase {
	PHASE_IDLE,    /* for the first byte of a request */
	PHASE_REQUEST, /* for the last byte of a request */
	PHASE_WORK,    /* for a handler */
	PHASE_REPLY,   /* for the client to take the answer */
	PHASE_LEAVING, /* for the parser to work off what a client has sent before it closed its side */
	PHASE_OVER,    /* for the parser to notice that we cut it */
	PHASES
};

struct connection {
	enum source source;
	enum phase phase;
	int fd;	      /* the parser's; valid until on_connection says closed */
	bool early;   /* bytes came before the answer to the previous request was out */
	bool hung_up; /* the client has closed at least its sending side */
	bool cut;     /* by us, for a deadline or a drain */
	bool refused; /* the client may still be sending: linger after closing */
	int64_t since_us;
	struct connection *older, *newer; /* of the same phase */
	struct http_server *server;
	const struct listener *listener;
	struct MHD_Connection *mhd;
	struct exchange *exchange; /* NULL between requests */
	char peer[46];
};

struct connections {
	struct connection *oldest, *newest;
};

enum exchange_state {
	EXCHANGE_READING,
	EXCHANGE_HANDLING, /* a handler, a refuser or on_ready has it and owes an answer */
	EXCHANGE_PARKED,
	EXCHANGE_REPLIED,
};

struct exchange {
	struct http_exchange pub; /* first: handlers hold a pointer to it */
	struct http_server *server;
	struct connection *connection; /* NULL: an inner one */
	struct exchange *next;	       /* in the free list or the ready list */
	http_inner_reply on_reply;     /* of an inner one */
	void *on_reply_arg;
	bool hung_up; /* an inner one for which nobody waits */
	enum exchange_state state;
	bool head_seen;
	bool in_body;	       /* the parser takes no answer now: it is sent past it */
	bool suspended;	       /* by the parser's count */
	const char *target_at; /* where the parser had the target, for the header walk */
	size_t body_limit;
	bool is_large; /* it counts among the server's large bodies */
	struct buf body;
	http_handler on_ready;
	void *on_ready_arg;
	struct {
		const char *name, *value;
	} reply_headers[HTTP_REPLY_HEADERS + 1]; /* and the request id */
	size_t reply_header_count;
};

struct listener {
	enum source source;
	int fd;
	bool is_unix;
	bool has_callers;
	char *path; /* of a Unix socket, to be removed */
	struct http_listener options;
	struct listener *next;
};

/* A socket that the parser has closed but whose client may still be sending: closing it at once would send a reset that
 * can overtake the answer. */
struct lingering {
	enum source source;
	int fd;
	int64_t since_us;
	struct lingering *older, *newer;
};

struct counters {
	_Atomic uint64_t accepted, connections, parked, requests, replies, bytes_in, bytes_out, hung_up;
	_Atomic uint64_t refused[HTTP_REFUSALS];
};

struct http_server {
	struct http_config config; /* its proxies are in `proxies` */
	struct proxies *proxies;
	_Atomic(struct proxies *) fresh_proxies; /* taken by the loop; NULL: none */
	struct MHD_Daemon *mhd;
	int epoll_fd, wake_fd;
	int spare_fd; /* given up for a moment when descriptors run out, so that a caller can be turned away */
	enum source wake_source, parser_source;
	int64_t now_us; /* monotonic; read once a turn */
	bool parser_has_work, was_woken;
	http_turn on_turn; /* NULL: nobody asks */
	void *on_turn_arg;
	int64_t turn_due_us; /* monotonic; when on_turn wants a turn at the latest */
	bool closing;	     /* in http_server_free */
	bool draining;
	int64_t drain_until_us;
	struct listener *listeners;
	struct connections phases[PHASES];
	struct connection *adding; /* between MHD_add_connection and its callback */
	size_t connection_count, large_bodies;
	struct lingering *oldest_linger, *newest_linger;
	size_t linger_count;
	struct exchange *free_exchanges;
	size_t free_exchange_count;
	size_t kept_large_bytes; /* of the large buffers in free exchanges */
	struct counters counters;

	_Atomic bool stop;
	_Atomic int64_t drain_asked_us; /* how long the drain may take; 0 = not asked */
	pthread_mutex_t ready_lock;	/* guards the next two */
	struct exchange *ready_first, *ready_last;
};

/* Counters have one writer, the loop thread, and any number of readers. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

/* server.c */
void server_wake(struct http_server *s);
/* One turn of the loop: waits at most until the next deadline, and not at all if `wait` is false. */
void server_turn(struct http_server *s, bool wait);

/* listen.c */
void listener_accept(struct http_server *s, struct listener *listener);
void listeners_close(struct http_server *s); /* stops listening; the options stay for what is in flight */
void listeners_free(struct http_server *s);

/* connection.c */
/* Takes the socket over. `peer` is NULL for a Unix socket. */
void connection_add(struct http_server *s, int fd, const struct listener *listener, const struct sockaddr *address,
		    socklen_t address_bytes);
void connection_enter(struct connection *c, enum phase phase);
void connection_event(struct connection *c, uint32_t events);
void connection_cut(struct connection *c);
void connections_reap(struct http_server *s);		   /* cuts what is past its deadline */
int64_t connections_deadline(const struct http_server *s); /* monotonic; INT64_MAX if there is none */
void linger_event(struct http_server *s, struct lingering *l);
void linger_free_all(struct http_server *s);
/* The parser's MHD_NotifyConnectionCallback. */
void on_connection(void *arg, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);

/* exchange.c */
struct exchange *exchange_new(struct http_server *s);
void exchange_give_back(struct http_server *s, struct exchange *x);
void exchange_ready(struct exchange *x); /* calls on_ready and wakes the connection */
void exchange_free(struct exchange *x);
/* The parser's callbacks. */
void *on_target(void *arg, const char *target, struct MHD_Connection *mhd);
enum MHD_Result on_request(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
			   const char *version, const char *upload, size_t *upload_bytes, void **context);
void on_completed(void *arg, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code);
size_t on_unescape(void *arg, struct MHD_Connection *mhd, char *text);

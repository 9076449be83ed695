/* admin/admin.h: the admin API: what the CLI and the console ask the one writer to do.
 *
 * JSON over HTTP. On the control socket the socket's mode is the authorization; on the admin listener a token is. A
 * request that comes without HTTP (a command beside a stopped server) walks the same rows: admin_call(). Everything
 * that writes goes through the committer like a partner's request, and is audited. */
#pragma once

#include "http/server.h"
#include "service/engine.h"

struct admin;

struct admin_options {
	struct engine *engine;
	struct http_server *server; /* NULL: admin_call() alone */
	/* Appends what other parts of the program have to tell to /metrics. May be NULL. */
	void (*more_metrics)(void *arg, struct buf *b);
	void *more_metrics_arg;
	const char *public_url; /* shown by the status; not copied. NULL: nobody listens */
};

/* The engine must be started. ERR_STORE_* when the operators cannot be read. */
MUST_USE enum err admin_new(const struct admin_options *options, struct admin **ret);
void admin_free(struct admin *admin); /* after the engine has stopped and the server was freed; NULL is fine */

/* The listeners of the control socket (no token asked for) and of the admin address (Authorization: Bearer TOKEN). */
struct http_listener admin_socket_listener(struct admin *admin);
struct http_listener admin_token_listener(struct admin *admin);

/* One request without HTTP, answered before it returns; the body of the answer is appended to `reply`. Returns the HTTP
 * status. The engine must be started. */
int admin_call(struct admin *admin, const char *method, struct str target, struct str body, struct buf *reply);

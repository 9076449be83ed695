#include "cli/connect.h"

#include "admin/admin.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/folder.h"
#include "http/call.h"
#include "service/setup.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct connection {
	struct arena arena;
	const char *url, *token, *socket;
	/* in this process */
	struct keys *keys;
	struct engine *engine;
	struct admin *admin;
};

static const int64_t patience_us = SECONDS_US(600);

const char *where_data(const struct where *where)
{
	const char *from_environment = getenv("BODEGA_DATA");

	return where->data ? where->data : from_environment ? from_environment : "/var/lib/bodega";
}

/* Whether somebody listens on the control socket: a file alone may be left over from a crash. */
static bool somebody_listens(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct str text = str_of(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || text.n >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, text.p, text.n);
	bool yes = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return yes;
}

/* Nobody runs: we are the writer until the command is done. */
static enum err open_here(struct connection *c, struct folder *folder)
{
	enum store_kind kind = STORE_LIVE;
	enum err e = folder_lock(folder);

	if (e)
		return e;
	if (!folder_has_store(folder))
		return ERR_NOT_FOUND;
	/* What the server logs as its daily course is noise beside a command's own answer. */
	log_set_level(LOG_WARN);
	e = keys_load(folder->key, false, &c->keys);
	if (!e)
		e = store_setup(folder->store, STORE_LIVE, &kind);
	if (e)
		return e;
	const struct engine_options options = { .uri = folder->store,
						.keys = c->keys,
						.sandbox_clock = kind == STORE_SANDBOX };
	e = engine_open(&options, &c->engine);
	if (e)
		return e;
	engine_start(c->engine);
	return admin_new(&(struct admin_options){ .engine = c->engine }, &c->admin);
}

static enum err open_folder(struct connection *c, const char *data, const char *command)
{
	struct folder folder;
	enum err e = folder_open(&c->arena, data, false, &folder);

	if (!e) {
		const char *path = folder_socket_path(&c->arena, &folder);

		if (somebody_listens(path)) {
			c->url = "http://localhost";
			c->socket = path;
			return OK;
		}
		e = open_here(c, &folder);
	}
	if (e == ERR_NOT_FOUND)
		fprintf(stderr, "bodega %s: %s: there is no store here; see bodega init --help\n", command, data);
	else if (e == ERR_BUSY)
		fprintf(stderr, "bodega %s: %s: another bodega has it but does not answer\n", command, data);
	else if (e)
		fprintf(stderr, "bodega %s: %s: %s\n", command, data, folder_trouble(e));
	return e;
}

enum err connect_open(const struct where *where, const char *command, struct connection **ret)
{
	struct connection *c = calloc(1, sizeof(*c));
	enum err e = OK;

	must(c);
	arena_init(&c->arena);
	if (where->server) {
		c->url = where->server;
		c->token = where->token ? where->token : getenv("BODEGA_TOKEN");
	} else {
		e = open_folder(c, where_data(where), command);
	}
	if (e)
		connect_close(c);
	else
		*ret = c;
	return e;
}

void connect_close(struct connection *c)
{
	if (!c)
		return;
	if (c->engine)
		engine_stop(c->engine);
	admin_free(c->admin);
	engine_free(c->engine);
	keys_wipe(c->keys);
	arena_done(&c->arena);
	free(c);
}

enum err connect_call(struct connection *c, const char *method, struct str target, struct str body, struct buf *reply,
		      int *ret_status)
{
	if (c->admin) {
		*ret_status = admin_call(c->admin, method, target, body, reply);
		return OK;
	}
	struct http_call call = {
		.method = method,
		.url = arena_printf(&c->arena, "%s%.*s", c->url, STR_ARG(target)).p,
		.socket_path = c->socket,
		.bearer = c->token,
		.body = body,
		.timeout_us = patience_us,
		.reply = reply,
	};
	enum err e = http_call(&call);
	if (!e)
		*ret_status = call.status;
	return e;
}

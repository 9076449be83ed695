#include "front.h"

#include "admin/admin.h"
#include "api/edge.h"
#include "api/relay_serve.h"
#include "pages/pages.h"
#include "supplier/sandbox/lookup.h"
#include "work/work.h"

#include <errno.h>
#include <stdio.h>

/* One address; what is wrong with it is said with its name. */
static enum err listen_at(struct front *f, const struct serve_options *o, const char *address,
			  const struct http_listener *listener, int *ret_port)
{
	enum err e = http_server_listen_tcp(f->http, address, listener, ret_port);

	if (e)
		snprintf(o->fault->text, sizeof(o->fault->text), "cannot listen on %s: %s", address,
			 e == ERR_CONFIG ? "this is not ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080; port 0 "
					   "takes a free one"
					 : strerror(errno));
	return e;
}

/* Pages for people first: their paths are nobody else's. */
static void partners_handle(void *arg, struct http_exchange *x)
{
	struct front *f = arg;

	if (!pages_handle(f->pages, x))
		api_handle(f->api, x);
}

static void partners_refuse(void *arg, struct http_exchange *x, enum err e)
{
	api_refuse(((struct front *)arg)->api, x, e);
}

static size_t partners_body_limit(void *arg, const struct http_exchange *x)
{
	return api_body_limit(((struct front *)arg)->api, x);
}

/* Where other nodes call, and what they are to be told. */
static enum err listen_to_nodes(struct front *f, const struct serve_options *o)
{
	const struct http_listener nodes = { .handler = api_handle_relayed,
					     .arg = f->api,
					     .body_limit = relay_body_limit };
	const char *colon = o->shard_listen ? strrchr(o->shard_listen, ':') : NULL;
	int port = 0;

	if (!o->shard_listen)
		return OK;
	enum err e = listen_at(f, o, o->shard_listen, &nodes, &port);
	if (!e)
		snprintf(f->shard_address, sizeof(f->shard_address), "%.*s:%d", (int)(colon - o->shard_listen),
			 o->shard_listen, port);
	return e;
}

static enum err listen_everywhere(struct front *f, const struct serve_options *o)
{
	const struct http_listener partners = {
		.handler = partners_handle, .refuse = partners_refuse, .arg = f, .body_limit = partners_body_limit
	};
	const struct http_listener operators = admin_token_listener(f->admin), local = admin_socket_listener(f->admin);
	enum err e = OK;

	for (size_t i = 0; i < o->listen_count && !e; i++)
		e = listen_at(f, o, o->listen[i], &partners, i ? NULL : &f->port);
	for (size_t i = 0; i < o->admin_listen_count && !e; i++)
		e = listen_at(f, o, o->admin_listen[i], &operators, NULL);
	if (!e)
		e = listen_to_nodes(f, o);
	return e || !o->control_socket ? e : http_server_listen_unix(f->http, o->control_socket, &local);
}

/* Without the setting: the first address, with the port that was taken. */
static void name_front(struct front *f, const struct serve_options *o)
{
	const char *first = o->listen_count ? o->listen[0] : "";
	const char *colon = strrchr(first, ':');

	if (o->public_url)
		snprintf(f->public_url, sizeof(f->public_url), "%s", o->public_url);
	else if (colon)
		snprintf(f->public_url, sizeof(f->public_url), "http://%.*s:%d", (int)(colon - first), first, f->port);
}

static void write_metrics(void *arg, struct buf *b)
{
	struct front *f = arg;

	work_write_metrics(f->work, b);
	api_write_metrics(f->api, b);
}

enum err front_open(struct front *f, const struct serve_options *o, struct engine *engine, struct work *work,
		    const struct providers *providers)
{
	struct http_config config;

	f->work = work;
	http_config_default(&config);
	config.trusted_proxies = o->trusted_proxies;
	config.trusted_proxy_count = o->trusted_proxy_count;
	enum err e = http_server_new(&config, &f->http);
	if (e)
		return e;
	f->api = api_new(&(struct api_options){ engine,
						f->http,
						o->sandbox ? &sandbox_lookup : NULL,
						{ f->public_url, o->empty_list_is_200 },
						o->shard_listen });
	f->pages = pages_new(&(struct pages_options){ engine, f->http, o->sandbox ? &sandbox_lookup : NULL,
						      o->kyc_providers, o->kyc_provider_count, providers, f->public_url,
						      o->qr_payments });
	e = admin_new(&(struct admin_options){ engine, f->http, write_metrics, f, f->public_url }, &f->admin);
	if (!e)
		e = listen_everywhere(f, o);
	if (!e)
		name_front(f, o);
	return e;
}

void front_apply(struct front *f, const struct serve_settings *settings)
{
	enum err e = http_server_trust(f->http, settings->trusted_proxies, settings->trusted_proxy_count);

	must(e == OK);
}

void front_close(struct front *f)
{
	api_stop(f->api);
	http_server_free(f->http);
	api_free(f->api);
	pages_free(f->pages);
	admin_free(f->admin);
}

/* main.c: how the parts are put together. Commands are in cli/; this is what `demo` and `serve` run. */
#include "admin/admin.h"
#include "api/dvs/dvs.h"
#include "api/edge.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/process.h"
#include "http/client.h"
#include "supplier/sandbox/lookup.h"
#include "supplier/supplier.h"
#include "work/work.h"

#include <signal.h>
#include <unistd.h>

enum { SUPPLIERS_MOST = 32 };

struct server {
	const struct serve_options *options;
	struct keys *keys;
	struct engine *engine;
	struct http_client *client;
	struct supplier *suppliers[SUPPLIERS_MOST];
	size_t supplier_count;
	struct work *work;
	struct http_server *http;
	struct api *api;
	struct admin *admin;
	int port;
};

static struct str callback_body(void *arg, enum dialect dialect, const struct order_view *view, struct arena *a)
{
	const struct server *s = arg;
	struct str body = STR_NONE;
	enum err e = dialect == DIALECT_DVS ? dvs_callback_body(a, s->keys, view, &body) : ERR_METHOD_NOT_SUPPORTED;

	if (e)
		log_error("callback.body", "order=%lld error=%s", (long long)view->order.id, err_name(e));
	return body;
}

/* Ends like any other stop: what is parked is answered, and whoever supervises us starts us anew. */
static void slot_lost(void)
{
	kill(getpid(), SIGTERM);
}

static enum err open_engine(struct server *s)
{
	const struct engine_options options = { .uri = s->options->uri,
						.keys = s->keys,
						.sandbox_clock = s->options->sandbox,
						.time_scale = s->options->time_scale,
						.on_jobs = work_on_jobs,
						.on_jobs_arg = s->work,
						.on_lost = slot_lost };
	enum err e = engine_open(&options, &s->engine);

	if (e)
		return e;
	engine_start(s->engine);
	return s->options->prepare ? s->options->prepare(s->options->arg, s->engine) : OK;
}

static enum err open_suppliers(struct server *s)
{
	const struct http_client_options options = { s->options->allow_private, LIMIT_WEBHOOKS_IN_FLIGHT };
	enum err e = http_client_new(&options, &s->client);
	const struct supplier_env env = { s->client, s->options->time_scale };
	struct supplier_config config = { .name = STR("sandbox"), .driver = STR("sandbox") };

	must(s->options->supplier_count < SUPPLIERS_MOST);
	for (size_t i = 0; !e; i++) {
		e = supplier_open(&config, &env, &s->suppliers[i]);
		s->supplier_count += !e;
		if (i == s->options->supplier_count)
			break;
		const struct supplier_setting *next = &s->options->suppliers[i];
		config = (struct supplier_config){ next->name, next->driver, next->url, next->key, next->secret };
	}
	return e;
}

static void start_work(struct server *s)
{
	work_start(s->work, &(struct work_options){ .engine = s->engine,
						    .submit = task_submit,
						    .now_us = engine_now_us,
						    .catalog = engine_catalog,
						    .client = s->client,
						    .suppliers = s->suppliers,
						    .supplier_count = s->supplier_count,
						    .callback_body = callback_body,
						    .arg = s });
}

static void work_metrics(void *arg, struct buf *b)
{
	struct work_stats stats;

	work_stats(arg, &stats);
	buf_printf(b, "# TYPE bodega_work_total counter\n");
	const struct {
		const char *name;
		int64_t value;
	} rows[] = { { "fulfilled", stats.fulfilled },
		     { "refused", stats.refused },
		     { "unknown", stats.unknown },
		     { "expired", stats.expired },
		     { "callbacks_delivered", stats.callbacks_delivered },
		     { "callbacks_failed", stats.callbacks_failed },
		     { "retried", stats.retried } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_printf(b, "bodega_work_total{what=\"%s\"} %lld\n", rows[i].name, (long long)rows[i].value);
}

static enum err listen_everywhere(struct server *s)
{
	const struct serve_options *o = s->options;
	const struct http_listener partners = { api_handle, api_refuse, s->api, 0 };
	const struct http_listener operators = admin_token_listener(s->admin), local = admin_socket_listener(s->admin);
	enum err e = OK;

	for (size_t i = 0; i < o->listen_count && !e; i++)
		e = http_server_listen_tcp(s->http, o->listen[i], &partners, i ? NULL : &s->port);
	for (size_t i = 0; i < o->admin_listen_count && !e; i++)
		e = http_server_listen_tcp(s->http, o->admin_listen[i], &operators, NULL);
	return e || !o->control_socket ? e : http_server_listen_unix(s->http, o->control_socket, &local);
}

static enum err open_edge(struct server *s)
{
	struct http_config config;

	http_config_default(&config);
	config.trusted_proxies = s->options->trusted_proxies;
	config.trusted_proxy_count = s->options->trusted_proxy_count;
	enum err e = http_server_new(&config, &s->http);
	if (e)
		return e;
	s->api = api_new(&(struct api_options){ s->engine,
						s->http,
						s->options->sandbox ? &sandbox_lookup : NULL,
						{ s->options->empty_list_is_200, s->options->public_url } });
	e = admin_new(&(struct admin_options){ s->engine, s->http, work_metrics, s->work }, &s->admin);
	return e ? e : listen_everywhere(s);
}

/* On the signal thread: nothing new comes in, what is parked is answered, what is under way is finished; all of it has
 * the same ten seconds. */
static void drain(void *arg)
{
	struct server *s = arg;

	http_server_drain(s->http, SECONDS_US(LIMIT_DRAIN_SECONDS));
	engine_drain(s->engine);
	work_stop(s->work);
}

static void reload(void *arg)
{
	const struct server *s = arg;

	if (s->options->reload)
		s->options->reload(s->options->arg);
}

static void close_all(struct server *s)
{
	if (s->engine)
		engine_stop(s->engine);
	http_server_free(s->http);
	http_client_free(s->client);
	api_free(s->api);
	admin_free(s->admin);
	work_free(s->work);
	for (size_t i = 0; i < s->supplier_count; i++)
		supplier_close(s->suppliers[i]);
	engine_free(s->engine);
	keys_wipe(s->keys);
}

static enum err serve(const struct serve_options *options)
{
	struct server s = { .options = options, .work = work_new() };

	process_harden();
	process_block_signals();
	enum err e = crypto_start();
	if (!e)
		e = keys_load(options->key_file, options->makes_key, &s.keys);
	if (!e)
		e = open_engine(&s);
	if (!e)
		e = open_suppliers(&s);
	if (!e)
		start_work(&s);
	if (!e)
		e = open_edge(&s);
	if (!e && options->ready)
		e = options->ready(options->arg, s.port);
	if (!e) {
		struct process_signals signals = { .drain = drain, .reload = reload, .arg = &s };

		process_ready(&signals);
		http_server_run(s.http);
		process_stopping(&signals);
	} else {
		log_error("serve.start", "error=%s", err_name(e));
	}
	close_all(&s);
	return e;
}

int main(int argc, char **argv)
{
	return cli_main(&(struct program){ serve }, argc, argv);
}

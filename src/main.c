/* main.c: how the parts are put together. Commands are in cli/; this is what `demo` and `serve` run. */
#include "api/registry.h"
#include "base/clock.h"
#include "base/crypto_signer.h"
#include "base/log.h"
#include "cli/process.h"
#include "front.h"
#include "http/client.h"
#include "notify/messengers.h"
#include "work/work.h"

struct server {
	const struct serve_options *options;
	struct keys *keys;
	struct engine *engine;
	struct http_client *client;
	struct suppliers suppliers;
	struct providers providers;
	struct messengers messengers;
	struct work *work;
	struct front front;
};

static enum err open_engine(struct server *s)
{
	const struct engine_options options = { .uri = s->options->uri,
						.keys = s->keys,
						.sandbox_clock = s->options->sandbox,
						.complete_wait_seconds = s->options->complete_wait_seconds,
						.messages = { messengers_media(&s->options->messengers),
							      s->options->quiet },
						.on_jobs = work_on_jobs,
						.on_jobs_arg = s->work,
						.on_orphans = work_on_orphans,
						.on_orphans_arg = s->work,
						.on_lost = process_end };
	enum err e = engine_open(&options, &s->engine);

	if (!e)
		engine_start(s->engine);
	return !e && s->options->prepare ? s->options->prepare(s->options->arg, s->engine) : e;
}

static enum err open_others(struct server *s)
{
	const struct http_client_options options = { .allow_private = s->options->allow_private,
						     .max_in_flight = LIMIT_WEBHOOKS_IN_FLIGHT,
						     .ca_file = s->options->ca_file };
	enum err e = http_client_new(&options, &s->client);
	const struct supplier_env env = { s->client,
					  { s->options->time_scale, SECONDS_US(s->options->esim_delay_seconds) } };

	if (!e)
		e = suppliers_open(&s->suppliers, s->options->suppliers, s->options->supplier_count, &env);
	if (e == ERR_CONFIG)
		serve_explain(s->options, "a [supplier NAME] section is wrong, see supplier.config above");
	if (!e && (e = providers_open(&s->providers, &s->options->stripe, s->client)) == ERR_CONFIG)
		serve_explain(s->options, "the [payment stripe] section is wrong, see payment.config above");
	if (!e)
		e = messengers_open(&s->messengers, &s->options->messengers);
	return e;
}

static void start_work(struct server *s)
{
	work_start(s->work, &(struct work_options){ .engine = s->engine,
						    .submit = task_submit,
						    .now_us = engine_now_us,
						    .catalog = engine_catalog,
						    .client = s->client,
						    .messengers = &s->messengers,
						    .suppliers = s->suppliers.items,
						    .supplier_count = s->suppliers.count,
						    .providers = &s->providers,
						    .keys = s->keys,
						    .public_url = s->front.public_url,
						    .callback_body = api_callback_body,
						    .callback_headers = api_callback_headers,
						    .callback_waits = api_callback_waits,
						    .payment_callback = api_payment_callback,
						    .arg = s->keys,
						    .shared = engine_is_shared(s->engine) });
}

/* On the signal thread: nothing new comes in, what is parked is answered, what is under way is finished. */
static void drain(void *arg)
{
	struct server *s = arg;

	http_server_drain(s->front.http, SECONDS_US(LIMIT_DRAIN_SECONDS));
	engine_drain(s->engine);
	work_stop(s->work);
}

/* On the signal thread. */
static void reload(void *arg)
{
	struct server *s = arg;
	struct serve_settings settings;

	if (s->options->reload && s->options->reload(s->options->arg, &settings))
		front_apply(&s->front, &settings);
}

/* From now on other nodes hand on what this one owns. */
static enum err join_shards(struct server *s)
{
	if (!s->options->shard_listen)
		return OK;
	if (!engine_is_shared(s->engine)) {
		serve_explain(s->options,
			      "shard_listen is for nodes that share a PostgreSQL store; this one is a file");
		return ERR_CONFIG;
	}
	return engine_publish(s->engine, str_of(s->front.shard_address));
}

static void run(struct server *s)
{
	struct process_signals signals = { drain, s, reload, s, 0 };

	process_ready(&signals);
	http_server_run(s->front.http);
	process_stopping(&signals);
}

static void close_all(struct server *s)
{
	engine_stop(s->engine);
	front_close(&s->front);
	http_client_free(s->client);
	messengers_close(&s->messengers);
	work_free(s->work);
	suppliers_close(&s->suppliers);
	providers_close(&s->providers);
	engine_free(s->engine);
	keys_wipe(s->keys);
}

/* What we post to others is signed with a key that anybody can ask for. */
static enum err sign_with_own_key(struct server *s)
{
	enum err e = keys_load_signer(s->keys, s->options->key_file);

	if (e)
		serve_explain(s->options,
			      "the signing key beside the master key (its name and .sign) cannot be read or made");
	return e;
}

static enum err serve(const struct serve_options *options)
{
	struct server s = { .options = options, .work = work_new() };

	process_harden();
	process_block_signals();
	enum err e = crypto_start();
	if (!e)
		e = serve_keys(options, &s.keys);
	if (!e)
		e = sign_with_own_key(&s);
	if (!e)
		e = open_engine(&s);
	if (!e)
		e = open_others(&s);
	if (!e)
		start_work(&s);
	if (!e)
		e = front_open(&s.front, options, s.engine, s.work, &s.providers);
	if (!e)
		e = join_shards(&s);
	if (!e && options->ready)
		e = options->ready(options->arg, s.front.port);
	if (!e)
		run(&s);
	else
		log_error("serve.start", "error=%s", err_name(e));
	close_all(&s);
	return e;
}

int main(int argc, char **argv)
{
	return cli_main(&(struct program){ argc > 0 ? argv[0] : "bodega", serve, api_print_samples }, argc, argv);
}

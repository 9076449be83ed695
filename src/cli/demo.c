/* cli/demo.c: bodega demo: a server to try things with, one command away. */
#include "service/demo.h"
#include "cli/cli.h"
#include "cli/config.h"
#include "cli/folder.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "service/demo_catalog.h"
#include "service/kyc.h"
#include "service/setup.h"
#include "json/reader.h"
#include "json/writer.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct demo {
	const struct program *program;
	struct arena arena;
	struct folder folder;
	const char *data, *listen, *credentials, *webhook_url, *store, *shard_listen, *messages;
	int64_t time_scale, esim_delay, products, rate_limit;
	struct str secrets;		  /* JSON */
	struct kyc_provider kyc_provider; /* its secret follows from the master key: it stays the same */
	struct config config;		  /* of `messages` */
	struct serve_fault fault;
};

/* The keys of the first start are those of every later one. */
static enum err load_secrets(struct demo *d)
{
	struct buf b;
	enum err e = file_read(&d->arena, d->folder.demo_secrets, &d->secrets);

	if (e != ERR_NOT_FOUND)
		return e;
	buf_init(&b, LIMIT_BODY_BYTES);
	demo_secrets_invent(&b);
	d->secrets = arena_str(&d->arena, buf_view(&b));
	buf_done(&b);
	return file_write(&d->arena, d->folder.demo_secrets, d->secrets);
}

static enum err prepare(void *arg, struct engine *e)
{
	struct demo *d = arg;
	const struct demo_partners options = { d->secrets, str_of(d->webhook_url), d->rate_limit };
	unsigned char secret[HASH_BYTES];
	char text[2 * HASH_BYTES];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	crypto_keyed_hash(engine_keys(e), STR("identity checks of the demo"), secret);
	buf_hex(&b, secret, sizeof(secret));
	d->kyc_provider = (struct kyc_provider){ STR("demo"), arena_str(&d->arena, buf_view(&b)) };
	enum err err = demo_partners_seed(e, &options);
	return err ? err : demo_stock_seed(e);
}

/* The contract's file: what the folder keeps, and where the server listens now. */
static enum err write_credentials(struct demo *d, const struct json_token *secrets, const char *base_url)
{
	static const char *const members[] = { "partners", "restricted", "admin" };
	struct json_writer w;
	struct buf b;

	buf_init(&b, LIMIT_BODY_BYTES);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_strz(&w, "base_url", base_url);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		json_raw_value(&w, members[i], json_raw(json_get(secrets, members[i])));
	json_obj(&w, "kyc");
	json_str(&w, "provider", d->kyc_provider.name);
	json_str(&w, "secret", d->kyc_provider.secret);
	json_end(&w);
	json_end(&w);
	buf_char(&b, '\n');
	enum err e = json_finish(&w);
	if (!e)
		e = file_write(&d->arena, d->credentials, buf_view(&b));
	buf_done(&b);
	return e;
}

static void print_purchases(struct demo *d, const struct json_token *secrets, const char *base_url)
{
	struct buf samples;

	buf_init(&samples, LIMIT_BODY_BYTES);
	d->program->print_samples(&samples, json_get(json_get(secrets, "partners"), "main"), base_url);
	printf("Bodega listens on %s\n\n%.*s"
	       "All credentials: %s\nThe clock:       %s sandbox --data %s advance 25h\n"
	       "The books:       %s verify --data %s\n",
	       base_url, STR_ARG(buf_view(&samples)), d->credentials, d->program->name, d->data, d->program->name,
	       d->data);
	fflush(stdout);
	buf_done(&samples);
}

static enum err ready(void *arg, int port)
{
	struct demo *d = arg;
	struct str host = str_of(d->listen);
	struct json doc;
	enum err e = json_read(&d->arena, d->secrets, NULL, &doc);

	while (host.n && host.p[host.n - 1] != ':')
		host.n--;
	const char *base_url = arena_printf(&d->arena, "http://%.*s%d", STR_ARG(host), port).p;
	if (!e)
		e = write_credentials(d, json_root(&doc), base_url);
	if (e)
		fprintf(stderr, "bodega demo: %s: cannot be written: %s\n", d->credentials, strerror(errno));
	else
		print_purchases(d, json_root(&doc), base_url);
	return e;
}

/* What stands in the way, said to a person. */
static int unusable(const struct demo *d, enum err e)
{
	if (d->fault.text[0])
		fprintf(stderr, "bodega demo: %s\n", d->fault.text);
	else if (e == ERR_CONFIG)
		fprintf(stderr, "bodega demo: --store is \"sqlite\" or postgres://...\n");
	else
		fprintf(stderr, "bodega demo: %s: %s\n", d->data, folder_trouble(e));
	return EXIT_UNUSABLE;
}

/* Where mails and SMS go: without a file into the folder. False, said, if it is wrong. */
static bool read_messages(struct demo *d)
{
	char message[512];

	if (!d->messages || !config_read_messages(d->messages, &d->config, message, sizeof(message)))
		return true;
	fprintf(stderr, "bodega demo: %s\n", message);
	return false;
}

static int serve(struct demo *d)
{
	enum store_kind kind;
	struct progress progress = progress_start("catalogue", d->products ? d->products : DEMO_PRODUCTS);
	enum err e = folder_open(&d->arena, d->data, true, &d->folder);

	if (!e)
		e = folder_lock(&d->folder);
	if (!e)
		e = folder_take_store(&d->arena, &d->folder, d->store);
	if (!e)
		e = load_secrets(d);
	if (!e)
		e = store_setup(d->folder.store, STORE_SANDBOX, &kind);
	if (!e && kind != STORE_SANDBOX) {
		fprintf(stderr, "bodega demo: %s: this is a live store\n", d->data);
		return EXIT_UNUSABLE;
	}
	if (!e)
		e = demo_catalog_seed(d->folder.store, (size_t)d->products, progress_step, &progress);
	progress_end(&progress);
	if (e)
		return unusable(d, e);
	if (!d->credentials)
		d->credentials = arena_printf(&d->arena, "%s/credentials.json", d->data).p;
	const struct serve_options options = { .uri = d->folder.store,
					       .key_file = d->folder.key,
					       .makes_key = true,
					       .control_socket = folder_socket_path(&d->arena, &d->folder),
					       .listen = &d->listen,
					       .listen_count = 1,
					       .kyc_providers = &d->kyc_provider,
					       .kyc_provider_count = 1,
					       .shard_listen = d->shard_listen,
					       .messengers = { .mail = d->config.mail,
							       .sms = d->config.sms,
							       .outbox =
								       arena_printf(&d->arena, "%s/outbox", d->data).p,
							       .is_sandbox = true },
					       .quiet = d->config.quiet,
					       .qr_payments = LIMIT_QR_PAYMENTS,
					       .allow_private = true,
					       .sandbox = true,
					       .time_scale = d->time_scale,
					       .esim_delay_seconds = d->esim_delay,
					       .prepare = prepare,
					       .ready = ready,
					       .arg = d,
					       .fault = &d->fault };
	e = d->program->serve(&options);
	return e ? unusable(d, e) : EXIT_DONE;
}

static const char about[] = "Serves a sandbox: a catalogue, three partners (main has money, second some, empty none) "
			    "and their credentials\n"
			    "for every API, kept in DIR over restarts. Prints a purchase to paste.\n"
			    "\n"
			    "  bodega demo\n"
			    "  bodega demo --data /tmp/shop --listen 127.0.0.1:9000 --time-scale 10\n"
			    "  bodega demo --webhook-url http://127.0.0.1:9999/hook\n";

static int run(const struct program *program, int argc, char **argv)
{
	struct demo d = { .program = program,
			  .data = "bodega-demo",
			  .listen = "127.0.0.1:8080",
			  .time_scale = 1,
			  .esim_delay = LIMIT_ESIM_DELAY_SECONDS };
	const struct option_row rows[] = {
		{ "data", "DIR", "where everything is kept; made if it is not there (bodega-demo)", .text = &d.data },
		{ "listen", "ADDRESS:PORT", "where to listen; port 0 takes a free one (127.0.0.1:8080)",
		  .text = &d.listen },
		{ "credentials", "FILE", "where to write addresses and keys (DIR/credentials.json)",
		  .text = &d.credentials },
		{ "webhook-url", "URL", "where callbacks of the partner \"main\" go", .text = &d.webhook_url },
		{ "messages", "FILE",
		  "where mail and SMS go: [mail], [sms], [messages] of a configuration (DIR/outbox)",
		  .text = &d.messages },
		{ "store", "URI", "postgres://USER@HOST/DATABASE: an empty database, remembered in DIR (a file in DIR)",
		  .text = &d.store },
		{ "shard-listen", "ADDRESS:PORT", "where other nodes on the same store hand on its partners' requests",
		  .text = &d.shard_listen },
		{ "time-scale", "N", "the sandbox's delays are N times shorter (1)", .number = &d.time_scale, .min = 1,
		  .max = 1000000 },
		{ "esim-delay", "SECONDS", "the longest that the sandbox takes for an eSIM's profile; 0 = none (3)",
		  .number = &d.esim_delay, .max = LIMIT_ESIM_DELAY_MOST_SECONDS },
		{ "products", "N", "size of the catalogue at the first start (50000)", .number = &d.products, .min = 1,
		  .max = DEMO_PRODUCTS_MAX },
		{ "rate-limit", "N", "requests a second for each credential (no limit)", .number = &d.rate_limit,
		  .min = 1, .max = 1000000 },
	};
	const struct usage usage = { "bodega demo", "[OPTION]...", about, rows, ARRAY_LEN(rows), NULL, 0, 0 };
	int code = options_parse(&usage, argc, argv, NULL);

	if (code >= 0)
		return code;
	if (!read_messages(&d))
		return EXIT_USAGE;
	arena_init(&d.arena);
	code = serve(&d);
	arena_done(&d.arena);
	config_done(&d.config);
	return code;
}

const struct cli_command command_demo = { "demo", "serves a sandbox with a catalogue and three partners", run };

/* cli/serve.c: bodega serve */
#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/config.h"
#include "cli/folder.h"
#include "cli/options.h"
#include "service/setup.h"

#include <stdio.h>
#include <unistd.h>

static const char about[] =
	"Serves a store that bodega init made, until SIGTERM; then it finishes what is under way within 10 s.\n"
	"SIGHUP reads the settings again: log_level and trusted_proxies count at once, the log names what needs a "
	"restart.\n"
	"\n"
	"  bodega serve --config /etc/bodega/bodega.ini\n";

/* What the server was started with, and what it was told since. */
struct serving {
	const char *file;
	const struct config *started;
	struct config latest; /* of the last reload */
	bool was_reloaded;
};

static void say_what_changed(const struct serving *s, const struct config *fresh)
{
	struct buf counts, waits;

	buf_init(&counts, LIMIT_BODY_BYTES);
	buf_init(&waits, LIMIT_BODY_BYTES);
	config_differences(s->was_reloaded ? &s->latest : s->started, fresh, true, &counts);
	config_differences(s->started, fresh, false, &waits);
	log_info("config.reload", "file=%s changed=%.*s", s->file, STR_ARG(counts.n ? buf_view(&counts) : STR("none")));
	if (waits.n)
		log_warn("config.restart_needed", "file=%s settings=%.*s", s->file, STR_ARG(buf_view(&waits)));
	buf_done(&counts);
	buf_done(&waits);
}

/* A file that has become wrong changes nothing. */
static bool reload(void *arg, struct serve_settings *ret)
{
	struct serving *s = arg;
	struct config fresh;
	char message[512];

	if (config_read(s->file, &fresh, message, sizeof(message))) {
		log_error("config.reload", "the settings stay as they are: %s", message);
		return false;
	}
	say_what_changed(s, &fresh);
	if (s->was_reloaded)
		config_done(&s->latest);
	s->latest = fresh;
	s->was_reloaded = true;
	log_set_level((enum log_level)fresh.log_level);
	*ret = (struct serve_settings){ s->latest.trusted_proxies.items, s->latest.trusted_proxies.count };
	return true;
}

void serve_explain(const struct serve_options *options, const char *sentence)
{
	snprintf(options->fault->text, sizeof(options->fault->text), "%s", sentence);
}

enum err serve_keys(const struct serve_options *options, struct keys **ret)
{
	enum err e = keys_load(options->key_file, options->makes_key, ret);

	if (e)
		snprintf(options->fault->text, sizeof(options->fault->text),
			 "%s: the master key is missing, unreadable or not 64 hex digits; put this store's own there",
			 options->key_file);
	return e;
}

static int unusable(const char *data, enum err e, const struct serve_fault *fault)
{
	if (fault->text[0])
		fprintf(stderr, "bodega serve: %s\n", fault->text);
	else
		fprintf(stderr, "bodega serve: %s: %s\n", data, folder_trouble(e));
	return EXIT_UNUSABLE;
}

static int serve(const struct program *program, const char *file, struct config *c)
{
	enum store_kind kind = STORE_LIVE;
	struct serve_fault fault = { 0 };
	struct serving serving = { .file = file, .started = c };
	struct folder folder;
	enum err e = folder_open(&c->arena, c->data, false, &folder);

	if (!e)
		e = folder_lock(&folder);
	if (!e)
		e = folder_take_store(&c->arena, &folder, c->store);
	if (!e && !folder_has_store(&folder))
		e = ERR_NOT_FOUND;
	if (!e)
		e = store_setup(folder.store, STORE_LIVE, &kind);
	if (e)
		return unusable(c->data, e, &fault);
	log_set_level((enum log_level)c->log_level);
	const struct serve_options options = { .uri = folder.store,
					       .key_file = c->master_key ? c->master_key : folder.key,
					       .control_socket = folder_socket_path(&c->arena, &folder),
					       .listen = c->listen.items,
					       .listen_count = c->listen.count,
					       .admin_listen = c->admin_listen.items,
					       .admin_listen_count = c->admin_listen.count,
					       .shard_listen = c->shard_listen,
					       .trusted_proxies = c->trusted_proxies.items,
					       .trusted_proxy_count = c->trusted_proxies.count,
					       .public_url = c->public_url,
					       .suppliers = c->suppliers,
					       .supplier_count = c->supplier_count,
					       .kyc_providers = c->kyc_providers,
					       .kyc_provider_count = c->kyc_provider_count,
					       .ca_file = c->ca_file,
					       .complete_wait_seconds = c->complete_wait,
					       .qr_payments = c->qr_payments,
					       .stripe = c->stripe,
					       .messengers = { .mail = c->mail,
							       .sms = c->sms,
							       .outbox =
								       arena_printf(&c->arena, "%s/outbox", c->data).p,
							       .is_sandbox = kind == STORE_SANDBOX },
					       .quiet = c->quiet,
					       .empty_list_is_200 = c->empty_list_is_200,
					       .allow_private = c->allow_private_targets,
					       .sandbox = kind == STORE_SANDBOX,
					       .time_scale = 1,
					       .esim_delay_seconds = c->esim_delay,
					       .reload = reload,
					       .arg = &serving,
					       .fault = &fault };
	e = program->serve(&options);
	if (serving.was_reloaded)
		config_done(&serving.latest);
	return e ? unusable(c->data, e, &fault) : EXIT_DONE;
}

static int run(const struct program *program, int argc, char **argv)
{
	const char *file = "/etc/bodega/bodega.ini";
	char message[512];
	struct config config;
	const struct option_row rows[] = {
		{ "config", "FILE", "the settings (/etc/bodega/bodega.ini)", .text = &file },
	};
	const struct usage usage = { "bodega serve", "[OPTION]...", about, rows, ARRAY_LEN(rows), NULL, 0, 0 };
	int code = options_parse(&usage, argc, argv, NULL);

	if (code >= 0)
		return code;
	if (config_read(file, &config, message, sizeof(message))) {
		fprintf(stderr, "bodega serve: %s\n", message);
		return EXIT_USAGE;
	}
	code = serve(program, file, &config);
	config_done(&config);
	return code;
}

const struct cli_command command_serve = { "serve", "serves a store, by a configuration file", run };

/* cli/serve.c: bodega serve */
#include "cli/cli.h"
#include "cli/config.h"
#include "cli/folder.h"
#include "cli/options.h"
#include "service/setup.h"

#include <stdio.h>
#include <unistd.h>

static const char about[] =
	"Serves a store that bodega init made, until SIGTERM; then it finishes what is under way within 10 s.\n"
	"SIGHUP reads the log level again.\n"
	"\n"
	"  bodega serve --config /etc/bodega/bodega.ini\n";

/* The level alone can change while the server runs; a file that has become wrong changes nothing. */
static void reload(void *arg)
{
	char message[512];
	struct config c;

	if (config_read(arg, &c, message, sizeof(message))) {
		log_error("config.reload", "%s", message);
		return;
	}
	log_set_level((enum log_level)c.log_level);
	config_done(&c);
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
					       .trusted_proxies = c->trusted_proxies.items,
					       .trusted_proxy_count = c->trusted_proxies.count,
					       .suppliers = c->suppliers,
					       .supplier_count = c->supplier_count,
					       .empty_list_is_200 = c->empty_list_is_200,
					       .allow_private = c->allow_private_targets,
					       .sandbox = kind == STORE_SANDBOX,
					       .time_scale = 1,
					       .reload = reload,
					       .arg = (void *)(uintptr_t)file,
					       .fault = &fault };
	e = program->serve(&options);
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

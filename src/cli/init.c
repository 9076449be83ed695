/* cli/init.c: bodega init: a new data folder: key, store, and the first operator. */
#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/show.h"
#include "service/partner.h"
#include "service/setup.h"
#include "json/writer.h"

#include <stdio.h>
#include <unistd.h>

static const char about[] =
	"Makes a data folder: an empty store, a fresh master key, and an operator, whose token is printed this once.\n"
	"\n"
	"  bodega init --data /var/lib/bodega --email ops@example.com\n"
	"  bodega init --data ./try --email me@example.com --sandbox\n";

/* The operator is written by the verb that all use, in this process. */
static enum err make_operator(const struct folder *folder, struct keys *keys, const char *email, char *token,
			      const char *password)
{
	struct engine *engine;
	struct arena a;
	enum err e = engine_open(&(struct engine_options){ .uri = folder->store, .keys = keys }, &engine);

	if (e)
		return e;
	arena_init(&a);
	engine_start(engine);
	struct operator_create c = { .by = { STR("init") },
				     .email = str_of(email),
				     .password_hash = crypto_password_hash(&a, str_of(password)),
				     .token = str_of(token) };
	struct task t = { .verb = &verb_operator_create, .command = &c, .arena = &a };
	e = engine_run(engine, &t);
	engine_stop(engine);
	engine_free(engine);
	arena_done(&a);
	return e;
}

static enum err init(struct arena *a, struct folder *folder, const char *store, enum store_kind kind, const char *email,
		     char *token, char *password)
{
	struct keys *keys = NULL;
	enum store_kind found;
	enum err e = folder_lock(folder);

	if (e)
		return e;
	if (folder_has_store(folder))
		return ERR_CONFLICT;
	e = folder_take_store(a, folder, store);
	if (!e)
		e = keys_load(folder->key, true, &keys);
	if (!e)
		e = store_setup(folder->store, kind, &found);
	if (!e)
		e = make_operator(folder, keys, email, token, password);
	keys_wipe(keys);
	return e;
}

static void show_operator(const char *store, const char *email, const char *password, const char *token, bool as_json)
{
	struct json_writer w;
	struct buf out;

	buf_init(&out, LIMIT_RESPONSE_BYTES);
	json_writer_init(&w, &out);
	json_obj(&w, NULL);
	json_strz(&w, "store", store);
	json_strz(&w, "operator", email);
	json_strz(&w, "password", password);
	json_strz(&w, "token", token);
	json_end(&w);
	if (as_json)
		buf_char(&out, '\n');
	show_answer(buf_view(&out), as_json);
	buf_done(&out);
}

static int run(const struct program *program, int argc, char **argv)
{
	struct where where = { 0 };
	const char *email = NULL, *store = NULL;
	bool sandbox = false, as_json = false;
	char token[33], password[33];
	struct folder folder;
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &where.data },
		{ "email", "ADDRESS", "the first operator's", .text = &email },
		{ "store", "URI", "postgres://USER:PASSWORD@HOST/DATABASE: an empty database (a file in DIR)",
		  .text = &store },
		{ "sandbox", NULL, "a store to try things with: its clock may be advanced", .flag = &sandbox },
		{ "json", NULL, "prints the result as one JSON object", .flag = &as_json },
	};
	const struct usage usage = {
		"bodega init", "--email ADDRESS [OPTION]...", about, rows, ARRAY_LEN(rows), NULL, 0, 0
	};
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	if (!email)
		return usage_error(&usage, "--email is missing");
	crypto_token(token);
	crypto_token(password);
	log_set_level(LOG_WARN);
	arena_init(&a);
	enum err e = folder_open(&a, where_data(&where), true, &folder);
	if (!e)
		e = init(&a, &folder, store, sandbox ? STORE_SANDBOX : STORE_LIVE, email, token, password);
	arena_done(&a);
	if (e) {
		fprintf(stderr, "bodega init: %s: %s\n", where_data(&where),
			e == ERR_CONFLICT ? "there is a store here already" : folder_trouble(e));
		return e == ERR_CONFLICT ? EXIT_REFUSED : EXIT_UNUSABLE;
	}
	show_operator(where_data(&where), email, password, token, as_json);
	return EXIT_DONE;
}

const struct cli_command command_init = { "init", "makes a data folder", run };

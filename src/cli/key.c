/* cli/key.c: bodega key: another master key in place of the one there is. */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "json/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { WAIT_MS = 500 };

struct rotating {
	struct connection *connection;
	struct arena arena; /* of one call */
	struct buf reply;
	struct json answer;
	const char *command;
};

static int call(struct rotating *r, const char *method, const char *path)
{
	int status = 0;

	arena_reset(&r->arena);
	buf_clear(&r->reply);
	enum err e = connect_call(r->connection, method, str_of(path), STR(""), &r->reply, &status);
	if (e) {
		fprintf(stderr, "bodega %s: the server does not answer (%s)\n", r->command, err_name(e));
		return EXIT_UNUSABLE;
	}
	if (status >= 300 || json_read(&r->arena, buf_view(&r->reply), NULL, &r->answer)) {
		show_refusal(r->command, status, buf_view(&r->reply));
		return status >= 500 ? EXIT_UNUSABLE : EXIT_REFUSED;
	}
	return EXIT_DONE;
}

static struct str text_of(struct rotating *r, const char *member)
{
	return json_text(&r->arena, json_get(json_root(&r->answer), member));
}

static int64_t number_of(struct rotating *r, const char *member)
{
	int64_t value = 0;

	return json_i64(json_get(json_root(&r->answer), member), 0, INT64_MAX, &value) ? 0 : value;
}

/* Beside the one in use: that one is replaced when everything is sealed with this. */
static int keep_key(struct rotating *r, const char *file)
{
	struct str key = text_of(r, "key");
	enum err e = file_write(&r->arena, file, arena_printf(&r->arena, "%.*s\n", STR_ARG(key)));

	crypto_wipe(r->reply.p, r->reply.n);
	if (e)
		fprintf(stderr, "bodega %s: %s: %s\n", r->command, file, strerror(errno));
	return e ? EXIT_UNUSABLE : EXIT_DONE;
}

static int seal_all(struct rotating *r, int64_t rows)
{
	struct progress progress = progress_start("sealing again", rows);
	bool whole = false;
	int code = EXIT_DONE;

	while (!whole && !code) {
		bool waits = false;

		code = call(r, "POST", "/admin/v1/key/step");
		if (code)
			break;
		whole = str_is(text_of(r, "stage"), "whole");
		if (!json_boolean(json_get(json_root(&r->answer), "waits"), &waits) && waits)
			poll(NULL, 0, WAIT_MS);
		progress_step(&progress, (size_t)number_of(r, "looked"));
	}
	progress_end(&progress);
	return code;
}

/* The old file is kept under another name until the operator destroys it. */
static int install(struct rotating *r, const char *file, const char *next)
{
	const char *old = arena_printf(&r->arena, "%s.old", file).p;

	if (access(next, F_OK) != 0)
		return EXIT_DONE; /* a run that was cut short had come so far */
	unlink(old);
	if (link(file, old) || rename(next, file)) {
		fprintf(stderr, "bodega %s: %s: %s\n", r->command, file, strerror(errno));
		return EXIT_UNUSABLE;
	}
	printf("%s is the new key, %s the old one. Copy the new one to every node and to where copies are kept.\n"
	       "Both start a server until you say: bodega key finish\n",
	       file, old);
	return EXIT_DONE;
}

static int rotate(struct rotating *r, const char *file)
{
	struct arena names;

	arena_init(&names);
	const char *next = arena_printf(&names, "%s.next", file).p;
	int code = call(r, "GET", "/admin/v1/key");
	int64_t rows = number_of(r, "rows");

	if (!code)
		code = call(r, "POST", "/admin/v1/key/rotate");
	/* In a run that goes on after the file was put in place, the key is there already. */
	if (!code && !str_is(text_of(r, "stage"), "whole"))
		code = keep_key(r, next);
	if (!code)
		code = seal_all(r, rows);
	if (!code)
		code = install(r, file, next);
	arena_done(&names);
	return code;
}

static int run_verb(const char *verb, int argc, char **argv)
{
	struct where where = { 0 };
	const char *key = NULL;
	bool finish = verb[0] == 'f';
	const struct option_row rows[] = {
		WHERE_ROWS(&where),
		{ "key", "FILE", "the master key's file (master.key in the data folder)", .text = &key },
	};
	const struct usage usage = {
		finish ? "bodega key finish" : "bodega key rotate",
		"[OPTION]...",
		finish ? "Makes the old master key worthless, once everything is sealed with the "
			 "new one.\n\n  bodega key finish --data /var/lib/bodega\n"
		       : "Makes a new master key and seals with it what the old one has sealed. Goes "
			 "on where a run was cut short.\n\n"
			 "  bodega key rotate --data /var/lib/bodega\n",
		rows,
		ARRAY_LEN(rows),
		NULL,
		0,
		0
	};
	struct rotating r = { .command = finish ? "key finish" : "key rotate" };
	int code = options_parse(&usage, argc, argv, NULL);

	if (code >= 0)
		return code;
	if (connect_open(&where, r.command, &r.connection))
		return EXIT_UNUSABLE;
	arena_init(&r.arena);
	buf_init(&r.reply, 64 * 1024);
	struct arena names;
	arena_init(&names);
	if (!key)
		key = arena_printf(&names, "%s/master.key", where_data(&where)).p;
	code = finish ? call(&r, "POST", "/admin/v1/key/finish") : rotate(&r, key);
	if (finish && !code)
		printf("the old key opens nothing any more\n");
	arena_done(&names);
	buf_done(&r.reply);
	arena_done(&r.arena);
	connect_close(r.connection);
	return code;
}

static int run(const struct program *program, int argc, char **argv)
{
	struct str word = argc > 1 ? str_of(argv[1]) : STR_NONE;

	(void)program;
	if (str_is(word, "rotate") || str_is(word, "finish"))
		return run_verb(argv[1], argc - 1, argv + 1);
	fprintf(word.p && !str_is(word, "--help") ? stderr : stdout,
		"Usage: bodega key rotate|finish [OPTION]...\n\n"
		"  rotate   makes a new master key and seals everything with it; the old one still opens\n"
		"  finish   makes the old one worthless\n");
	return str_is(word, "--help") ? EXIT_DONE : EXIT_USAGE;
}

const struct cli_command command_key = { "key", "rotates the master key", run };

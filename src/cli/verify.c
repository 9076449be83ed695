/* cli/verify.c: bodega verify: the books recomputed; running servers are only read. */
#include "service/verify.h"

#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "json/writer.h"

#include <stdio.h>

enum { DIFFERENCES_SHOWN = 100 };

struct printing {
	struct progress progress;
	struct json_writer *json; /* in the list of differences; NULL: they are printed as they come */
	int64_t count;
};

static void difference(void *arg, struct str text)
{
	struct printing *p = arg;

	if (p->count++ >= DIFFERENCES_SHOWN)
		return;
	if (p->json)
		json_str(p->json, NULL, text);
	else
		printf("%.*s\n", STR_ARG(text));
}

static void progress(void *arg, const char *what, int64_t done)
{
	struct printing *p = arg;

	p->progress.what = what;
	progress_step(&p->progress, (size_t)done);
}

static enum err verify(const char *command, const struct folder *folder, struct printing *p, struct verify_result *ret)
{
	const struct verify_options options = { folder->store, difference, progress, p };

	p->progress = progress_start("verify", 0);
	enum err e = verify_store(&options, ret);
	progress_end(&p->progress);
	if (e)
		fprintf(stderr, "bodega %s: %s: %s\n", command, folder->path, folder_trouble(e));
	return e;
}

static int verify_as_json(const char *command, const struct folder *folder)
{
	struct json_writer w;
	struct printing p = { .json = &w };
	struct verify_result r;
	struct buf out;

	buf_init(&out, LIMIT_RESPONSE_BYTES);
	json_writer_init(&w, &out);
	json_obj(&w, NULL);
	json_strz(&w, "store", folder->path);
	json_arr(&w, "differences");
	enum err e = verify(command, folder, &p, &r);
	if (!e) {
		json_end(&w);
		json_int(&w, "difference_count", r.differences);
		json_int(&w, "ledger_rows", r.ledger_rows);
		json_int(&w, "accounts", r.accounts);
		json_int(&w, "orders", r.orders);
		json_int(&w, "esims", r.esims);
		json_int(&w, "payments", r.payments);
		json_int(&w, "events", r.events);
		json_int(&w, "audit_rows", r.audit_rows);
		json_end(&w);
		buf_char(&out, '\n');
		show_answer(buf_view(&out), true);
	}
	buf_done(&out);
	return e ? EXIT_UNUSABLE : r.differences ? EXIT_REFUSED : EXIT_DONE;
}

int verify_folder(const char *command, const struct folder *folder, bool as_json)
{
	struct printing p = { .json = NULL };
	struct verify_result r;

	if (as_json)
		return verify_as_json(command, folder);
	if (verify(command, folder, &p, &r))
		return EXIT_UNUSABLE;
	if (p.count > DIFFERENCES_SHOWN)
		printf("... and %lld more\n", (long long)(p.count - DIFFERENCES_SHOWN));
	printf("%s: %lld ledger rows, %lld accounts, %lld orders, %lld eSIMs, %lld payments, %lld events, "
	       "%lld audit rows: %lld differences\n",
	       folder->path, (long long)r.ledger_rows, (long long)r.accounts, (long long)r.orders, (long long)r.esims,
	       (long long)r.payments, (long long)r.events, (long long)r.audit_rows, (long long)r.differences);
	return r.differences ? EXIT_REFUSED : EXIT_DONE;
}

static const char about[] = "Recomputes every balance, hold, number and count from the ledger and compares. Prints "
			    "each difference and ends\n"
			    "with 1 if there is one. Changes nothing; the server may be running.\n"
			    "\n"
			    "  bodega verify --data /var/lib/bodega\n";

static int run(const struct program *program, int argc, char **argv)
{
	struct where where = { 0 };
	bool as_json = false;
	struct folder folder;
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &where.data },
		{ "json", NULL, "prints the result as one JSON object; its differences are the first hundred",
		  .flag = &as_json },
	};
	const struct usage usage = { "bodega verify", "[OPTION]...", about, rows, ARRAY_LEN(rows), NULL, 0, 0 };
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	log_set_level(LOG_WARN);
	arena_init(&a);
	if (folder_open(&a, where_data(&where), false, &folder)) {
		fprintf(stderr, "bodega verify: %s: there is no such folder\n", where_data(&where));
		code = EXIT_UNUSABLE;
	} else {
		code = verify_folder("verify", &folder, as_json);
	}
	arena_done(&a);
	return code;
}

const struct cli_command command_verify = { "verify", "recomputes the books and compares", run };

/* cli/verify.c: bodega verify: the books recomputed; running servers are only read. */
#include "service/verify.h"

#include "base/log.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/progress.h"

#include <stdio.h>

enum { DIFFERENCES_SHOWN = 100 };

struct printing {
	struct progress progress;
	int64_t count;
};

static void difference(void *arg, struct str text)
{
	struct printing *p = arg;

	if (p->count++ < DIFFERENCES_SHOWN)
		printf("%.*s\n", STR_ARG(text));
}

static void progress(void *arg, const char *what, int64_t done)
{
	struct printing *p = arg;

	p->progress.what = what;
	progress_step(&p->progress, (size_t)done);
}

int verify_folder(const char *command, const struct folder *folder)
{
	struct printing p = { .progress = progress_start("verify", 0) };
	const struct verify_options options = { folder->store, difference, progress, &p };
	struct verify_result r;
	enum err e = verify_store(&options, &r);

	progress_end(&p.progress);
	if (e) {
		fprintf(stderr, "bodega %s: %s: %s\n", command, folder->path, folder_trouble(e));
		return EXIT_UNUSABLE;
	}
	if (p.count > DIFFERENCES_SHOWN)
		printf("... and %lld more\n", (long long)(p.count - DIFFERENCES_SHOWN));
	printf("%s: %lld ledger rows, %lld accounts, %lld orders, %lld events, %lld audit rows: %lld differences\n",
	       folder->path, (long long)r.ledger_rows, (long long)r.accounts, (long long)r.orders, (long long)r.events,
	       (long long)r.audit_rows, (long long)r.differences);
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
	struct folder folder;
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &where.data },
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
		code = verify_folder("verify", &folder);
	}
	arena_done(&a);
	return code;
}

const struct cli_command command_verify = { "verify", "recomputes the books and compares", run };

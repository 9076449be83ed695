/* cli/login.c: bodega login: an operator's password against a token for the commands of the day. */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/show.h"
#include "json/writer.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_BYTES = 1024 };

static const char about[] =
	"Asks for an operator's password (or reads it as a line of the standard input) and prints a token that lasts\n"
	"12 hours, for --token or BODEGA_TOKEN of the other commands.\n"
	"\n"
	"  bodega login --server https://admin.example.com --email ops@example.com\n";

/* One line, without echo when a person types it. */
static bool read_password(char ret[PASSWORD_BYTES])
{
	struct termios shown, hidden;
	bool typed = tcgetattr(STDIN_FILENO, &shown) == 0;

	if (typed) {
		fputs("Password: ", stderr);
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	bool good = fgets(ret, PASSWORD_BYTES, stdin) != NULL;
	if (typed) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	if (good)
		ret[strcspn(ret, "\r\n")] = '\0';
	return good && ret[0];
}

static int login(const struct where *where, const char *email, const char *password, bool as_json)
{
	struct connection *c;
	struct json_writer w;
	struct buf body, reply;
	int status = 0;

	if (connect_open(where, "login", &c))
		return EXIT_UNUSABLE;
	buf_init(&body, LIMIT_BODY_BYTES);
	buf_init(&reply, LIMIT_RESPONSE_BYTES);
	json_writer_init(&w, &body);
	json_obj(&w, NULL);
	json_strz(&w, "email", email);
	json_strz(&w, "password", password);
	json_end(&w);
	enum err e = json_finish(&w);
	if (!e)
		e = connect_call(c, "POST", STR("/admin/v1/login"), buf_view(&body), &reply, &status);
	if (e)
		fprintf(stderr, "bodega login: the server does not answer (%s)\n", err_name(e));
	else if (status >= 300)
		show_refusal("login", status, buf_view(&reply));
	else
		show_answer(buf_view(&reply), as_json);
	buf_done(&body);
	buf_done(&reply);
	connect_close(c);
	return e || status >= 500 ? EXIT_UNUSABLE : status >= 300 ? EXIT_REFUSED : EXIT_DONE;
}

static int run(const struct program *program, int argc, char **argv)
{
	struct where where = { 0 };
	const char *email = NULL;
	char password[PASSWORD_BYTES];
	bool as_json = false;
	const struct option_row rows[] = {
		{ "email", "ADDRESS", "the operator's", .text = &email },
		{ "server", "URL", "an admin address of a server elsewhere", .text = &where.server },
		{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &where.data },
		{ "json", NULL, "prints the answer as it came", .flag = &as_json },
	};
	const struct usage usage = {
		"bodega login", "--email ADDRESS [OPTION]...", about, rows, ARRAY_LEN(rows), NULL, 0, 0
	};
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	if (!email)
		return usage_error(&usage, "--email is missing");
	if (!read_password(password)) {
		fprintf(stderr, "bodega login: no password was given\n");
		return EXIT_USAGE;
	}
	code = login(&where, email, password, as_json);
	explicit_bzero(password, sizeof(password));
	return code;
}

const struct cli_command command_login = { "login", "a password against a token that lasts 12 hours", run };

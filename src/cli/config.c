#include "cli/config_private.h"

#include "base/limits.h"
#include "cli/folder.h"
#include "http/client.h"
#include "http/proxy.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <unistd.h>

enum { SUBMISSION_PORT = 587 };

typedef bool (*setting_fn)(struct reading *r, void *at, struct str value);

bool config_is_wrong(struct reading *r, const char *name, const char *rule)
{
	if (!r->fault[0])
		snprintf(r->fault, sizeof(r->fault), "%s: %s", name, rule);
	return false;
}

bool config_take_text(struct reading *r, void *at, struct str value)
{
	*(const char **)at = arena_strz(&r->config->arena, value);
	return true;
}

/* "a, b": what is between commas. */
static bool take_list(struct reading *r, void *at, struct str value)
{
	struct config_list *list = at;

	while (value.n) {
		struct str item = str_trim(str_cut(&value, ','));

		if (!item.n || list->count == CONFIG_LIST_MAX)
			return false;
		list->items[list->count++] = arena_strz(&r->config->arena, item);
	}
	return list->count > 0;
}

static bool take_listen(struct reading *r, void *at, struct str value)
{
	const struct config_list *list = at;
	bool good = take_list(r, at, value);

	for (size_t i = 0; i < list->count; i++)
		good &= http_is_listen_address(str_of(list->items[i]));
	return good;
}

static bool take_proxies(struct reading *r, void *at, struct str value)
{
	const struct config_list *list = at;
	struct proxies *proxies = NULL;
	bool good = take_list(r, at, value) && !proxies_new(list->items, list->count, &proxies);

	proxies_free(proxies);
	return good;
}

/* "https://host", "http://host:port", "http://[::1]:80": links are made of it by appending a path, so nothing of a
 * path, a query or a user may stand in it. */
static bool is_public_url(struct str text)
{
	static const struct str schemes[] = { { "http://", 7 }, { "https://", 8 } };
	static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
	struct str host = STR_NONE;
	int64_t port;

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_starts(text, schemes[i]))
			host = str_skip(text, schemes[i].n);
	bool is_v6 = str_starts(host, STR("["));
	const char *allowed = is_v6 ? "0123456789abcdefABCDEF:." : name_bytes;
	struct str rest = is_v6 ? str_skip(host, 1) : host;
	size_t n = 0;
	while (n < rest.n && strchr(allowed, rest.p[n]))
		n++;
	if (!n)
		return false;
	rest = str_skip(rest, n);
	if (is_v6 && !str_starts(rest, STR("]")))
		return false;
	rest = is_v6 ? str_skip(rest, 1) : rest;
	return !rest.n || (rest.p[0] == ':' && !str_to_i64(str_skip(rest, 1), 1, 65535, &port));
}

static bool take_file(struct reading *r, void *at, struct str value)
{
	return config_take_text(r, at, value) && access(*(const char **)at, R_OK) == 0;
}

static bool take_public_url(struct reading *r, void *at, struct str value)
{
	return is_public_url(value) && config_take_text(r, at, value);
}

static bool take_yes(struct reading *r, void *at, struct str value)
{
	(void)r;
	*(bool *)at = str_is(value, "yes");
	return str_is(value, "yes") || str_is(value, "no");
}

static bool take_empty_list(struct reading *r, void *at, struct str value)
{
	(void)r;
	*(bool *)at = str_is(value, "200");
	return str_is(value, "200") || str_is(value, "404");
}

static bool take_wait(struct reading *r, void *at, struct str value)
{
	(void)r;
	return str_to_i64(value, 1, LIMIT_COMPLETE_HOLD_MOST_SECONDS, at) == OK;
}

static bool take_delay(struct reading *r, void *at, struct str value)
{
	(void)r;
	return str_to_i64(value, 0, LIMIT_ESIM_DELAY_MOST_SECONDS, at) == OK;
}

static bool take_qr_payments(struct reading *r, void *at, struct str value)
{
	(void)r;
	return str_to_i64(value, 0, LIMIT_QR_PAYMENTS_MOST, at) == OK;
}

static bool take_level(struct reading *r, void *at, struct str value)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = { { "error", LOG_ERROR }, { "warn", LOG_WARN }, { "info", LOG_INFO }, { "debug", LOG_DEBUG } };

	(void)r;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (str_is(value, levels[i].name)) {
			*(int *)at = (int)levels[i].level;
			return true;
		}
	}
	return false;
}

static bool take_store(struct reading *r, void *at, struct str value)
{
	return (str_is(value, "sqlite") || str_starts(value, STR("postgres://")) ||
		str_starts(value, STR("postgresql://"))) &&
	       config_take_text(r, at, value);
}

/* Others call it by this: an address that means "all of mine" says nothing to them. */
static bool take_shard_listen(struct reading *r, void *at, struct str value)
{
	return !str_starts(value, STR("0.0.0.0:")) && !str_starts(value, STR("[::]:")) &&
	       http_is_listen_address(value) && config_take_text(r, at, value);
}

static bool take_number(struct str value, int64_t max, int64_t *ret)
{
	return str_to_i64(value, 0, max, ret) == OK;
}

static bool take_port(struct reading *r, void *at, struct str value)
{
	(void)r;
	return take_number(value, 65535, at) && *(int64_t *)at > 0;
}

static bool take_security(struct reading *r, void *at, struct str value)
{
	static const char *const words[] = { [SMTP_PLAIN] = "none", [SMTP_STARTTLS] = "starttls", [SMTP_TLS] = "tls" };

	(void)r;
	for (int i = 0; i < (int)ARRAY_LEN(words); i++)
		if (str_is(value, words[i])) {
			*(int *)at = i;
			return true;
		}
	return false;
}

static bool take_host(struct reading *r, void *at, struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-", value.p[i]))
			return false;
	return config_take_text(r, at, value);
}

static bool take_address(struct reading *r, void *at, struct str value)
{
	return mail_address_is_ok(value) && config_take_text(r, at, value);
}

static bool take_http_url(struct reading *r, void *at, struct str value)
{
	return http_origin(value).p && config_take_text(r, at, value);
}

static bool take_file_text(struct reading *r, void *at, struct str value)
{
	struct str text;

	if (file_read(&r->config->arena, arena_strz(&r->config->arena, value), &text))
		return false;
	text = str_trim(text);
	return text.n && config_take_text(r, at, text);
}

/* "HH:MM" in minutes; -1 if it is none. */
static int minutes_of(struct str text)
{
	int64_t hours, minutes;
	struct str rest = text, head = str_cut(&rest, ':');

	if (head.n != 2 || rest.n != 2 || !take_number(head, 23, &hours) || !take_number(rest, 59, &minutes))
		return -1;
	return (int)(hours * 60 + minutes);
}

static bool take_quiet(struct reading *r, void *at, struct str value)
{
	struct quiet_hours *quiet = at;
	struct str to = value, from = str_cut(&to, '-');

	(void)r;
	quiet->from = minutes_of(str_trim(from));
	quiet->to = minutes_of(str_trim(to));
	return quiet->from >= 0 && quiet->to >= 0;
}

static bool take_offset(struct reading *r, void *at, struct str value)
{
	int minutes = value.n ? minutes_of(str_skip(value, 1)) : -1;

	(void)r;
	*(int *)at = value.n && value.p[0] == '-' ? -minutes : minutes;
	return minutes >= 0 && minutes <= 14 * 60 && (value.p[0] == '-' || value.p[0] == '+');
}

static bool text_differs(const void *a, const void *b)
{
	return !str_eq(str_of(*(const char *const *)a), str_of(*(const char *const *)b));
}

static bool list_differs(const void *a, const void *b)
{
	const struct config_list *x = a, *y = b;
	bool differs = x->count != y->count;

	for (size_t i = 0; i < x->count && !differs; i++)
		differs = strcmp(x->items[i], y->items[i]) != 0;
	return differs;
}

static bool flag_differs(const void *a, const void *b)
{
	return *(const bool *)a != *(const bool *)b;
}

static bool number_differs(const void *a, const void *b)
{
	return *(const int64_t *)a != *(const int64_t *)b;
}

static bool quiet_differs(const void *a, const void *b)
{
	const struct quiet_hours *x = a, *y = b;

	return x->from != y->from || x->to != y->to;
}

static bool level_differs(const void *a, const void *b)
{
	return *(const int *)a != *(const int *)b;
}

static const struct setting {
	const char *section, *name;
	setting_fn take;
	bool (*differs)(const void *a, const void *b);
	size_t at;
	const char *rule;
	bool reloads; /* counts at SIGHUP; what does not needs a restart */
} settings[] = {
	{ "server", "data", config_take_text, text_differs, offsetof(struct config, data), "is a folder" },
	{ "server", "listen", take_listen, list_differs, offsetof(struct config, listen),
	  "is a list of ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080, at most 16" },
	{ "server", "admin_listen", take_listen, list_differs, offsetof(struct config, admin_listen),
	  "is a list of ADDRESS:PORT, such as 127.0.0.1:8081 or [::1]:8081, at most 16" },
	{ "server", "trusted_proxies", take_proxies, list_differs, offsetof(struct config, trusted_proxies),
	  "is a list of addresses or networks, at most 16", true },
	{ "server", "public_url", take_public_url, text_differs, offsetof(struct config, public_url),
	  "is http://HOST:PORT or https://HOST, with nothing behind it" },
	{ "server", "master_key", config_take_text, text_differs, offsetof(struct config, master_key), "is a file" },
	{ "server", "store", take_store, text_differs, offsetof(struct config, store),
	  "must be sqlite or begin with postgres://" },
	{ "server", "shard_listen", take_shard_listen, text_differs, offsetof(struct config, shard_listen),
	  "is this node's own ADDRESS:PORT, as the other nodes reach it" },
	{ "server", "log_level", take_level, level_differs, offsetof(struct config, log_level),
	  "must be error, warn, info or debug", true },
	{ "server", "empty_list", take_empty_list, flag_differs, offsetof(struct config, empty_list_is_200),
	  "must be 404 or 200" },
	{ "server", "complete_wait", take_wait, number_differs, offsetof(struct config, complete_wait),
	  "must be whole seconds, 1 to 180" },
	{ "server", "esim_delay", take_delay, number_differs, offsetof(struct config, esim_delay),
	  "must be whole seconds, 0 to 3600" },
	{ "server", "qr_payments", take_qr_payments, number_differs, offsetof(struct config, qr_payments),
	  "must be 0 to 100000" },
	{ "server", "ca_file", take_file, text_differs, offsetof(struct config, ca_file),
	  "is a file that can be read" },
	{ "server", "allow_private_targets", take_yes, flag_differs, offsetof(struct config, allow_private_targets),
	  "must be yes or no" },
	{ "mail", "host", take_host, text_differs, offsetof(struct config, mail.host), "is the name of a mail server" },
	{ "mail", "port", take_port, number_differs, offsetof(struct config, mail.port), "is 1 to 65535" },
	{ "mail", "security", take_security, level_differs, offsetof(struct config, mail.security),
	  "must be starttls, tls or none" },
	{ "mail", "user", config_take_text, text_differs, offsetof(struct config, mail.user), "is a name" },
	{ "mail", "password", config_take_text, text_differs, offsetof(struct config, mail.password), "is a password" },
	{ "mail", "password_file", take_file_text, text_differs, offsetof(struct config, mail.password),
	  "is a file that can be read and is not empty" },
	{ "mail", "ca_file", config_take_text, text_differs, offsetof(struct config, mail.ca_file), "is a file" },
	{ "mail", "from", take_address, text_differs, offsetof(struct config, mail.from), "is a mail address" },
	{ "mail", "from_name", config_take_text, text_differs, offsetof(struct config, mail.from_name), "is a name" },
	{ "sms", "url", take_http_url, text_differs, offsetof(struct config, sms.url), "is http://... or https://..." },
	{ "sms", "user", config_take_text, text_differs, offsetof(struct config, sms.user), "is a name" },
	{ "sms", "password", config_take_text, text_differs, offsetof(struct config, sms.password), "is a password" },
	{ "sms", "password_file", take_file_text, text_differs, offsetof(struct config, sms.password),
	  "is a file that can be read and is not empty" },
	{ "sms", "sender", config_take_text, text_differs, offsetof(struct config, sms.sender),
	  "is a number or a name" },
	{ "messages", "quiet_hours", take_quiet, quiet_differs, offsetof(struct config, quiet), "is HH:MM-HH:MM" },
	{ "messages", "time_zone", take_offset, level_differs, offsetof(struct config, quiet.offset),
	  "is +HH:MM or -HH:MM, at most 14 hours" },
};

static bool take_setting(struct reading *r, struct str section, struct str name, struct str value)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		if (!str_is(section, settings[i].section) || !str_is(name, settings[i].name))
			continue;
		if (!value.n || !settings[i].take(r, (char *)r->config + settings[i].at, value))
			return config_is_wrong(r, settings[i].name, settings[i].rule);
		return true;
	}
	return config_is_wrong(
		r, arena_strz(&r->config->arena, name),
		arena_printf(&r->config->arena, "there is no such setting in [%.*s]", STR_ARG(section)).p);
}

static bool is_section(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (str_is(name, settings[i].section))
			return true;
	return false;
}

/* The last one would win, and nobody would notice. */
static bool is_given_twice(struct reading *r, const char *section, const char *name)
{
	struct given *given = ARENA_NEW(&r->config->arena, struct given);

	for (const struct given *g = r->given; g; g = g->next)
		if (strcmp(g->section, section) == 0 && strcmp(g->name, name) == 0)
			return true;
	given->section = arena_strz(&r->config->arena, str_of(section));
	given->name = arena_strz(&r->config->arena, str_of(name));
	given->next = r->given;
	r->given = given;
	return false;
}

static int take(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;
	struct str where = str_of(section), supplier = STR("supplier "), kyc = STR("kyc ");

	/* Only the first fault is told, at its line; what follows is passed over. */
	if (r->fault[0])
		return 1;
	if (is_given_twice(r, section, name))
		return config_is_wrong(r, name, "is given twice in its section");
	if (is_section(where))
		return take_setting(r, where, str_of(name), str_of(value));
	if (str_starts(where, supplier))
		return config_take_supplier(r, str_skip(where, supplier.n), str_of(name), str_of(value));
	if (str_starts(where, kyc))
		return config_take_kyc_provider(r, str_skip(where, kyc.n), str_of(name), str_of(value));
	if (str_is(where, "payment stripe"))
		return config_take_stripe(r, str_of(name), str_of(value));
	return config_is_wrong(
		r, name,
		"stands in no section of ours: [server], [supplier NAME], [kyc NAME], [payment stripe], [mail], "
		"[sms] or [messages]");
}

static const char *what_is_missing_to_serve(const struct config *c)
{
	if (!c->data)
		return "data: is missing in [server]";
	return c->listen.count ? NULL : "listen: is missing in [server]";
}

static const char *what_is_missing(struct config *c)
{
	for (size_t i = 0; i < c->supplier_count; i++) {
		const char *missing = config_missing_of_supplier(c, &c->suppliers[i]);

		if (missing)
			return missing;
	}
	for (size_t i = 0; i < c->kyc_provider_count; i++)
		if (!c->kyc_providers[i].secret.n)
			return "secret: is missing of a [kyc NAME]";
	if (c->mail.host && !c->mail.from)
		return "from: is missing in [mail]";
	if (!c->mail.host && c->mail.from)
		return "host: is missing in [mail]";
	if (!c->mail.user != !c->mail.password)
		return "user: is missing in [mail], or password or password_file is";
	if (c->sms.url && (!c->sms.user || !c->sms.password))
		return "user: is missing in [sms], or password or password_file is";
	return NULL;
}

static enum err read_file(const char *path, bool serves, struct config *ret, char *message, size_t room)
{
	struct config config = { .log_level = LOG_INFO,
				 .esim_delay = LIMIT_ESIM_DELAY_SECONDS,
				 .qr_payments = LIMIT_QR_PAYMENTS,
				 .mail = { .port = SUBMISSION_PORT, .security = SMTP_STARTTLS } };
	struct reading reading = { .config = &config };

	arena_init(&config.arena);
	int line = ini_parse(path, take, &reading);
	const char *missing = line || !serves ? NULL : what_is_missing_to_serve(&config);
	if (!line && !missing)
		missing = what_is_missing(&config);
	if (line < 0)
		snprintf(message, room, "%s: %s", path, strerror(errno));
	else if (line > 0)
		snprintf(message, room, "%s:%d: %s", path, line,
			 reading.fault[0] ? reading.fault : "is not NAME = VALUE");
	else if (missing)
		snprintf(message, room, "%s: %s", path, missing);
	if (line || missing) {
		arena_done(&config.arena);
		return ERR_CONFIG;
	}
	*ret = config;
	return OK;
}

enum err config_read(const char *path, struct config *ret, char *message, size_t room)
{
	return read_file(path, true, ret, message, room);
}

enum err config_read_messages(const char *path, struct config *ret, char *message, size_t room)
{
	return read_file(path, false, ret, message, room);
}

static bool is_server(const struct setting *s)
{
	return strcmp(s->section, "server") == 0;
}

void config_differences(const struct config *from, const struct config *to, bool reloadable, struct buf *names)
{
	bool suppliers = from->supplier_count != to->supplier_count;
	bool providers = from->kyc_provider_count != to->kyc_provider_count;

	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];

		if (s->reloads == reloadable && s->differs((const char *)from + s->at, (const char *)to + s->at))
			buf_printf(names, "%s%s%s%s", names->n ? "," : "", is_server(s) ? "" : s->section,
				   is_server(s) ? "" : ".", s->name);
	}
	for (size_t i = 0; i < from->supplier_count && !suppliers; i++)
		suppliers = config_supplier_differs(&from->suppliers[i], &to->suppliers[i]);
	for (size_t i = 0; i < from->kyc_provider_count && !providers; i++)
		providers = config_kyc_provider_differs(&from->kyc_providers[i], &to->kyc_providers[i]);
	if (suppliers && !reloadable)
		buf_printf(names, "%ssupplier", names->n ? "," : "");
	if (providers && !reloadable)
		buf_printf(names, "%skyc", names->n ? "," : "");
	if (config_stripe_differs(&from->stripe, &to->stripe) && !reloadable)
		buf_printf(names, "%spayment", names->n ? "," : "");
}

void config_done(struct config *c)
{
	arena_done(&c->arena);
}

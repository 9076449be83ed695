#include "cli/config.h"

#include "base/limits.h"
#include "cli/folder.h"
#include "http/client.h"
#include "http/proxy.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <unistd.h>

enum { SUBMISSION_PORT = 587 };

/* What is being read, and what was found wrong with it first. */
struct reading {
	struct config *config;
	char fault[256];
};

typedef bool (*setting_fn)(struct reading *r, void *at, struct str value);

static bool is_wrong(struct reading *r, const char *name, const char *rule)
{
	if (!r->fault[0])
		snprintf(r->fault, sizeof(r->fault), "%s: %s", name, rule);
	return false;
}

static bool take_text(struct reading *r, void *at, struct str value)
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
	return take_text(r, at, value) && access(*(const char **)at, R_OK) == 0;
}

static bool take_public_url(struct reading *r, void *at, struct str value)
{
	return is_public_url(value) && take_text(r, at, value);
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
	       take_text(r, at, value);
}

/* Others call it by this: an address that means "all of mine" says nothing to them. */
static bool take_shard_listen(struct reading *r, void *at, struct str value)
{
	return !str_starts(value, STR("0.0.0.0:")) && !str_starts(value, STR("[::]:")) &&
	       http_is_listen_address(value) && take_text(r, at, value);
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
	return take_text(r, at, value);
}

static bool take_address(struct reading *r, void *at, struct str value)
{
	return mail_address_is_ok(value) && take_text(r, at, value);
}

static bool take_http_url(struct reading *r, void *at, struct str value)
{
	return http_origin(value).p && take_text(r, at, value);
}

static bool take_file_text(struct reading *r, void *at, struct str value)
{
	struct str text;

	if (file_read(&r->config->arena, arena_strz(&r->config->arena, value), &text))
		return false;
	text = str_trim(text);
	return text.n && take_text(r, at, text);
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
	{ "server", "data", take_text, text_differs, offsetof(struct config, data), "is a folder" },
	{ "server", "listen", take_listen, list_differs, offsetof(struct config, listen),
	  "is a list of ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080, at most 16" },
	{ "server", "admin_listen", take_listen, list_differs, offsetof(struct config, admin_listen),
	  "is a list of ADDRESS:PORT, such as 127.0.0.1:8081 or [::1]:8081, at most 16" },
	{ "server", "trusted_proxies", take_proxies, list_differs, offsetof(struct config, trusted_proxies),
	  "is a list of addresses or networks, at most 16", true },
	{ "server", "public_url", take_public_url, text_differs, offsetof(struct config, public_url),
	  "is http://HOST:PORT or https://HOST, with nothing behind it" },
	{ "server", "master_key", take_text, text_differs, offsetof(struct config, master_key), "is a file" },
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
	{ "server", "ca_file", take_file, text_differs, offsetof(struct config, ca_file),
	  "is a file that can be read" },
	{ "server", "allow_private_targets", take_yes, flag_differs, offsetof(struct config, allow_private_targets),
	  "must be yes or no" },
	{ "mail", "host", take_host, text_differs, offsetof(struct config, mail.host), "is the name of a mail server" },
	{ "mail", "port", take_port, number_differs, offsetof(struct config, mail.port), "is 1 to 65535" },
	{ "mail", "security", take_security, level_differs, offsetof(struct config, mail.security),
	  "must be starttls, tls or none" },
	{ "mail", "user", take_text, text_differs, offsetof(struct config, mail.user), "is a name" },
	{ "mail", "password", take_text, text_differs, offsetof(struct config, mail.password), "is a password" },
	{ "mail", "password_file", take_file_text, text_differs, offsetof(struct config, mail.password),
	  "is a file that can be read and is not empty" },
	{ "mail", "ca_file", take_text, text_differs, offsetof(struct config, mail.ca_file), "is a file" },
	{ "mail", "from", take_address, text_differs, offsetof(struct config, mail.from), "is a mail address" },
	{ "mail", "from_name", take_text, text_differs, offsetof(struct config, mail.from_name), "is a name" },
	{ "sms", "url", take_http_url, text_differs, offsetof(struct config, sms.url), "is http://... or https://..." },
	{ "sms", "user", take_text, text_differs, offsetof(struct config, sms.user), "is a name" },
	{ "sms", "password", take_text, text_differs, offsetof(struct config, sms.password), "is a password" },
	{ "sms", "password_file", take_file_text, text_differs, offsetof(struct config, sms.password),
	  "is a file that can be read and is not empty" },
	{ "sms", "sender", take_text, text_differs, offsetof(struct config, sms.sender), "is a number or a name" },
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
			return is_wrong(r, settings[i].name, settings[i].rule);
		return true;
	}
	return is_wrong(r, arena_strz(&r->config->arena, name),
			arena_printf(&r->config->arena, "there is no such setting in [%.*s]", STR_ARG(section)).p);
}

/* The supplier of that name, made when it is met first. */
static struct supplier_config *supplier_of(struct reading *r, struct str name)
{
	struct config *c = r->config;

	for (size_t i = 0; i < c->supplier_count; i++)
		if (str_eq(c->suppliers[i].name, name))
			return &c->suppliers[i];
	if (c->supplier_count == CONFIG_SUPPLIERS_MAX || !name.n)
		return NULL;
	c->suppliers[c->supplier_count].name = arena_str(&c->arena, name);
	return &c->suppliers[c->supplier_count++];
}

/* A file with a secret in it, and nothing but white space around that. */
static bool take_secret(struct reading *r, const char *name, struct str path, struct str *ret)
{
	struct str text;

	if (file_read(&r->config->arena, arena_strz(&r->config->arena, path), &text))
		return is_wrong(r, name, "cannot be read");
	*ret = str_trim(text);
	return ret->n ? true : is_wrong(r, name, "is empty");
}

static bool take_supplier(struct reading *r, struct str section, struct str name, struct str value)
{
	struct supplier_config *s = supplier_of(r, str_trim(section));

	if (!s)
		return is_wrong(r, "supplier", "needs a name: [supplier NAME]; at most 16 of them");
	if (str_is(s->name, "sandbox"))
		return is_wrong(r, "supplier", "the name \"sandbox\" is taken: it is always there");
	const struct {
		const char *name;
		struct str *at;
	} members[] = { { "driver", &s->driver }, { "url", &s->url }, { "key", &s->key }, { "secret", &s->secret } };
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (str_is(name, members[i].name)) {
			*members[i].at = arena_str(&r->config->arena, value);
			if (members[i].at == &s->driver && !supplier_driver_find(value))
				return is_wrong(r, "driver", "there is no such driver");
			if (members[i].at == &s->url && !http_origin(value).p)
				return is_wrong(r, "url", "is http://... or https://...");
			return value.n ? true : is_wrong(r, members[i].name, "is empty");
		}
	}
	if (str_is(name, "secret_file"))
		return take_secret(r, "secret_file", value, &s->secret);
	return is_wrong(r, arena_strz(&r->config->arena, name), "there is no such setting of a supplier");
}

static struct kyc_provider *kyc_provider_of(struct reading *r, struct str name)
{
	struct config *c = r->config;

	for (size_t i = 0; i < c->kyc_provider_count; i++)
		if (str_eq(c->kyc_providers[i].name, name))
			return &c->kyc_providers[i];
	if (c->kyc_provider_count == KYC_PROVIDERS_MAX || !name.n)
		return NULL;
	c->kyc_providers[c->kyc_provider_count].name = arena_str(&c->arena, name);
	return &c->kyc_providers[c->kyc_provider_count++];
}

/* What a person is sent to with a document in hand. */
static bool is_provider_page(struct str value)
{
	return str_starts(value, STR("https://")) && memmem(value.p, value.n, "{check}", strlen("{check}"));
}

static bool take_kyc_provider(struct reading *r, struct str section, struct str name, struct str value)
{
	struct kyc_provider *p = kyc_provider_of(r, str_trim(section));
	bool is_good = false;

	if (!p)
		return is_wrong(r, "kyc", "needs a name: [kyc NAME]; at most 8 of them");
	if (str_is(name, "secret")) {
		p->secret = arena_str(&r->config->arena, value);
		is_good = true;
	} else if (str_is(name, "secret_file")) {
		is_good = take_secret(r, "secret_file", value, &p->secret);
	} else if (str_is(name, "page")) {
		p->page = arena_str(&r->config->arena, value);
		return is_provider_page(value) ? true : is_wrong(r, "page", "is https://... with {check} in it");
	} else {
		return is_wrong(r, arena_strz(&r->config->arena, name), "there is no such setting of [kyc NAME]");
	}
	return is_good && p->secret.n < KYC_SECRET_LEAST ? is_wrong(r, "secret", "has at least 16 bytes") : is_good;
}

static bool take_stripe(struct reading *r, struct str name, struct str value)
{
	struct provider_config *c = &r->config->stripe;

	if (str_is(name, "key_file"))
		return take_secret(r, "key_file", value, &c->key);
	if (str_is(name, "webhook_secret_file"))
		return take_secret(r, "webhook_secret_file", value, &c->webhook_secret);
	if (str_is(name, "url") && value.n)
		return take_text(r, &c->url, value);
	return is_wrong(r, arena_strz(&r->config->arena, name), "there is no such setting of [payment stripe]");
}

static bool is_section(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (str_is(name, settings[i].section))
			return true;
	return false;
}

static int take(void *arg, const char *section, const char *name, const char *value)
{
	struct reading *r = arg;
	struct str where = str_of(section), supplier = STR("supplier "), kyc = STR("kyc ");

	/* Only the first fault is told, at its line; what follows is passed over. */
	if (r->fault[0])
		return 1;
	if (is_section(where))
		return take_setting(r, where, str_of(name), str_of(value));
	if (str_starts(where, supplier))
		return take_supplier(r, str_skip(where, supplier.n), str_of(name), str_of(value));
	if (str_starts(where, kyc))
		return take_kyc_provider(r, str_skip(where, kyc.n), str_of(name), str_of(value));
	if (str_is(where, "payment stripe"))
		return take_stripe(r, str_of(name), str_of(value));
	return is_wrong(
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

static const char *what_is_missing_of_supplier(struct config *c, const struct supplier_config *s)
{
	const struct supplier_driver *driver = supplier_driver_find(s->driver);
	const char *name = !driver				   ? "driver"
			   : !(driver->can & SUPPLIER_HAS_ACCOUNT) ? NULL
			   : !s->url.n				   ? "url"
			   : !s->key.n				   ? "key"
			   : !s->secret.n			   ? "secret"
								   : NULL;

	return name ? arena_printf(&c->arena, "%s: is missing in [supplier %.*s]", name, STR_ARG(s->name)).p : NULL;
}

static const char *what_is_missing(struct config *c)
{
	for (size_t i = 0; i < c->supplier_count; i++) {
		const char *missing = what_is_missing_of_supplier(c, &c->suppliers[i]);

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

static bool supplier_differs(const struct supplier_config *a, const struct supplier_config *b)
{
	return !str_eq(a->name, b->name) || !str_eq(a->driver, b->driver) || !str_eq(a->url, b->url) ||
	       !str_eq(a->key, b->key) || !str_eq(a->secret, b->secret);
}

static bool kyc_provider_differs(const struct kyc_provider *a, const struct kyc_provider *b)
{
	return !str_eq(a->name, b->name) || !str_eq(a->secret, b->secret) || !str_eq(a->page, b->page);
}

static bool stripe_differs(const struct provider_config *a, const struct provider_config *b)
{
	return !str_eq(a->key, b->key) || !str_eq(a->webhook_secret, b->webhook_secret) ||
	       !str_eq(str_of(a->url), str_of(b->url));
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
		suppliers = supplier_differs(&from->suppliers[i], &to->suppliers[i]);
	for (size_t i = 0; i < from->kyc_provider_count && !providers; i++)
		providers = kyc_provider_differs(&from->kyc_providers[i], &to->kyc_providers[i]);
	if (suppliers && !reloadable)
		buf_printf(names, "%ssupplier", names->n ? "," : "");
	if (providers && !reloadable)
		buf_printf(names, "%skyc", names->n ? "," : "");
	if (stripe_differs(&from->stripe, &to->stripe) && !reloadable)
		buf_printf(names, "%spayment", names->n ? "," : "");
}

void config_done(struct config *c)
{
	arena_done(&c->arena);
}

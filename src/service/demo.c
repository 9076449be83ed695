#include "service/demo.h"

#include "base/clock.h"
#include "service/demo_catalog.h"
#include "service/merchant.h"
#include "service/order.h"
#include "service/partner.h"
#include "service/wallet.h"
#include "store/catalog.h"
#include "json/reader.h"
#include "json/writer.h"

static const struct str actor = { "demo", 4 };

/* How the contract names a dialect's two halves; credential_invent() makes both. */
static const struct pair {
	enum dialect dialect;
	const char *object, *public_id, *secret;
} pairs[] = {
	{ DIALECT_DVS, "dvs", "key", "secret" },
	{ DIALECT_MOBIMATTER, "mobimatter", "merchant_id", "api_key" },
	{ DIALECT_PAYVESSEL, "payvessel", "api_key", "api_secret" },
	{ DIALECT_S2S, "s2s", "token", "secret" },
	{ DIALECT_MOBIP, "mobip", "account_id", "secret_key" },
};

struct purse {
	const char *currency;
	int64_t units;
};

static const struct demo_partner {
	const char *name, *currency, *price_list;
	struct purse purses[2];
} partners[] = {
	{ "main", "USD", "standard", { { "USD", 100000000 }, { "EUR", 10000000 } } },
	{ "second", "EUR", "euro", { { "EUR", 10000 }, { "USD", 10000 } } },
	{ "empty", "USD", "standard", { { "USD", 0 }, { "EUR", 0 } } },
};

/* Returns the public half. */
static struct str put_pair(struct json_writer *w, struct arena *a, const struct pair *pair)
{
	struct credential_issue c = { .dialect = pair->dialect };

	credential_invent(a, &c);
	json_str(w, pair->public_id, c.public_id);
	json_str(w, pair->secret, c.secret);
	return c.public_id;
}

void demo_secrets_invent(struct buf *b)
{
	struct json_writer w;
	struct arena a;
	char password[33], token[33];

	arena_init(&a);
	json_writer_init(&w, b);
	json_obj(&w, NULL);
	json_obj(&w, "partners");
	for (size_t i = 0; i < ARRAY_LEN(partners); i++) {
		json_obj(&w, partners[i].name);
		for (size_t j = 0; j < ARRAY_LEN(pairs); j++) {
			json_obj(&w, pairs[j].object);
			struct str public_id = put_pair(&w, &a, &pairs[j]);
			if (pairs[j].dialect == DIALECT_MOBIP) {
				json_str(&w, "uid", public_id);
				json_str(&w, "external_id", str_of(partners[i].name));
			}
			json_end(&w);
		}
		json_end(&w);
	}
	json_end(&w);
	json_obj(&w, "restricted");
	json_obj(&w, "mobip");
	put_pair(&w, &a, &pairs[ARRAY_LEN(pairs) - 1]);
	json_end(&w);
	json_end(&w);
	crypto_token(password);
	crypto_token(token);
	json_obj(&w, "admin");
	json_strz(&w, "email", "admin@example.com");
	json_strz(&w, "password", password);
	json_strz(&w, "token", token);
	json_end(&w);
	json_end(&w);
	must(json_finish(&w) == OK);
	arena_done(&a);
}

struct catalog_feed {
	struct catalog_import *import;
	void (*progress)(void *arg, size_t done);
	void *arg;
	size_t lines;
};

static enum err feed_line(void *arg, struct str line)
{
	struct catalog_feed *feed = arg;

	catalog_import_feed(feed->import, line);
	catalog_import_feed(feed->import, STR("\n"));
	if (++feed->lines % 1000 == 0 && feed->progress)
		feed->progress(feed->arg, feed->lines);
	return OK;
}

static enum err import_demo(struct db *db, size_t products, struct catalog_feed *feed)
{
	struct ids ids = { 0 };
	int64_t now_us = clock_wall_us();

	feed->import = catalog_import_new(NULL);
	enum err e = demo_catalog_write(feed_line, feed, products);
	if (!e)
		e = catalog_import_check(feed->import);
	if (!e)
		e = catalog_import_run(feed->import, db, ids_next(&ids, now_us), now_us, STR("demo"));
	catalog_import_free(feed->import);
	return e;
}

static enum err batch_seen(void *arg, void *row)
{
	*(bool *)arg |= ((const struct batch_row *)row)->state == BATCH_ACTIVE;
	return OK;
}

static enum err has_catalog(struct db *db, bool *ret)
{
	struct arena a;
	enum err e = db_begin(db);

	if (e)
		return e;
	arena_init(&a);
	e = batches_each(db, &a, INT64_MAX, batch_seen, ret);
	arena_done(&a);
	db_rollback(db);
	return e;
}

enum err demo_catalog_seed(const char *uri, size_t products, void (*progress)(void *arg, size_t done), void *arg)
{
	struct catalog_feed feed = { .progress = progress, .arg = arg };
	bool has_one = false;
	struct db *db;
	enum err e = db_open(&(struct db_options){ .uri = uri, .mode = DB_WRITE }, &db);

	if (e)
		return e;
	e = has_catalog(db, &has_one);
	if (!e && !has_one)
		e = import_demo(db, products, &feed);
	db_close(db);
	return e;
}

/* Everything that the seeding shares. */
struct seeding {
	struct engine *engine;
	struct arena *arena;
	const struct json_token *secrets;
	const struct demo_partners *options;
};

static enum err run(const struct seeding *s, const struct verb *verb, void *command, int64_t partner_id)
{
	struct task t = { .verb = verb, .command = command, .arena = s->arena, .partner_id = partner_id };

	return engine_run(s->engine, &t);
}

static struct partner_fields fields_of(const struct seeding *s, const struct demo_partner *p)
{
	struct partner_fields f = { .set = PARTNER_NAME | PARTNER_CURRENCY | PARTNER_SANDBOX | PARTNER_PRICE_LIST |
					   PARTNER_RATE_LIMIT | PARTNER_EMAIL | PARTNER_PHONE | PARTNER_COUNTRY,
				    .name = str_of(p->name),
				    .email = arena_printf(s->arena, "%s@example.com", p->name),
				    .phone = STR("+12025550143"),
				    .country = STR("US"),
				    .price_list = str_of(p->price_list),
				    .sandbox = true,
				    .rate_limit = s->options->rate_limit };

	must(currency_parse(str_of(p->currency), &f.home) == OK);
	if (p == &partners[0]) {
		f.set |= PARTNER_WEBHOOK_URL;
		f.webhook_url = s->options->webhook_url.p ? s->options->webhook_url : STR("");
	}
	return f;
}

/* What the demo's platform keeps of a payment. */
static enum err seed_merchant(const struct seeding *s, int64_t partner_id, const struct json_token *keys)
{
	struct merchant_set c = { .by = { actor },
				  .partner_id = partner_id,
				  .set = MERCHANT_FEE | MERCHANT_EXTERNAL_ID,
				  .fee = { .rate_ppm = 15000 },
				  .external_account_id = json_text(s->arena, json_get(keys, "external_id")) };

	return run(s, &verb_merchant_set, &c, partner_id);
}

static enum err seed_partner(const struct seeding *s, const struct partner_list *known, const struct demo_partner *p,
			     const struct json_token *keys, int64_t *ret_id)
{
	for (size_t i = 0; i < known->count; i++) {
		if (!str_is(known->rows[i].name, p->name))
			continue;
		struct partner_change change = { { actor }, known->rows[i].id, fields_of(s, p) };

		*ret_id = change.id;
		/* What a person changed since stays; what this start was told counts. */
		change.fields.set &= PARTNER_RATE_LIMIT | PARTNER_WEBHOOK_URL;
		return run(s, &verb_partner_change, &change, 0);
	}
	struct partner_create create = { { actor }, fields_of(s, p), 0 };
	enum err e = run(s, &verb_partner_create, &create, 0);
	if (e)
		return e;
	*ret_id = create.id;
	return seed_merchant(s, create.id, json_get(keys, "mobip"));
}

static enum err seed_purse(const struct seeding *s, int64_t partner_id, const struct purse *purse)
{
	struct wallet_statement statement = { .partner_id = partner_id, .most = 1 };
	enum err e = currency_parse(str_of(purse->currency), &statement.cur);

	must(e == OK);
	e = run(s, &verb_wallet_statement, &statement, partner_id);
	if (e == ERR_BALANCE_NOT_FOUND) {
		struct wallet_open open = { .by = { actor }, .partner_id = partner_id, .cur = statement.cur };

		e = run(s, &verb_wallet_open, &open, partner_id);
	}
	if (e || statement.count || !purse->units)
		return e;
	struct wallet_post post = { .by = { actor },
				    .partner_id = partner_id,
				    .cur = statement.cur,
				    .kind = LEDGER_TOP_UP,
				    .amount = purse->units * 1000000,
				    .note = STR("demo") };
	return run(s, &verb_wallet_post, &post, partner_id);
}

static enum err seed_credential(const struct seeding *s, int64_t partner_id, const struct pair *pair,
				const struct json_token *object, unsigned scopes)
{
	struct credential_list known = { .partner_id = partner_id };
	struct credential_issue c = { .by = { actor },
				      .partner_id = partner_id,
				      .dialect = pair->dialect,
				      .scopes = scopes,
				      .public_id = json_text(s->arena, json_get(object, pair->public_id)),
				      .secret = json_text(s->arena, json_get(object, pair->secret)) };

	if (!c.public_id.p || !c.secret.p)
		return ERR_BAD_REQUEST;
	enum err e = run(s, &verb_credential_list, &known, 0);
	if (e)
		return e;
	for (size_t i = 0; i < known.count; i++)
		if (known.rows[i].dialect == (int)pair->dialect &&
		    str_eq(known.rows[i].public_id,
			   credential_stored_id(s->arena, engine_keys(s->engine), pair->dialect, c.public_id)))
			return OK;
	return run(s, &verb_credential_issue, &c, 0);
}

static enum err seed_all_of(const struct seeding *s, const struct partner_list *known, const struct demo_partner *p)
{
	const struct json_token *keys = json_get(json_get(s->secrets, "partners"), p->name);
	int64_t id;
	enum err e = seed_partner(s, known, p, keys, &id);

	for (size_t i = 0; i < ARRAY_LEN(p->purses) && !e; i++)
		e = seed_purse(s, id, &p->purses[i]);
	for (size_t i = 0; i < ARRAY_LEN(pairs) && !e; i++)
		e = seed_credential(s, id, &pairs[i], json_get(keys, pairs[i].object), SCOPE_SELL);
	/* An account with the rights of an operator, beside the main partner's own. */
	if (!e && p == &partners[0])
		e = seed_credential(s, id, &pairs[ARRAY_LEN(pairs) - 1],
				    json_get(json_get(s->secrets, "restricted"), "mobip"), SCOPE_SELL | SCOPE_ADMIN);
	return e;
}

static enum err seed_operator(const struct seeding *s)
{
	const struct json_token *admin = json_get(s->secrets, "admin");
	struct str password = json_text(s->arena, json_get(admin, "password"));
	struct operator_create c = { .by = { actor },
				     .email = json_text(s->arena, json_get(admin, "email")),
				     .token = json_text(s->arena, json_get(admin, "token")) };
	struct operator_list known = { 0 };

	if (!password.p || !c.email.p || !c.token.p)
		return ERR_BAD_REQUEST;
	enum err e = run(s, &verb_operator_list, &known, 0);
	if (e || known.count)
		return e;
	c.password_hash = crypto_password_hash(s->arena, password);
	return run(s, &verb_operator_create, &c, 0);
}

enum err demo_partners_seed(struct engine *engine, const struct demo_partners *options)
{
	struct partner_list known = { 0 };
	struct json doc;
	struct arena a;

	arena_init(&a);
	enum err e = json_read(&a, options->secrets, NULL, &doc);
	struct seeding s = { engine, &a, e ? NULL : json_root(&doc), options };
	if (!e)
		e = run(&s, &verb_partner_list, &known, 0);
	for (size_t i = 0; i < ARRAY_LEN(partners) && !e; i++)
		e = seed_all_of(&s, &known, &partners[i]);
	if (!e)
		e = seed_operator(&s);
	arena_done(&a);
	return e;
}

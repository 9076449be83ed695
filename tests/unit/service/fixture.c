#include "unit/service/fixture.h"

#include "base/clock.h"
#include "base/crypto_ring.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/catalog.h"
#include "support/folder.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const catalog_lines[] = {
	"{\"kind\":\"operator\",\"id\":1,\"name\":\"Alpha Tel\",\"country\":\"SGP\"}",
	"{\"kind\":\"operator\",\"id\":2,\"name\":\"Shop\",\"country\":\"MEX\"}",
	"{\"kind\":\"product\",\"id\":10,\"name\":\"Two\",\"service\":1,\"subservice\":11,\"operator\":1,"
	"\"type\":\"FIXED_VALUE_RECHARGE\",\"zones\":[\"DOMESTIC\"],\"required\":{\"credit_party\":[[\"mobile_number\"]"
	"]},"
	"\"source\":{\"unit\":\"EUR\",\"amount\":5},\"destination\":{\"unit\":\"SGD\",\"amount\":8},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":5,\"fee\":0.1}}},"
	"\"routes\":[{\"supplier\":\"beta\",\"sku\":\"b10\",\"priority\":2,\"cost\":{\"unit\":\"USD\",\"amount\":4.5}},"
	"{\"supplier\":\"alpha\",\"sku\":\"a10\",\"priority\":1,\"cost\":{\"unit\":\"EUR\",\"amount\":4}}]}",
	"{\"kind\":\"product\",\"id\":11,\"name\":\"None\",\"service\":1,\"operator\":1,"
	"\"type\":\"FIXED_VALUE_RECHARGE\",\"required\":{\"credit_party\":[[\"mobile_number\"]]},\"zones\":["
	"\"DOMESTIC\"],\"source\":{\"unit\":\"EUR\",\"amount\":5},"
	"\"destination\":{\"unit\":\"SGD\",\"amount\":8},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":5}}}}",
	"{\"kind\":\"product\",\"id\":12,\"name\":\"Range\",\"service\":1,\"subservice\":11,\"operator\":1,"
	"\"type\":\"RANGED_VALUE_RECHARGE\",\"calculation_modes\":[\"SOURCE_AMOUNT\",\"DESTINATION_AMOUNT\"],"
	"\"zones\":[\"INTERNATIONAL\"],\"required\":{\"credit_party\":[[\"mobile_number\"]]},"
	"\"source\":{\"unit\":\"USD\",\"amount\":{\"min\":1,\"max\":10}},"
	"\"destination\":{\"unit\":\"BDT\",\"amount\":{\"min\":80,\"max\":800,\"increment\":10}},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":{\"min\":0.96,\"max\":9.6}}}},"
	"\"routes\":[{\"supplier\":\"alpha\",\"sku\":\"a12\",\"priority\":1,\"cost\":{\"unit\":\"EUR\",\"amount\":9}}]"
	"}",
	"{\"kind\":\"product\",\"id\":13,\"name\":\"Plain\",\"service\":1,\"operator\":1,"
	"\"type\":\"FIXED_VALUE_RECHARGE\",\"required\":{\"credit_party\":[[\"mobile_number\"]]},\"zones\":["
	"\"DOMESTIC\"],\"source\":{\"unit\":\"EUR\",\"amount\":1},"
	"\"destination\":{\"unit\":\"SGD\",\"amount\":8},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":1}}},"
	"\"routes\":[{\"supplier\":\"alpha\",\"sku\":\"a13\",\"priority\":1}]}",
	"{\"kind\":\"product\",\"id\":14,\"name\":\"Pin\",\"service\":4,\"subservice\":42,\"operator\":2,"
	"\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"zones\":[\"DOMESTIC\"],\"source\":{\"unit\":\"USD\",\"amount\":10},"
	"\"destination\":{\"unit\":\"MXN\",\"amount\":170},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":10}}},"
	"\"routes\":[{\"supplier\":\"beta\",\"sku\":\"b14\",\"priority\":1,\"cost\":{\"unit\":\"USD\",\"amount\":8}}]}",
	"{\"kind\":\"product\",\"id\":15,\"name\":\"Strict\",\"service\":1,\"operator\":1,"
	"\"type\":\"FIXED_VALUE_RECHARGE\",\"zones\":[\"DOMESTIC\"],"
	"\"required\":{\"credit_party\":[[\"mobile_number\"]],\"sender\":[[\"last_name\",\"first_name\"]]},"
	"\"source\":{\"unit\":\"EUR\",\"amount\":5},\"destination\":{\"unit\":\"SGD\",\"amount\":8},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":5}}},"
	"\"routes\":[{\"supplier\":\"alpha\",\"sku\":\"a15\",\"priority\":1}]}",
};

static struct currency currency(const char *code)
{
	struct currency c;

	check_ok(currency_parse(str_of(code), &c));
	return c;
}

static void insert(struct db *db, const struct table *table, void *row)
{
	check_ok(db_insert(db, table, &row, 1));
}

/* Opens both wallets of a partner with FUNDS each; `given` partners were funded before. */
static void fund(struct db *db, int64_t partner, int64_t given)
{
	static const char *const codes[] = { "EUR", "USD" };

	insert(db, &table_counters, &(struct counter){ .partner_id = partner, .movement_seq = 2, .version = 1 });
	for (int i = 0; i < 2; i++) {
		int64_t cash = account_id((struct account_parts){ .cur = currency(codes[i]), .kind = ACCOUNT_CASH }),
			wallet = account_wallet(partner, currency(codes[i])), id = 1 + given * 2 + i;
		struct account paid = { cash, -FUNDS * (given + 1), 0, 0, given + 1 };
		void *row = &paid;

		check_ok((given ? db_update : db_insert)(db, &table_accounts, &row, 1));
		insert(db, &table_accounts, &(struct account){ .id = wallet, .balance = FUNDS, .version = 1 });
		insert(db, &table_ledger,
		       &(struct ledger_row){ .id = id,
					     .posting = id,
					     .wallet_id = wallet,
					     .kind = LEDGER_TOP_UP,
					     .debit = cash,
					     .credit = wallet,
					     .amount = FUNDS,
					     .debit_after = -FUNDS * (given + 1),
					     .credit_after = FUNDS,
					     .seq = i + 1 });
	}
}

static void add_partners(struct db *db)
{
	int64_t given = 0;

	check_ok(db_begin(db));
	for (int64_t id = LIVE; id < PARTNER_END; id++) {
		insert(db, &table_partners,
		       &(struct partner_row){ .id = id,
					      .name = STR("Partner"),
					      .home_currency = currency("EUR").number,
					      .locale = STR("en"),
					      .sandbox = id == SANDBOX,
					      .active = 1,
					      .price_list = STR("standard"),
					      .version = 1 });
		if (id != NONE && id != POOR)
			fund(db, id, given++);
		if (id == POOR)
			insert(db, &table_accounts,
			       &(struct account){ .id = account_wallet(id, currency("EUR")), .version = 1 });
	}
	check_ok(db_commit(db));
}

static void import_lines(struct db *db, const struct catalog *current, int64_t batch, const char *const *lines,
			 size_t n)
{
	struct catalog_import *import = catalog_import_new(current);

	for (size_t i = 0; i < n; i++) {
		catalog_import_feed(import, str_of(lines[i]));
		catalog_import_feed(import, STR("\n"));
	}
	if (catalog_import_check(import) != OK) {
		const struct import_error *error = catalog_import_error(import, 0, NULL);
		fail_msg("line %zu: %s", error->line, error->text);
	}
	check_ok(catalog_import_run(import, db, batch, 0, STR("test")));
	catalog_import_free(import);
}

static void need_nothing(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static enum err nothing_act(struct unit *u, struct task *t)
{
	(void)u;
	(void)t;
	return OK;
}

static const struct verb nothing_verb = { .name = "test.nothing", .need = need_nothing, .act = nothing_act };
static const struct verb loaded_verb = {
	.name = "test.loaded", .need = need_nothing, .act = nothing_act, .awaits_catalog = true
};

void catalog_change(struct fixture *f, int64_t batch, const char *line)
{
	const struct catalog *current = engine_catalog(f->engine);
	struct db *db;

	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &db));
	import_lines(db, current, batch, &line, 1);
	db_close(db);
	catalog_release(current);
	engine_catalog_changed(f->engine);
	check_ok(call_once(call_new(f, &loaded_verb, 0)));
}

static void on_jobs(void *arg, const struct job *jobs, size_t n)
{
	struct fixture *f = arg;

	pthread_mutex_lock(&f->lock);
	f->jobs_told += n;
	f->wakes += !jobs;
	pthread_mutex_unlock(&f->lock);
}

static void start(struct fixture *f)
{
	check_ok(engine_open(&f->options, &f->engine));
	engine_start(f->engine);
}

int engine_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct db *db;

	must(f);
	log_set_level((enum log_level)0); /* failures are made on purpose */
	check_ok(crypto_start());
	snprintf(f->folder, sizeof(f->folder), "/tmp/bodega-service-XXXXXX");
	must(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->folder);
	if (postgres_server()) {
		postgres_create(&f->database);
		snprintf(f->path, sizeof(f->path), "%s", f->database.uri);
	}
	must(!pthread_mutex_init(&f->lock, NULL) && !pthread_cond_init(&f->changed, NULL));
	arena_init(&f->arena);
	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &db));
	check_ok(db_migrate(db));
	add_partners(db);
	import_lines(db, NULL, 5, catalog_lines, ARRAY_LEN(catalog_lines));
	db_close(db);
	f->options = (struct engine_options){
		.uri = f->path, .keys = &f->keys, .sandbox_clock = true, .on_jobs = on_jobs, .on_jobs_arg = f
	};
	start(f);
	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_READ }, &f->db));
	*state = f;
	return 0;
}

int engine_teardown(void **state)
{
	struct fixture *f = *state;

	engine_stop(f->engine);
	check_books(f);
	engine_free(f->engine);
	db_close(f->db);
	if (postgres_server())
		postgres_drop(&f->database);
	remove_folder(f->folder);
	key_ring_free(f->keys.ring);
	arena_done(&f->arena);
	pthread_mutex_destroy(&f->lock);
	pthread_cond_destroy(&f->changed);
	free(f);
	return 0;
}

void engine_again(struct fixture *f)
{
	engine_free(f->engine);
	start(f);
}

static void call_done(struct task *t)
{
	struct call *c = t->sender;
	struct fixture *f = c->fixture;

	pthread_mutex_lock(&f->lock);
	c->is_done = true;
	f->done++;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

struct call *call_new(struct fixture *f, const struct verb *verb, int64_t partner)
{
	struct call *c = calloc(1, sizeof(*c));

	must(c);
	arena_init(&c->arena);
	c->fixture = f;
	c->task = (struct task){ .verb = verb,
				 .command = &c->place,
				 .arena = &c->arena,
				 .catalog = engine_catalog(f->engine),
				 .partner_id = partner,
				 .done = call_done,
				 .sender = c };
	return c;
}

void call_free(struct call *c)
{
	catalog_release(c->task.catalog);
	arena_done(&c->arena);
	free(c);
}

void call_wait(struct call *c)
{
	pthread_mutex_lock(&c->fixture->lock);
	while (!c->is_done)
		pthread_cond_wait(&c->fixture->changed, &c->fixture->lock);
	pthread_mutex_unlock(&c->fixture->lock);
}

enum err call_run(struct call *c)
{
	call_submit(c);
	call_wait(c);
	return c->task.result;
}

enum err call_once(struct call *c)
{
	enum err e = call_run(c);

	call_free(c);
	return e;
}

void call_submit(struct call *c)
{
	c->is_done = false;
	assert_true(task_submit(c->fixture->engine, &c->task));
}

void calls_wait(struct fixture *f, size_t n)
{
	pthread_mutex_lock(&f->lock);
	while (f->done < n)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

bool call_is_done(struct call *c)
{
	pthread_mutex_lock(&c->fixture->lock);
	bool done = c->is_done;
	pthread_mutex_unlock(&c->fixture->lock);
	return done;
}

static enum err gate_act(struct unit *u, struct task *t)
{
	struct fixture *f = ((struct call *)t->sender)->fixture;

	(void)u;
	pthread_mutex_lock(&f->lock);
	f->gate_reached = true;
	pthread_cond_broadcast(&f->changed);
	while (!f->gate_open)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
	return OK;
}

static const struct verb gate_verb = { .name = "test.gate", .need = need_nothing, .act = gate_act };

void calls_settle(struct fixture *f)
{
	check_ok(call_once(call_new(f, &nothing_verb, 0)));
}

void batch_begin(struct fixture *f)
{
	f->gate_open = f->gate_reached = false;
	f->gate = call_new(f, &gate_verb, 0);
	call_submit(f->gate);
	pthread_mutex_lock(&f->lock);
	while (!f->gate_reached)
		pthread_cond_wait(&f->changed, &f->lock);
	f->done = 0;
	pthread_mutex_unlock(&f->lock);
}

void batch_end(struct fixture *f)
{
	pthread_mutex_lock(&f->lock);
	f->gate_open = true;
	pthread_cond_broadcast(&f->changed);
	while (!f->gate->is_done)
		pthread_cond_wait(&f->changed, &f->lock);
	f->done--; /* the gate itself */
	pthread_mutex_unlock(&f->lock);
	call_free(f->gate);
}

void clock_advance(struct fixture *f, int64_t us)
{
	struct call *c = call_new(f, &verb_clock_advance, 0);

	c->advance.by_us = us;
	check_ok(call_once(c));
}

struct call *place_new(struct fixture *f, int64_t partner, int64_t product, const char *reference)
{
	struct call *c = call_new(f, &verb_order_place, partner);

	c->place = (struct order_place){ .dialect = DIALECT_DVS,
					 .price_list = STR("standard"),
					 .reference = arena_str(&c->arena, str_of(reference)),
					 .product_id = product,
					 .given = { .credit = FIELD_MOBILE_NUMBER },
					 .parties = STR("{\"credit_party_identifier\":{\"mobile_number\":\"+6591\"}}"),
					 .credit_party = STR("+6591") };
	return c;
}

struct call *change_new(struct fixture *f, const struct verb *verb, int64_t partner, int64_t order_id)
{
	struct call *c = call_new(f, verb, partner);

	c->change.order_id = order_id;
	return c;
}

int64_t placed(struct fixture *f, int64_t partner, int64_t product, const char *reference, bool confirmed)
{
	struct call *c = place_new(f, partner, product, reference);

	c->place.auto_confirm = confirmed;
	check_ok(call_run(c));
	int64_t id = c->place.view.order.id;
	call_free(c);
	return id;
}

struct call *result_new(struct fixture *f, int64_t order_id, enum outcome outcome)
{
	struct call *c = call_new(f, &verb_attempt_result, order_now(f, order_id).partner_id);

	assert_true(find_job(f, order_id, JOB_FULFIL, &c->result.job));
	c->result.attempt = unit_now(f, order_id).attempts;
	c->result.outcome = outcome;
	c->result.next_due_us = engine_now_us(f->engine) + SECONDS_US(30);
	return c;
}

enum err report(struct fixture *f, int64_t order_id, enum outcome outcome)
{
	return call_once(result_new(f, order_id, outcome));
}

#include "service/partner.h"

#include "base/clock.h"
#include "service/reader.h"
#include "store/partners.h"

static const int64_t secret_overlap_us = SECONDS_US(24 * 3600);

static void need_nothing(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static struct str id_subject(struct unit *u, const char *noun, int64_t id)
{
	return arena_printf(&u->arena, "%s %lld", noun, (long long)id);
}

/* The one before signs too for a day, so that the receiver can change over. None = none any more. */
static void change_secret(struct unit *u, struct partner_row *row, struct str secret)
{
	row->webhook_secret_old = secret.n ? row->webhook_secret : STR_NONE;
	row->webhook_secret_until = row->webhook_secret_old.p ? u->now_us + secret_overlap_us : 0;
	row->webhook_secret =
		secret.n ? crypto_seal(u->keys, &u->arena, partner_secret_label(&u->arena, row->id), secret) : STR_NONE;
}

static void apply(struct unit *u, const struct partner_fields *f, struct partner_row *row)
{
	if (f->set & PARTNER_NAME)
		row->name = f->name;
	if (f->set & PARTNER_EMAIL)
		row->email = f->email.n ? f->email : STR_NONE;
	if (f->set & PARTNER_CURRENCY)
		row->home_currency = f->home.number;
	if (f->set & PARTNER_LOCALE)
		row->locale = f->locale;
	if (f->set & PARTNER_SANDBOX)
		row->sandbox = f->sandbox;
	if (f->set & PARTNER_ACTIVE)
		row->active = f->active;
	if (f->set & PARTNER_PRICE_LIST)
		row->price_list = f->price_list;
	if (f->set & PARTNER_RATE_LIMIT)
		row->rate_limit = f->rate_limit;
	if (f->set & PARTNER_WEBHOOK_URL)
		row->webhook_url = f->webhook_url.n ? f->webhook_url : STR_NONE;
	if (f->set & PARTNER_WEBHOOK_SECRET)
		change_secret(u, row, f->webhook_secret);
	if (f->set & PARTNER_PHONE)
		row->phone = f->phone.n ? f->phone : STR_NONE;
	if (f->set & PARTNER_COUNTRY)
		row->country = f->country.n ? f->country : STR_NONE;
	if (f->set & PARTNER_PARENT)
		row->parent_id = f->parent_id;
}

/* Which fields were set, by name: their values may be secret. */
static struct str fields_detail(struct unit *u, const struct partner_fields *f)
{
	static const char *const names[] = { "name",   "email",	     "currency",   "locale",	  "sandbox",
					     "active", "price_list", "rate_limit", "webhook_url", "webhook_secret",
					     "phone",  "country",    "parent" };
	struct str detail = STR("set");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (f->set >> i & 1)
			detail = arena_printf(&u->arena, "%.*s %s", STR_ARG(detail), names[i]);
	return detail;
}

/* A parent is nobody's sub-account and a sub-account nobody's parent: so nobody is above himself. Under
 * DB_LOCK_PARTNERS, because two commands at two nodes could make it otherwise. */
static enum err check_parent(struct unit *u, struct task *t, const struct partner_fields *f, int64_t id)
{
	struct partner_row parent;
	int64_t children;

	if (!(f->set & PARTNER_PARENT) || !f->parent_id)
		return OK;
	enum err e = db_lock(u->db, DB_LOCK_PARTNERS);
	if (!e)
		e = partner_children(u->db, id, &children);
	if (!e)
		e = partner_get(u->db, &u->arena, f->parent_id, &parent);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e)
		t->detail = STR("parent: there is no such partner");
	else if (parent.id == id || parent.parent_id || children)
		t->detail = STR("parent: sub-accounts have no sub-accounts");
	else
		return OK;
	return ERR_BAD_REQUEST;
}

static enum err create_decide(struct unit *u, struct task *t)
{
	struct partner_create *c = t->command;
	struct partner_row row = { .locale = STR("en"),
				   .price_list = STR("standard"),
				   .active = true,
				   .created_at = u->now_us,
				   .version = 1 };
	void *rows[] = { &row };
	const unsigned required = PARTNER_NAME | PARTNER_CURRENCY;

	if ((c->fields.set & required) != required) {
		t->detail = STR("a partner has a name and a currency");
		return ERR_BAD_REQUEST;
	}
	/* Small numbers, because account ids are made of them. */
	enum err e = db_lock(u->db, DB_LOCK_PARTNERS);
	if (!e)
		e = partner_last_id(u->db, &row.id);
	if (e)
		return e;
	row.id++;
	e = check_parent(u, t, &c->fields, row.id);
	if (e)
		return e;
	c->id = row.id;
	apply(u, &c->fields, &row);
	unit_changed(u, CHANGED_DIRECTORY);
	/* What every writer of the partner's rows locks first has to be there before them. */
	unit_add(u, NOUN_COUNTER, &(struct counter){ .partner_id = row.id });
	return db_insert(u->db, &table_partners, rows, 1);
}

static enum err create_act(struct unit *u, struct task *t)
{
	struct partner_create *c = t->command;

	c->id = 0;
	enum err e = create_decide(u, t);
	return audited(u, &c->by, "partner.create", id_subject(u, "partner", c->id), fields_detail(u, &c->fields), e);
}

static enum err change_decide(struct unit *u, struct task *t)
{
	const struct partner_change *c = t->command;
	struct partner_row row;
	void *rows[] = { &row };
	enum err e = check_parent(u, t, &c->fields, c->id);

	if (!e)
		e = partner_get(u->db, &u->arena, c->id, &row);
	if (e)
		return e;
	apply(u, &c->fields, &row);
	row.version++;
	unit_changed(u, CHANGED_DIRECTORY);
	return db_update(u->db, &table_partners, rows, 1);
}

static enum err change_act(struct unit *u, struct task *t)
{
	const struct partner_change *c = t->command;
	enum err e = change_decide(u, t);

	return audited(u, &c->by, "partner.change", id_subject(u, "partner", c->id), fields_detail(u, &c->fields), e);
}

static enum err partner_seen(void *arg, void *row)
{
	struct partner_list *l = arg;
	const struct partner_row *p = row;

	if ((l->id && p->id != l->id) || l->count == PARTNERS_SHOWN_MAX)
		return OK;
	l->rows[l->count] = *p;
	/* Whether there is one may be seen, what it is may not. */
	l->rows[l->count].webhook_secret = p->webhook_secret.p ? STR("") : STR_NONE;
	l->count++;
	return OK;
}

static enum err partner_list_read(struct reader *r, struct task *t)
{
	struct partner_list *l = t->command;

	l->rows = ARENA_ARRAY(t->arena, struct partner_row, l->id ? 1 : PARTNERS_SHOWN_MAX);
	l->count = 0;
	enum err e = partners_each(r->db, t->arena, partner_seen, l);
	return !e && l->id && !l->count ? ERR_NOT_FOUND : e;
}

const struct verb verb_partner_create = { .name = "partner.create", .need = need_nothing, .act = create_act };
const struct verb verb_partner_change = { .name = "partner.change", .need = need_nothing, .act = change_act };
const struct verb verb_partner_list = { .name = "partner.list", .read = partner_list_read };

static enum err operator_decide(struct unit *u, struct operator_create *c)
{
	unsigned char hash[HASH_BYTES];
	struct operator_row row = { .id = unit_id(u),
				    .email = c->email,
				    .password_hash = c->password_hash,
				    .active = true,
				    .created_at = u->now_us,
				    .version = 1 };
	void *rows[] = { &row };

	crypto_keyed_hash(u->keys, c->token, hash);
	row.token_hash = (struct str){ (const char *)hash, sizeof(hash) };
	c->id = row.id;
	return db_insert(u->db, &table_operators, rows, 1);
}

static enum err operator_act(struct unit *u, struct task *t)
{
	struct operator_create *c = t->command;
	enum err e = operator_decide(u, c);

	return audited(u, &c->by, "operator.create", id_subject(u, "operator", c->id), c->email, e);
}

static enum err operator_seen(void *arg, void *row)
{
	struct operator_list *l = arg;

	if (l->count < PARTNERS_SHOWN_MAX)
		l->rows[l->count++] = *(const struct operator_row *)row;
	return OK;
}

static enum err operator_list_read(struct reader *r, struct task *t)
{
	struct operator_list *l = t->command;

	l->rows = ARENA_ARRAY(t->arena, struct operator_row, PARTNERS_SHOWN_MAX);
	l->count = 0;
	return operators_each(r->db, t->arena, operator_seen, l);
}

const struct verb verb_operator_create = { .name = "operator.create", .need = need_nothing, .act = operator_act };
const struct verb verb_operator_list = { .name = "operator.list", .read = operator_list_read };

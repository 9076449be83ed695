/* service/credential.c: the credentials of partners; service/partner.h. */
#include "service/partner.h"

#include "service/reader.h"
#include "store/partners.h"

enum { LIVE_AT_ONCE = 2 };

static const char *const dialect_names[] = {
	[DIALECT_DVS] = "dvs", [DIALECT_MOBIMATTER] = "mobimatter", [DIALECT_PAYVESSEL] = "payvessel",
	[DIALECT_S2S] = "s2s", [DIALECT_MOBIP] = "mobip",
};

const char *dialect_name(enum dialect dialect)
{
	must((size_t)dialect < ARRAY_LEN(dialect_names) && dialect_names[dialect]);
	return dialect_names[dialect];
}

enum err dialect_parse(struct str name, enum dialect *ret)
{
	for (size_t i = 1; i < ARRAY_LEN(dialect_names); i++) {
		if (str_is(name, dialect_names[i])) {
			*ret = (enum dialect)i;
			return OK;
		}
	}
	return ERR_BAD_REQUEST;
}

static struct str random_digits(struct arena *a, size_t n)
{
	char *digits = arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++)
		digits[i] = (char)((i ? '0' : '1') + (char)(crypto_random_u64() % (i ? 10 : 9)));
	return (struct str){ digits, n };
}

/* Version 4: nothing is told by it. */
static struct str random_guid(struct arena *a)
{
	char token[33];

	crypto_token(token);
	token[12] = '4';
	token[16] = "89ab"[crypto_random_u64() & 3];
	return arena_printf(a, "%.8s-%.4s-%.4s-%.4s-%.12s", token, token + 8, token + 12, token + 16, token + 20);
}

static struct str random_token(struct arena *a, const char *prefix)
{
	char token[33];

	crypto_token(token);
	return arena_printf(a, "%s%s", prefix, token);
}

void credential_invent(struct arena *a, struct credential_issue *c)
{
	static const struct {
		const char *public_id, *secret; /* prefixes, as the dialect's own documentation shows them */
	} forms[] = {
		[DIALECT_DVS] = { "", "" },
		[DIALECT_MOBIMATTER] = { "", "" },
		[DIALECT_PAYVESSEL] = { "PVTESTKEY-", "PVTESTSECRET-" },
		[DIALECT_S2S] = { "s2s_", "whsec_" },
		[DIALECT_MOBIP] = { "", "" },
	};

	if (!c->public_id.p && c->dialect == DIALECT_MOBIMATTER)
		c->public_id = random_guid(a);
	else if (!c->public_id.p && c->dialect == DIALECT_MOBIP)
		c->public_id = random_digits(a, 10);
	else if (!c->public_id.p)
		c->public_id = random_token(a, forms[c->dialect].public_id);
	if (!c->secret.p)
		c->secret = random_token(a, forms[c->dialect].secret);
}

static void need_nothing(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

struct credential_scan {
	const struct credential_issue *asked;
	struct str stored_id;
	int64_t now_us;
	int live;
	bool is_foreign;
};

static enum err credential_counted(void *arg, void *row)
{
	struct credential_scan *scan = arg;
	const struct credential_row *c = row;

	if (c->dialect != (int)scan->asked->dialect || (c->valid_to && c->valid_to <= scan->now_us))
		return OK;
	if (c->partner_id == scan->asked->partner_id)
		scan->live++;
	else if (str_eq(c->public_id, scan->stored_id))
		scan->is_foreign = true;
	return OK;
}

static enum err issue_row(struct unit *u, struct task *t, struct credential_issue *c)
{
	struct str stored_id = credential_stored_id(&u->arena, u->keys, c->dialect, c->public_id);
	struct credential_scan scan = { .asked = c, .stored_id = stored_id, .now_us = u->now_us };
	unsigned char hash[HASH_BYTES];
	struct partner_row partner;
	enum err e = partner_get(u->db, &u->arena, c->partner_id, &partner);

	if (!e)
		e = credentials_each(u->db, &u->arena, credential_counted, &scan);
	if (e)
		return e;
	if (scan.live >= LIVE_AT_ONCE || scan.is_foreign) {
		t->detail = scan.is_foreign ? STR("another partner has this key")
					    : STR("two credentials are live already: end one first");
		return ERR_CONFLICT;
	}
	/* Where the secret only signs, the public id is what is proved, and is itself kept as a hash. */
	bool signs = dialect_signs(c->dialect);
	crypto_keyed_hash(u->keys, signs ? c->public_id : c->secret, hash);
	struct credential_row row = { .id = unit_id(u),
				      .partner_id = c->partner_id,
				      .dialect = (int)c->dialect,
				      .public_id = stored_id,
				      .secret_hash = { (const char *)hash, sizeof(hash) },
				      .scopes = (int)(c->scopes ? c->scopes : SCOPE_SELL),
				      .valid_from = u->now_us,
				      .valid_to = c->valid_to,
				      .created_at = u->now_us,
				      .version = 1 };
	if (dialect_seals(c->dialect))
		row.sealed = crypto_seal(u->keys, &u->arena, credential_secret_label(&u->arena, row.id), c->secret);
	void *rows[] = { &row };
	c->id = row.id;
	unit_changed(u, CHANGED_DIRECTORY);
	return db_insert(u->db, &table_credentials, rows, 1);
}

static enum err issue_act(struct unit *u, struct task *t)
{
	struct credential_issue *c = t->command;

	c->id = 0;
	enum err e = issue_row(u, t, c);
	struct str subject =
		arena_printf(&u->arena, "partner %lld credential %lld", (long long)c->partner_id, (long long)c->id);
	return audited(u, &c->by, "credential.issue", subject, str_of(dialect_name(c->dialect)), e);
}

void credential_rotate_invent(struct arena *a, struct credential_rotate *c)
{
	c->fresh_id = random_token(a, "");
	c->fresh_secret = random_token(a, "");
}

/* The old one ends, then the fresh one is issued by the rules of all others. */
static enum err rotate_decide(struct unit *u, struct task *t)
{
	struct credential_rotate *c = t->command;
	struct credential_row old;
	void *rows[] = { &old };
	enum err e = credential_get(u->db, &u->arena, c->id, &old);

	if (e)
		return e;
	if (old.valid_to && old.valid_to <= u->now_us) {
		t->detail = STR("this credential has ended");
		return ERR_CONFLICT;
	}
	c->dialect = (enum dialect)old.dialect;
	bool names_partner = c->dialect == DIALECT_MOBIMATTER || c->dialect == DIALECT_MOBIP;
	c->partner_id = old.partner_id;
	c->public_id = arena_str(t->arena, names_partner ? old.public_id : c->fresh_id);
	c->secret = c->fresh_secret;
	struct credential_issue issue = { .partner_id = c->partner_id,
					  .dialect = c->dialect,
					  .public_id = c->public_id,
					  .secret = c->secret,
					  .scopes = (unsigned)old.scopes };
	e = issue_row(u, t, &issue);
	if (e)
		return e;
	c->new_id = issue.id;
	c->ends_at_us = u->now_us + c->overlap_us;
	if (!old.valid_to || old.valid_to > c->ends_at_us)
		old.valid_to = c->ends_at_us;
	c->ends_at_us = old.valid_to;
	old.version++;
	return db_update(u->db, &table_credentials, rows, 1);
}

static enum err rotate_act(struct unit *u, struct task *t)
{
	const struct credential_rotate *c = t->command;
	enum err e = rotate_decide(u, t);
	struct str subject = arena_printf(&u->arena, "credential %lld by %lld", (long long)c->id, (long long)c->new_id);
	return audited(u, &c->by, "credential.rotate", subject, STR(""), e);
}

static enum err end_decide(struct unit *u, const struct credential_end *c)
{
	struct credential_row row;
	void *rows[] = { &row };
	enum err e = credential_get(u->db, &u->arena, c->id, &row);

	if (e)
		return e;
	row.valid_to = c->at_us > u->now_us ? c->at_us : u->now_us;
	row.version++;
	unit_changed(u, CHANGED_DIRECTORY);
	return db_update(u->db, &table_credentials, rows, 1);
}

static enum err end_act(struct unit *u, struct task *t)
{
	const struct credential_end *c = t->command;
	enum err e = end_decide(u, c);

	return audited(u, &c->by, "credential.end", arena_printf(&u->arena, "credential %lld", (long long)c->id),
		       STR(""), e);
}

static enum err credential_seen(void *arg, void *row)
{
	struct credential_list *l = arg;
	const struct credential_row *c = row;

	if ((l->partner_id && c->partner_id != l->partner_id) || l->count == PARTNERS_SHOWN_MAX)
		return OK;
	l->rows[l->count] = *c;
	l->rows[l->count].sealed = STR_NONE;
	l->rows[l->count++].secret_hash = STR_NONE;
	return OK;
}

static enum err credential_list_read(struct reader *r, struct task *t)
{
	struct credential_list *l = t->command;

	l->rows = ARENA_ARRAY(t->arena, struct credential_row, PARTNERS_SHOWN_MAX);
	l->count = 0;
	return credentials_each(r->db, t->arena, credential_seen, l);
}

const struct verb verb_credential_issue = { .name = "credential.issue", .need = need_nothing, .act = issue_act };
const struct verb verb_credential_rotate = { .name = "credential.rotate", .need = need_nothing, .act = rotate_act };
const struct verb verb_credential_end = { .name = "credential.end", .need = need_nothing, .act = end_act };
const struct verb verb_credential_list = { .name = "credential.list", .read = credential_list_read };

#include "service/session.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/reader.h"

struct operator_search {
	struct str email;
	struct operator_row found; /* id 0: nobody */
};

static enum err operator_seen(void *arg, void *row)
{
	struct operator_search *search = arg;
	const struct operator_row *o = row;

	if (o->active && str_eq_nocase(o->email, search->email))
		search->found = *o;
	return OK;
}

static enum err check_read(struct reader *r, struct task *t)
{
	struct operator_login *l = t->command;
	struct operator_search search = { .email = l->email };
	enum err e = operators_each(r->db, t->arena, operator_seen, &search);

	l->operator_id = 0;
	if (e)
		return e;
	/* An unknown address costs as much time as a wrong password. */
	if (!search.found.id)
		crypto_password_hash(t->arena, l->password);
	else if (crypto_password_matches(arena_strz(t->arena, search.found.password_hash), l->password))
		l->operator_id = search.found.id;
	return OK;
}

static void need_nothing(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static enum err login_decide(struct unit *u, struct operator_login *l)
{
	unsigned char hash[HASH_BYTES];

	if (!l->operator_id)
		return ERR_UNAUTHORIZED;
	l->expires_at = u->now_us + SECONDS_US(LIMIT_SESSION_SECONDS);
	crypto_keyed_hash(u->keys, l->token, hash);
	struct session_row row = { .id = unit_id(u),
				   .operator_id = l->operator_id,
				   .token_hash = { (const char *)hash, sizeof(hash) },
				   .created_at = u->now_us,
				   .expires_at = l->expires_at };
	void *rows[] = { &row };
	enum err e = sessions_sweep(u->db, u->now_us);

	return e ? e : db_insert(u->db, &table_sessions, rows, 1);
}

static enum err login_act(struct unit *u, struct task *t)
{
	struct operator_login *l = t->command;
	enum err e = login_decide(u, l);

	if (e == ERR_UNAUTHORIZED)
		t->detail = STR("no operator has this e-mail address and password");
	return audited(u, &l->by, "operator.login", l->email, arena_printf(&u->arena, "from %.*s", STR_ARG(l->peer)),
		       e);
}

static enum err session_seen(void *arg, void *row)
{
	struct session_list *list = arg;
	const struct session_row *s = row;

	if (list->count < SESSIONS_MAX)
		list->rows[list->count++] = (struct known_session){ s->email, s->token_hash, s->expires_at };
	return OK;
}

static enum err list_read(struct reader *r, struct task *t)
{
	struct session_list *list = t->command;

	list->rows = ARENA_ARRAY(t->arena, struct known_session, SESSIONS_MAX);
	list->count = 0;
	return sessions_each(r->db, t->arena, r->unit.now_us, session_seen, list);
}

const struct verb verb_operator_check = { .name = "operator.check", .read = check_read };
const struct verb verb_operator_login = { .name = "operator.login", .need = need_nothing, .act = login_act };
const struct verb verb_session_list = { .name = "session.list", .read = list_read };

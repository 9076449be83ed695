#include "service/merchant.h"

#include "base/log.h"
#include "base/zone.h"
#include "service/unit.h"

enum { FEE_PPM_MOST = 1000000 };

static void set_need(struct unit *u, const struct task *t)
{
	const struct merchant_set *c = t->command;

	unit_need_partner(u, c->partner_id);
	unit_need(u, NOUN_MERCHANT, c->partner_id);
	if (c->external_account_id.n)
		unit_need_text(u, NOUN_MERCHANT, MERCHANTS_EXTERNAL, c->external_account_id);
}

struct str merchant_key_label(struct arena *a, int64_t partner_id)
{
	return arena_printf(a, "merchant %lld", (long long)partner_id);
}

static struct str or_none(struct str text)
{
	return text.n ? text : STR_NONE;
}

static void set_texts(struct unit *u, const struct merchant_set *c, struct merchant *m)
{
	struct str sealed = c->private_key.n ? crypto_seal(u->keys, &u->arena,
							   merchant_key_label(&u->arena, c->partner_id), c->private_key)
					     : STR_NONE;
	const struct {
		enum merchant_field bit;
		struct str *at;
		struct str text;
	} texts[] = {
		{ MERCHANT_EXTERNAL_ID, &m->external_account_id, or_none(c->external_account_id) },
		{ MERCHANT_REDIRECT_URL, &m->redirect_url, or_none(c->redirect_url) },
		{ MERCHANT_CALLBACK_URL, &m->callback_url, or_none(c->callback_url) },
		{ MERCHANT_TIME_ZONE, &m->time_zone, or_none(c->time_zone) },
		{ MERCHANT_PROVIDER_LOGIN, &m->provider_login, or_none(c->provider_login) },
		{ MERCHANT_PUBLIC_KEY, &m->provider_public_key, or_none(c->public_key) },
		{ MERCHANT_PRIVATE_KEY, &m->provider_private_key, sealed },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (c->set & texts[i].bit)
			*texts[i].at = texts[i].text;
}

static enum err set_decide(struct unit *u, struct task *t)
{
	const struct merchant_set *c = t->command;
	struct merchant *m = unit_find(u, NOUN_MERCHANT, c->partner_id);

	if (!directory_partner(u->directory, c->partner_id))
		return ERR_NOT_FOUND;
	if (c->set & MERCHANT_FEE && (c->fee.rate_ppm < 0 || c->fee.rate_ppm > FEE_PPM_MOST || c->fee.fixed < 0 ||
				      c->fee.fixed > MONEY_ITEM_MAX)) {
		t->detail = STR("fee: must be from 0 to 100 % and a fixed amount that is not negative");
		return ERR_BAD_REQUEST;
	}
	if (c->set & MERCHANT_EXTERNAL_ID && c->external_account_id.n) {
		const struct merchant *other =
			unit_find_text(u, NOUN_MERCHANT, MERCHANTS_EXTERNAL, c->external_account_id);

		if (other && other->partner_id != c->partner_id)
			return ERR_REFERENCE_USED;
	}

	/* From here nothing can fail. */
	if (!m)
		m = unit_add(u, NOUN_MERCHANT, &(struct merchant){ .partner_id = c->partner_id });
	if (c->set & MERCHANT_FEE) {
		m->fee_ppm = c->fee.rate_ppm;
		m->fee_fixed = c->fee.fixed;
	}
	set_texts(u, c, m);
	if (c->set & MERCHANT_TIME_ZONE)
		unit_changed(u, CHANGED_DIRECTORY);
	unit_touch(u, m);
	unit_counter(u, c->partner_id);
	return OK;
}

static enum err set_act(struct unit *u, struct task *t)
{
	const struct merchant_set *c = t->command;
	enum err e = set_decide(u, t);

	return audited(u, &c->by, "merchant.set", arena_printf(&u->arena, "partner %lld", (long long)c->partner_id),
		       arena_printf(&u->arena, "set %u fee_ppm %lld fee_fixed_micros %lld external_id %.*s", c->set,
				    (long long)c->fee.rate_ppm, (long long)c->fee.fixed,
				    STR_ARG(c->external_account_id)),
		       e);
}

enum err merchant_zone(struct unit *u, struct arena *a, int64_t partner_id, const struct zone **ret)
{
	unit_need(u, NOUN_MERCHANT, partner_id);
	enum err e = unit_load(u);
	if (e)
		return e;
	const struct merchant *m = unit_find(u, NOUN_MERCHANT, partner_id);
	if (zone_load(a, m ? m->time_zone : STR_NONE, ret))
		log_error("merchant.zone", "partner=%lld zone=\"%.*s\" error=\"the system has no such zone\"",
			  (long long)partner_id, STR_ARG(m->time_zone));
	return OK;
}

static void get_need(struct unit *u, const struct task *t)
{
	const struct merchant_get *g = t->command;

	if (g->partner_id)
		unit_need(u, NOUN_MERCHANT, g->partner_id);
	else
		unit_need_text(u, NOUN_MERCHANT, MERCHANTS_EXTERNAL, g->external_account_id);
}

static enum err get_act(struct unit *u, struct task *t)
{
	struct merchant_get *g = t->command;
	const struct merchant *m =
		g->partner_id ? unit_find(u, NOUN_MERCHANT, g->partner_id)
			      : unit_find_text(u, NOUN_MERCHANT, MERCHANTS_EXTERNAL, g->external_account_id);

	if (!m && !g->partner_id)
		return ERR_ACCOUNT_NOT_FOUND;
	g->merchant = m ? *m : (struct merchant){ .partner_id = g->partner_id };
	struct str *texts[] = { &g->merchant.external_account_id, &g->merchant.provider_login,
				&g->merchant.provider_public_key, &g->merchant.redirect_url,
				&g->merchant.callback_url,	  &g->merchant.time_zone };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_str(t->arena, *texts[i]);
	g->merchant.provider_private_key = g->merchant.provider_private_key.p ? STR("") : STR_NONE;
	return OK;
}

const struct verb verb_merchant_get = { .name = "merchant.get", .need = get_need, .act = get_act, .read_only = true };
const struct verb verb_merchant_set = { .name = "merchant.set", .need = set_need, .act = set_act };

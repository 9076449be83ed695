#include "service/merchant.h"

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
	return arena_printf(a, "provider key %lld", (long long)partner_id);
}

static struct str or_none(struct str text)
{
	return text.n ? text : STR_NONE;
}

static void set_provider(struct unit *u, const struct merchant_set *c, struct merchant *m)
{
	if (c->set & MERCHANT_PROVIDER_LOGIN)
		m->provider_login = or_none(c->provider_login);
	if (c->set & MERCHANT_PROVIDER_PUBLIC_KEY)
		m->provider_public_key = or_none(c->provider_public_key);
	if (c->set & MERCHANT_PROVIDER_PRIVATE_KEY)
		m->provider_private_key =
			c->provider_private_key.n
				? crypto_seal(u->keys, &u->arena, merchant_key_label(&u->arena, c->partner_id),
					      c->provider_private_key)
				: STR_NONE;
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
	if (c->set & MERCHANT_EXTERNAL_ID)
		m->external_account_id = or_none(c->external_account_id);
	if (c->set & MERCHANT_REDIRECT_URL)
		m->redirect_url = or_none(c->redirect_url);
	if (c->set & MERCHANT_CALLBACK_URL)
		m->callback_url = or_none(c->callback_url);
	set_provider(u, c, m);
	unit_touch(u, m);
	unit_counter(u, c->partner_id);
	return OK;
}

static enum err set_act(struct unit *u, struct task *t)
{
	const struct merchant_set *c = t->command;
	enum err e = set_decide(u, t);

	return audited(u, &c->by, "merchant.set", arena_printf(&u->arena, "partner %lld", (long long)c->partner_id),
		       arena_printf(&u->arena, "fee_ppm %lld fee_fixed_micros %lld external_id %.*s",
				    (long long)c->fee.rate_ppm, (long long)c->fee.fixed,
				    STR_ARG(c->external_account_id)),
		       e);
}

const struct verb verb_merchant_set = { .name = "merchant.set", .need = set_need, .act = set_act };

#include "service/repeat.h"

#include "base/clock.h"

static const int64_t kept_us = SECONDS_US(24 * 3600);

static struct str row_key(const struct task *t, const struct repeat *r)
{
	return order_ext_key(t->arena, r->partner_id, r->dialect, r->key);
}

void repeat_need(struct unit *u, const struct task *t, const struct repeat *r)
{
	if (r->key.p)
		unit_need_text(u, NOUN_IDEMPOTENCY, 0, row_key(t, r));
}

static const struct idempotency *find(struct unit *u, const struct task *t, const struct repeat *r)
{
	const struct idempotency *known = r->key.p ? unit_find_text(u, NOUN_IDEMPOTENCY, 0, row_key(t, r)) : NULL;

	return known && u->now_us - known->created_at < kept_us ? known : NULL;
}

int64_t repeat_id(struct unit *u, const struct task *t, const struct repeat *r)
{
	const struct idempotency *known = find(u, t, r);

	return known ? known->order_id : 0;
}

enum err repeat_known(struct unit *u, struct task *t, const struct repeat *r, int64_t *ret_id)
{
	const struct idempotency *known = find(u, t, r);

	*ret_id = 0;
	if (!known)
		return OK;
	if (known->request_hash != r->hash) {
		t->detail = STR("Idempotency-Key: was used with another request");
		return ERR_CONFLICT;
	}
	*ret_id = known->order_id;
	return OK;
}

void repeat_remember(struct unit *u, const struct task *t, const struct repeat *r, int64_t id)
{
	struct idempotency row = { STR_NONE, r->hash, id, u->now_us };

	if (!r->key.p)
		return;
	row.idem_key = row_key(t, r);
	struct idempotency *old = unit_find_text(u, NOUN_IDEMPOTENCY, 0, row.idem_key);
	if (!old) {
		unit_add(u, NOUN_IDEMPOTENCY, &row);
		return;
	}
	*old = row;
	unit_touch(u, old);
}

#include "core/account.h"

enum { HOLD_BITS = 1, NODE_BITS = 5, KIND_BITS = 4, CURRENCY_BITS = 10 };
enum {
	NODE_SHIFT = HOLD_BITS,
	KIND_SHIFT = NODE_SHIFT + NODE_BITS,
	CURRENCY_SHIFT = KIND_SHIFT + KIND_BITS,
	PARTNER_SHIFT = CURRENCY_SHIFT + CURRENCY_BITS,
};

int64_t account_id(struct account_parts parts)
{
	must(parts.partner >= 0 && parts.partner < INT64_C(1) << 33);
	must(parts.node >= 0 && parts.node < 1 << NODE_BITS);
	return parts.partner << PARTNER_SHIFT | (int64_t)parts.cur.number << CURRENCY_SHIFT |
	       (int64_t)parts.kind << KIND_SHIFT | (int64_t)parts.node << NODE_SHIFT | parts.hold;
}

struct account_parts account_parts(int64_t id)
{
	return (struct account_parts){
		.partner = id >> PARTNER_SHIFT,
		.cur = { (int)(id >> CURRENCY_SHIFT & ((1 << CURRENCY_BITS) - 1)) },
		.kind = (enum account_kind)(id >> KIND_SHIFT & ((1 << KIND_BITS) - 1)),
		.node = (int)(id >> NODE_SHIFT & ((1 << NODE_BITS) - 1)),
		.hold = id & 1,
	};
}

int64_t account_wallet(int64_t partner, struct currency cur)
{
	return account_id((struct account_parts){ .partner = partner, .cur = cur, .kind = ACCOUNT_WALLET });
}

int64_t account_hold(int64_t wallet)
{
	return wallet | 1;
}

bool account_is_hold(int64_t id)
{
	return id & 1;
}

void account_range(int64_t partner, int64_t *ret_first, int64_t *ret_end)
{
	*ret_first = partner << PARTNER_SHIFT;
	*ret_end = (partner + 1) << PARTNER_SHIFT;
}

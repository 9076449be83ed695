#include "core/payment.h"

/* The payment machine. PAY_CREATE makes the row; every other event needs the state on the left. The row from PENDING to
 * PAID is for money that comes after all: an attempt that was taken for refused or abandoned. */
static const struct payment_rule rules[] = {
	/* clang-format off */
	{ PAYMENT_NEW,       PAY_CREATE,     PAYMENT_PENDING,   PAYDO_EXPIRE },
	{ PAYMENT_PENDING,   PAY_BEGIN,      PAYMENT_PAYING,    PAYDO_COLLECT },
	{ PAYMENT_PENDING,   PAY_SUCCEED,    PAYMENT_PAID,      PAYDO_CREDIT | PAYDO_NOTIFY },
	{ PAYMENT_PENDING,   PAY_CANCEL,     PAYMENT_CANCELLED, PAYDO_NOTIFY },
	{ PAYMENT_PENDING,   PAY_EXPIRE,     PAYMENT_CANCELLED, PAYDO_NOTIFY },
	{ PAYMENT_PAYING,    PAY_SUCCEED,    PAYMENT_PAID,      PAYDO_CREDIT | PAYDO_NOTIFY },
	{ PAYMENT_PAYING,    PAY_REFUSE,     PAYMENT_PENDING,   0 },
	{ PAYMENT_PAYING,    PAY_ABANDON,    PAYMENT_PENDING,   0 },
	{ PAYMENT_PAYING,    PAY_DENY,       PAYMENT_DENIED,    PAYDO_NOTIFY },
	{ PAYMENT_PAYING,    PAY_FAIL,       PAYMENT_ERROR,     PAYDO_NOTIFY },
	{ PAYMENT_PAID,      PAY_ASK_REFUND, PAYMENT_REFUNDING, PAYDO_ASK },
	{ PAYMENT_REFUNDING, PAY_REFUND,     PAYMENT_REFUNDED,  PAYDO_RETURN },
	{ PAYMENT_REFUNDING, PAY_KEEP,       PAYMENT_PAID,      0 },
	/* clang-format on */
};

static const char *const state_names[] = { "new",	"pending", "paying",	"paid",	   "denied",
					   "cancelled", "error",   "refunding", "refunded" };
static const char *const event_names[] = { "",	   "create", "begin",  "succeed",    "refuse", "deny", "abandon",
					   "fail", "cancel", "expire", "ask_refund", "refund", "keep" };
static const char *const kind_names[] = { "", "one_use", "request", "reusable" };
static const char *const cause_texts[] = { "", "", "cancelled by merchant", "cancelled by customer", "expired" };
static const char *const attempt_names[] = {
	"", "open", "unknown", "waiting", "paid", "refused", "failed", "abandoned"
};

/* Bit t of row f: an attempt may go from state f to state t. Money can come after a refusal. */
#define BIT(state) (1u << (state))
#define ENDS (BIT(PAYTRY_PAID) | BIT(PAYTRY_REFUSED) | BIT(PAYTRY_FAILED) | BIT(PAYTRY_ABANDONED))
static const unsigned attempt_moves[] = {
	[PAYTRY_OPEN] = BIT(PAYTRY_UNKNOWN) | BIT(PAYTRY_WAITING) | ENDS,
	[PAYTRY_UNKNOWN] = BIT(PAYTRY_WAITING) | ENDS,
	[PAYTRY_WAITING] = BIT(PAYTRY_UNKNOWN) | ENDS,
	[PAYTRY_PAID] = 0,
	[PAYTRY_REFUSED] = BIT(PAYTRY_PAID),
	[PAYTRY_FAILED] = BIT(PAYTRY_PAID),
	[PAYTRY_ABANDONED] = BIT(PAYTRY_PAID),
};

const struct payment_rule *payment_rules(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(rules);
	return rules;
}

const struct payment_rule *payment_rule(enum payment_state from, enum payment_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].from == from && rules[i].event == event)
			return &rules[i];
	return NULL;
}

bool payment_is_final(enum payment_state state)
{
	return state != PAYMENT_NEW && state != PAYMENT_PENDING && state != PAYMENT_PAYING;
}

bool payment_is_credited(enum payment_state state)
{
	return state == PAYMENT_PAID || state == PAYMENT_REFUNDING;
}

const char *payment_state_name(enum payment_state state)
{
	must((size_t)state < ARRAY_LEN(state_names));
	return state_names[state];
}

const char *payment_event_name(enum payment_event event)
{
	must((size_t)event < ARRAY_LEN(event_names));
	return event_names[event];
}

const char *payment_kind_name(enum payment_kind kind)
{
	must((size_t)kind < ARRAY_LEN(kind_names));
	return kind_names[kind];
}

const char *payment_cause_text(enum payment_cause cause)
{
	must((size_t)cause < ARRAY_LEN(cause_texts));
	return cause_texts[cause];
}

enum err payment_apply(struct payment *p, enum payment_event event, int64_t now_us, unsigned *ret_effects)
{
	const struct payment_rule *rule = payment_rule((enum payment_state)p->state, event);

	if (!rule)
		return ERR_ILLEGAL_STATE;
	p->state = (int)rule->to;
	p->updated_at = now_us;
	if (payment_is_final(rule->to) && !p->finished_at)
		p->finished_at = now_us;
	if (rule->to == PAYMENT_REFUNDED)
		p->refunded_at = now_us;
	*ret_effects = rule->effects;
	return OK;
}

int64_t payment_total(const struct payment *p)
{
	return p->item_amount + p->tax_amount;
}

bool payment_attempt_is_live(enum payment_attempt_state state)
{
	return state == PAYTRY_OPEN || state == PAYTRY_UNKNOWN || state == PAYTRY_WAITING;
}

bool payment_attempt_can(enum payment_attempt_state from, enum payment_attempt_state to)
{
	return attempt_moves[from] >> to & 1;
}

const char *payment_attempt_state_name(enum payment_attempt_state state)
{
	must((size_t)state < ARRAY_LEN(attempt_names));
	return attempt_names[state];
}

struct str payment_attempt_reference(struct arena *a, int64_t payment_id, int no)
{
	return arena_printf(a, "%lld-%d", (long long)payment_id, no);
}

int64_t payment_fee_of(struct payment_fee fee, int64_t total, struct currency cur)
{
	int64_t part, sum;

	if (micros_scale_round(total, fee.rate_ppm, 1000000, cur, &part) || micros_add(part, fee.fixed, &sum))
		return total;
	sum = micros_round(sum, cur);
	return sum < total ? sum : total;
}

enum err payment_of_minor(int64_t minor, struct currency cur, int64_t *ret_micros)
{
	struct money all;
	enum err e = money_times((struct money){ money_minor(cur), cur }, minor, &all);

	if (e || all.micros > MONEY_ITEM_MAX || all.micros < -MONEY_ITEM_MAX)
		return ERR_OVERFLOW;
	*ret_micros = all.micros;
	return OK;
}

int64_t payment_minor(int64_t micros, struct currency cur)
{
	return micros_round(micros, cur) / money_minor(cur);
}

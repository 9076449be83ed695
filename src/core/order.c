#include "core/order.h"

/* The order machine. EV_CREATE makes the row; every other event needs the state on the left. */
static const struct order_rule rules[] = {
	/* clang-format off */
	{ ORDER_NEW,       EV_CREATE,  ORDER_CREATED,   DO_AUTHORIZE | DO_EXPIRE },
	{ ORDER_CREATED,   EV_CONFIRM, ORDER_CONFIRMED, DO_FULFIL },
	{ ORDER_CREATED,   EV_CANCEL,  ORDER_CANCELLED, DO_VOID | DO_NOTIFY },
	{ ORDER_CREATED,   EV_EXPIRE,  ORDER_EXPIRED,   DO_VOID | DO_NOTIFY },
	{ ORDER_CREATED,   EV_REJECT,  ORDER_REJECTED,  DO_VOID | DO_NOTIFY },
	{ ORDER_CONFIRMED, EV_SUBMIT,  ORDER_SUBMITTED, 0 },
	{ ORDER_CONFIRMED, EV_DELIVER, ORDER_COMPLETED, DO_CAPTURE | DO_NOTIFY },
	{ ORDER_CONFIRMED, EV_PARTLY,  ORDER_PARTIAL,   DO_CAPTURE | DO_NOTIFY },
	{ ORDER_CONFIRMED, EV_DECLINE, ORDER_DECLINED,  DO_VOID | DO_NOTIFY },
	{ ORDER_CONFIRMED, EV_REJECT,  ORDER_REJECTED,  DO_VOID | DO_NOTIFY },
	{ ORDER_SUBMITTED, EV_DELIVER, ORDER_COMPLETED, DO_CAPTURE | DO_NOTIFY },
	{ ORDER_SUBMITTED, EV_PARTLY,  ORDER_PARTIAL,   DO_CAPTURE | DO_NOTIFY },
	{ ORDER_SUBMITTED, EV_DECLINE, ORDER_DECLINED,  DO_VOID | DO_NOTIFY },
	{ ORDER_SUBMITTED, EV_REJECT,  ORDER_REJECTED,  DO_VOID | DO_NOTIFY },
	{ ORDER_COMPLETED, EV_REVERSE, ORDER_REVERSED,  DO_REVERSE | DO_NOTIFY },
	{ ORDER_PARTIAL,   EV_REVERSE, ORDER_REVERSED,  DO_REVERSE | DO_NOTIFY },
	{ ORDER_CREATED,   EV_VERIFY,  ORDER_AWAITING_KYC, DO_VERIFY },
	{ ORDER_AWAITING_KYC, EV_APPROVE, ORDER_CONFIRMED, DO_FULFIL },
	{ ORDER_AWAITING_KYC, EV_CANCEL,  ORDER_CANCELLED, DO_VOID | DO_NOTIFY },
	{ ORDER_COMPLETED, EV_ASK_REVERSE, ORDER_REVERSING, DO_ASK },
	{ ORDER_REVERSING, EV_REVERSE, ORDER_REVERSED,  DO_REVERSE | DO_NOTIFY },
	{ ORDER_REVERSING, EV_KEEP,    ORDER_COMPLETED, 0 },
	/* clang-format on */
};

static const char *const state_names[] = { "new",      "created",      "confirmed", "submitted", "completed",
					   "partial",  "declined",     "rejected",  "cancelled", "expired",
					   "reversed", "awaiting_kyc", "reversing" };
static const char *const event_names[] = { "",	      "create",	 "confirm", "cancel",	   "expire",
					   "submit",  "deliver", "partly",  "decline",	   "reject",
					   "reverse", "verify",	 "approve", "ask_reverse", "keep" };
static const char *const reason_names[] = { "none",
					    "credit_party_invalid",
					    "credit_party_barred",
					    "credit_party_ineligible",
					    "debit_party_invalid",
					    "debit_party_barred",
					    "operator_unavailable",
					    "duplicated",
					    "exception",
					    "insufficient_balance",
					    "operator_amount",
					    "credit_party_amount",
					    "customer_amount",
					    "operator_quantity",
					    "credit_party_quantity",
					    "customer_quantity",
					    "no_route" };
static const char *const unit_names[] = { "", "waiting", "sent", "unknown", "delivered", "failed" };
static const char *const attempt_names[] = { "", "prepared", "sent", "accepted", "refused", "delivered", "unknown" };

/* Bit t of row f: an attempt may go from state f to state t. */
#define BIT(state) (1u << (state))
static const unsigned attempt_moves[] = {
	[ATTEMPT_PREPARED] = BIT(ATTEMPT_SENT) | BIT(ATTEMPT_ACCEPTED) | BIT(ATTEMPT_REFUSED) | BIT(ATTEMPT_DELIVERED),
	[ATTEMPT_SENT] = BIT(ATTEMPT_ACCEPTED) | BIT(ATTEMPT_REFUSED) | BIT(ATTEMPT_DELIVERED) | BIT(ATTEMPT_UNKNOWN),
	[ATTEMPT_ACCEPTED] = BIT(ATTEMPT_REFUSED) | BIT(ATTEMPT_DELIVERED) | BIT(ATTEMPT_UNKNOWN),
	[ATTEMPT_UNKNOWN] = BIT(ATTEMPT_ACCEPTED) | BIT(ATTEMPT_REFUSED) | BIT(ATTEMPT_DELIVERED),
	[ATTEMPT_REFUSED] = 0,
	[ATTEMPT_DELIVERED] = 0,
};
static const unsigned unit_moves[] = {
	[UNIT_WAITING] = BIT(UNIT_SENT) | BIT(UNIT_DELIVERED) | BIT(UNIT_FAILED),
	[UNIT_SENT] = BIT(UNIT_WAITING) | BIT(UNIT_UNKNOWN) | BIT(UNIT_DELIVERED) | BIT(UNIT_FAILED),
	[UNIT_UNKNOWN] = BIT(UNIT_SENT) | BIT(UNIT_WAITING) | BIT(UNIT_DELIVERED) | BIT(UNIT_FAILED),
	[UNIT_DELIVERED] = 0,
	[UNIT_FAILED] = 0,
};

const struct order_rule *order_rules(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(rules);
	return rules;
}

const struct order_rule *order_rule(enum order_state from, enum order_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].from == from && rules[i].event == event)
			return &rules[i];
	return NULL;
}

bool order_is_final(enum order_state state)
{
	return state >= ORDER_COMPLETED && state != ORDER_AWAITING_KYC && state != ORDER_REVERSING;
}

bool order_holds(enum order_state state)
{
	return state == ORDER_CREATED || state == ORDER_AWAITING_KYC || state == ORDER_CONFIRMED ||
	       state == ORDER_SUBMITTED;
}

bool order_has_paid(enum order_state state)
{
	return state == ORDER_COMPLETED || state == ORDER_PARTIAL || state == ORDER_REVERSING;
}

const char *order_state_name(enum order_state state)
{
	must((size_t)state < ARRAY_LEN(state_names));
	return state_names[state];
}

const char *order_event_name(enum order_event event)
{
	must((size_t)event < ARRAY_LEN(event_names));
	return event_names[event];
}

const char *order_reason_name(enum order_reason reason)
{
	must((size_t)reason < ARRAY_LEN(reason_names));
	return reason_names[reason];
}

const char *unit_state_name(enum unit_state state)
{
	must((size_t)state < ARRAY_LEN(unit_names));
	return unit_names[state];
}

const char *attempt_state_name(enum attempt_state state)
{
	must((size_t)state < ARRAY_LEN(attempt_names));
	return attempt_names[state];
}

enum err order_apply(struct order *o, enum order_event event, int64_t now_us, unsigned *ret_effects)
{
	const struct order_rule *rule = order_rule((enum order_state)o->state, event);

	if (!rule)
		return ERR_ILLEGAL_STATE;
	o->state = (int)rule->to;
	o->updated_at = now_us;
	if (rule->to == ORDER_CONFIRMED)
		o->confirmed_at = now_us;
	if (order_is_final(rule->to) && !o->completed_at)
		o->completed_at = now_us;
	*ret_effects = rule->effects;
	return OK;
}

enum order_event order_outcome(struct unit_tally tally, bool supplier_refused)
{
	if (tally.open)
		return (enum order_event)0;
	if (!tally.delivered)
		return supplier_refused ? EV_DECLINE : EV_REJECT;
	return tally.failed ? EV_PARTLY : EV_DELIVER;
}

bool attempt_is_live(enum attempt_state state)
{
	return attempt_moves[state] != 0;
}

bool attempt_can(enum attempt_state from, enum attempt_state to)
{
	return attempt_moves[from] >> to & 1;
}

bool unit_can(enum unit_state from, enum unit_state to)
{
	return unit_moves[from] >> to & 1;
}

bool order_is_told(const struct order *o)
{
	return o->dialect != DIALECT_S2S || o->state == ORDER_COMPLETED || o->state == ORDER_PARTIAL ||
	       o->state == ORDER_DECLINED || o->state == ORDER_REJECTED;
}

bool order_names_callback(const struct order *o)
{
	return o->dialect == DIALECT_MOBIMATTER || o->dialect == DIALECT_PAYVESSEL;
}

bool order_keeps_details(const struct order *o)
{
	return o->dialect != DIALECT_DVS;
}

struct str order_ext_key(struct arena *a, int64_t partner_id, enum dialect dialect, struct str reference)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "%lld:%d:", (long long)partner_id, (int)dialect);

	must(n > 0 && (size_t)n < sizeof(head));
	char *key = arena_alloc(a, (size_t)n + reference.n + 1);
	memcpy(key, head, (size_t)n);
	memcpy(key + n, reference.p, reference.n);
	return (struct str){ key, (size_t)n + reference.n };
}

struct str order_reference(const struct order *o)
{
	struct str rest = o->ext_key;

	str_cut(&rest, ':');
	str_cut(&rest, ':');
	return rest;
}

struct str attempt_reference(struct arena *a, int64_t order_id, int unit, int no)
{
	return arena_printf(a, "%lld-%d-%d", (long long)order_id, unit, no);
}

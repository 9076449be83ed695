#include "api/dvs/status.h"

/* Only 10000, 20000, 30400 and 70000 are seen in the vendor's own answers; the others follow their pattern. Once given
 * out they never change. */
static const struct dvs_status statuses[] = {
	{ 10000, "CREATED", ORDER_CREATED, REASON_NONE },
	{ 20000, "CONFIRMED", ORDER_CONFIRMED, REASON_NONE },
	{ 30000, "REJECTED", ORDER_REJECTED, REASON_NONE },
	{ 30200, "REJECTED-INVALID-CREDIT-PARTY", ORDER_REJECTED, REASON_CREDIT_PARTY_INVALID },
	{ 30201, "REJECTED-BARRED-CREDIT-PARTY", ORDER_REJECTED, REASON_CREDIT_PARTY_BARRED },
	{ 30203, "REJECTED-INELIGIBLE-CREDIT-PARTY", ORDER_REJECTED, REASON_CREDIT_PARTY_INELIGIBLE },
	{ 30210, "REJECTED-INVALID-DEBIT-PARTY", ORDER_REJECTED, REASON_DEBIT_PARTY_INVALID },
	{ 30211, "REJECTED-BARRED-DEBIT-PARTY", ORDER_REJECTED, REASON_DEBIT_PARTY_BARRED },
	{ 30320, "REJECTED-LIMITATIONS-ON-CREDIT-PARTY-AMOUNT", ORDER_REJECTED, REASON_CREDIT_PARTY_AMOUNT },
	{ 30360, "REJECTED-LIMITATIONS-ON-CREDIT-PARTY-QUANTITY", ORDER_REJECTED, REASON_CREDIT_PARTY_QUANTITY },
	/* We reject for want of a route, which to a buyer is an operator that cannot be reached. */
	{ 30400, "REJECTED-OPERATOR-CURRENTLY-UNAVAILABLE", ORDER_REJECTED, REASON_NO_ROUTE },
	{ 30400, "REJECTED-OPERATOR-CURRENTLY-UNAVAILABLE", ORDER_REJECTED, REASON_OPERATOR_UNAVAILABLE },
	{ 30500, "REJECTED-INSUFFICIENT-BALANCE", ORDER_REJECTED, REASON_INSUFFICIENT_BALANCE },
	{ 40000, "CANCELLED", ORDER_CANCELLED, REASON_NONE },
	{ 40000, "CANCELLED", ORDER_EXPIRED, REASON_NONE },
	{ 50000, "SUBMITTED", ORDER_SUBMITTED, REASON_NONE },
	{ 50000, "SUBMITTED", ORDER_AWAITING_KYC, REASON_NONE },
	{ 70000, "COMPLETED", ORDER_COMPLETED, REASON_NONE },
	{ 70000, "COMPLETED", ORDER_REVERSING, REASON_NONE },
	{ 70000, "COMPLETED", ORDER_PARTIAL, REASON_NONE },
	{ 80000, "REVERSED", ORDER_REVERSED, REASON_NONE },
	{ 90000, "DECLINED", ORDER_DECLINED, REASON_NONE },
	{ 90200, "DECLINED-INVALID-CREDIT-PARTY", ORDER_DECLINED, REASON_CREDIT_PARTY_INVALID },
	{ 90201, "DECLINED-BARRED-CREDIT-PARTY", ORDER_DECLINED, REASON_CREDIT_PARTY_BARRED },
	{ 90203, "DECLINED-INELIGIBLE-CREDIT-PARTY", ORDER_DECLINED, REASON_CREDIT_PARTY_INELIGIBLE },
	{ 90210, "DECLINED-INVALID-DEBIT-PARTY", ORDER_DECLINED, REASON_DEBIT_PARTY_INVALID },
	{ 90211, "DECLINED-BARRED-DEBIT-PARTY", ORDER_DECLINED, REASON_DEBIT_PARTY_BARRED },
	{ 90310, "DECLINED-LIMITATIONS-ON-OPERATOR-AMOUNT", ORDER_DECLINED, REASON_OPERATOR_AMOUNT },
	{ 90320, "DECLINED-LIMITATIONS-ON-CREDIT-PARTY-AMOUNT", ORDER_DECLINED, REASON_CREDIT_PARTY_AMOUNT },
	{ 90330, "DECLINED-LIMITATIONS-ON-CUSTOMER-AMOUNT", ORDER_DECLINED, REASON_CUSTOMER_AMOUNT },
	{ 90350, "DECLINED-LIMITATIONS-ON-OPERATOR-QUANTITY", ORDER_DECLINED, REASON_OPERATOR_QUANTITY },
	{ 90360, "DECLINED-LIMITATIONS-ON-CREDIT-PARTY-QUANTITY", ORDER_DECLINED, REASON_CREDIT_PARTY_QUANTITY },
	{ 90370, "DECLINED-LIMITATIONS-ON-CUSTOMER-QUANTITY", ORDER_DECLINED, REASON_CUSTOMER_QUANTITY },
	{ 90400, "DECLINED-OPERATOR-CURRENTLY-UNAVAILABLE", ORDER_DECLINED, REASON_OPERATOR_UNAVAILABLE },
	{ 90600, "DECLINED-DUPLICATED-TRANSACTION", ORDER_DECLINED, REASON_DUPLICATED },
	{ 90900, "DECLINED-EXCEPTION", ORDER_DECLINED, REASON_EXCEPTION },
};

static const char *const class_names[] = {
	[DVS_CREATED] = "CREATED",     [DVS_CONFIRMED] = "CONFIRMED", [DVS_REJECTED] = "REJECTED",
	[DVS_CANCELLED] = "CANCELLED", [DVS_SUBMITTED] = "SUBMITTED", [DVS_COMPLETED] = "COMPLETED",
	[DVS_REVERSED] = "REVERSED",   [DVS_DECLINED] = "DECLINED",
};

const struct dvs_status *dvs_status_at(size_t i)
{
	return i < ARRAY_LEN(statuses) ? &statuses[i] : NULL;
}

const struct dvs_status *dvs_status(enum order_state state, enum order_reason reason)
{
	const struct dvs_status *plain = NULL;

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (statuses[i].state != state)
			continue;
		if (statuses[i].reason == reason)
			return &statuses[i];
		if (statuses[i].reason == REASON_NONE)
			plain = &statuses[i];
	}
	must(plain);
	return plain;
}

enum dvs_class dvs_status_class(const struct dvs_status *status)
{
	return (enum dvs_class)(status->id / 10000);
}

const char *dvs_class_name(enum dvs_class class)
{
	must((size_t) class < ARRAY_LEN(class_names) && class_names[class]);
	return class_names[class];
}

/* The reasons that a state shows this id for: those with a row of their own, or, for the plain row, all others. */
static unsigned reasons_of(enum order_state state, int64_t id)
{
	unsigned reasons = 0;

	for (int reason = REASON_NONE; reason < ORDER_REASONS; reason++)
		if (dvs_status(state, (enum order_reason)reason)->id == id)
			reasons |= 1u << reason;
	return reasons;
}

enum err dvs_status_filter(int64_t id, unsigned *ret_states, unsigned *ret_reasons)
{
	unsigned states = 0, reasons = 0;

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (statuses[i].id != id)
			continue;
		states |= 1u << statuses[i].state;
		reasons |= reasons_of(statuses[i].state, id);
	}
	if (!states)
		return ERR_NOT_FOUND;
	*ret_states = states;
	*ret_reasons = reasons;
	return OK;
}

#include "supplier/sandbox/outcome.h"

#include "base/crypto.h"
#include "core/esim.h"
#include "supplier/sandbox/esim.h"
#include "json/writer.h"

enum { SECOND_US = 1000000 };

/* What the last digit stands for. Digit 0 and 1 complete. */
static const enum order_reason reasons[] = {
	[2] = REASON_CREDIT_PARTY_INVALID,
	[3] = REASON_CREDIT_PARTY_BARRED,
	[4] = REASON_OPERATOR_UNAVAILABLE,
	[5] = REASON_DUPLICATED,
	[6] = REASON_NONE,
	[7] = REASON_EXCEPTION,
};
/* What the first digit stands for, in seconds. 0 = what has a number but no rule: the shortest. */
static const int64_t delays_s[] = { [0] = 3, [1] = 3, [2] = 20, [3] = 300 };

/* The scripted suffix: 100 to 107, 200 to 207, 300 to 307. */
struct suffix {
	bool known;
	int delay, end;
};

static struct suffix suffix_of(struct str number)
{
	if (number.n < 3)
		return (struct suffix){ 0 };
	const char *last = number.p + number.n - 3;
	bool known = last[0] >= '1' && last[0] <= '3' && last[1] == '0' && last[2] >= '0' && last[2] <= '7';

	return known ? (struct suffix){ true, last[0] - '0', last[2] - '0' } : (struct suffix){ 0 };
}

struct str sandbox_party(const struct order *o, const struct product *p)
{
	unsigned given = (o->credit_party.n ? (unsigned)FIELD_MOBILE_NUMBER : 0) |
			 (o->credit_account.n ? (unsigned)FIELD_ACCOUNT_NUMBER : 0);

	for (size_t i = 0; i < p->credit_party.count; i++) {
		unsigned asked = p->credit_party.sets[i] & given;

		if (asked & FIELD_MOBILE_NUMBER)
			return o->credit_party;
		if (asked & FIELD_ACCOUNT_NUMBER)
			return o->credit_account;
	}
	if (o->credit_party.n)
		return o->credit_party;
	return o->credit_account.n ? o->credit_account : STR_NONE;
}

static uint64_t digest_of(const char *what, int64_t order_id, int unit)
{
	char text[80];
	unsigned char hash[HASH_BYTES];
	uint64_t value = 0;
	int n = snprintf(text, sizeof(text), "%s %lld %d", what, (long long)order_id, unit);

	must(n > 0 && (size_t)n < sizeof(text));
	crypto_digest((struct str){ text, (size_t)n }, hash);
	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | hash[i];
	return value;
}

/* From a second to the most that is set; the same each time it is asked. */
static int64_t provisioning_us(int64_t order_id, int64_t most_us)
{
	int64_t least_us = most_us < SECOND_US ? most_us : SECOND_US;

	return least_us + (int64_t)(digest_of("delay", order_id, 0) % (uint64_t)(most_us - least_us + 1));
}

struct sandbox_outcome sandbox_outcome(const struct order *o, const struct product *p, struct str sku,
				       struct sandbox_pace pace)
{
	static const struct str script = { "script-", 7 };
	/* The ICCID of a plan's top-up is not the buyer's choice, so its digits script nothing. */
	struct str party = p->esim || o->root_id ? STR_NONE : sandbox_party(o, p);
	bool scripted = !party.p && str_starts(sku, script);
	struct suffix suffix = suffix_of(scripted ? sku : party);
	bool esim_product = p->service && p->service->id == SERVICE_ESIM;
	bool is_for_one = o->root_id || o->credit_account.n;
	bool top_up = esim_product &&
		      (p->esim && p->esim->category != ESIM_REALTIME ? p->esim->category == ESIM_ADDON : is_for_one);
	int64_t delay_us = 0;

	must(pace.time_scale >= 1);
	if (party.p || suffix.known)
		delay_us = delays_s[suffix.delay] * SECOND_US;
	else if (esim_product)
		delay_us = provisioning_us(o->id, pace.esim_most_us);

	struct sandbox_outcome r = { .due_us = o->confirmed_at + delay_us / pace.time_scale };
	if (suffix.known && suffix.end >= 2) {
		r.reason = reasons[suffix.end];
		return r;
	}
	r.delivered = true;
	r.esim = esim_product && !top_up;
	r.pin = r.esim || (product_is_pin(p) && !top_up) || (suffix.known && suffix.end == 1);
	return r;
}

bool sandbox_refuses_unit(struct str sku, int unit)
{
	return str_is(sku, "script-partly") && unit % 2 == 0;
}

struct str sandbox_delivery(struct arena *a, int64_t order_id, int unit, bool esim)
{
	char json[256];
	struct buf b = { .p = json, .cap = sizeof(json), .max = sizeof(json) };
	struct json_writer w;
	unsigned long long code = digest_of("code", order_id, unit);

	if (esim)
		return sandbox_profile(a, order_id, unit);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "code", arena_printf(a, "%016llu", code % 10000000000000000u));
	json_str(&w, "serial", arena_printf(a, "SB%lld%02d", (long long)order_id, unit));
	json_end(&w);
	must(json_finish(&w) == OK);
	return arena_str(a, buf_view(&b));
}

struct str sandbox_operator_reference(struct arena *a, int64_t order_id, int unit)
{
	return arena_printf(a, "OP%010llu", (unsigned long long)(digest_of("operator", order_id, unit) % 10000000000u));
}

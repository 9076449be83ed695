#include "supplier/sandbox/lookup.h"

#include "supplier/sandbox/esim.h"

#include "base/clock.h"
#include "base/crypto.h"

enum { ICCID_LEAST = 19, ICCID_MOST = 20 };

#define DAY_US SECONDS_US(24 * 3600)
#define UNIT_MICROS INT64_C(1000000)

static uint64_t digest_of(const char *what, struct str number)
{
	unsigned char hash[HASH_BYTES];
	struct buf text;
	uint64_t value = 0;

	buf_init(&text, number.n + 64);
	buf_printf(&text, "lookup %s ", what);
	buf_str(&text, number);
	crypto_digest(buf_view(&text), hash);
	buf_done(&text);
	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | hash[i];
	return value;
}

/* The sum of Luhn's test, from the right: every second digit doubled. */
static bool luhn_holds(struct str digits)
{
	unsigned sum = 0;

	for (size_t i = 0; i < digits.n; i++) {
		unsigned digit = (unsigned)(digits.p[digits.n - 1 - i] - '0');

		if (digit > 9)
			return false;
		if (i % 2)
			digit *= 2;
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

static bool is_iccid(struct str number)
{
	return number.n >= ICCID_LEAST && number.n <= ICCID_MOST && str_starts(number, STR("89")) && luhn_holds(number);
}

static bool ends_in(struct str number, const char *suffix)
{
	struct str s = str_of(suffix);

	return number.n >= s.n && str_eq(str_skip(number, number.n - s.n), s);
}

/* One bill a month: of the statement's day in this month, to be paid twenty days later. */
static enum err sandbox_statements(void *arg, struct arena *a, const struct lookup_query *query, struct statement **ret,
				   size_t *ret_count)
{
	uint64_t digest = digest_of("statement", query->account_number);
	int64_t midnight = query->now_us - query->now_us % DAY_US;

	(void)arg;
	if (ends_in(query->account_number, "02"))
		return ERR_CREDIT_PARTY_INVALID;
	if (ends_in(query->account_number, "00")) {
		*ret = NULL;
		*ret_count = 0;
		return OK;
	}
	struct statement *s = ARENA_NEW(a, struct statement);
	s->reference = arena_printf(a, "BILL-%08u", (unsigned)(digest % 100000000));
	s->statement_us = midnight - (int64_t)(digest >> 32) % 10 * DAY_US;
	s->due_us = s->statement_us + 20 * DAY_US;
	/* From 5.00 to 104.99, in the biller's own currency. */
	s->balance.cur = query->product->destination.cur;
	s->balance.micros = 5 * UNIT_MICROS + (int64_t)(digest >> 8) % 10000 * (UNIT_MICROS / 100);
	*ret = s;
	*ret_count = 1;
	return OK;
}

static enum err check_esim(const struct lookup_query *query)
{
	if (query->service->id != SERVICE_ESIM)
		return ERR_METHOD_NOT_SUPPORTED;
	return is_iccid(query->account_number) ? OK : ERR_CREDIT_PARTY_INVALID;
}

static enum err sandbox_benefits(void *arg, struct arena *a, const struct lookup_query *query,
				 struct party_benefit **ret, size_t *ret_count)
{
	uint64_t digest = digest_of("benefits", query->account_number);
	int64_t midnight = query->now_us - query->now_us % DAY_US;
	enum err e = check_esim(query);

	(void)arg;
	if (e)
		return e;
	struct party_benefit *b = ARENA_NEW(a, struct party_benefit);
	*b = (struct party_benefit){
		.type = BENEFIT_DATA,
		.unit_type = UNIT_DATA,
		.unit = STR("MB"),
		.micros = digest % 8 ? (int64_t)(digest >> 8) % 20480 * UNIT_MICROS : -UNIT_MICROS,
		.expires_us = midnight + (1 + (int64_t)(digest >> 32) % 30) * DAY_US,
		.country = country_find(STR("GXX")),
	};
	*ret = b;
	*ret_count = 1;
	return OK;
}

static enum err sandbox_status(void *arg, struct arena *a, const struct lookup_query *query, struct party_status *ret)
{
	uint64_t digest = digest_of("status", query->account_number);
	enum err e = check_esim(query);

	(void)arg;
	(void)a;
	if (e)
		return e;
	char last = query->account_number.p[query->account_number.n - 1];
	struct party_status status = { 0 };
	if (last != '0')
		status.installed_us = query->now_us - query->now_us % DAY_US - (1 + (int64_t)(digest % 30)) * DAY_US;
	if (last > '2')
		status.activated_us = status.installed_us + SECONDS_US(3600);
	*ret = status;
	return OK;
}

const struct lookup sandbox_lookup = { "sandbox",      sandbox_statements, sandbox_benefits,
				       sandbox_status, sandbox_esim,	   NULL };

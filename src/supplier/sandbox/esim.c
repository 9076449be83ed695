#include "supplier/sandbox/esim.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "core/esim.h"
#include "json/writer.h"

enum { ICCID_DIGITS = 20, USED_PERCENT = 80 };

static uint64_t digest_of(const char *what, struct str text)
{
	unsigned char hash[HASH_BYTES];
	char line[96];
	uint64_t value = 0;
	int n = snprintf(line, sizeof(line), "esim %s %.*s", what, text.n > 40 ? 40 : (int)text.n, text.p);

	crypto_digest((struct str){ line, (size_t)n }, hash);
	for (size_t i = 0; i < sizeof(value); i++)
		value = value << 8 | hash[i];
	return value;
}

/* 89 (telecoms), 99 (no country), fifteen digits from the order, and the check digit. The first units of different
 * orders differ as long as their ids are less than 10^15 apart, which is seven years. */
struct str sandbox_iccid(struct arena *a, int64_t order_id, int unit)
{
	static const uint64_t span = 1000000000000000u, between_units = 499999999999979u;
	uint64_t middle = ((uint64_t)order_id % span + (uint64_t)(unit - 1) * between_units % span) % span;
	char digits[ICCID_DIGITS + 1];
	int n = snprintf(digits, sizeof(digits), "8999%015llu", (unsigned long long)middle);

	must(n == ICCID_DIGITS - 1);
	digits[ICCID_DIGITS - 1] = luhn_digit(digits, ICCID_DIGITS - 1);
	return arena_str(a, (struct str){ digits, ICCID_DIGITS });
}

struct str sandbox_profile(struct arena *a, int64_t order_id, int unit)
{
	char json[512];
	struct buf b = { .p = json, .cap = sizeof(json), .max = sizeof(json) };
	struct json_writer w;
	struct str iccid = sandbox_iccid(a, order_id, unit);
	unsigned long long code = digest_of("code", iccid), numbers = digest_of("numbers", iccid);

	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "code", arena_printf(a, "LPA:1$rsp.sandbox.example$%016llX", code));
	json_str(&w, "serial", iccid);
	/* 999: a country code for tests. */
	json_str(&w, "imsi", arena_printf(a, "99970%010llu", numbers % 10000000000u));
	json_str(&w, "msisdn", arena_printf(a, "99970%07llu", numbers / 7 % 10000000u));
	json_str(&w, "pin", arena_printf(a, "%04llu", numbers / 11 % 10000u));
	json_str(&w, "puk", arena_printf(a, "%08llu", numbers / 13 % 100000000u));
	json_strz(&w, "apn", "sandbox.example");
	json_end(&w);
	must(json_finish(&w) == OK);
	return arena_str(a, buf_view(&b));
}

int64_t sandbox_installed_us(struct str iccid, int64_t delivered_us)
{
	return delivered_us + SECONDS_US(600) + (int64_t)(digest_of("installed", iccid) % (uint64_t)SECONDS_US(1200));
}

/* How far one package is by now; returns when the next one begins: 0 = not yet. */
static int64_t use(struct esim_package *p, int64_t from_us, int64_t now_us)
{
	int64_t validity_us = SECONDS_US((p->hours ? p->hours : 24 * 365) * 3600);

	if (from_us < p->bought_us)
		from_us = p->bought_us;
	if (from_us > now_us)
		return 0;
	int64_t empty_us = p->bytes > 0 ? validity_us / 100 * USED_PERCENT : validity_us;
	int64_t passed_us = now_us - from_us < empty_us ? now_us - from_us : empty_us;
	p->activated_us = from_us;
	p->expires_us = p->hours ? from_us + validity_us : 0;
	p->used_bytes = (int64_t)((__int128)(p->bytes > 0 ? p->bytes : INT64_C(1) << 30) * passed_us / empty_us);
	p->used_minutes = (int64_t)((__int128)p->minutes * passed_us / empty_us);
	return from_us + empty_us;
}

enum err sandbox_esim(void *arg, struct arena *a, struct str iccid, int64_t delivered_us, int64_t now_us,
		      struct esim_usage *usage)
{
	int64_t installed_us = sandbox_installed_us(iccid, delivered_us), next_us = installed_us + SECONDS_US(300);

	(void)arg;
	usage->smdp = now_us < installed_us ? SMDP_RELEASED : now_us < next_us ? SMDP_INSTALLED : SMDP_ENABLED;
	if (usage->smdp == SMDP_RELEASED)
		return OK;
	usage->installed_us = installed_us;
	usage->eid = arena_printf(a, "89049032%024llu", (unsigned long long)digest_of("eid", iccid));
	if (usage->smdp == SMDP_INSTALLED)
		return OK;
	usage->seen_us = now_us - now_us % SECONDS_US(600);
	usage->location = country_find(STR("SGP"));
	for (size_t i = 0; i < usage->package_count && next_us; i++)
		next_us = use(&usage->packages[i], next_us, now_us);
	return OK;
}

#include "core/esim.h"

#include "core/lookup.h"
#include "core/shop.h"

#define UNIT_MICROS INT64_C(1000000)

static int64_t data_bytes(const struct benefit *b)
{
	static const char *const sizes[] = { "B", "KB", "MB", "GB", "TB" };
	int64_t factor = 1;

	if (b->base_max < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(sizes) && !str_is(b->unit, sizes[i]); i++)
		factor *= 1024;
	/* A product of 10^9 TB would overflow: nobody sells one, and nobody shall crash of it. */
	__int128 bytes = (__int128)b->base_max * factor / UNIT_MICROS;
	return bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}

static int64_t validity_hours(const struct validity *v)
{
	static const int64_t hours[] = {
		[TIME_HOUR] = 1, [TIME_DAY] = 24, [TIME_WEEK] = INT64_C(7) * 24, [TIME_MONTH] = INT64_C(30) * 24
	};

	return v->unit && v->quantity > 0 ? hours[v->unit] * v->quantity : 0;
}

struct esim_allowance esim_allowance(const struct product *p)
{
	struct esim_allowance a = { .hours = validity_hours(&p->validity) };

	for (size_t i = 0; i < p->benefit_count; i++) {
		const struct benefit *b = &p->benefits[i];

		if (b->type == BENEFIT_DATA)
			a.bytes = data_bytes(b);
		else if (b->type == BENEFIT_TALKTIME && b->unit_type == UNIT_TIME)
			a.minutes = b->base_max / UNIT_MICROS;
		else if (b->type == BENEFIT_SMS)
			a.messages = b->base_max / UNIT_MICROS;
	}
	return a;
}

int64_t esim_days(int64_t hours)
{
	enum { HOURS_OF_DAY = 24 };

	return hours / HOURS_OF_DAY + (hours % HOURS_OF_DAY > 0);
}

static int64_t add_capped(int64_t a, int64_t b)
{
	return __builtin_add_overflow(a, b, &a) ? INT64_MAX : a;
}

struct esim_totals esim_totals(const struct esim_package *packages, size_t n)
{
	struct esim_totals t = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct esim_package *p = &packages[i];

		t.bytes = t.bytes < 0 || p->bytes < 0 ? -1 : add_capped(t.bytes, p->bytes);
		t.used_bytes = add_capped(t.used_bytes, p->used_bytes);
		t.hours += p->hours;
		if (!t.activated_us)
			t.activated_us = p->activated_us;
		if (p->expires_us > t.expires_us)
			t.expires_us = p->expires_us;
	}
	return t;
}

struct esim_package esim_package_of(const struct product *p, int64_t bought_us, int64_t order_id)
{
	struct esim_allowance allowance = esim_allowance(p);

	return (struct esim_package){ .product = p,
				      .bytes = allowance.bytes,
				      .minutes = allowance.minutes,
				      .hours = allowance.hours,
				      .bought_us = bought_us,
				      .order_id = order_id };
}

bool product_stands_alone(const struct product *p)
{
	return !p->esim || p->esim->category == ESIM_REALTIME;
}

bool esim_hangs_on_root(enum esim_category category)
{
	return category == ESIM_ADDON || category == ESIM_REPLACEMENT;
}

bool esim_tops_up(const struct product *p, const struct product *root)
{
	enum esim_category category = p->esim ? p->esim->category : ESIM_REALTIME;
	bool one_shelf = p->sku && root->sku && p->sku->family_id == root->sku->family_id;
	bool one_family = p->esim && root->esim && p->esim->family_id == root->esim->family_id;

	if (!p->service || p->service->id != SERVICE_ESIM || category == ESIM_DELAYED || category == ESIM_REPLACEMENT)
		return false;
	return one_shelf || one_family;
}

bool esim_is_iccid(struct str text)
{
	if (text.n < ICCID_LEAST || text.n > ICCID_MOST)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return true;
}

char luhn_digit(const char *digits, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int digit = digits[n - 1 - i] - '0';

		if (i % 2 == 0)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

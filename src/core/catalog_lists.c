/* core/catalog_lists.c: what there is beside products: services, countries, operators, promotions, campaigns, and whose
 * number it is. The first three are read off the offers of a price list, which are few. */
#include "core/catalog_private.h"
#include "core/catalog_query.h"
#include "core/esim.h"

/* The part of n items that the window shows, in *ret_first and the result. */
static size_t cut(size_t n, struct window window, size_t *ret_first)
{
	size_t first = window.skip < n ? window.skip : n;

	*ret_first = first;
	return window.take < n - first ? window.take : n - first;
}

/* Which offers a filter asks for; zero or absent = not asked. */
struct asked {
	const struct offer *at, *end;
	const struct country *country;
	const struct catalog_filter *filter;
	bool nothing; /* a list or a country that nobody knows */
};

static struct asked ask(const struct catalog *c, const struct catalog_filter *filter)
{
	int slot = catalog_list_slot(c, filter->list);
	struct asked asked = { .filter = filter };

	if (slot >= 0) {
		asked.at = c->offers[slot].items;
		asked.end = asked.at + c->offers[slot].count;
	}
	if (filter->country.p) {
		asked.country = country_find(filter->country);
		asked.nothing = !asked.country;
	}
	return asked;
}

/* The next offer that matches, NULL past the end. */
static const struct offer *next_offer(const struct catalog *c, struct asked *asked)
{
	const struct catalog_filter *filter = asked->filter;

	while (!asked->nothing && asked->at < asked->end) {
		const struct offer *offer = asked->at++;

		if (filter->service_id && offer->service_id != filter->service_id)
			continue;
		if (filter->subservice_id && offer->subservice_id != filter->subservice_id)
			continue;
		if (asked->country && c->operators[offer->op]->country != asked->country)
			continue;
		return offer;
	}
	return NULL;
}

struct service_page catalog_services(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				     struct window window)
{
	struct catalog_filter only = { .list = filter->list, .country = filter->country };
	struct asked asked = ask(c, &only);
	const struct service **items = ARENA_ARRAY(a, const struct service *, service_count());
	struct service_page page = { 0 };
	uint64_t found = 0;
	size_t first;

	for (const struct offer *offer; (offer = next_offer(c, &asked));)
		for (size_t i = 0; i < service_count(); i++)
			if (service_at(i)->id == offer->service_id)
				found |= UINT64_C(1) << i;
	for (size_t i = 0; i < service_count(); i++)
		if (found >> i & 1)
			items[page.total++] = service_at(i);
	page.count = cut(page.total, window, &first);
	page.items = items + first;
	return page;
}

struct country_page catalog_countries(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				      struct window window)
{
	struct catalog_filter only = { .list = filter->list,
				       .service_id = filter->service_id,
				       .subservice_id = filter->subservice_id };
	struct asked asked = ask(c, &only);
	const struct country **items = ARENA_ARRAY(a, const struct country *, country_count());
	bool *found = ARENA_ARRAY(a, bool, country_count());
	struct country_page page = { 0 };
	size_t first;

	for (const struct offer *offer; (offer = next_offer(c, &asked));)
		found[c->operators[offer->op]->country->index] = true;
	for (size_t i = 0; i < country_count(); i++)
		if (found[i])
			items[page.total++] = country_at(i);
	page.count = cut(page.total, window, &first);
	page.items = items + first;
	return page;
}

struct operator_page catalog_operators(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				       struct window window)
{
	struct catalog_filter only = *filter;
	struct asked asked = ask(c, &only);
	struct operator_page page = { 0 };
	const struct operator_ **items;
	uint32_t last = UINT32_MAX;
	size_t all = cut(c->operator_count, window, &(size_t){ 0 });

	items = ARENA_ARRAY(a, const struct operator_ *, all + 1);
	for (const struct offer *offer; (offer = next_offer(c, &asked));) {
		if (offer->op == last)
			continue;
		last = offer->op;
		if (page.total++ >= window.skip && page.count < window.take)
			items[page.count++] = c->operators[last];
	}
	page.items = items;
	return page;
}

int product_moment(const struct product *p, int64_t now_us)
{
	int passed = 0;

	for (size_t i = 0; i < p->promotion_count; i++)
		passed += (now_us >= p->promotions[i]->start_us) + (now_us >= p->promotions[i]->end_us);
	return passed;
}

bool promotion_is_active(const struct promotion *p, int64_t now_us)
{
	return p->start_us <= now_us && now_us < p->end_us;
}

static bool campaign_is_active(const struct campaign *p, int64_t now_us)
{
	return p->start_us <= now_us && now_us < p->end_us;
}

static bool product_is_asked(const struct product *p, const struct catalog_filter *filter)
{
	return product_in_list(p, filter->list) && product_stands_alone(p) &&
	       (!filter->product_id || p->id == filter->product_id);
}

static bool operator_is_asked(const struct operator_ *op, const struct catalog_filter *filter)
{
	return (!filter->operator_id || op->id == filter->operator_id) &&
	       (!filter->country.p || str_is(filter->country, op->country->iso));
}

static bool promotion_is_asked(const struct promotion *p, const struct catalog_filter *filter)
{
	if (!operator_is_asked(p->op, filter))
		return false;
	for (size_t i = 0; i < p->product_count; i++)
		if (product_is_asked(p->products[i], filter))
			return true;
	return false;
}

static bool campaign_is_asked(const struct campaign *p, const struct catalog_filter *filter)
{
	for (size_t i = 0; i < p->product_count; i++)
		if (product_is_asked(p->products[i], filter) && operator_is_asked(p->products[i]->op, filter))
			return true;
	return false;
}

struct promotion_page catalog_promotions(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
					 struct window window)
{
	const struct promotion **items = ARENA_ARRAY(a, const struct promotion *, c->promotion_count + 1);
	struct promotion_page page = { 0 };
	size_t first;

	for (size_t i = 0; i < c->promotion_count; i++)
		if (promotion_is_active(c->promotions[i], filter->now_us) &&
		    promotion_is_asked(c->promotions[i], filter))
			items[page.total++] = c->promotions[i];
	page.count = cut(page.total, window, &first);
	page.items = items + first;
	return page;
}

struct campaign_page catalog_campaigns(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				       struct window window)
{
	const struct campaign **items = ARENA_ARRAY(a, const struct campaign *, c->campaign_count + 1);
	struct campaign_page page = { 0 };
	size_t first;

	for (size_t i = 0; i < c->campaign_count; i++)
		if (campaign_is_active(c->campaigns[i], filter->now_us) && campaign_is_asked(c->campaigns[i], filter))
			items[page.total++] = c->campaigns[i];
	page.count = cut(page.total, window, &first);
	page.items = items + first;
	return page;
}

unsigned catalog_benefit_types(const struct catalog *c, int list)
{
	int slot = catalog_list_slot(c, list);

	return slot < 0 ? 0 : c->benefit_types[slot];
}

static bool has_offer(const struct catalog *c, const struct catalog_filter *filter)
{
	struct asked asked = ask(c, filter);

	return next_offer(c, &asked);
}

const struct service *catalog_service(const struct catalog *c, int list, int64_t id)
{
	const struct service *service = service_find(id);

	return service && has_offer(c, &(struct catalog_filter){ .list = list, .service_id = id }) ? service : NULL;
}

const struct country *catalog_country(const struct catalog *c, int list, struct str iso)
{
	const struct country *country = country_find(iso);

	return country && has_offer(c, &(struct catalog_filter){ .list = list, .country = iso }) ? country : NULL;
}

static bool operator_in_list(const struct catalog *c, int list, size_t position)
{
	int slot = catalog_list_slot(c, list);
	size_t low = 0, high = slot < 0 ? 0 : c->offers[slot].count;

	if (list == CATALOG_ALL_LISTS)
		return true;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t op = c->offers[slot].items[middle].op;

		if (op == position)
			return true;
		if (op < position)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

const struct operator_ *catalog_operator(const struct catalog *c, int list, int64_t id)
{
	int64_t position = catalog_operator_position(c, id);

	return position >= 0 && operator_in_list(c, list, (size_t)position) ? c->operators[position] : NULL;
}

const struct promotion *catalog_promotion(const struct catalog *c, int list, int64_t id)
{
	for (size_t i = 0; i < c->promotion_count; i++)
		if (c->promotions[i]->id == id)
			return promotion_is_asked(c->promotions[i], &(struct catalog_filter){ .list = list })
				       ? c->promotions[i]
				       : NULL;
	return NULL;
}

const struct campaign *catalog_campaign(const struct catalog *c, int list, int64_t id)
{
	for (size_t i = 0; i < c->campaign_count; i++)
		if (c->campaigns[i]->id == id)
			return campaign_is_asked(c->campaigns[i], &(struct catalog_filter){ .list = list })
				       ? c->campaigns[i]
				       : NULL;
	return NULL;
}

/* The first prefix with this key, or where it would stand. */
static size_t find_prefix(const struct catalog *c, uint64_t key)
{
	size_t low = 0, high = c->prefix_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->prefixes[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool seen_before(const struct number_page *page, const struct number_hit *hits, const struct operator_ *op)
{
	for (size_t i = 0; i < page->total; i++)
		if (hits[i].op == op)
			return true;
	return false;
}

struct number_page catalog_number(const struct catalog *c, struct arena *a, int list, struct str digits,
				  struct window window)
{
	struct number_page page = { 0 };
	struct number_hit *hits;
	size_t from = 0, to = 0, first;

	for (size_t n = digits.n < 15 ? digits.n : 15; n && from == to; n--) {
		uint64_t key = prefix_key((struct str){ digits.p, n });

		from = to = key ? find_prefix(c, key) : 0;
		while (key && to < c->prefix_count && c->prefixes[to].key == key)
			to++;
	}
	hits = ARENA_ARRAY(a, struct number_hit, to - from + 1);
	for (size_t i = from; i < to; i++) {
		const struct operator_ *op = c->prefixes[i].op;
		int64_t position = catalog_operator_position(c, op->id);

		if (operator_in_list(c, list, (size_t)position) && !seen_before(&page, hits, op))
			hits[page.total++] = (struct number_hit){ op, c->prefixes[i].certain };
	}
	page.count = cut(page.total, window, &first);
	page.items = hits + first;
	return page;
}

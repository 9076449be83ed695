/* core/catalog.c: the life of a snapshot and what can be asked of one product. */
#include "core/catalog_private.h"

#include <stdlib.h>

void catalog_hold(const struct catalog *c)
{
	/* Everything but the count is constant, and the count is nobody's business but ours. */
	__atomic_add_fetch(&((struct catalog *)c)->holders, 1, __ATOMIC_RELAXED);
}

void catalog_release(const struct catalog *c)
{
	struct catalog *mine = (struct catalog *)c;

	/* Release, so that no read of ours comes after the free of another; acquire, so that the free sees them all. */
	if (!c || __atomic_sub_fetch(&mine->holders, 1, __ATOMIC_ACQ_REL))
		return;
	arena_done(&mine->arena);
	free(mine);
}

bool product_is_ranged(const struct product *p)
{
	return p->type == PRODUCT_RANGED_RECHARGE || p->type == PRODUCT_RANGED_PIN || p->type == PRODUCT_RANGED_PAYMENT;
}

bool product_is_pin(const struct product *p)
{
	return p->type == PRODUCT_FIXED_PIN || p->type == PRODUCT_RANGED_PIN;
}

bool product_from_stock(const struct product *p)
{
	for (size_t i = 0; i < p->route_count; i++)
		if (str_is(p->routes[i].supplier, "stock"))
			return true;
	return false;
}

const struct price *product_price(const struct product *p, int list)
{
	for (size_t i = 0; i < p->price_count; i++)
		if (p->prices[i].list == list)
			return &p->prices[i];
	return NULL;
}

bool product_in_list(const struct product *p, int list)
{
	return list == CATALOG_ALL_LISTS || product_price(p, list);
}

static struct str localized_text(const struct localized *texts, size_t n, int locale, struct str *description)
{
	for (size_t i = 0; i < n; i++) {
		if (texts[i].locale != locale)
			continue;
		if (texts[i].description.p)
			*description = texts[i].description;
		return texts[i].name;
	}
	return STR_NONE;
}

struct str product_name(const struct product *p, int locale, struct str *ret_description)
{
	struct str description = p->description;
	struct str name = localized_text(p->texts, p->text_count, locale, &description);

	if (ret_description)
		*ret_description = description;
	return name.p ? name : p->name;
}

struct str promotion_title(const struct promotion *p, int locale, struct str *ret_description)
{
	struct str description = p->description;
	struct str title = localized_text(p->texts, p->text_count, locale, &description);

	if (ret_description)
		*ret_description = description;
	return title.p ? title : p->title;
}

bool requirement_met(const struct requirement *r, unsigned given)
{
	for (size_t i = 0; i < r->count; i++)
		if ((r->sets[i] & given) == r->sets[i])
			return true;
	return !r->count;
}

const struct region *const *product_limits(const struct product *p, size_t *ret_count)
{
	*ret_count = p->region_count ? p->region_count : p->op->region_count;
	return p->region_count ? p->regions : p->op->regions;
}

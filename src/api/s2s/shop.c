#include "api/s2s/shop.h"

#include "api/s2s/query.h"
#include "api/s2s/words.h"
#include "core/shop.h"

enum { PER_PAGE = 100, PER_PAGE_MOST = 200, PLENTY = 9999 };

/* What was asked and what was found. */
struct shopping {
	struct shop_filter filter;
	struct shop_window window;
	int locale, target;
	bool include_skus;
	struct str uuid;
	const struct family *family;
	struct family_page families;
	struct sku_page skus;
};

static struct shopping *begin(struct request *rq, struct s2s_query *q)
{
	struct shopping *s = ARENA_NEW(&rq->x->arena, struct shopping);

	rq->task.command = s;
	*q = s2s_query(rq);
	s->filter.list = rq->list;
	s->locale = s2s_query_locale(q);
	return s;
}

static void take_page(struct request *rq, struct s2s_query *q, struct shopping *s, const char *key)
{
	struct s2s_cursor cursor;
	int64_t per_page = PER_PAGE;
	int type = 0;

	(void)rq;
	s2s_query_int(q, "per_page", 1, PER_PAGE_MOST, &per_page);
	s2s_query_int(q, "category_id", 1, INT32_MAX, &s->filter.category_id);
	s2s_query_word(q, "type", s2s_family_types, &type);
	s2s_query_cursor(q, key, &cursor);
	s->filter.type = (enum family_type)type;
	s->window.most = (size_t)per_page;
	*(cursor.forward ? &s->window.after : &s->window.before) = cursor.id;
}

enum err s2s_products_parse(struct request *rq)
{
	struct s2s_query q;
	struct shopping *s = begin(rq, &q);

	take_page(rq, &q, s, "id");
	s2s_query_bool(&q, "include_skus", &s->include_skus);
	return OK;
}

enum err s2s_products_answer(struct request *rq)
{
	struct shopping *s = rq->task.command;

	s->families = catalog_families(rq->catalog, &rq->x->arena, &s->filter, s->window);
	return OK;
}

enum err s2s_product_parse(struct request *rq)
{
	struct s2s_query q;
	struct shopping *s = begin(rq, &q);

	s->uuid = rq->captures[0];
	return OK;
}

enum err s2s_product_answer(struct request *rq)
{
	struct shopping *s = rq->task.command;

	s->family = catalog_family_by_uuid(rq->catalog, rq->list, s->uuid);
	return s->family ? OK : ERR_PRODUCT_NOT_FOUND;
}

enum err s2s_pricelist_parse(struct request *rq)
{
	struct s2s_query q;
	struct shopping *s = begin(rq, &q);

	take_page(rq, &q, s, "sku");
	return OK;
}

enum err s2s_pricelist_answer(struct request *rq)
{
	struct shopping *s = rq->task.command;

	s->skus = catalog_skus(rq->catalog, &rq->x->arena, &s->filter, s->window);
	return OK;
}

enum err s2s_categories_parse(struct request *rq)
{
	struct s2s_query q;
	struct shopping *s = begin(rq, &q);

	s2s_query_word(&q, "target", s2s_attribute_targets, &s->target);
	return OK;
}

enum err s2s_categories_answer(struct request *rq)
{
	(void)rq;
	return OK;
}

/* ---- rendering ---- */

static void put_values(struct json_writer *w, const struct attribute_values *values)
{
	json_obj(w, "attributes");
	for (size_t i = 0; i < values->count; i++) {
		json_key(w, values->items[i].code);
		json_str(w, NULL, values->items[i].value);
	}
	json_end(w);
}

/* The bounds of an amount are those of the family's products, the widest that one of them takes. */
static void put_amount_bounds(struct json_writer *w, const struct family *f)
{
	int64_t min = INT64_MAX, max = 0;

	for (size_t i = 0; i < f->product_count; i++) {
		const struct span *span = &f->products[i]->destination;

		min = span->min < min ? span->min : min;
		max = span->max > max ? span->max : max;
	}
	json_decimal(w, "min", min);
	json_decimal(w, "max", max);
}

static void put_field(struct json_writer *w, const struct family *f, const struct shop_field *field, int locale)
{
	json_obj(w, NULL);
	json_str(w, "code", field->code);
	json_str(w, "name", localized_name(field->texts, field->text_count, locale, field->name));
	json_strz(w, "type", s2s_word(s2s_field_types, (int)field->type));
	json_bool(w, "required", field->required);
	json_str(w, "description", field->description);
	json_obj(w, "validation");
	if (field->type == SHOP_FIELD_AMOUNT) {
		put_amount_bounds(w, f);
	} else {
		if (field->min)
			json_int(w, "min", field->min);
		if (field->max)
			json_int(w, "max", field->max);
	}
	if (field->type == SHOP_FIELD_PHONE)
		json_strz(w, "regex", "^\\+[1-9][0-9]{6,14}$");
	json_end(w);
	if (field->option_count) {
		json_arr(w, "options");
		for (size_t i = 0; i < field->option_count; i++) {
			json_obj(w, NULL);
			json_str(w, "value", field->options[i].code);
			json_str(w, "label", field->options[i].value);
			json_end(w);
		}
		json_end(w);
	}
	json_end(w);
}

static void put_family_head(struct json_writer *w, const struct family *f, int locale)
{
	struct str description;
	struct str name = family_name(f, locale, &description);

	json_str(w, "id", f->uuid);
	json_str(w, "name", name);
	json_strz(w, "type", s2s_word(s2s_family_types, (int)f->type));
	json_strz(w, "denomination_type", family_is_custom(f) ? "custom" : "fixed");
	json_obj(w, "category");
	json_int(w, "id", f->category->id);
	json_str(w, "name", category_name(f->category, locale));
	json_end(w);
	json_str(w, "description", description.p ? description : STR(""));
	json_str(w, "image", f->image.p ? f->image : STR(""));
	put_values(w, &f->attributes);
	json_arr(w, "fields");
	for (size_t i = 0; i < f->field_count; i++)
		put_field(w, f, &f->fields[i], locale);
	json_end(w);
}

/* 9999 = as much as you like: somebody makes it. */
static int64_t stock_of(struct request *rq, const struct product *p)
{
	int64_t left;

	return request_stock(rq, p, &left) ? left : PLENTY;
}

/* What one costs: the price, or how it follows from the amount. */
static void put_price(struct request *rq, struct json_writer *w, const struct product *p)
{
	const struct price *price = product_price(p, rq->list);
	bool custom = price->markup.rate != 0;

	if (!custom)
		json_decimal(w, "price", price->wholesale.min + price->wholesale_fee);
	json_str(w, "currency", currency_code(custom ? p->destination.cur : price->wholesale.cur));
	json_int(w, "stock", stock_of(rq, p));
	json_int(w, "max_per_order", p->sku->max_per_order);
	if (custom) {
		json_decimal(w, "markup_percent", price->markup.percent);
		json_decimal(w, "markup_fixed", price->markup.fixed);
		json_decimal(w, "rate", price->markup.rate);
	}
}

static void put_sku(struct request *rq, struct json_writer *w, const struct product *p, bool priced)
{
	const struct shopping *s = rq->task.command;

	json_obj(w, NULL);
	json_str(w, "id", p->sku->uuid);
	json_str(w, "name", product_name(p, s->locale, NULL));
	if (priced)
		put_price(rq, w, p);
	json_str(w, "image", p->sku->image.p ? p->sku->image : STR(""));
	put_values(w, &p->sku->attributes);
	json_end(w);
}

static void put_skus(struct request *rq, struct json_writer *w, const struct family *f, bool priced)
{
	json_arr(w, "skus");
	for (size_t i = 0; i < f->product_count; i++)
		if (product_price(f->products[i], rq->list))
			put_sku(rq, w, f->products[i], priced);
	json_end(w);
}

void s2s_products_render(struct request *rq, struct json_writer *w)
{
	const struct shopping *s = rq->task.command;
	const struct family_page *page = &s->families;
	struct s2s_meta meta = { .key = "id", .per_page = (int64_t)s->window.most };

	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_arr(w, "data");
	for (size_t i = 0; i < page->count; i++) {
		json_obj(w, NULL);
		put_family_head(w, page->items[i], s->locale);
		if (s->include_skus)
			put_skus(rq, w, page->items[i], false);
		json_end(w);
	}
	json_end(w);
	if (page->count) {
		meta.first.id = page->items[0]->id;
		meta.last.id = page->items[page->count - 1]->id;
		meta.more_before = page->more_before;
		meta.more_after = page->more_after;
	}
	s2s_put_meta(rq, w, &meta);
	json_end(w);
}

void s2s_product_render(struct request *rq, struct json_writer *w)
{
	const struct shopping *s = rq->task.command;

	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_obj(w, "data");
	put_family_head(w, s->family, s->locale);
	put_skus(rq, w, s->family, true);
	json_end(w);
	json_end(w);
}

void s2s_pricelist_render(struct request *rq, struct json_writer *w)
{
	const struct shopping *s = rq->task.command;
	const struct sku_page *page = &s->skus;
	struct s2s_meta meta = { .key = "sku", .per_page = (int64_t)s->window.most };

	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_arr(w, "data");
	for (size_t i = 0; i < page->count; i++) {
		const struct product *p = page->items[i];

		json_obj(w, NULL);
		json_str(w, "sku_id", p->sku->uuid);
		json_strz(w, "denomination_type", product_price(p, rq->list)->markup.rate ? "custom" : "fixed");
		put_price(rq, w, p);
		json_end(w);
	}
	json_end(w);
	if (page->count) {
		meta.first.id = page->items[0]->id;
		meta.last.id = page->items[page->count - 1]->id;
		meta.more_before = page->more_before;
		meta.more_after = page->more_after;
	}
	s2s_put_meta(rq, w, &meta);
	json_end(w);
}

void s2s_categories_render(struct request *rq, struct json_writer *w)
{
	const struct shopping *s = rq->task.command;
	size_t count;
	const struct category *const *categories = catalog_categories(rq->catalog, &count);

	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_arr(w, "data");
	for (size_t i = 0; i < count; i++) {
		const struct category *c = categories[i];

		json_obj(w, NULL);
		json_int(w, "id", c->id);
		json_str(w, "name", category_name(c, s->locale));
		if (c->parent_id)
			json_int(w, "parent_id", c->parent_id);
		else
			json_null(w, "parent_id");
		json_arr(w, "attributes");
		for (size_t k = 0; k < c->attribute_count; k++) {
			const struct attribute *a = &c->attributes[k];

			if (s->target && s->target != (int)a->target)
				continue;
			json_obj(w, NULL);
			json_str(w, "code", a->code);
			json_str(w, "name", localized_name(a->texts, a->text_count, s->locale, a->name));
			json_strz(w, "type", s2s_word(s2s_attribute_types, (int)a->type));
			json_strz(w, "target", s2s_word(s2s_attribute_targets, (int)a->target));
			json_end(w);
		}
		json_end(w);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

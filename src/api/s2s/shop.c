#include "api/s2s/shop.h"

#include "api/fragments.h"
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
	s2s_query_cursor(q, key, false, &cursor);
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

/* ---- pieces: what of a family or product is the same for many callers, kept once rendered ---- */

enum piece { PIECE_FAMILY = 1, PIECE_SKU, PIECE_SKU_END, PIECE_PRICE, PIECE_BOUNDS, PIECE_ROW };

struct shown {
	const struct family *family;
	const struct product *product;
	int list, locale; /* FRAGMENT_ANY where the piece is the same in all */
};

static void put_piece(struct request *rq, struct json_writer *w, enum piece piece, const struct shown *shown,
		      void (*put)(struct json_writer *w, const void *arg))
{
	struct fragment_key key = { shown->product ? shown->product->id : shown->family->id, shown->list, shown->locale,
				    (int)piece };

	fragments_put(rq->fragments, rq->catalog, key, w, put, shown);
}

static void put_family(struct json_writer *w, const void *arg)
{
	const struct shown *shown = arg;
	const struct family *f = shown->family;
	struct str description;
	struct str name = family_name(f, shown->locale, &description);

	json_str(w, "id", f->uuid);
	json_str(w, "name", name);
	json_strz(w, "type", s2s_word(s2s_family_types, (int)f->type));
	json_strz(w, "denomination_type", family_is_custom(f) ? "custom" : "fixed");
	json_obj(w, "category");
	json_int(w, "id", f->category->id);
	json_str(w, "name", category_name(f->category, shown->locale));
	json_end(w);
	json_str(w, "description", description.p ? description : STR(""));
	json_str(w, "image", f->image.p ? f->image : STR(""));
	put_values(w, &f->attributes);
	json_arr(w, "fields");
	for (size_t i = 0; i < f->field_count; i++)
		put_field(w, f, &f->fields[i], shown->locale);
	json_end(w);
}

static void put_family_head(struct request *rq, struct json_writer *w, const struct family *f)
{
	const struct shopping *s = rq->task.command;

	put_piece(rq, w, PIECE_FAMILY, &(struct shown){ f, NULL, FRAGMENT_ANY, s->locale }, put_family);
}

/* What one costs: the price, or in which currency an amount is named ... */
static void put_price(struct json_writer *w, const void *arg)
{
	const struct shown *shown = arg;
	const struct price *price = product_price(shown->product, shown->list);
	bool custom = price->markup.rate != 0;

	if (!custom)
		json_decimal(w, "price", price->wholesale.min + price->wholesale_fee);
	json_str(w, "currency", currency_code(custom ? shown->product->destination.cur : price->wholesale.cur));
}

/* ... and how the price follows from the amount. */
static void put_bounds(struct json_writer *w, const void *arg)
{
	const struct shown *shown = arg;
	const struct price *price = product_price(shown->product, shown->list);

	json_int(w, "max_per_order", shown->product->sku->max_per_order);
	if (price->markup.rate) {
		json_decimal(w, "markup_percent", price->markup.percent);
		json_decimal(w, "markup_fixed", price->markup.fixed);
		json_decimal(w, "rate", price->markup.rate);
	}
}

/* 9999 = as much as you like: somebody makes it. */
static void put_stock_and_bounds(struct request *rq, struct json_writer *w, const struct shown *price)
{
	int64_t left;

	json_int(w, "stock", request_stock(rq, price->product, &left) ? left : PLENTY);
	put_piece(rq, w, PIECE_BOUNDS, price, put_bounds);
}

static void put_sku(struct json_writer *w, const void *arg)
{
	const struct shown *shown = arg;

	json_str(w, "id", shown->product->sku->uuid);
	json_str(w, "name", product_name(shown->product, shown->locale, NULL));
}

static void put_sku_end(struct json_writer *w, const void *arg)
{
	const struct sku *sku = ((const struct shown *)arg)->product->sku;

	json_str(w, "image", sku->image.p ? sku->image : STR(""));
	put_values(w, &sku->attributes);
}

static void put_skus(struct request *rq, struct json_writer *w, const struct family *f, bool priced)
{
	const struct shopping *s = rq->task.command;

	json_arr(w, "skus");
	for (size_t i = 0; i < f->product_count; i++) {
		const struct product *p = f->products[i];
		struct shown worded = { f, p, FRAGMENT_ANY, s->locale }, price = { f, p, rq->list, FRAGMENT_ANY };

		if (!product_price(p, rq->list))
			continue;
		json_obj(w, NULL);
		put_piece(rq, w, PIECE_SKU, &worded, put_sku);
		if (priced) {
			put_piece(rq, w, PIECE_PRICE, &price, put_price);
			put_stock_and_bounds(rq, w, &price);
		}
		put_piece(rq, w, PIECE_SKU_END, &worded, put_sku_end);
		json_end(w);
	}
	json_end(w);
}

static void put_row(struct json_writer *w, const void *arg)
{
	const struct shown *shown = arg;
	const struct price *price = product_price(shown->product, shown->list);

	json_str(w, "sku_id", shown->product->sku->uuid);
	json_strz(w, "denomination_type", price->markup.rate ? "custom" : "fixed");
	put_price(w, arg);
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
		put_family_head(rq, w, page->items[i]);
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
	put_family_head(rq, w, s->family);
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
		struct shown price = { NULL, page->items[i], rq->list, FRAGMENT_ANY };

		json_obj(w, NULL);
		put_piece(rq, w, PIECE_ROW, &price, put_row);
		put_stock_and_bounds(rq, w, &price);
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

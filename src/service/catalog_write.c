/* service/catalog_write.c: canonical lines: members in the order of docs/catalog-format.md, nothing that says nothing.
 */
#include "service/catalog_line_private.h"

#include "service/catalog_names.h"
#include "json/writer.h"

static void write_strs(struct json_writer *w, const char *name, const struct str *strs, size_t n)
{
	if (!n)
		return;
	json_arr(w, name);
	for (size_t i = 0; i < n; i++)
		json_str(w, NULL, strs[i]);
	json_end(w);
}

static void write_regions(struct json_writer *w, const struct region *const *regions, size_t n)
{
	if (!n)
		return;
	json_arr(w, "regions");
	for (size_t i = 0; i < n; i++)
		json_str(w, NULL, regions[i]->code);
	json_end(w);
}

static void write_bits(struct json_writer *w, const char *name, unsigned bits, const struct field_name *names)
{
	if (!bits)
		return;
	json_arr(w, name);
	for (; names->name; names++)
		if (bits & (unsigned)names->value)
			json_strz(w, NULL, names->name);
	json_end(w);
}

void write_text(struct json_writer *w, const char *name, struct str text)
{
	if (text.p)
		json_str(w, name, text);
}

void write_texts(struct json_writer *w, const struct localized *texts, size_t n, const char *name)
{
	if (!n)
		return;
	json_obj(w, "texts");
	for (size_t i = 0; i < n; i++) {
		json_key(w, locale_code(texts[i].locale));
		json_obj(w, NULL);
		json_str(w, name, texts[i].name);
		write_text(w, "description", texts[i].description);
		json_end(w);
	}
	json_end(w);
}

static void write_validity(struct json_writer *w, const struct validity *validity)
{
	if (!validity->unit)
		return;
	json_obj(w, "validity");
	json_str(w, "unit", name_of_value(time_unit_names, (int)validity->unit));
	json_int(w, "quantity", validity->quantity);
	json_end(w);
}

static void write_requirement(struct json_writer *w, const char *name, const struct requirement *requirement)
{
	if (!requirement->count)
		return;
	json_arr(w, name);
	for (size_t i = 0; i < requirement->count; i++)
		write_bits(w, NULL, requirement->sets[i], party_field_names);
	json_end(w);
}

static void write_required(struct json_writer *w, const struct product *p)
{
	const struct {
		const char *name;
		const struct requirement *requirement;
	} parties[] = {
		{ "debit_party", &p->debit_party }, { "credit_party", &p->credit_party },
		{ "sender", &p->sender },	    { "beneficiary", &p->beneficiary },
		{ "statement", &p->statement },	    { "additional", &p->additional },
	};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(parties); i++)
		count += parties[i].requirement->count;
	if (!count)
		return;
	json_obj(w, "required");
	for (size_t i = 0; i < ARRAY_LEN(parties); i++)
		write_requirement(w, parties[i].name, parties[i].requirement);
	json_end(w);
}

static void write_amount(struct json_writer *w, const char *name, bool ranged, int64_t min, int64_t max,
			 int64_t increment)
{
	if (!ranged) {
		json_decimal(w, name, max);
		return;
	}
	json_obj(w, name);
	json_decimal(w, "min", min);
	json_decimal(w, "max", max);
	if (increment)
		json_decimal(w, "increment", increment);
	json_end(w);
}

static void write_span(struct json_writer *w, const char *name, bool ranged, const struct span *span, int64_t fee)
{
	json_obj(w, name);
	json_str(w, "unit", currency_code(span->cur));
	write_amount(w, "amount", ranged, span->min, span->max, span->increment);
	if (fee)
		json_decimal(w, "fee", fee);
	json_end(w);
}

static void write_markup(struct json_writer *w, const struct price *price)
{
	json_obj(w, "wholesale");
	json_str(w, "unit", currency_code(price->wholesale.cur));
	json_decimal(w, "rate", price->markup.rate);
	if (price->markup.percent)
		json_decimal(w, "markup_percent", price->markup.percent);
	if (price->markup.fixed)
		json_decimal(w, "markup_fixed", price->markup.fixed);
	json_end(w);
}

static void write_prices(struct json_writer *w, const struct catalog_line *line)
{
	const struct product *p = &line->product;
	bool ranged = product_is_ranged(p);

	json_obj(w, "prices");
	for (size_t i = 0; i < p->price_count; i++) {
		const struct price *price = &p->prices[i];

		json_key(w, line->lists[i]);
		json_obj(w, NULL);
		if (price->markup.rate)
			write_markup(w, price);
		else
			write_span(w, "wholesale", ranged, &price->wholesale, price->wholesale_fee);
		if (price->retail.cur.number)
			write_span(w, "retail", ranged, &price->retail, price->retail_fee);
		json_end(w);
	}
	json_end(w);
}

static void write_benefits(struct json_writer *w, const struct product *p)
{
	bool ranged = product_is_ranged(p);

	if (!p->benefit_count)
		return;
	json_arr(w, "benefits");
	for (size_t i = 0; i < p->benefit_count; i++) {
		const struct benefit *b = &p->benefits[i];

		json_obj(w, NULL);
		json_str(w, "type", name_of_value(benefit_type_names, (int)b->type));
		json_str(w, "unit_type", name_of_value(unit_type_names, (int)b->unit_type));
		json_str(w, "unit", b->unit);
		write_amount(w, "base", ranged, b->base_min, b->base_max, 0);
		write_amount(w, "promotion_bonus", ranged, b->bonus_min, b->bonus_max, 0);
		write_amount(w, "total_excluding_tax", ranged, b->excluding_tax_min, b->excluding_tax_max, 0);
		write_amount(w, "total_including_tax", ranged, b->including_tax_min, b->including_tax_max, 0);
		write_text(w, "additional_information", b->additional_information);
		json_end(w);
	}
	json_end(w);
}

static void write_pin(struct json_writer *w, const struct pin_info *pin)
{
	if (!pin || (!pin->usage_count && !pin->validity.unit && !pin->terms.p))
		return;
	json_obj(w, "pin");
	write_strs(w, "usage_info", pin->usage_info, pin->usage_count);
	write_validity(w, &pin->validity);
	write_text(w, "terms", pin->terms);
	json_end(w);
}

static void write_payment(struct json_writer *w, const struct payment_info *payment)
{
	if (!payment)
		return;
	json_obj(w, "payment");
	write_bits(w, "modes", payment->modes, payment_mode_names);
	if (payment->posting_period.unit) {
		json_obj(w, "posting_period");
		json_str(w, "unit", name_of_value(time_unit_names, (int)payment->posting_period.unit));
		json_int(w, "quantity", payment->posting_period.quantity);
		json_strz(w, "type", payment->posting_period.business_days ? "BUSINESS" : "CALENDAR");
		json_end(w);
	}
	json_bool(w, "supports_statement_inquiry", payment->supports_statement_inquiry);
	write_requirement(w, "required_inquiry_fields", &payment->inquiry);
	write_strs(w, "notes", payment->notes, payment->note_count);
	json_end(w);
}

static void write_routes(struct json_writer *w, const struct product *p)
{
	if (!p->route_count)
		return;
	json_arr(w, "routes");
	for (size_t i = 0; i < p->route_count; i++) {
		const struct route *route = &p->routes[i];

		json_obj(w, NULL);
		json_str(w, "supplier", route->supplier);
		json_str(w, "sku", route->sku);
		json_int(w, "priority", route->priority);
		if (route->cost.cur.number) {
			const struct span cost = { route->cost.cur, route->cost.micros, route->cost.micros, 0 };

			write_span(w, "cost", false, &cost, 0);
		}
		json_end(w);
	}
	json_end(w);
}

static void write_product(struct json_writer *w, const struct catalog_line *line)
{
	const struct product *p = &line->product;
	bool ranged = product_is_ranged(p);

	json_str(w, "name", p->name);
	write_text(w, "description", p->description);
	write_texts(w, p->texts, p->text_count, "name");
	write_strs(w, "tags", p->tags, p->tag_count);
	json_int(w, "service", p->service->id);
	if (p->subservice)
		json_int(w, "subservice", p->subservice->id);
	json_int(w, "operator", line->operator_id);
	write_regions(w, p->regions, p->region_count);
	if (p->coverage_count) {
		json_arr(w, "coverage");
		for (size_t i = 0; i < p->coverage_count; i++)
			json_strz(w, NULL, p->coverage[i]->iso);
		json_end(w);
	}
	json_str(w, "type", name_of_value(product_type_names, (int)p->type));
	write_bits(w, "calculation_modes", p->calculation_modes, calculation_mode_names);
	write_validity(w, &p->validity);
	write_required(w, p);
	write_bits(w, "zones", p->zones, zone_names);
	write_span(w, "source", ranged, &p->source, 0);
	write_span(w, "destination", ranged, &p->destination, 0);
	write_prices(w, line);
	write_benefits(w, p);
	write_pin(w, p->pin);
	write_payment(w, p->payment);
	write_plan(w, p->esim);
	write_routes(w, p);
	if (p->sku)
		write_sku(w, p->sku);
}

static void write_operator(struct json_writer *w, const struct catalog_line *line)
{
	json_str(w, "name", line->op.name);
	json_strz(w, "country", line->op.country->iso);
	write_regions(w, line->op.regions, line->op.region_count);
}

static void write_products(struct json_writer *w, const struct catalog_line *line)
{
	json_arr(w, "products");
	for (size_t i = 0; i < line->product_count; i++)
		json_int(w, NULL, line->products[i]);
	json_end(w);
}

static void write_promotion(struct json_writer *w, const struct catalog_line *line)
{
	const struct promotion *p = &line->promotion;

	json_str(w, "title", p->title);
	json_str(w, "description", p->description);
	write_text(w, "terms", p->terms);
	write_texts(w, p->texts, p->text_count, "title");
	json_time(w, "start", p->start_us, 6, "Z");
	json_time(w, "end", p->end_us, 6, "Z");
	json_int(w, "operator", line->operator_id);
	write_products(w, line);
}

static void write_campaign(struct json_writer *w, const struct catalog_line *line)
{
	const struct campaign *p = &line->campaign;

	json_str(w, "title", p->title);
	json_str(w, "description", p->description);
	write_text(w, "terms", p->terms);
	json_time(w, "start", p->start_us, 6, "Z");
	json_time(w, "end", p->end_us, 6, "Z");
	write_products(w, line);
}

static void write_prefix(struct json_writer *w, const struct catalog_line *line)
{
	json_int(w, "operator", line->operator_id);
	json_bool(w, "certain", line->prefix.certain);
	write_strs(w, "digits", line->prefix.digits, line->prefix.digit_count);
}

static void write_rate(struct json_writer *w, const struct catalog_line *line)
{
	json_str(w, "from", currency_code(line->rate.from));
	json_str(w, "to", currency_code(line->rate.to));
	json_decimal(w, "rate", line->rate.micros);
}

void catalog_line_write(struct buf *b, const struct catalog_line *line)
{
	static void (*const writers[])(struct json_writer *, const struct catalog_line *) = {
		[CATALOG_OPERATOR] = write_operator,   [CATALOG_PRODUCT] = write_product,
		[CATALOG_PROMOTION] = write_promotion, [CATALOG_CAMPAIGN] = write_campaign,
		[CATALOG_PREFIX] = write_prefix,       [CATALOG_RATE] = write_rate,
		[CATALOG_CATEGORY] = write_category,   [CATALOG_FAMILY] = write_family,
	};
	struct json_writer w;

	json_writer_init(&w, b);
	json_obj(&w, NULL);
	json_str(&w, "kind", name_of_value(catalog_kind_names, (int)line->kind));
	json_int(&w, "id", line->id);
	if (line->deleted)
		json_bool(&w, "deleted", true);
	else
		writers[line->kind](&w, line);
	json_end(&w);
}

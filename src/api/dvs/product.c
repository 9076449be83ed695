#include "api/dvs/product.h"

#include "api/dvs/parts.h"
#include "api/dvs/words.h"

enum range_form { RANGE_ENDS, RANGE_WITH_INCREMENT };

/* A number for a fixed product, the ends for a ranged one. */
static void put_amount(struct json_writer *w, const char *name, const struct product *p, int64_t min, int64_t max)
{
	if (!product_is_ranged(p)) {
		json_decimal(w, name, max);
		return;
	}
	json_obj(w, name);
	json_decimal(w, "min", min);
	json_decimal(w, "max", max);
	json_end(w);
}

static void put_side(struct json_writer *w, const char *name, const struct product *p, const struct span *span,
		     enum range_form form)
{
	json_obj(w, name);
	json_strz(w, "unit_type", "CURRENCY");
	json_str(w, "unit", currency_code(span->cur));
	if (product_is_ranged(p)) {
		json_obj(w, "amount");
		json_decimal(w, "min", span->min);
		json_decimal(w, "max", span->max);
		if (form == RANGE_WITH_INCREMENT)
			json_decimal(w, "increment", span->increment);
		json_end(w);
	} else {
		json_decimal(w, "amount", span->max);
	}
	json_end(w);
}

static void put_price(struct json_writer *w, const char *name, const struct product *p, const struct span *span,
		      int64_t fee)
{
	if (!span->cur.number) {
		json_null(w, name);
		return;
	}
	json_obj(w, name);
	json_strz(w, "unit_type", "CURRENCY");
	json_str(w, "unit", currency_code(span->cur));
	put_amount(w, "amount", p, span->min, span->max);
	json_decimal(w, "fee", fee);
	json_end(w);
}

/* -1 is the API's word for infinite: something for nothing. */
static void put_rate(struct json_writer *w, const char *name, int64_t destination, int64_t amount)
{
	if (amount > 0)
		json_ratio(w, name, destination, amount);
	else
		json_int(w, name, -1);
}

void dvs_put_rates(struct json_writer *w, const char *name, const struct product *p, const struct span *wholesale,
		   const struct span *retail)
{
	int64_t destination = p->destination.max;

	json_obj(w, name);
	put_rate(w, "base", destination, p->source.max);
	put_rate(w, "wholesale", destination, wholesale->max);
	if (retail->cur.number)
		put_rate(w, "retail", destination, retail->max);
	else
		json_null(w, "retail");
	json_end(w);
}

static void put_benefits(struct json_writer *w, const struct product *p)
{
	if (p->benefit_count == 0) {
		json_null(w, "benefits");
		return;
	}
	json_arr(w, "benefits");
	for (size_t i = 0; i < p->benefit_count; i++) {
		const struct benefit *b = &p->benefits[i];

		json_obj(w, NULL);
		json_strz(w, "type", dvs_word(dvs_benefit_types, (int)b->type));
		json_strz(w, "unit_type", dvs_word(dvs_unit_types, (int)b->unit_type));
		json_str(w, "unit", b->unit);
		json_obj(w, "amount");
		put_amount(w, "base", p, b->base_min, b->base_max);
		put_amount(w, "promotion_bonus", p, b->bonus_min, b->bonus_max);
		put_amount(w, "total_excluding_tax", p, b->excluding_tax_min, b->excluding_tax_max);
		put_amount(w, "total_including_tax", p, b->including_tax_min, b->including_tax_max);
		json_end(w);
		json_str(w, "additional_information", b->additional_information);
		json_end(w);
	}
	json_end(w);
}

/* The words whose bits are set, as an array. */
static void put_words(struct json_writer *w, const char *name, const struct field_name *words, unsigned bits)
{
	json_arr(w, name);
	for (; words->name; words++)
		if (bits & (unsigned)words->value)
			json_strz(w, NULL, words->name);
	json_end(w);
}

/* A bill of which the catalogue says no more than that it is one. */
static const struct payment_info nothing_said = { 0 };

static void put_payment(struct json_writer *w, const struct payment_info *payment)
{
	json_obj(w, "payment");
	if (payment->modes)
		put_words(w, "modes", dvs_payment_modes, payment->modes);
	else
		json_null(w, "modes");
	if (payment->posting_period.unit) {
		json_obj(w, "posting_period");
		json_strz(w, "unit", dvs_word(dvs_time_units, (int)payment->posting_period.unit));
		json_int(w, "quantity", payment->posting_period.quantity);
		json_strz(w, "type", payment->posting_period.business_days ? "BUSINESS" : "CALENDAR");
		json_end(w);
	} else {
		json_null(w, "posting_period");
	}
	json_bool(w, "supports_statement_inquiry", payment->supports_statement_inquiry);
	dvs_put_requirement(w, "required_inquiry_fields", &payment->inquiry);
	if (payment->note_count) {
		json_arr(w, "notes");
		for (size_t i = 0; i < payment->note_count; i++)
			json_str(w, NULL, payment->notes[i]);
		json_end(w);
	} else {
		json_null(w, "notes");
	}
	json_end(w);
}

static void put_required(struct json_writer *w, const struct product *p)
{
	dvs_put_requirement(w, "required_debit_party_identifier_fields", &p->debit_party);
	dvs_put_requirement(w, "required_credit_party_identifier_fields", &p->credit_party);
	dvs_put_requirement(w, "required_sender_fields", &p->sender);
	dvs_put_requirement(w, "required_beneficiary_fields", &p->beneficiary);
	dvs_put_requirement(w, "required_statement_identifier_fields", &p->statement);
	dvs_put_requirement(w, "required_additional_identifier_fields", &p->additional);
}

static void put_prices(struct json_writer *w, const struct product *p, const struct price *price)
{
	json_obj(w, "prices");
	put_price(w, "wholesale", p, &price->wholesale, price->wholesale_fee);
	put_price(w, "retail", p, &price->retail, price->retail_fee);
	json_end(w);
	dvs_put_rates(w, "rates", p, &price->wholesale, &price->retail);
}

void dvs_put_product(struct json_writer *w, const char *name, const struct product *p, const struct price *price,
		     int64_t now_us, int locale)
{
	struct str description;
	struct str title = product_name(p, locale, &description);

	json_obj(w, name);
	json_int(w, "id", p->id);
	json_str(w, "name", title);
	dvs_put_text(w, "description", description);
	dvs_put_tags(w, "tags", p);
	dvs_put_product_service(w, "service", p);
	dvs_put_operator(w, "operator", p->op, locale);
	dvs_put_regions(w, "regions", p->regions, p->region_count);
	json_strz(w, "type", dvs_word(dvs_product_types, (int)p->type));
	dvs_put_validity(w, "validity", &p->validity);
	put_required(w, p);
	put_words(w, "availability_zones", dvs_zones, p->zones);
	put_side(w, "source", p, &p->source, RANGE_ENDS);
	put_side(w, "destination", p, &p->destination, RANGE_WITH_INCREMENT);
	put_prices(w, p, price);
	put_benefits(w, p);
	dvs_put_promotions(w, "promotions", p, now_us, locale);
	if (product_is_ranged(p))
		put_words(w, "accepted_calculation_modes", dvs_calculation_modes, p->calculation_modes);
	if (product_is_pin(p))
		dvs_put_pin_info(w, "pin", p->pin);
	if (p->type == PRODUCT_RANGED_PAYMENT)
		put_payment(w, p->payment ? p->payment : &nothing_said);
	json_end(w);
}

/* service/order_parties.c: what a product wants to know of the people in an order. */
#include "service/order_unit.h"

enum { SENTENCES_BYTES_MOST = 4096 };

/* By bit of enum party_field. */
static const char *const field_names[] = { "mobile_number",
					   "account_number",
					   "account_qualifier",
					   "last_name",
					   "first_name",
					   "middle_name",
					   "nationality_country_iso_code",
					   "email",
					   "address_text",
					   "address_city",
					   "address_country_iso_code",
					   "address_postal_code",
					   "reference",
					   "due_date",
					   "purchaser_id" };

/* Of the alternatives the one that lacks least. */
static unsigned missing_fields(const struct requirement *r, unsigned given)
{
	unsigned least = r->sets[0] & ~given;

	for (size_t i = 1; i < r->count; i++)
		if (__builtin_popcount(r->sets[i] & ~given) < __builtin_popcount(least))
			least = r->sets[i] & ~given;
	return least;
}

static void say_missing(struct buf *sentences, const char *object, unsigned missing)
{
	for (size_t i = 0; i < ARRAY_LEN(field_names); i++)
		if (missing >> i & 1)
			buf_printf(sentences, "%s%s.%s: is required by this product", sentences->n ? "\n" : "", object,
				   field_names[i]);
}

enum err order_check_parties(struct task *t, const struct product *product, const struct given_parties *given)
{
	const struct {
		const char *object;
		const struct requirement *required;
		unsigned given;
	} rows[] = {
		{ "credit_party_identifier", &product->credit_party, given->credit },
		{ "debit_party_identifier", &product->debit_party, given->debit },
		{ "sender", &product->sender, given->sender },
		{ "beneficiary", &product->beneficiary, given->beneficiary },
		{ "statement_identifier", &product->statement, given->statement },
		{ "additional_identifier", &product->additional, given->additional },
	};
	struct buf sentences;
	bool lacks = false;

	buf_init(&sentences, SENTENCES_BYTES_MOST);
	buf_str(&sentences, t->detail);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (requirement_met(rows[i].required, rows[i].given))
			continue;
		lacks = true;
		say_missing(&sentences, rows[i].object, missing_fields(rows[i].required, rows[i].given));
	}
	if (lacks)
		t->detail = arena_str(t->arena, buf_view(&sentences));
	buf_done(&sentences);
	return lacks ? ERR_BAD_REQUEST : OK;
}

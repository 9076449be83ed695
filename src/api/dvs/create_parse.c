#include "api/dvs/transaction.h"

#include "api/dvs/body.h"
#include "api/dvs/query.h"
#include "api/dvs/words.h"

/* The body of POST .../transactions. Rules that depend on the product are the verb's (service/order.h). */

enum { EXTERNAL_ID_MOST = 40, ACCOUNT_MOST = 90, URL_MOST = 2048, PURCHASER_LEAST = 8, PURCHASER_MOST = 36 };

/* ---- rules of single fields ---- */

static const char number_rule[] = "must be a mobile number in E.164 format, such as +6595123100";

/* One a party, because each has its own code. */
static enum err check_credit_number(struct str text, const char **ret_message)
{
	*ret_message = number_rule;
	return dvs_is_mobile(text) ? OK : ERR_CREDIT_PARTY_INVALID;
}

static enum err check_debit_number(struct str text, const char **ret_message)
{
	*ret_message = number_rule;
	return dvs_is_mobile(text) ? OK : ERR_DEBIT_PARTY_INVALID;
}

static enum err check_sender_number(struct str text, const char **ret_message)
{
	*ret_message = number_rule;
	return dvs_is_mobile(text) ? OK : ERR_SENDER_NUMBER_INVALID;
}

static enum err check_beneficiary_number(struct str text, const char **ret_message)
{
	*ret_message = number_rule;
	return dvs_is_mobile(text) ? OK : ERR_BENEFICIARY_NUMBER_INVALID;
}

static enum err check_country(struct str text, const char **ret_message)
{
	*ret_message = "must be a country code of three capital letters";
	return dvs_is_country(text) ? OK : ERR_BAD_REQUEST;
}

static bool is_postal_end(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* ^[A-Z0-9][A-Z0-9\s\-]*[A-Z0-9]$ */
static enum err check_postal_code(struct str text, const char **ret_message)
{
	*ret_message = "must be capitals and digits, with spaces and hyphens only between them";
	if (text.n < 2 || !is_postal_end(text.p[0]) || !is_postal_end(text.p[text.n - 1]))
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < text.n; i++)
		if (!is_postal_end(text.p[i]) && text.p[i] != '-' && !str_is_blank((struct str){ text.p + i, 1 }))
			return ERR_BAD_REQUEST;
	return OK;
}

static enum err check_purchaser(struct str text, const char **ret_message)
{
	*ret_message = "must be 8 to 36 letters, digits and hyphens";
	if (text.n < PURCHASER_LEAST || text.n > PURCHASER_MOST)
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!is_postal_end(c) && !(c >= 'a' && c <= 'z') && c != '-')
			return ERR_BAD_REQUEST;
	}
	return OK;
}

/* An absolute http or https address; whether we may call it is decided when we do. */
static enum err check_url(struct str text, const char **ret_message)
{
	*ret_message = "must be an http or https URL";
	struct str rest = str_starts(text, STR("https://"))  ? str_skip(text, 8)
			  : str_starts(text, STR("http://")) ? str_skip(text, 7)
							     : STR_NONE;

	if (rest.n == 0 || rest.p[0] == '/' || rest.p[0] == ':' || rest.p[0] == '?' || rest.p[0] == '#')
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return ERR_BAD_REQUEST;
	return OK;
}

/* ---- source and destination ---- */

struct amount {
	uint64_t set;
	struct str unit_type, unit;
	int64_t micros;
};
static const struct field amount_fields[] = {
	{ "unit_type", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct amount, unit_type) },
	{ "unit", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct amount, unit) },
	{ "amount", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct amount, micros) },
};
static const struct fields amount_table = FIELDS(amount_fields, struct amount, FIELDS_CLOSED);

/* ---- the parties: field i of a table is bit bits[i] of enum party_field ---- */

struct person {
	uint64_t set;
	struct str mobile_number, last_name, first_name, middle_name, nationality, email, address_text, address_city,
		address_country, address_postal_code;
};
#define PERSON(member) offsetof(struct person, member)
/* clang-format off */
#define PERSON_FIELDS(check_number)                                                                            \
	{ "mobile_number", FIELD_STR, 0, PERSON(mobile_number), .check = (check_number) },                     \
	{ "last_name", FIELD_STR, FIELD_NONBLANK, PERSON(last_name) },                                         \
	{ "first_name", FIELD_STR, FIELD_NONBLANK, PERSON(first_name) },                                       \
	{ "middle_name", FIELD_STR, FIELD_NONBLANK, PERSON(middle_name) },                                     \
	{ "nationality_country_iso_code", FIELD_STR, 0, PERSON(nationality), .check = check_country },         \
	{ "email", FIELD_STR, FIELD_NONBLANK, PERSON(email) },                                                 \
	{ "address_text", FIELD_STR, FIELD_NONBLANK, PERSON(address_text) },                                   \
	{ "address_city", FIELD_STR, FIELD_NONBLANK, PERSON(address_city) },                                   \
	{ "address_country_iso_code", FIELD_STR, 0, PERSON(address_country), .check = check_country },         \
	{ "address_postal_code", FIELD_STR, 0, PERSON(address_postal_code), .check = check_postal_code },
/* clang-format on */
static const struct field sender_fields[] = { PERSON_FIELDS(check_sender_number) };
static const struct field beneficiary_fields[] = { PERSON_FIELDS(check_beneficiary_number) };
static const struct fields sender_table = FIELDS(sender_fields, struct person, FIELDS_NOT_EMPTY);
static const struct fields beneficiary_table = FIELDS(beneficiary_fields, struct person, FIELDS_NOT_EMPTY);

struct identifier {
	uint64_t set;
	struct str mobile_number, account_number, account_qualifier;
};
#define IDENTIFIER(member) offsetof(struct identifier, member)
/* clang-format off */
#define IDENTIFIER_FIELDS(check_number)                                                                        \
	{ "mobile_number", FIELD_STR, 0, IDENTIFIER(mobile_number), .check = (check_number) },                 \
	{ "account_number", FIELD_STR, FIELD_NONBLANK, IDENTIFIER(account_number), .min = 1, .max = ACCOUNT_MOST }, \
	{ "account_qualifier", FIELD_STR, FIELD_NONBLANK, IDENTIFIER(account_qualifier) },
/* clang-format on */
static const struct field credit_fields[] = { IDENTIFIER_FIELDS(check_credit_number) };
static const struct field debit_fields[] = { IDENTIFIER_FIELDS(check_debit_number) };
static const struct fields credit_table = FIELDS(credit_fields, struct identifier, FIELDS_NOT_EMPTY);
static const struct fields debit_table = FIELDS(debit_fields, struct identifier, FIELDS_NOT_EMPTY);

struct bill {
	uint64_t set;
	struct str reference;
	int64_t due_us;
};
static const struct field bill_fields[] = {
	{ "reference", FIELD_STR, FIELD_NONBLANK, offsetof(struct bill, reference) },
	{ "due_date", FIELD_DATE, 0, offsetof(struct bill, due_us) },
};
static const struct fields bill_table = FIELDS(bill_fields, struct bill, FIELDS_NOT_EMPTY);

struct additional {
	uint64_t set;
	struct str purchaser_id;
};
static const struct field additional_fields[] = {
	{ "purchaser_id", FIELD_STR, 0, offsetof(struct additional, purchaser_id), .check = check_purchaser },
};
static const struct fields additional_table = FIELDS(additional_fields, struct additional, FIELDS_NOT_EMPTY);

/* ---- the body ---- */

struct create_body {
	uint64_t set;
	struct str external_id;
	int64_t product_id;
	int calculation_mode;
	struct amount source, destination;
	bool auto_confirm;
	struct person sender, beneficiary;
	struct identifier debit, credit;
	struct bill statement;
	struct additional additional;
	struct str callback_url;
};
#define BODY(member) offsetof(struct create_body, member)
enum {
	EXTERNAL_ID,
	PRODUCT_ID,
	CALCULATION_MODE,
	SOURCE,
	DESTINATION,
	AUTO_CONFIRM,
	SENDER,
	BENEFICIARY,
	DEBIT,
	CREDIT,
	STATEMENT,
	ADDITIONAL,
	CALLBACK_URL,
};
static const struct field create_fields[] = {
	[EXTERNAL_ID] = { "external_id", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, BODY(external_id), .min = 1,
			  .max = EXTERNAL_ID_MOST },
	[PRODUCT_ID] = { "product_id", FIELD_INT64, FIELD_REQUIRED, BODY(product_id), .min = 1, .max = INT32_MAX },
	[CALCULATION_MODE] = { "calculation_mode", FIELD_ENUM, FIELD_NULLABLE, BODY(calculation_mode),
			       .names = dvs_calculation_modes },
	[SOURCE] = { "source", FIELD_OBJECT, FIELD_NULLABLE, BODY(source), .object = &amount_table },
	[DESTINATION] = { "destination", FIELD_OBJECT, FIELD_NULLABLE, BODY(destination), .object = &amount_table },
	[AUTO_CONFIRM] = { "auto_confirm", FIELD_BOOL, 0, BODY(auto_confirm) },
	[SENDER] = { "sender", FIELD_OBJECT, FIELD_NULLABLE, BODY(sender), .object = &sender_table },
	[BENEFICIARY] = { "beneficiary", FIELD_OBJECT, FIELD_NULLABLE, BODY(beneficiary),
			  .object = &beneficiary_table },
	[DEBIT] = { "debit_party_identifier", FIELD_OBJECT, FIELD_NULLABLE, BODY(debit), .object = &debit_table },
	[CREDIT] = { "credit_party_identifier", FIELD_OBJECT, FIELD_NULLABLE, BODY(credit), .object = &credit_table },
	[STATEMENT] = { "statement_identifier", FIELD_OBJECT, FIELD_NULLABLE, BODY(statement), .object = &bill_table },
	[ADDITIONAL] = { "additional_identifier", FIELD_OBJECT, FIELD_NULLABLE, BODY(additional),
			 .object = &additional_table },
	[CALLBACK_URL] = { "callback_url", FIELD_STR, FIELD_NULLABLE, BODY(callback_url), .min = 1, .max = URL_MOST,
			   .check = check_url },
};
static const struct fields create_table = FIELDS(create_fields, struct create_body, 0);

/* The parties as they were given, verbatim, as one object; absent when there is none. */
static struct str copy_parties(struct request *rq, const struct json_token *root)
{
	static const int parties[] = { SENDER, BENEFICIARY, DEBIT, CREDIT, STATEMENT, ADDITIONAL };
	struct json_writer w;
	struct buf buf;
	size_t count = 0;

	buf_init(&buf, LIMIT_BODY_BYTES * 2);
	json_writer_init(&w, &buf);
	json_obj(&w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(parties); i++) {
		const char *name = create_fields[parties[i]].name;
		const struct json_token *party = json_get(root, name);

		if (json_is_null(party))
			continue;
		json_raw_value(&w, name, json_raw(party));
		count++;
	}
	json_end(&w);
	struct str copy = count ? arena_str(&rq->x->arena, buf_view(&buf)) : STR_NONE;
	buf_done(&buf);
	return copy;
}

/* The bits of a table's fields that were given, in the numbering of enum party_field. */
static unsigned given(const void *bound, const struct fields *table)
{
	unsigned bits = 0;

	for (size_t i = 0; i < table->n; i++)
		if (field_is_set(bound, (unsigned)i))
			bits |= (unsigned)dvs_word_value(dvs_party_fields, str_of(table->list[i].name));
	return bits;
}

static struct asked_amount asked(const struct create_body *body, unsigned field, const struct amount *amount)
{
	if (!field_is_set(body, field))
		return (struct asked_amount){ 0 };
	return (struct asked_amount){ true, amount->unit_type, amount->unit, amount->micros };
}

static void fill_command(struct request *rq, const struct create_body *body, const struct json_token *root,
			 struct order_place *c)
{
	c->dialect = DIALECT_DVS;
	c->price_list = rq->credential->partner->price_list;
	c->reference = body->external_id;
	c->fingerprint = (int64_t)str_hash(rq->x->body);
	c->product_id = body->product_id;
	c->calculation_mode = body->calculation_mode;
	c->source = asked(body, SOURCE, &body->source);
	c->destination = asked(body, DESTINATION, &body->destination);
	c->auto_confirm = body->auto_confirm;
	c->given = (struct given_parties){
		.debit = given(&body->debit, &debit_table),
		.credit = given(&body->credit, &credit_table),
		.sender = given(&body->sender, &sender_table),
		.beneficiary = given(&body->beneficiary, &beneficiary_table),
		.statement = given(&body->statement, &bill_table),
		.additional = given(&body->additional, &additional_table),
	};
	c->parties = copy_parties(rq, root);
	c->credit_party = body->credit.mobile_number;
	c->credit_account = body->credit.account_number;
	c->callback_url = body->callback_url;
	c->idempotency_key = rq->idempotency_key;
	c->idempotency_hash = rq->request_hash;
}

static enum err parse_create(struct request *rq, bool hold)
{
	struct order_place *c = ARENA_NEW(&rq->x->arena, struct order_place);
	struct create_body body = { 0 };
	const struct json_token *root;
	enum err e = dvs_body(rq, &create_table, &body, &root);

	rq->task.command = c;
	if (e)
		return e;
	fill_command(rq, &body, root, c);
	/* Nothing happens to an order that is not confirmed, so there is nothing to wait for. */
	c->hold = hold && c->auto_confirm;
	return OK;
}

enum err dvs_create_async_parse(struct request *rq)
{
	return parse_create(rq, false);
}

enum err dvs_create_sync_parse(struct request *rq)
{
	return parse_create(rq, true);
}

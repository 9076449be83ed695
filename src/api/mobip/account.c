#include "api/mobip/account.h"

#include "api/mobip/input.h"
#include "service/account.h"

enum {
	TEXT_MOST = 255,
	LIST_MOST = 4096,
	ACCOUNT_DATA_MOST = 64 * 1024,
	CREDENTIALS_MOST = 16,
	DOCUMENT_TEXT_MOST_BYTES = 6 * 1024 * 1024
};
static const struct str hidden = { "********", 8 };

struct asked_account {
	struct account_get get; /* first: the verb's command */
	struct str uid, external_id, documents, only_documents;
	int64_t language;
};

/* Names with pipes between them; commas are taken too (mobip.md 9). */
static enum err read_documents(struct request *rq, struct asked_account *c)
{
	struct str rest = c->documents;

	while (rest.p) {
		struct str part = str_cut(&rest, '|');

		while (part.p) {
			struct str name = str_trim(str_cut(&part, ','));

			if (!name.n)
				continue;
			if (c->get.count == ACCOUNT_DOCUMENTS_MOST)
				return mobip_invalid(rq, "document_list", "at most 16 names");
			c->get.names[c->get.count++] = name;
		}
	}
	return OK;
}

static enum err read_account(struct request *rq, const struct mobip_field *which, struct asked_account **ret)
{
	static const struct mobip_field more[] = {
		{ "document_list", NULL, MOBIP_OPAQUE, false, offsetof(struct asked_account, documents),
		  .max = LIST_MOST },
		{ "document_only", NULL, MOBIP_TEXT, false, offsetof(struct asked_account, only_documents),
		  .max = TEXT_MOST },
		{ "language", NULL, MOBIP_LANGUAGE, false, offsetof(struct asked_account, language) },
	};
	struct asked_account *c = ARENA_NEW(&rq->x->arena, struct asked_account);
	enum err e = mobip_bind(rq, which, 1, c);

	rq->task.command = c;
	*ret = c;
	if (!e)
		e = mobip_bind(rq, more, ARRAY_LEN(more), c);
	c->get.language = (int)c->language;
	c->get.base_url = rq->settings->public_url;
	return e ? e : read_documents(rq, c);
}

/* The uid is the account id that logs in. */
static enum err read_uid(struct request *rq, struct str uid, int64_t *ret_partner_id)
{
	*ret_partner_id = directory_partner_of(rq->directory, DIALECT_MOBIP, uid);
	return *ret_partner_id ? OK : ERR_ACCOUNT_NOT_FOUND;
}

enum err mobip_account_parse(struct request *rq)
{
	static const struct mobip_field uid = {
		"uid", NULL, MOBIP_TEXT, true, offsetof(struct asked_account, uid), .max = TEXT_MOST
	};
	struct asked_account *c;
	enum err e = read_account(rq, &uid, &c);

	return e ? e : read_uid(rq, c->uid, &c->get.get.partner_id);
}

enum err mobip_own_account_parse(struct request *rq)
{
	static const struct mobip_field id = {
		"external_account_id", NULL, MOBIP_OPAQUE, true, offsetof(struct asked_account, external_id),
		.max = TEXT_MOST
	};
	struct asked_account *c;
	enum err e = read_account(rq, &id, &c);

	c->get.get.external_account_id = c->external_id;
	c->get.caller_id = rq->credential->partner_id;
	return e;
}

static void begin(struct json_writer *w, struct str name, const char *type)
{
	json_obj(w, NULL);
	json_str(w, "attribute_name", name);
	json_strz(w, "attribute_type", type);
}

static void put(struct json_writer *w, const char *name, struct str value, bool is_updatable)
{
	begin(w, str_of(name), "string");
	mobip_text(w, "attribute_value", value);
	mobip_bool(w, "is_updatable", is_updatable);
	json_end(w);
}

static void put_date(struct json_writer *w, const char *name, int64_t us)
{
	begin(w, str_of(name), "date");
	mobip_time(w, "attribute_value", us);
	mobip_bool(w, "is_updatable", false);
	json_end(w);
}

/* The newest that is the merchant's; an account without a credential any more has no uid. */
static struct str uid_of(struct request *rq, int64_t partner_id)
{
	const struct credential *newest[CREDENTIALS_MOST];
	size_t n =
		directory_credentials(rq->directory, partner_id, DIALECT_MOBIP, rq->now_us, newest, ARRAY_LEN(newest));

	for (size_t i = 0; i < n; i++)
		if (!(newest[i]->scopes & SCOPE_ADMIN))
			return newest[i]->public_id;
	return STR_NONE;
}

static void put_attributes(struct request *rq, struct json_writer *w, const struct merchant *m)
{
	const struct partner *p = directory_partner(rq->directory, m->partner_id);

	put(w, "uid", uid_of(rq, m->partner_id), false);
	put(w, "Company_Name", p->name, false);
	put(w, "Email", p->email, false);
	put(w, "Phone", p->phone, false);
	put(w, "Country", p->country, false);
	put(w, "Currency", currency_code(p->home), false);
	put(w, "Language", p->locale, false);
	put(w, "Time_Zone", m->time_zone.p ? m->time_zone : STR("UTC"), false);
	put(w, "Status", p->active ? STR("active") : STR("disabled"), false);
	put_date(w, "Created_At", p->created_at);
	put(w, "External_AccountID", m->external_account_id, true);
	put(w, "Payment_Provider_login", m->provider_login, true);
	put(w, "Public_Payment_Provider_key", m->provider_public_key, true);
	put(w, "Private_Payment_Provider_key", m->provider_private_key.p ? hidden : STR(""), true);
}

static void put_document(struct json_writer *w, const struct account_document *d)
{
	struct buf text;

	buf_init(&text, DOCUMENT_TEXT_MOST_BYTES);
	buf_base64(&text, d->content.p, d->content.n);
	begin(w, d->name, "document");
	json_str(w, "attribute_value", buf_view(&text));
	mobip_bool(w, "is_updatable", false);
	json_str(w, "file_name", d->file_name);
	json_str(w, "mime_type", d->mime_type);
	json_end(w);
	buf_done(&text);
}

void mobip_account_render(struct request *rq, struct json_writer *w)
{
	const struct asked_account *c = rq->task.command;

	mobip_begin(w);
	json_arr(w, "account_data");
	if (!mobip_is_true(c->only_documents))
		put_attributes(rq, w, &c->get.get.merchant);
	for (size_t i = 0; i < c->get.count; i++)
		put_document(w, &c->get.documents[i]);
	json_end(w);
	json_end(w);
}

static const struct attribute {
	const char *name;
	enum merchant_field bit;
	size_t at;
} attributes[] = {
	{ "External_AccountID", MERCHANT_EXTERNAL_ID, offsetof(struct merchant_set, external_account_id) },
	{ "Payment_Provider_login", MERCHANT_PROVIDER_LOGIN, offsetof(struct merchant_set, provider_login) },
	{ "Public_Payment_Provider_key", MERCHANT_PUBLIC_KEY, offsetof(struct merchant_set, public_key) },
	{ "Private_Payment_Provider_key", MERCHANT_PRIVATE_KEY, offsetof(struct merchant_set, private_key) },
};

static enum err read_attribute(struct request *rq, const struct json_token *key, struct merchant_set *c)
{
	struct str name = json_text(&rq->x->arena, key), value = json_text(&rq->x->arena, json_value(key));

	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		if (!str_is(name, attributes[i].name))
			continue;
		if (!value.p || str_codepoints(value) > TEXT_MOST)
			return mobip_invalid(rq, attributes[i].name, "a string of at most 255 characters");
		*(struct str *)(void *)((char *)c + attributes[i].at) = value;
		c->set |= attributes[i].bit;
		return OK;
	}
	return request_fault(rq, ERR_ATTRIBUTE_FIXED,
			     arena_printf(&rq->x->arena, "Attribute not updatable: %.*s", STR_ARG(name)));
}

/* All or nothing: the first that is not right is the answer. */
enum err mobip_update_parse(struct request *rq)
{
	struct asked_update {
		struct str uid, data;
	} asked = { STR_NONE, STR_NONE };
	static const struct mobip_field fields[] = {
		{ "uid", NULL, MOBIP_TEXT, true, offsetof(struct asked_update, uid), .max = TEXT_MOST },
		{ "account_data", NULL, MOBIP_OPAQUE, true, offsetof(struct asked_update, data),
		  .max = ACCOUNT_DATA_MOST },
	};
	struct merchant_set *c = ARENA_NEW(&rq->x->arena, struct merchant_set);
	struct json doc;
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	c->by.actor = arena_printf(&rq->x->arena, "mobip:%.*s", STR_ARG(rq->credential->public_id));
	if (!e)
		e = read_uid(rq, asked.uid, &c->partner_id);
	if (e)
		return e;
	if (json_read(&rq->x->arena, asked.data, NULL, &doc) || json_type(json_root(&doc)) != JSON_OBJECT)
		return mobip_invalid(rq, "account_data", "a JSON object of attribute names and values");
	const struct json_token *root = json_root(&doc);
	for (const struct json_token *k = json_first(root); k && !e; k = json_next(root, k))
		e = read_attribute(rq, k, c);
	return e;
}

#include "api/mobip/external.h"

#include "api/mobip/input.h"
#include "base/crypto.h"
#include "service/external_invoice.h"

#include <stdlib.h>

enum { NAME_MOST = 255, WORD_MOST = 64, NAMES_BYTES_MOST = 128 * 1024 };

struct asked {
	struct str source, batch, lists, names;
	struct str words[EXTERNAL_STATUSES];
};

#define SOURCE                                                                                               \
	{                                                                                                    \
		"ExternalSourceId", NULL, MOBIP_TEXT, true, offsetof(struct asked, source), .max = NAME_MOST \
	}

enum err mobip_external_import_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		SOURCE,
		{ "InvoicesLists", NULL, MOBIP_OPAQUE, true, offsetof(struct asked, lists),
		  .max = LIMIT_INVOICES_BYTES },
		{ "BatchId", NULL, MOBIP_TEXT, false, offsetof(struct asked, batch), .max = NAME_MOST },
	};
	struct external_import_run *c = ARENA_NEW(&rq->x->arena, struct external_import_run);
	unsigned char *digest = arena_alloc(&rq->x->arena, HASH_BYTES);
	struct asked asked = { 0 };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	if (!e)
		e = mobip_invoices_read(rq, asked.lists, &c->invoices, &c->count);
	if (e)
		return e;
	c->partner_id = rq->credential->partner_id;
	c->source = asked.source;
	c->batch = asked.batch;
	crypto_digest(asked.lists, digest);
	c->digest = (struct str){ (const char *)digest, HASH_BYTES };
	return OK;
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* "a|b": each once. */
static enum err read_names(struct request *rq, struct str text, struct external_list *c)
{
	struct str *names = ARENA_ARRAY(&rq->x->arena, struct str, EXTERNAL_NAMES_MOST), rest = text;
	size_t n = 0, unique = 0;

	if (!text.p)
		return OK;
	while (rest.p) {
		struct str name = str_cut(&rest, '|');

		if (name.n && n == EXTERNAL_NAMES_MOST)
			return mobip_invalid(rq, "InvoicesList", "at most 1000 invoices");
		if (name.n)
			names[n++] = name;
	}
	if (n)
		qsort(names, n, sizeof(*names), by_bytes);
	for (size_t i = 0; i < n; i++)
		if (!unique || !str_eq(names[i], names[unique - 1]))
			names[unique++] = names[i];
	c->invoices = names;
	c->invoice_count = unique;
	return OK;
}

enum err mobip_external_list_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		SOURCE,
		{ "InvoicesList", NULL, MOBIP_OPAQUE, false, offsetof(struct asked, names), .max = NAMES_BYTES_MOST },
	};
	struct external_list *c = ARENA_NEW(&rq->x->arena, struct external_list);
	struct asked asked = { 0 };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	c->partner_id = rq->credential->partner_id;
	c->name = asked.source;
	return e ? e : read_names(rq, asked.names, c);
}

static void put_invoice(struct json_writer *w, const struct external_source *source, const struct external_invoice *i)
{
	json_obj(w, NULL);
	json_str(w, "InvId", i->invoice);
	json_str(w, "InvDate", i->date);
	json_str(w, "InvDueDate", i->due_date);
	mobip_text(w, "InvLbl", i->label);
	mobip_int(w, "Amount_in_cents", i->amount);
	mobip_text(w, "InvStatus", i->status);
	json_strz(w, "MobipStatus", external_status_of(source, i->status));
	json_str(w, "CustomerId", i->customer);
	mobip_text(w, "CustomerPhone", i->phone);
	mobip_text(w, "CustomerEmail", i->email);
	mobip_text(w, "CustomerBalance_in_cents", i->balance);
	mobip_text(w, "CustomerBalance_Date", i->balance_date);
	mobip_text(w, "BatchId", i->batch);
	json_end(w);
}

void mobip_external_list_render(struct request *rq, struct json_writer *w)
{
	const struct external_list *c = rq->task.command;

	mobip_begin(w);
	json_arr(w, "InvoicesList");
	for (size_t i = 0; i < c->count; i++)
		put_invoice(w, &c->source, &c->rows[i]);
	json_end(w);
	json_end(w);
}

#define WORD(name, status)                                                                            \
	{                                                                                             \
		name, NULL, MOBIP_TEXT, true, offsetof(struct asked, words[status]), .max = WORD_MOST \
	}

/* One word cannot stand for two of ours. */
enum err mobip_words_set_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		SOURCE,
		WORD("pending", EXTERNAL_PENDING),
		WORD("due", EXTERNAL_DUE),
		WORD("fully_paid", EXTERNAL_FULLY_PAID),
		WORD("partially_paid", EXTERNAL_PARTIALLY_PAID),
	};
	struct external_words_set *c = ARENA_NEW(&rq->x->arena, struct external_words_set);
	struct asked asked = { 0 };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	c->partner_id = rq->credential->partner_id;
	c->source = asked.source;
	memcpy(c->words, asked.words, sizeof(c->words));
	for (int i = 1; i < EXTERNAL_STATUSES && !e; i++)
		for (int k = 0; k < i && !e; k++)
			if (str_eq(asked.words[i], asked.words[k]))
				e = mobip_invalid(rq, external_status_name((enum external_status)i),
						  arena_printf(&rq->x->arena, "another word than that of %s",
							       external_status_name((enum external_status)k))
							  .p);
	return e;
}

enum err mobip_words_get_parse(struct request *rq)
{
	static const struct mobip_field fields[] = { SOURCE };
	struct external_words_get *c = ARENA_NEW(&rq->x->arena, struct external_words_get);
	struct asked asked = { 0 };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	c->partner_id = rq->credential->partner_id;
	c->name = asked.source;
	return e;
}

/* A list of pairs, as it is documented to be an array; without words an empty one. */
void mobip_words_get_render(struct request *rq, struct json_writer *w)
{
	const struct external_words_get *c = rq->task.command;

	mobip_begin(w);
	json_arr(w, "InvoiceStatusesList");
	for (int i = 0; i < EXTERNAL_STATUSES; i++) {
		if (!c->source.words[i].n)
			continue;
		json_obj(w, NULL);
		json_strz(w, "mobip_status", external_status_name((enum external_status)i));
		json_str(w, "external_status", c->source.words[i]);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

/* api/mobimatter/message.c: mail to an order's customer, SMS to its eSIM (mobimatter.md 3.7). */
#include "api/mobimatter/order.h"

#include "service/message.h"
#include "json/fields.h"

enum { ORDER_MOST = 64, ADDRESS_MOST = 254, NAME_MOST = 100, TEXT_MOST = 612 /* four SMS in one */ };

struct customer_body {
	uint64_t set;
	struct str name, email, copy;
};
static const struct field customer_fields[] = {
	{ "name", FIELD_STR, FIELD_NULLABLE, offsetof(struct customer_body, name), .max = NAME_MOST },
	{ "email", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct customer_body, email), .min = 3,
	  .max = ADDRESS_MOST },
	{ "ccEmail", FIELD_STR, FIELD_NULLABLE, offsetof(struct customer_body, copy), .max = ADDRESS_MOST },
};
static const struct fields customer_table = FIELDS(customer_fields, struct customer_body, 0);

struct email_body {
	uint64_t set;
	struct str order_id;
	struct customer_body customer;
};
static const struct field email_fields[] = {
	{ "orderId", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct email_body, order_id), .min = 1,
	  .max = ORDER_MOST },
	{ "customer", FIELD_OBJECT, FIELD_REQUIRED, offsetof(struct email_body, customer), .object = &customer_table },
};
static const struct fields email_table = FIELDS(email_fields, struct email_body, 0);

struct sms_body {
	uint64_t set;
	struct str text;
};
static const struct field sms_fields[] = {
	{ "text", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct sms_body, text), .min = 1,
	  .max = TEXT_MOST },
};
static const struct fields sms_table = FIELDS(sms_fields, struct sms_body, 0);

static struct order_name name_of(struct str reference)
{
	return (struct order_name){ .dialect = DIALECT_MOBIMATTER, .reference = reference };
}

enum err mm_email_parse(struct request *rq)
{
	struct order_mail *c = ARENA_NEW(&rq->x->arena, struct order_mail);
	struct email_body body = { 0 };
	enum err e = mm_bind(rq, &email_table, &body);

	if (e)
		return e;
	*c = (struct order_mail){ .name = name_of(body.order_id),
				  .base_url = rq->settings->public_url,
				  .to = str_trim(body.customer.email),
				  .customer = body.customer.name,
				  .copy_to = body.customer.copy.n ? str_trim(body.customer.copy) : STR_NONE };
	rq->task.command = c;
	return OK;
}

void mm_email_render(struct request *rq, struct json_writer *w)
{
	const struct order_mail *c = rq->task.command;

	mm_say(rq, w, c->is_queued ? "Email queued until the order is completed" : "Email sent");
}

enum err mm_sms_parse(struct request *rq)
{
	struct order_sms *c = ARENA_NEW(&rq->x->arena, struct order_sms);
	struct sms_body body = { 0 };
	enum err e = mm_bind(rq, &sms_table, &body);

	if (e)
		return e;
	*c = (struct order_sms){ .name = name_of(rq->captures[0]), .text = body.text };
	rq->task.command = c;
	return OK;
}

void mm_sms_render(struct request *rq, struct json_writer *w)
{
	mm_say(rq, w, "SMS sent");
}

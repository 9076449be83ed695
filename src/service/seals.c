#include "service/seals.h"

#include "service/merchant.h"
#include "service/order.h"
#include "service/stock_unit.h"
#include "store/payments.h"

struct str callback_seal_label(struct arena *a, const struct callback *c)
{
	return arena_printf(a, "callback %lld-%d", (long long)c->order_id, c->no);
}

struct str esim_seal_label(struct arena *a, const struct esim *e)
{
	return arena_printf(a, "esim %lld-%d", (long long)e->order_id, e->unit);
}

struct str message_seal_label(struct arena *a, int64_t id)
{
	return arena_printf(a, "message %lld", (long long)id);
}

struct str kyc_seal_label(struct arena *a, const struct kyc_check *k)
{
	return arena_printf(a, "kyc %lld", (long long)k->order_id);
}

static struct str partner_label(struct arena *a, const void *row)
{
	return partner_secret_label(a, ((const struct partner_row *)row)->id);
}

static struct str merchant_label(struct arena *a, const void *row)
{
	return merchant_key_label(a, ((const struct merchant *)row)->partner_id);
}

static struct str credential_label(struct arena *a, const void *row)
{
	return credential_secret_label(a, ((const struct credential_row *)row)->id);
}

static struct str batch_label(struct arena *a, const void *row)
{
	return stock_batch_label(a, ((const struct stock_batch *)row)->id);
}

static struct str unit_label(struct arena *a, const void *row)
{
	const struct unit_ *unit = row;

	return unit_seal_label(a, unit->order_id, unit->no);
}

static struct str callback_label(struct arena *a, const void *row)
{
	return callback_seal_label(a, row);
}

static struct str message_label(struct arena *a, const void *row)
{
	return message_seal_label(a, ((const struct message *)row)->id);
}

static struct str esim_label(struct arena *a, const void *row)
{
	return esim_seal_label(a, row);
}

static struct str kyc_label(struct arena *a, const void *row)
{
	return kyc_seal_label(a, row);
}

/* Stock units are sealed with their batch's key, which is among these. */
const struct sealed_column sealed_columns[] = {
	{ &table_partners, "webhook_secret", partner_label },
	{ &table_partners, "webhook_secret_old", partner_label },
	{ &table_credentials, "sealed", credential_label },
	{ &table_merchants, "provider_private_key", merchant_label },
	{ &table_stock_batches, "sealed_key", batch_label },
	{ &table_units, "delivery", unit_label },
	{ &table_esims, "profile", esim_label },
	{ &table_kyc, "doc", kyc_label },
	{ &table_callbacks, "body", callback_label },
	{ &table_messages, "doc", message_label },
};
const size_t sealed_column_count = ARRAY_LEN(sealed_columns);

const struct column *sealed_column_of(const struct sealed_column *sealed)
{
	const struct table *table = sealed->table;
	size_t i = 0;

	while (i < table->count && strcmp(table->columns[i].name, sealed->name) != 0)
		i++;
	must(i < table->count);
	return &table->columns[i];
}

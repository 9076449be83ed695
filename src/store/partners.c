#include "store/partners.h"

enum err partners_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, name, email, home_currency, locale, sandbox, active, price_list, rate_limit, "
		"webhook_url, webhook_secret, webhook_secret_old, webhook_secret_until, phone, country, parent_id, "
		"created_at, version FROM partners ORDER BY id";

	return db_query(db, sql, NULL, 0, &table_partners, a, on_row, arg);
}

enum err credentials_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, partner_id, dialect, public_id, secret_hash, scopes, valid_from, valid_to, "
		"created_at, sealed, version FROM credentials ORDER BY id";

	return db_query(db, sql, NULL, 0, &table_credentials, a, on_row, arg);
}

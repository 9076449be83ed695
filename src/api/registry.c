#include "api/registry.h"

#include "base/log.h"
#include "service/partner.h"

static const struct dialect_api *const dialects[] = {
	&dvs_api, &mobimatter_api, &payvessel_api, &s2s_api, &mobip_api,
};

const struct dialect_api *dialect_at(size_t i)
{
	return i < ARRAY_LEN(dialects) ? dialects[i] : NULL;
}

struct str api_callback_body(void *keys, enum dialect dialect, const struct order_view *view, struct arena *a)
{
	struct str body = STR_NONE;
	enum err e = ERR_METHOD_NOT_SUPPORTED;

	for (size_t i = 0; i < ARRAY_LEN(dialects); i++)
		if (dialects[i]->dialect == dialect && dialects[i]->callback_body)
			e = dialects[i]->callback_body(a, keys, view, &body);
	if (e)
		log_error("callback.body", "order=%lld error=%s", (long long)view->order.id, err_name(e));
	return body;
}

static const struct dialect_api *dialect_of(enum dialect dialect)
{
	for (size_t i = 0; i < ARRAY_LEN(dialects); i++)
		if (dialects[i]->dialect == dialect)
			return dialects[i];
	return NULL;
}

size_t api_callback_headers(void *keys, const struct callback_get *callback, struct arena *a,
			    struct callback_header ret[CALLBACK_HEADERS])
{
	const struct dialect_api *dialect =
		callback->payment ? &mobip_api : dialect_of((enum dialect)callback->view.order.dialect);

	return dialect && dialect->callback_headers ? dialect->callback_headers(a, keys, callback, ret) : 0;
}

void api_payment_callback(void *keys, const struct callback_get *callback, struct arena *a,
			  struct payment_callback *ret)
{
	mobip_api.payment_callback(a, keys, callback, ret);
}

const int64_t *api_callback_waits(enum dialect dialect)
{
	const struct dialect_api *api = dialect_of(dialect);

	return api ? api->callback_waits : NULL;
}

void api_print_samples(struct buf *b, const struct json_token *partner, const char *base_url)
{
	for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
		const struct json_token *credential = json_get(partner, dialect_name(dialects[i]->dialect));

		if (credential)
			dialects[i]->print_sample(b, credential, base_url);
	}
}

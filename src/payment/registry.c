/* payment/registry.c: all providers there are. */
#include "payment/provider.h"

static const struct provider_driver *const drivers[PROVIDERS] = { &provider_sandbox, &provider_stripe };

enum err providers_open(struct providers *s, const struct provider_config *stripe, struct http_client *client)
{
	const struct provider_config *const configs[PROVIDERS] = { NULL, stripe };
	enum err e = OK;

	for (size_t i = 0; i < PROVIDERS && !e; i++) {
		e = drivers[i]->open(configs[i], client, &s->items[s->count]);
		s->count += !e;
	}
	return e;
}

void providers_close(struct providers *s)
{
	while (s->count) {
		struct provider *p = s->items[--s->count];

		p->driver->close(p);
	}
}

struct provider *provider_find(const struct providers *s, struct str name)
{
	for (size_t i = 0; i < s->count; i++)
		if (str_is(name, s->items[i]->driver->name))
			return s->items[i];
	return NULL;
}

struct str provider_call_reference(const struct provider_call *call)
{
	return payment_attempt_reference(call->arena, call->attempt->payment_id, call->attempt->no);
}

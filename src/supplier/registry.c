/* supplier/registry.c: all drivers there are. */
#include "supplier/supplier.h"

#include "base/log.h"

static const struct supplier_driver *const drivers[] = { &supplier_sandbox, &supplier_dvs };

enum err supplier_open(const struct supplier_config *config, const struct supplier_env *env, struct supplier **ret)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (str_is(config->driver, drivers[i]->name))
			return drivers[i]->open(config, env, ret);
	log_error("supplier.config", "supplier=%.*s error=\"no such driver\" driver=%.*s", STR_ARG(config->name),
		  STR_ARG(config->driver));
	return ERR_CONFIG;
}

void supplier_close(struct supplier *s)
{
	if (s)
		s->driver->close(s);
}

struct str supplier_call_reference(const struct supplier_call *call)
{
	return attempt_reference(call->arena, call->attempt->order_id, call->attempt->unit, call->attempt->no);
}

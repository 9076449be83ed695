/* supplier/registry.c: all drivers there are. */
#include "supplier/supplier.h"

#include "base/log.h"

static const struct supplier_driver *const drivers[] = { &supplier_sandbox, &supplier_dvs };

const struct supplier_driver *supplier_driver_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
		if (str_is(name, drivers[i]->name))
			return drivers[i];
	return NULL;
}

enum err supplier_open(const struct supplier_config *config, const struct supplier_env *env, struct supplier **ret)
{
	const struct supplier_driver *driver = supplier_driver_find(config->driver);

	if (driver)
		return driver->open(config, env, ret);
	log_error("supplier.config", "supplier=%.*s error=\"no such driver\" driver=%.*s", STR_ARG(config->name),
		  STR_ARG(config->driver));
	return ERR_CONFIG;
}

void supplier_close(struct supplier *s)
{
	if (s)
		s->driver->close(s);
}

static enum err open_next(struct suppliers *s, const struct supplier_config *config, const struct supplier_env *env)
{
	if (s->count == SUPPLIERS_MOST) {
		log_error("supplier.config", "error=\"more than %d suppliers\"", SUPPLIERS_MOST);
		return ERR_CONFIG;
	}
	enum err e = supplier_open(config, env, &s->items[s->count]);
	s->count += !e;
	return e;
}

enum err suppliers_open(struct suppliers *s, const struct supplier_config *configs, size_t n,
			const struct supplier_env *env)
{
	const struct supplier_config sandbox = { .name = STR("sandbox"), .driver = STR("sandbox") };
	enum err e = open_next(s, &sandbox, env);

	for (size_t i = 0; i < n && !e; i++)
		e = open_next(s, &configs[i], env);
	return e;
}

void suppliers_close(struct suppliers *s)
{
	while (s->count)
		supplier_close(s->items[--s->count]);
}

struct str supplier_call_reference(const struct supplier_call *call)
{
	return attempt_reference(call->arena, call->attempt->order_id, call->attempt->unit, call->attempt->no);
}

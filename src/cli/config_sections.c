/* cli/config_sections.c: the sections that name somebody outside: [supplier NAME], [kyc NAME], [payment stripe]. */
#include "cli/config_private.h"

#include "cli/folder.h"
#include "http/client.h"

/* The supplier of that name, made when it is met first. */
static struct supplier_config *supplier_of(struct reading *r, struct str name)
{
	struct config *c = r->config;

	for (size_t i = 0; i < c->supplier_count; i++)
		if (str_eq(c->suppliers[i].name, name))
			return &c->suppliers[i];
	if (c->supplier_count == CONFIG_SUPPLIERS_MAX || !name.n)
		return NULL;
	c->suppliers[c->supplier_count].name = arena_str(&c->arena, name);
	return &c->suppliers[c->supplier_count++];
}

/* A file with a secret in it, and nothing but white space around that. */
static bool take_secret(struct reading *r, const char *name, struct str path, struct str *ret)
{
	struct str text;

	if (file_read(&r->config->arena, arena_strz(&r->config->arena, path), &text))
		return config_is_wrong(r, name, "cannot be read");
	*ret = str_trim(text);
	return ret->n ? true : config_is_wrong(r, name, "is empty");
}

bool config_take_supplier(struct reading *r, struct str section, struct str name, struct str value)
{
	struct supplier_config *s = supplier_of(r, str_trim(section));

	if (!s)
		return config_is_wrong(r, "supplier", "needs a name: [supplier NAME]; at most 16 of them");
	if (str_is(s->name, "sandbox"))
		return config_is_wrong(r, "supplier", "the name \"sandbox\" is taken: it is always there");
	const struct {
		const char *name;
		struct str *at;
	} members[] = { { "driver", &s->driver }, { "url", &s->url }, { "key", &s->key }, { "secret", &s->secret } };
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (str_is(name, members[i].name)) {
			*members[i].at = arena_str(&r->config->arena, value);
			if (members[i].at == &s->driver && !supplier_driver_find(value))
				return config_is_wrong(r, "driver", "there is no such driver");
			if (members[i].at == &s->url && !http_origin(value).p)
				return config_is_wrong(r, "url", "is http://... or https://...");
			return value.n ? true : config_is_wrong(r, members[i].name, "is empty");
		}
	}
	if (str_is(name, "secret_file"))
		return take_secret(r, "secret_file", value, &s->secret);
	return config_is_wrong(r, arena_strz(&r->config->arena, name), "there is no such setting of a supplier");
}

static struct kyc_provider *kyc_provider_of(struct reading *r, struct str name)
{
	struct config *c = r->config;

	for (size_t i = 0; i < c->kyc_provider_count; i++)
		if (str_eq(c->kyc_providers[i].name, name))
			return &c->kyc_providers[i];
	if (c->kyc_provider_count == KYC_PROVIDERS_MAX || !name.n)
		return NULL;
	c->kyc_providers[c->kyc_provider_count].name = arena_str(&c->arena, name);
	return &c->kyc_providers[c->kyc_provider_count++];
}

/* What a person is sent to with a document in hand. */
static bool is_provider_page(struct str value)
{
	return str_starts(value, STR("https://")) && memmem(value.p, value.n, "{check}", strlen("{check}"));
}

bool config_take_kyc_provider(struct reading *r, struct str section, struct str name, struct str value)
{
	struct kyc_provider *p = kyc_provider_of(r, str_trim(section));
	bool is_good = false;

	if (!p)
		return config_is_wrong(r, "kyc", "needs a name: [kyc NAME]; at most 8 of them");
	if (str_is(name, "secret")) {
		p->secret = arena_str(&r->config->arena, value);
		is_good = true;
	} else if (str_is(name, "secret_file")) {
		is_good = take_secret(r, "secret_file", value, &p->secret);
	} else if (str_is(name, "page")) {
		p->page = arena_str(&r->config->arena, value);
		return is_provider_page(value) ? true : config_is_wrong(r, "page", "is https://... with {check} in it");
	} else {
		return config_is_wrong(r, arena_strz(&r->config->arena, name),
				       "there is no such setting of [kyc NAME]");
	}
	return is_good && p->secret.n < KYC_SECRET_LEAST ? config_is_wrong(r, "secret", "has at least 16 bytes")
							 : is_good;
}

bool config_take_stripe(struct reading *r, struct str name, struct str value)
{
	struct provider_config *c = &r->config->stripe;

	if (str_is(name, "key_file"))
		return take_secret(r, "key_file", value, &c->key);
	if (str_is(name, "webhook_secret_file"))
		return take_secret(r, "webhook_secret_file", value, &c->webhook_secret);
	if (str_is(name, "url") && value.n)
		return config_take_text(r, &c->url, value);
	return config_is_wrong(r, arena_strz(&r->config->arena, name), "there is no such setting of [payment stripe]");
}

const char *config_missing_of_supplier(struct config *c, const struct supplier_config *s)
{
	const struct supplier_driver *driver = supplier_driver_find(s->driver);
	const char *name = !driver				   ? "driver"
			   : !(driver->can & SUPPLIER_HAS_ACCOUNT) ? NULL
			   : !s->url.n				   ? "url"
			   : !s->key.n				   ? "key"
			   : !s->secret.n			   ? "secret"
								   : NULL;

	return name ? arena_printf(&c->arena, "%s: is missing in [supplier %.*s]", name, STR_ARG(s->name)).p : NULL;
}

bool config_supplier_differs(const struct supplier_config *a, const struct supplier_config *b)
{
	return !str_eq(a->name, b->name) || !str_eq(a->driver, b->driver) || !str_eq(a->url, b->url) ||
	       !str_eq(a->key, b->key) || !str_eq(a->secret, b->secret);
}

bool config_kyc_provider_differs(const struct kyc_provider *a, const struct kyc_provider *b)
{
	return !str_eq(a->name, b->name) || !str_eq(a->secret, b->secret) || !str_eq(a->page, b->page);
}

bool config_stripe_differs(const struct provider_config *a, const struct provider_config *b)
{
	return !str_eq(a->key, b->key) || !str_eq(a->webhook_secret, b->webhook_secret) ||
	       !str_eq(str_of(a->url), str_of(b->url));
}

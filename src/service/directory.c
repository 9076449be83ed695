#include "service/directory.h"

#include "base/log.h"
#include "store/partners.h"
#include "store/payments.h"

#include <stdatomic.h>
#include <stdlib.h>

struct directory {
	_Atomic(int) holders;
	struct arena arena;
	struct partner **partners;
	size_t partner_count, partner_room;
	struct credential **credentials; /* sorted by dialect and public id */
	size_t credential_count, credential_room;
};

void directory_hold(const struct directory *d)
{
	atomic_fetch_add(&((struct directory *)d)->holders, 1);
}

void directory_release(const struct directory *d)
{
	struct directory *mine = (struct directory *)d;

	if (!mine || atomic_fetch_sub(&mine->holders, 1) > 1)
		return;
	free(mine->partners);
	free(mine->credentials);
	arena_done(&mine->arena);
	free(mine);
}

struct str partner_secret_label(struct arena *a, int64_t partner_id)
{
	return arena_printf(a, "webhook %lld", (long long)partner_id);
}

struct str credential_secret_label(struct arena *a, int64_t credential_id)
{
	return arena_printf(a, "credential %lld", (long long)credential_id);
}

bool dialect_signs(enum dialect dialect)
{
	return dialect == DIALECT_S2S;
}

bool dialect_seals(enum dialect dialect)
{
	return dialect_signs(dialect) || dialect == DIALECT_MOBIP;
}

struct str credential_stored_id(struct arena *a, const struct keys *keys, enum dialect dialect, struct str public_id)
{
	unsigned char hash[HASH_BYTES];
	char text[HASH_BYTES * 2];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	if (!dialect_signs(dialect))
		return public_id;
	crypto_keyed_hash(keys, public_id, hash);
	buf_hex(&b, hash, HASH_BYTES / 2);
	return arena_str(a, buf_view(&b));
}

size_t directory_credentials(const struct directory *d, int64_t partner_id, enum dialect dialect, int64_t now_us,
			     const struct credential **ret, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < d->credential_count; i++) {
		const struct credential *c = d->credentials[i];
		size_t at = n;

		if (c->partner_id != partner_id || c->dialect != dialect || now_us < c->valid_from ||
		    (c->valid_to && now_us >= c->valid_to))
			continue;
		for (; at > 0 && ret[at - 1]->id < c->id; at--)
			if (at < most)
				ret[at] = ret[at - 1];
		if (at < most)
			ret[at] = c;
		n += n < most;
	}
	return n;
}

enum err directory_credential(const struct directory *d, int64_t id, int64_t now_us, const struct credential **ret)
{
	for (size_t i = 0; i < d->credential_count; i++) {
		const struct credential *c = d->credentials[i];

		if (c->id != id)
			continue;
		if (now_us < c->valid_from || (c->valid_to && now_us >= c->valid_to))
			break;
		*ret = c;
		return OK;
	}
	return ERR_UNAUTHORIZED;
}

static void *room_for_one(void *array, size_t count, size_t *room)
{
	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 64;
	void *grown = realloc(array, *room * sizeof(void *));
	must(grown);
	return grown;
}

static enum err partner_seen(void *arg, void *row)
{
	struct directory *d = arg;
	const struct partner_row *r = row;
	struct partner *p = ARENA_NEW(&d->arena, struct partner);

	*p = (struct partner){ .id = r->id,
			       .name = arena_str(&d->arena, r->name),
			       .email = arena_str(&d->arena, r->email),
			       .home = { r->home_currency },
			       .locale = arena_str(&d->arena, r->locale),
			       .sandbox = r->sandbox,
			       .active = r->active,
			       .price_list = arena_str(&d->arena, r->price_list),
			       .rate_limit = r->rate_limit,
			       .webhook_url = arena_str(&d->arena, r->webhook_url),
			       .webhook_secret = arena_str(&d->arena, r->webhook_secret),
			       .webhook_secret_old = arena_str(&d->arena, r->webhook_secret_old),
			       .webhook_secret_until = r->webhook_secret_until,
			       .phone = arena_str(&d->arena, r->phone),
			       .country = arena_str(&d->arena, r->country),
			       .created_at = r->created_at,
			       .parent_id = r->parent_id };
	d->partners = room_for_one(d->partners, d->partner_count, &d->partner_room);
	d->partners[d->partner_count++] = p;
	return OK;
}

static enum err credential_seen(void *arg, void *row)
{
	struct directory *d = arg;
	const struct credential_row *r = row;
	struct credential *c = ARENA_NEW(&d->arena, struct credential);

	*c = (struct credential){ .id = r->id,
				  .partner_id = r->partner_id,
				  .dialect = (enum dialect)r->dialect,
				  .public_id = arena_str(&d->arena, r->public_id),
				  .scopes = (unsigned)r->scopes,
				  .valid_from = r->valid_from,
				  .valid_to = r->valid_to,
				  .partner = directory_partner(d, r->partner_id),
				  .sealed = arena_str(&d->arena, r->sealed) };
	if (r->secret_hash.n != HASH_BYTES || !c->partner)
		return ERR_STORE_FAILED;
	memcpy(c->secret, r->secret_hash.p, HASH_BYTES);
	d->credentials = room_for_one(d->credentials, d->credential_count, &d->credential_room);
	d->credentials[d->credential_count++] = c;
	return OK;
}

/* Many live in one zone, so each is read once. */
struct zone_seen {
	struct str name;
	const struct zone *zone;
	struct zone_seen *next;
};
struct zones_loading {
	struct directory *directory;
	struct zone_seen *seen;
};

static const struct zone *zone_of(struct zones_loading *z, struct str name)
{
	for (struct zone_seen *s = z->seen; s; s = s->next)
		if (str_eq(s->name, name))
			return s->zone;
	struct zone_seen *s = ARENA_NEW(&z->directory->arena, struct zone_seen);
	*s = (struct zone_seen){ arena_str(&z->directory->arena, name), NULL, z->seen };
	z->seen = s;
	if (zone_load(&z->directory->arena, name, &s->zone))
		log_error("directory.zone", "zone=\"%.*s\" error=\"the system has no such zone\"", STR_ARG(name));
	return s->zone;
}

static enum err merchant_zone_seen(void *arg, void *row)
{
	struct zones_loading *z = arg;
	const struct merchant_zone_row *r = row;
	struct partner *p = (struct partner *)directory_partner(z->directory, r->partner_id);

	if (p)
		p->zone = zone_of(z, r->time_zone);
	return OK;
}

static int compare_credentials(const void *a, const void *b)
{
	const struct credential *x = *(struct credential *const *)a, *y = *(struct credential *const *)b;

	if (x->dialect != y->dialect)
		return x->dialect < y->dialect ? -1 : 1;
	return str_cmp(x->public_id, y->public_id);
}

enum err directory_load(struct db *db, const struct directory **ret)
{
	struct directory *d = calloc(1, sizeof(*d));
	struct arena rows;

	must(d);
	d->holders = 1;
	arena_init(&d->arena);
	arena_init(&rows);
	enum err e = partners_each(db, &rows, partner_seen, d);
	if (!e)
		e = credentials_each(db, &rows, credential_seen, d);
	if (!e)
		e = merchants_zones(db, &rows, merchant_zone_seen, &(struct zones_loading){ d, NULL });
	arena_done(&rows);
	if (e) {
		directory_release(d);
		return e;
	}
	if (d->credential_count)
		qsort(d->credentials, d->credential_count, sizeof(struct credential *), compare_credentials);
	*ret = d;
	return OK;
}

/* Where the first partner is whose id is not lower. */
static size_t partner_at(const struct directory *d, int64_t id)
{
	size_t low = 0, high = d->partner_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (d->partners[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct partner *directory_partner(const struct directory *d, int64_t id)
{
	size_t at = partner_at(d, id);

	return at < d->partner_count && d->partners[at]->id == id ? d->partners[at] : NULL;
}

const struct partner *directory_next(const struct directory *d, int64_t id)
{
	size_t at = partner_at(d, id + 1);

	return at < d->partner_count ? d->partners[at] : NULL;
}

/* The first credential of that dialect and public id; several may be live at once (rotation). */
static size_t first_credential(const struct directory *d, enum dialect dialect, struct str public_id)
{
	const struct credential key = { .dialect = dialect, .public_id = public_id }, *wanted = &key;
	size_t low = 0, high = d->credential_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_credentials(&d->credentials[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t directory_partner_of(const struct directory *d, enum dialect dialect, struct str public_id)
{
	size_t i = first_credential(d, dialect, public_id);

	if (i == d->credential_count || d->credentials[i]->dialect != dialect ||
	    !str_eq(d->credentials[i]->public_id, public_id))
		return 0;
	return d->credentials[i]->partner_id;
}

enum err directory_authenticate(const struct directory *d, const struct keys *keys, enum dialect dialect,
				struct str public_id, struct str secret, int64_t now_us, const struct credential **ret)
{
	unsigned char hash[HASH_BYTES];

	/* The hash is taken before the look-up, so an unknown id costs the same time as a wrong secret. */
	crypto_keyed_hash(keys, secret, hash);
	for (size_t i = first_credential(d, dialect, public_id); i < d->credential_count; i++) {
		const struct credential *c = d->credentials[i];

		if (c->dialect != dialect || !str_eq(c->public_id, public_id))
			break;
		if (now_us < c->valid_from || (c->valid_to && now_us >= c->valid_to))
			continue;
		if (crypto_equal((struct str){ (const char *)hash, HASH_BYTES },
				 (struct str){ (const char *)c->secret, HASH_BYTES })) {
			*ret = c;
			return OK;
		}
	}
	return ERR_UNAUTHORIZED;
}

/* service/unit_seals.c: what was sealed with an older master key, and is written now, is sealed with the newest. */
#include "service/unit_map.h"

#include "base/crypto_ring.h"
#include "service/seals.h"

struct resealing {
	struct unit *u;
	const struct sealed_column *sealed;
	const struct column *column;
	unsigned char key_id;
};

/* What nobody can open stays what it is: whoever reads it is told. */
static void seal_again(void *arg, void *row)
{
	const struct resealing *r = arg;
	struct str *bytes = (struct str *)(void *)((char *)row + r->column->offset), plain;

	if (!bytes->n || (unsigned char)bytes->p[0] == r->key_id)
		return;
	struct str label = r->sealed->label(&r->u->arena, row);
	if (crypto_open(r->u->keys, &r->u->arena, label, *bytes, &plain))
		return;
	*bytes = crypto_seal(r->u->keys, &r->u->arena, label, plain);
	crypto_wipe_str(plain);
}

static void seal_nouns(struct resealing *r)
{
	for (int noun = 0; noun < NOUNS; noun++)
		if (noun_table((enum noun)noun) == r->sealed->table)
			unit_each_written(r->u, (enum noun)noun, seal_again, r);
}

void unit_seal_again(struct unit *u)
{
	struct resealing r = { .u = u };

	if (!key_ring_has_others(u->keys))
		return;
	(void)key_ring_sealing(u->keys, &r.key_id);
	for (size_t i = 0; i < sealed_column_count; i++) {
		r.sealed = &sealed_columns[i];
		r.column = sealed_column_of(r.sealed);
		seal_nouns(&r);
	}
}

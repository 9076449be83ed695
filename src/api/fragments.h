/* api/fragments.h: pieces of the catalogue, and what is dear to draw: rendered once and copied from then on.
 *
 * A page of a hundred products is a hundred copies. One cache belongs to one dialect and one loop thread, and to one
 * catalogue snapshot, which it holds: asked about another, it starts empty again. Past its size it starts again too. */
#pragma once

#include "core/catalog.h"
#include "json/writer.h"

struct fragments;

/* What a piece depends on beside the snapshot. */
struct fragment_key {
	int64_t id;
	int list, locale; /* FRAGMENT_ANY: the same in all */
	int moment;	  /* of what changes with the time: product_moment(). Or which piece of the thing it is */
};
enum { FRAGMENT_ANY = -1 };

struct fragments *fragments_new(size_t max_bytes);
void fragments_free(struct fragments *f); /* NULL is fine */

/* Absent if it is not there. Valid until the next fragments_add. */
struct str fragments_find(struct fragments *f, const struct catalog *c, struct fragment_key key);
void fragments_add(struct fragments *f, const struct catalog *c, struct fragment_key key, struct str bytes);

/* Writes the piece, elements of an array or members of an object: as it is kept, or by `put`, and then keeps it. */
void fragments_put(struct fragments *f, const struct catalog *c, struct fragment_key key, struct json_writer *w,
		   void (*put)(struct json_writer *w, const void *arg), const void *arg);

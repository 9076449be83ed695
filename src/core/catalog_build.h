/* core/catalog_build.h: making a catalogue snapshot, one noun at a time.
 *
 * Nouns are made in the builder's arena, which becomes the snapshot's. Operators come before the products that point to
 * them; promotions and campaigns name products by id and may come in any order. An id comes once a noun: whoever reads
 * the rows sees to that. One thread; nothing is shared until catalog_builder_finish. */
#pragma once

#include "core/catalog_query.h"
#include "core/rate.h"

struct catalog_builder;
struct category; /* core/shop.h */
struct family;

struct catalog_builder *catalog_builder_new(void);
void catalog_builder_free(struct catalog_builder *b); /* one that was not finished; NULL is fine */
struct arena *catalog_builder_arena(struct catalog_builder *b);

/* In the order of their ids. */
void catalog_builder_operator(struct catalog_builder *b, const struct operator_ *op);
const struct operator_ *catalog_builder_find_operator(const struct catalog_builder *b, int64_t id);
/* Its promotions are filled in when the snapshot is finished. */
void catalog_builder_product(struct catalog_builder *b, struct product *product);
/* Products that are not there are left out. `ids` lives in the arena. */
void catalog_builder_promotion(struct catalog_builder *b, struct promotion *promotion, const int64_t *ids, size_t n);
void catalog_builder_campaign(struct catalog_builder *b, struct campaign *campaign, const int64_t *ids, size_t n);
void catalog_builder_rate(struct catalog_builder *b, const struct rate *rate);
/* In any order; what names one that is not there is left out. */
void catalog_builder_category(struct catalog_builder *b, struct category *category);
void catalog_builder_family(struct catalog_builder *b, struct family *family);
/* 1 to 15 digits; ERR_BAD_REQUEST otherwise. Of those added for the same digits the certain ones are the likeliest,
 * then the earlier. */
MUST_USE enum err catalog_builder_prefix(struct catalog_builder *b, struct str digits, const struct operator_ *op,
					 bool certain);

/* Takes the builder with it. The snapshot is held once. */
struct catalog *catalog_builder_finish(struct catalog_builder *b);

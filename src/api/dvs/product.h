/* api/dvs/product.h: a product as the DVS API shows it. */
#pragma once

#include "core/catalog_query.h"
#include "json/writer.h"

/* All keys, always. `price` is the partner's row; promotions are those active at `now_us`. */
void dvs_put_product(struct json_writer *w, const char *name, const struct product *p, const struct price *price,
		     int64_t now_us, int locale);

/* {"base","wholesale","retail"}: destination / the amount on that side, from the ends of the ranges. */
void dvs_put_rates(struct json_writer *w, const char *name, const struct product *p, const struct span *wholesale,
		   const struct span *retail);

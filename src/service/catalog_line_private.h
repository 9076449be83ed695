/* service/catalog_line_private.h: shared by the files that read one line. */
#pragma once

#include "core/esim.h"
#include "service/catalog_line.h"
#include "json/writer.h"

/* Faults go to `faults` with the path of what is wrong; reading goes on, so that one line tells all its faults. */
struct line_reader {
	struct arena *a;
	struct json_faults *faults;
};

void line_fault(struct line_reader *r, const char *path, const char *rule);
/* fields_bind of a value within the line: its faults are told under `path`. False if there were any. */
bool line_bind(struct line_reader *r, const char *path, const struct json_token *object, const struct fields *table,
	       void *ret);

void read_product(struct line_reader *r, const struct json_token *root, struct catalog_line *line);
/* The plan of an eSIM: read (NULL for null), written and copied in service/catalog_esim.c. */
const struct esim_plan *read_plan(struct line_reader *r, const struct json_token *object);
void write_plan(struct json_writer *w, const struct esim_plan *plan);
const struct esim_plan *copy_plan(struct arena *a, const struct esim_plan *plan);
/* What must hold between the parts of a product, once each of them is well-formed. */
void check_product(struct line_reader *r, const struct catalog_line *line);

/* {"fr": {"name": ..., "description": ...}}; `name` is how the first is called: "name", "title". */
const struct localized *read_texts(struct line_reader *r, const struct json_token *texts, const char *name,
				   size_t *ret_count);
const struct region *const *read_regions(struct line_reader *r, const struct field_strs *codes, size_t *ret_count);

/* catalog_shop.c */
void read_category(struct line_reader *r, const struct json_token *root, struct catalog_line *line);
void read_family(struct line_reader *r, const struct json_token *root, struct catalog_line *line);
/* A wholesale price of any amount: a rate in place of the amount. */
void read_markup(struct line_reader *r, const char *path, const struct json_token *value, const struct product *p,
		 struct price *ret);
/* A product's "sku"; NULL if it has none. */
const struct sku *read_sku(struct line_reader *r, const struct json_token *object, struct catalog_line *line);

/* catalog_shop_write.c */
void write_category(struct json_writer *w, const struct catalog_line *line);
void write_family(struct json_writer *w, const struct catalog_line *line);
void write_sku(struct json_writer *w, const struct sku *sku);
void copy_category(struct arena *a, struct catalog_line *line);
void copy_family(struct arena *a, struct catalog_line *line);
const struct sku *copy_sku(struct arena *a, const struct sku *sku);

/* catalog_write.c, catalog_copy.c */
void write_text(struct json_writer *w, const char *name, struct str text);
void write_texts(struct json_writer *w, const struct localized *texts, size_t n, const char *name);
const struct localized *copy_texts(struct arena *a, const struct localized *texts, size_t n);
void *copy_array(struct arena *a, const void *items, size_t n, size_t size);
#define COPY_ARRAY(a, items, n) copy_array((a), (items), (n), sizeof(*(items)))

/* catalog_product.c: an array of at most `most` objects; NULL if there is none, and a fault if it is anything else. */
const struct json_token *read_objects(struct line_reader *r, const char *path, const struct json_token *array,
				      size_t most);

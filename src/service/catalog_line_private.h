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

#include "store/reusables.h"

#include "store/columns.h"

static const struct column reusable_columns[] = {
	FIXED(struct reusable, I64, id),	   FIXED(struct reusable, I64, partner_id),
	FIXED(struct reusable, INT, currency),	   FIXED(struct reusable, I64, item_amount),
	FIXED(struct reusable, I64, tax_amount),   FIXED(struct reusable, TEXT, item_name),
	FIXED(struct reusable, TEXT, photo_url),   FIXED(struct reusable, TEXT, video_url),
	FIXED(struct reusable, TEXT, message),	   FIXED(struct reusable, TEXT, reference),
	FIXED(struct reusable, TEXT, category),	   FIXED(struct reusable, TEXT, brand),
	COLUMN(struct reusable, INT, photo_state), COLUMN(struct reusable, TEXT, photo_type),
	FIXED(struct reusable, I64, created_at),   COLUMN(struct reusable, I64, version),
};
const struct table table_reusables =
	TABLE("reusables", struct reusable, reusable_columns, 1, ARRAY_LEN(reusable_columns) - 1);

static const struct column part_columns[] = {
	COLUMN(struct photo_part, I64, reusable_id),
	COLUMN(struct photo_part, INT, no),
	FIXED(struct photo_part, BLOB, content),
};
const struct table table_photo_parts = TABLE("photo_parts", struct photo_part, part_columns, 2, 0);

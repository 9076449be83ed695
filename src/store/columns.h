/* store/columns.h: how the column tables of the nouns are written: a row's type, how the field is stored, its name. A
 * FIXED one never changes after the insert. For the .c files of store/ alone. */
#pragma once

#include "db/db.h"

#include <stddef.h>

#define COLUMN(row, kind, field)                            \
	{                                                   \
#field, COL_##kind, offsetof(row, field), 0 \
	}
#define FIXED(row, kind, field)                                     \
	{                                                           \
#field, COL_##kind, offsetof(row, field), COL_FIXED \
	}

/* store/reusables.h: reusable QR codes and the pictures of what they sell. */
#pragma once

#include "core/reusable.h"
#include "db/db.h"

extern const struct table table_reusables, table_photo_parts;

/* json/xml.h: the same tree as XML: what is rendered once as JSON is written again, so the two cannot differ.
 *
 * A member is an element of its name, an array an element with <item> children, null an empty element. Characters that
 * XML 1.0 does not have are dropped; a carriage return is written as a reference, so that it comes back as one. A name
 * that is none in XML gets an underscore before it, and one in place of each character that may not stand in it. */
#pragma once

#include "base/buf.h"
#include "json/reader.h"

/* A whole document, with `root` as the name of its element. Text is decoded into the arena where it is escaped. */
void xml_put(struct buf *b, struct arena *a, const char *root, const struct json_token *value);

/* base/html.h: HTML that is escaped unless it is ours: of pages and of mails.
 *
 * html_lit() takes string literals only; everything that comes from elsewhere goes through html_text(), which escapes
 * for text and for quoted attributes alike. */
#pragma once

#include "base/buf.h"

#define html_lit(b, literal) buf_lit((b), literal)
void html_text(struct buf *b, struct str text);

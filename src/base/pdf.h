/* base/pdf.h: a page of text as PDF; cairo and pango behind one narrow door.
 *
 * A4, upright, in points from the top left corner. Text in any script that the machine has a font for; it is text in
 * the file too, to be searched and copied. The same calls give the same page. Making one takes some milliseconds, more
 * at a thread's first one, so never on a thread that others wait for. */
#pragma once

#include "base/buf.h"

enum { PDF_WIDTH = 595, PDF_HEIGHT = 842 };

struct pdf;

/* What the file says of itself. `made`: RFC 3339. */
struct pdf_about {
	struct str title, author, made;
};

/* Where text goes, and how it looks. */
struct pdf_box {
	int x, y, width; /* lines are broken at the width */
	int size;	 /* of the letters */
	bool is_bold, is_grey, is_right;
	int lines; /* at most so many, the last one cut with an ellipsis; 0 = 1 */
};

/* Appends to `b` once pdf_end() is called. */
struct pdf *pdf_new(struct buf *b, const struct pdf_about *about);
/* How many points high it is. Well-formed UTF-8; what is a direction or a command in other formats is text here. */
int pdf_text(struct pdf *p, const struct pdf_box *box, struct str text);
void pdf_rule(struct pdf *p, int x, int y, int width); /* a thin line */
/* Frees. ERR_INTERNAL when the file could not be made, ERR_TOO_LARGE when `b` is full. */
MUST_USE enum err pdf_end(struct pdf *p);

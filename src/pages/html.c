#include "pages/html.h"

void html_pair(struct buf *b, struct str name, struct str value)
{
	if (!value.p)
		return;
	html_lit(b, "<dt>");
	html_text(b, name);
	html_lit(b, "</dt><dd>");
	html_text(b, value);
	html_lit(b, "</dd>\n");
}

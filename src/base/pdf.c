#include "base/pdf.h"

#include "base/arena.h"

#include <cairo/cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdlib.h>

static const char family[] = "sans";

struct pdf {
	struct buf *b;
	cairo_surface_t *surface;
	cairo_t *cairo;
};

#ifdef __SANITIZE_ADDRESS__
/* What fontconfig reads once and keeps for the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}
#endif

static cairo_status_t take_bytes(void *arg, const unsigned char *bytes, unsigned n)
{
	struct buf *b = arg;

	buf_put(b, bytes, n);
	return b->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void tell(struct pdf *p, cairo_pdf_metadata_t what, struct str text)
{
	struct arena a;

	arena_init(&a);
	cairo_pdf_surface_set_metadata(p->surface, what, arena_strz(&a, text));
	arena_done(&a);
}

struct pdf *pdf_new(struct buf *b, const struct pdf_about *about)
{
	struct pdf *p = calloc(1, sizeof(*p));

	must(p);
	p->b = b;
	p->surface = cairo_pdf_surface_create_for_stream(take_bytes, b, PDF_WIDTH, PDF_HEIGHT);
	tell(p, CAIRO_PDF_METADATA_TITLE, about->title);
	tell(p, CAIRO_PDF_METADATA_AUTHOR, about->author);
	tell(p, CAIRO_PDF_METADATA_CREATE_DATE, about->made);
	p->cairo = cairo_create(p->surface);
	return p;
}

static PangoLayout *layout_of(struct pdf *p, const struct pdf_box *box, struct str text)
{
	PangoLayout *layout = pango_cairo_create_layout(p->cairo);
	PangoFontDescription *font = pango_font_description_new();

	pango_font_description_set_family_static(font, family);
	pango_font_description_set_absolute_size(font, box->size * PANGO_SCALE);
	if (box->is_bold)
		pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_width(layout, box->width * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_height(layout, box->lines ? -box->lines : -1); /* below zero: lines */
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_alignment(layout, box->is_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
	pango_layout_set_auto_dir(layout, FALSE); /* a name written from the right does not change sides */
	pango_layout_set_text(layout, text.n ? text.p : "", (int)text.n);
	return layout;
}

int pdf_text(struct pdf *p, const struct pdf_box *box, struct str text)
{
	PangoLayout *layout = layout_of(p, box, text);
	int height;

	if (box->is_grey)
		cairo_set_source_rgb(p->cairo, 0.4, 0.4, 0.4);
	else
		cairo_set_source_rgb(p->cairo, 0.1, 0.1, 0.1);
	cairo_move_to(p->cairo, box->x, box->y);
	pango_cairo_show_layout(p->cairo, layout);
	pango_layout_get_pixel_size(layout, NULL, &height);
	g_object_unref(layout);
	return height;
}

void pdf_rule(struct pdf *p, int x, int y, int width)
{
	cairo_set_source_rgb(p->cairo, 0.75, 0.75, 0.75);
	cairo_set_line_width(p->cairo, 0.75);
	cairo_move_to(p->cairo, x, y);
	cairo_line_to(p->cairo, x + width, y);
	cairo_stroke(p->cairo);
}

enum err pdf_end(struct pdf *p)
{
	cairo_show_page(p->cairo);
	cairo_surface_finish(p->surface);
	bool is_good = cairo_status(p->cairo) == CAIRO_STATUS_SUCCESS &&
		       cairo_surface_status(p->surface) == CAIRO_STATUS_SUCCESS;
	enum err e = p->b->failed ? ERR_TOO_LARGE : is_good ? OK : ERR_INTERNAL;

	cairo_destroy(p->cairo);
	cairo_surface_destroy(p->surface);
	free(p);
	return e;
}

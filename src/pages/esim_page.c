/* pages/esim_page.c: an eSIM's page: the code to scan, links that install it, codes to type, what is left. */
#include "pages/pages_private.h"

#include "base/qr.h"
#include "json/reader.h"

#define APPLE_LINK "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata="
#define ANDROID_LINK "https://esimsetup.android.com/esim_qrcode_provisioning?carddata="
enum { GIGABYTE_TENTHS = 107374182 };

static const struct esim *esim_of(const struct page *p)
{
	const struct order_extras *x = p->public.get.view.extras;

	for (size_t i = 0; x && i < x->esim_count; i++)
		if (x->esims[i].unit == p->unit)
			return &x->esims[i];
	return NULL;
}

static const struct json_token *profile_of(struct page *p, const struct esim *esim)
{
	struct str plain;
	struct json doc;

	if (!esim || esim_profile_open(p->keys, &p->x->arena, esim, &plain) ||
	    json_read(&p->x->arena, plain, NULL, &doc))
		return NULL;
	return json_root(&doc);
}

static void put_link(struct buf *b, struct str base, struct str code, struct str text)
{
	html_lit(b, "<a class=\"button\" rel=\"noreferrer\" href=\"");
	html_text(b, base);
	html_text(b, code);
	html_lit(b, "\">");
	html_text(b, text);
	html_lit(b, "</a>\n");
}

/* Tenths of a gigabyte: "4.7", or "4,7". */
static void put_tenths(struct page *p, int64_t bytes)
{
	int64_t tenths = bytes / GIGABYTE_TENTHS;

	buf_printf(&p->x->reply, "%lld%c%lld", (long long)(tenths / 10), p->language == LANGUAGE_FR ? ',' : '.',
		   (long long)(tenths % 10));
}

static void put_gigabytes(struct page *p)
{
	buf_char(&p->x->reply, ' ');
	html_text(&p->x->reply, word_in(p->language, WORD_GIGABYTES));
}

static void put_until(struct page *p, const struct esim_package *package)
{
	struct buf *b = &p->x->reply;

	if (!package->expires_us) {
		html_text(b, word_in(p->language, WORD_NOT_STARTED));
		return;
	}
	html_text(b, word_in(p->language, WORD_UNTIL));
	buf_char(b, ' ');
	word_date(b, p->language, package->expires_us);
}

/* What is left, large; where nobody tells what was used: what was bought. */
static void put_amount(struct page *p, const struct esim_package *package, bool is_told)
{
	struct buf *b = &p->x->reply;
	int64_t left = package->bytes - package->used_bytes;

	html_lit(b, "<li><b>");
	html_text(b, page_product_name(p, package->product));
	html_lit(b, "</b><span class=\"left\">");
	if (package->bytes < 0) {
		html_text(b, word_in(p->language, WORD_UNLIMITED));
	} else {
		put_tenths(p, is_told ? left : package->bytes);
		put_gigabytes(p);
	}
	html_lit(b, "</span>");
	if (is_told) {
		html_lit(b, "<small>");
		if (package->bytes >= 0) {
			html_text(b, word_in(p->language, WORD_LEFT));
			buf_char(b, ' ');
			html_text(b, word_in(p->language, WORD_LEFT_OF));
			buf_char(b, ' ');
			put_tenths(p, package->bytes);
			put_gigabytes(p);
			html_lit(b, ", ");
		}
		put_until(p, package);
		html_lit(b, "</small>");
	}
	if (is_told && package->bytes > 0) {
		html_lit(b, "<progress aria-label=\"");
		html_text(b, word_in(p->language, WORD_LEFT));
		buf_printf(b, "\" max=\"100\" value=\"%lld\"></progress>", (long long)(left * 100 / package->bytes));
	}
	html_lit(b, "</li>\n");
}

static void put_usage(struct page *p, const struct esim *esim)
{
	static const enum word states[] = {
		[SMDP_RELEASED] = WORD_IS_NEW, [SMDP_INSTALLED] = WORD_IS_INSTALLED, [SMDP_ENABLED] = WORD_IS_USED
	};
	const struct esim_get *get = &p->public.get;
	const struct esim_usage *usage = get->usage ? &get->usage[esim - get->view.extras->esims] : NULL;
	struct buf *b = &p->x->reply;

	if (!usage)
		return;
	html_lit(b, "<section><h2>");
	html_text(b, word_in(p->language, WORD_DATA));
	html_lit(b, "</h2>\n");
	if (usage->is_told)
		page_say(p, "state", states[usage->smdp]);
	html_lit(b, "<ul>\n");
	for (size_t i = 0; i < usage->package_count; i++)
		put_amount(p, &usage->packages[i], usage->is_told);
	html_lit(b, "</ul></section>\n");
}

static void put_steps(struct page *p)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<section><h2>");
	html_text(b, word_in(p->language, WORD_HOW));
	html_lit(b, "</h2>\n<ol>\n");
	for (int word = WORD_HOW_FIRST; word <= WORD_HOW_ONCE; word++) {
		html_lit(b, "<li>");
		html_text(b, word_in(p->language, (enum word)word));
		html_lit(b, "</li>\n");
	}
	html_lit(b, "</ol></section>\n");
}

static void put_codes(struct page *p, const struct esim *esim, const struct json_token *profile, struct str lpa)
{
	static const struct {
		enum word word;
		const char *name;
	} rows[] = { { WORD_APN, "apn" }, { WORD_PIN, "pin" }, { WORD_PUK, "puk" } };
	struct buf *b = &p->x->reply;
	struct str rest = lpa;

	html_lit(b, "<section><h2>");
	html_text(b, word_in(p->language, WORD_MANUAL));
	html_lit(b, "</h2>\n<dl>\n");
	str_cut(&rest, '$');
	html_pair(b, word_in(p->language, WORD_HOST), str_cut(&rest, '$'));
	html_pair(b, word_in(p->language, WORD_CODE), rest);
	html_pair(b, word_in(p->language, WORD_ICCID), esim->iccid);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		html_pair(b, word_in(p->language, rows[i].word),
			  json_text(&p->x->arena, json_get(profile, rows[i].name)));
	html_lit(b, "</dl></section>\n");
}

/* What a person does first comes first: the picture, the buttons, then the codes. */
static void put_install(struct page *p, const struct esim *esim, const struct json_token *profile)
{
	struct str lpa = json_text(&p->x->arena, json_get(profile, "code"));
	struct buf *b = &p->x->reply;

	html_lit(b, "<section class=\"code\"><img alt=\"");
	html_text(b, word_in(p->language, WORD_QR));
	html_lit(b, "\" src=\"");
	html_text(b, p->x->path);
	html_lit(b, ".png\"><p>");
	html_text(b, word_in(p->language, WORD_SCAN));
	html_lit(b, "</p>\n");
	put_link(b, STR(APPLE_LINK), lpa, word_in(p->language, WORD_IOS));
	put_link(b, STR(ANDROID_LINK), lpa, word_in(p->language, WORD_ANDROID));
	html_lit(b, "</section>\n");
	put_usage(p, esim);
	put_steps(p);
	put_codes(p, esim, profile, lpa);
}

void esim_page(struct page *p)
{
	const struct esim *esim = esim_of(p);
	const struct json_token *profile = profile_of(p, esim);

	page_begin(p, profile ? WORD_ESIM : WORD_NOT_FOUND);
	if (!profile)
		p->x->status = 404;
	else if (esim->state == ESIM_WITHDRAWN)
		page_say(p, "notice", WORD_WITHDRAWN);
	else
		put_install(p, esim, profile);
	page_end(p);
}

enum err esim_qr(struct page *p)
{
	const struct esim *esim = esim_of(p);
	const struct json_token *profile = profile_of(p, esim);

	if (!profile || esim->state == ESIM_WITHDRAWN)
		return ERR_NOT_FOUND;
	return qr_png(&p->x->reply, json_text(&p->x->arena, json_get(profile, "code")));
}

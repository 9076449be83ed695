#include "pages/pages_private.h"

#include "base/clock.h"
#include "base/qr.h"
#include "http/query.h"
#include "pages/checkout.h"
#include "pages/reusable.h"
#include "service/engine.h"

#include <stdlib.h>

static const char style[] =
	":root{color-scheme:light dark}*{box-sizing:border-box}"
	"body{margin:0;font:17px/1.5 system-ui,sans-serif;background:#f2f4f7;color:#16202c}"
	"main{max-width:34rem;margin:0 auto;padding:1.5rem 1rem 3rem}"
	"h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.05rem;margin:0 0 .5rem}"
	".plan{margin:0 0 1rem;color:#5a6776}"
	"section,form{background:#fff;border-radius:14px;padding:1.25rem;margin:0 0 1rem;"
	"box-shadow:0 1px 3px #0002}"
	".code{text-align:center}.code img{width:min(100%,17rem);image-rendering:pixelated;border-radius:8px}"
	".button,button{display:block;width:100%;padding:.8rem;margin:.6rem 0 0;border:0;border-radius:10px;"
	"background:#1257c7;color:#fff;font:inherit;font-weight:600;text-align:center;text-decoration:none}"
	"dl{margin:0}dt{color:#5a6776;font-size:.85rem}dd{margin:0 0 .6rem;overflow-wrap:anywhere;"
	"font-family:ui-monospace,monospace}ul{margin:0;padding:0;list-style:none}li{margin:0 0 .6rem}"
	".left{display:block;font-size:1.7rem;font-weight:700;line-height:1.3;font-variant-numeric:tabular-nums}"
	"small{display:block;font-size:.9rem;color:#5a6776}dd{user-select:all}"
	".state{display:inline-block;margin:0 0 .8rem;padding:.15rem .7rem;border-radius:99px;background:#e8f0fe;"
	"color:#173f7a;font-size:.85rem}ol{margin:0;padding:0 0 0 1.3rem}ol li{padding-left:.2rem}"
	"progress{width:100%;height:.6rem;margin:.4rem 0 0;accent-color:#1257c7}label{display:block;margin:0 0 "
	".9rem;font-weight:600}"
	"input,select{display:block;width:100%;padding:.7rem;margin-top:.25rem;font:inherit;font-weight:400;"
	"border:1px solid #76838f;border-radius:8px;background:#fff;color:inherit}nav{text-align:right}nav "
	"a{color:inherit;opacity:.75}"
	".care a{color:inherit}.care{font-size:.85rem;color:#5a6776;margin:.9rem 0 "
	"0}.notice{background:#fff3d6;color:#5c4300;border-radius:10px;padding:.8rem}"
	"h1{overflow-wrap:anywhere}h2{overflow-wrap:anywhere}"
	".merchant{margin:0;color:#5a6776;font-weight:600;overflow-wrap:anywhere}"
	".photo{display:block;width:100%;max-height:22rem;object-fit:contain;border-radius:10px;margin:0 0 1rem}"
	".message{margin:0 0 1rem;overflow-wrap:anywhere}.item a{color:inherit;font-weight:600}"
	".item dd{font-family:inherit}"
	".row{display:flex;justify-content:space-between;gap:1rem}.row dt{font-size:1rem}"
	".row dd{margin:0;font-family:inherit;font-variant-numeric:tabular-nums;text-align:right}"
	".total{border-top:1px solid #d5dbe2;margin-top:.5rem;padding-top:.5rem;font-weight:700;font-size:1.25rem}"
	".total dt{color:inherit;font-size:inherit}.bill h2+dl{margin-top:.75rem}"
	"fieldset dd{font-family:inherit}"
	"fieldset{border:0;margin:0 0 "
	"1.25rem;padding:0;min-width:0}legend{padding:0;margin:0 0 .75rem;font-weight:700}"
	".field{margin:0 0 1rem}.field label{margin:0}.hint{display:block;color:#5a6776;font-size:.85rem}"
	".fault{display:block;color:#b3261e;font-size:.9rem;font-weight:600}input[aria-invalid],select[aria-invalid]{"
	"border:2px solid "
	"#b3261e}"
	".test{background:#e8f0fe;color:#173f7a;border-radius:10px;padding:.8rem;font-size:.9rem;margin:0 0 1rem}"
	".good{background:#dff5e4;color:#0d4a22;border-radius:10px;padding:.8rem;margin:0 0 1rem}"
	".notice,.good{margin:0 0 1rem}.notice p,.good p{margin:0}.notice a{color:inherit}"
	".notice li{margin:.3rem 0 0}.plain{background:none;box-shadow:none;padding:0;margin:0}"
	"button.quiet{background:none;color:inherit;font-weight:400;text-decoration:underline}button{cursor:pointer}"
	"a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #c26a00;"
	"outline-offset:2px}"
	"@media(prefers-color-scheme:dark){.merchant,.hint{color:#9aa8b6}.total{border-color:#3a4754}"
	".fault{color:#ff9b93}input[aria-invalid]{border-color:#ff9b93}.test,.state{background:#1c3252;color:#d6e5ff}"
	".good{background:#173d24;color:#c9f2d5}}"
	"@media(prefers-color-scheme:dark){body{background:#10161d;color:#e8edf2}section,form{background:#1a232d}"
	".plan,dt,.care,small{color:#9aa8b6}input,select{background:#10161d;color:inherit;border-color:#76838f}}";

struct pages *pages_new(const struct pages_options *options)
{
	struct pages *p = calloc(1, sizeof(*p));

	must(p);
	p->options = *options;
	p->begun = rates_new(SECONDS_US(60));
	return p;
}

void pages_free(struct pages *p)
{
	if (p)
		rates_free(p->begun);
	free(p);
}

void page_say(struct page *p, const char *class, enum word word)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<p class=\"");
	html_text(b, str_of(class));
	html_lit(b, "\">");
	html_text(b, word_in(p->language, word));
	html_lit(b, "</p>\n");
}

void page_alert(struct page *p, enum word word)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<p class=\"notice\" role=\"alert\">");
	html_text(b, word_in(p->language, word));
	html_lit(b, "</p>\n");
}

void page_languages(struct page *p)
{
	enum language other = p->language == LANGUAGE_EN ? LANGUAGE_FR : LANGUAGE_EN;
	struct buf *b = &p->x->reply;

	html_lit(b, "<nav><a rel=\"alternate\" hreflang=\"");
	html_text(b, language_code(other));
	html_lit(b, "\" lang=\"");
	html_text(b, language_code(other));
	html_lit(b, "\" href=\"?lang=");
	html_text(b, language_code(other));
	html_lit(b, "\">");
	html_text(b, word_in(p->language, WORD_OTHER_LANGUAGE));
	html_lit(b, "</a></nav>\n");
}

struct str page_product_name(const struct page *p, const struct product *product)
{
	int locale = locale_find(language_code(p->language));

	return product_name(product, locale < 0 ? LOCALE_DEFAULT : locale, NULL);
}

void page_open(struct page *p, enum word title, int again_seconds)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<!doctype html>\n<html lang=\"");
	html_text(b, language_code(p->language));
	html_lit(b, "\"><head><meta charset=\"utf-8\">"
		    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
		    "<meta name=\"robots\" content=\"noindex\">");
	if (again_seconds)
		buf_printf(b, "<meta http-equiv=\"refresh\" content=\"%d\">", again_seconds);
	html_lit(b, "<title>");
	html_text(b, word_in(p->language, title));
	html_lit(b, "</title><link rel=\"stylesheet\" href=\"/e/style.css\"></head><body><main>\n");
}

void page_begin(struct page *p, enum word title)
{
	const struct product *product = p->public.get.view.product;
	struct buf *b = &p->x->reply;

	page_open(p, title, 0);
	page_languages(p);
	html_lit(b, "<h1>");
	html_text(b, word_in(p->language, title));
	html_lit(b, "</h1>\n");
	if (!product)
		return;
	html_lit(b, "<p class=\"plan\">");
	html_text(b, page_product_name(p, product));
	html_lit(b, "</p>\n");
}

void page_end(struct page *p)
{
	html_lit(&p->x->reply, "</main></body></html>\n");
}

static void send(struct http_exchange *x, const char *type, const char *kept, struct str form_targets)
{
	http_reply_header(x, "Content-Type", str_of(type));
	http_reply_header(x, "Content-Security-Policy",
			  arena_printf(&x->arena,
				       "default-src 'none'; img-src 'self'; style-src 'self'; form-action %.*s; "
				       "base-uri 'none'; frame-ancestors 'none'",
				       STR_ARG(form_targets)));
	http_reply_header(x, "X-Content-Type-Options", STR("nosniff"));
	http_reply_header(x, "X-Frame-Options", STR("DENY"));
	http_reply_header(x, "X-Robots-Tag", STR("noindex"));
	http_reply_header(x, "Referrer-Policy", STR("no-referrer"));
	http_reply_header(x, "Cache-Control", str_of(kept));
	http_reply(x);
}

void page_send(struct page *p, const char *type, struct str form_targets)
{
	struct http_exchange *x = p->x;

	catalog_release(p->catalog);
	send(x, type, "no-store", form_targets);
}

void page_send_kept(struct page *p, const char *type, const char *kept)
{
	struct http_exchange *x = p->x;

	catalog_release(p->catalog);
	send(x, type, kept, STR("'none'"));
}

static void send_page(struct page *p, const char *type)
{
	page_send(p, type, STR("'self'"));
}

void page_send_nothing(struct page *p)
{
	p->x->status = 404;
	p->public.get.view.product = NULL;
	buf_clear(&p->x->reply);
	page_begin(p, WORD_NOT_FOUND);
	page_end(p);
	send_page(p, "text/html; charset=utf-8");
}

const struct providers *page_providers(const struct page *p)
{
	return p->pages->options.providers;
}

int64_t page_wall_us(const struct page *p)
{
	return engine_wall_us(p->pages->options.engine);
}

const char *page_public_url(const struct page *p)
{
	return p->pages->options.public_url;
}

void page_ready(struct page *p)
{
	struct http_exchange *x = p->x;

	http_ready(p->pages->options.server, &x, 1);
}

static void on_done(struct task *t)
{
	page_ready(t->sender);
}

void page_submit(struct page *p, const struct verb *verb, void *command, http_handler on_ready)
{
	struct http_exchange *x = p->x;

	p->task = (struct task){ .verb = verb,
				 .command = command,
				 .arena = &x->arena,
				 .catalog = p->catalog,
				 .partner_id = p->task.partner_id,
				 .done = on_done,
				 .sender = p };
	/* Parked first: the task may be done before task_submit returns. */
	http_park(x, on_ready, p->pages);
	if (!task_submit(p->pages->options.engine, &p->task)) {
		p->task.result = ERR_BUSY;
		page_ready(p);
	}
}

/* Looked at again after a form: reloading must not send it twice. */
static void form_taken(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	x->status = 303;
	http_reply_header(x, "Location", x->path);
	send_page(p, "text/html; charset=utf-8");
}

static void take_form(struct page *p)
{
	p->submit = (struct kyc_submit){ .order_id = p->public.order_id, .doc = kyc_form(p) };
	p->is_incomplete = !p->submit.doc.p;
	if (!p->is_incomplete) {
		page_submit(p, &verb_kyc_submit, &p->submit, form_taken);
		return;
	}
	p->x->status = 422;
	kyc_page(p);
	send_page(p, "text/html; charset=utf-8");
}

/* ---- a provider's word ---- */

static void send_decision(struct page *p, enum err e)
{
	kyc_decision_answer(p, e);
	send_page(p, "application/json");
}

static void decision_taken(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	send_decision(p, p->task.result);
}

static void take_decision(struct page *p)
{
	enum err e = str_is(p->x->method, "POST") ? kyc_decision_read(p) : ERR_METHOD_NOT_ALLOWED;

	if (e)
		send_decision(p, e);
	else
		page_submit(p, &verb_kyc_decide, &p->decide, decision_taken);
}

/* ---- pages ---- */

static void have_order(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	if (p->task.result) {
		page_send_nothing(p);
	} else if (p->kind == PAGE_QR) {
		if (esim_qr(p))
			page_send_nothing(p);
		else
			send_page(p, "image/png");
	} else if (p->kind == PAGE_KYC && str_is(x->method, "POST")) {
		take_form(p);
	} else {
		(p->kind == PAGE_KYC ? kyc_page : esim_page)(p);
		send_page(p, "text/html; charset=utf-8");
	}
}

/* What stands at which path; the token is between the two. */
static const struct place {
	struct str head, tail;
	enum page_kind kind;
	enum public_kind public;
	bool takes_forms;
} places[] = {
	{ STR("/e/"), STR(".png"), PAGE_QR, PUBLIC_ESIM, false },
	{ STR("/e/"), { NULL, 0 }, PAGE_ESIM, PUBLIC_ESIM, false },
	{ STR("/kyc/"), STR("/decision"), PAGE_DECISION, PUBLIC_KYC, true },
	{ STR("/kyc/"), { NULL, 0 }, PAGE_KYC, PUBLIC_KYC, true },
	{ STR("/qr/"), STR(".png"), PAGE_PAYMENT_QR, PUBLIC_PAYMENT_QR, false },
	{ STR("/pay/"), { NULL, 0 }, PAGE_PAYMENT, PUBLIC_PAYMENT, true },
	{ STR("/buy/"), STR(".png"), PAGE_REUSABLE_QR, PUBLIC_REUSABLE_QR, false },
	{ STR("/buy/"), STR(".photo"), PAGE_PHOTO, PUBLIC_PHOTO, false },
	{ STR("/buy/"), { NULL, 0 }, PAGE_REUSABLE, PUBLIC_REUSABLE, true },
	{ STR("/webhooks/"), { NULL, 0 }, PAGE_HOOK, 0, true },
};

static const struct place *place_of(struct str path, struct str *ret_token)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct place *place = &places[i];
		struct str token = str_skip(path, place->head.n);

		if (!str_starts(path, place->head) || token.n < place->tail.n ||
		    !str_eq(str_skip(token, token.n - place->tail.n), place->tail))
			continue;
		*ret_token = (struct str){ token.p, token.n - place->tail.n };
		return place;
	}
	return NULL;
}

static struct page *page_new(struct pages *pages, struct http_exchange *x, enum page_kind kind)
{
	struct page *p = ARENA_NEW(&x->arena, struct page);
	struct query q;
	bool has_query = query_parse(&x->arena, x->query, QUERY_PLUS_IS_SPACE, &q) == OK;

	p->pages = pages;
	p->x = x;
	p->kind = kind;
	p->keys = engine_keys(pages->options.engine);
	p->now_us = engine_now_us(pages->options.engine);
	p->catalog = engine_catalog(pages->options.engine);
	p->has_asked_language = has_query && query_find(&q, "lang").n;
	p->language =
		language_of(has_query ? query_find(&q, "lang") : STR_NONE, http_header_find(x, "Accept-Language"));
	p->public.get.lookup = pages->options.lookup;
	x->user = p;
	return p;
}

/* The picture of a link: what it says never changes, whatever becomes of what it leads to. */
static void send_link_qr(struct page *p, enum public_kind kind, int64_t id)
{
	struct http_exchange *x = p->x;
	struct str link = public_link(p->keys, &x->arena, p->pages->options.public_url, kind, id, 0, "");
	struct str tag = arena_printf(&x->arena, "\"%016llx\"", (unsigned long long)str_hash(link));

	http_reply_header(x, "ETag", tag);
	if (str_eq(http_header_find(x, "If-None-Match"), tag)) {
		x->status = 304;
	} else if (qr_png(&x->reply, link)) {
		page_send_nothing(p);
		return;
	}
	page_send_kept(p, "image/png", "private, max-age=86400");
}

static void start_order(struct page *p, int64_t id)
{
	p->public.order_id = id;
	if (p->kind == PAGE_DECISION)
		take_decision(p);
	else
		page_submit(p, &verb_esim_public, &p->public, have_order);
}

static void start_payment_qr(struct page *p, int64_t id)
{
	send_link_qr(p, PUBLIC_PAYMENT, id);
}

static void start_reusable_qr(struct page *p, int64_t id)
{
	send_link_qr(p, PUBLIC_REUSABLE, id);
}

/* Once the token has been read: what it is the key of. */
static void (*const starts[])(struct page *p, int64_t id) = {
	[PAGE_ESIM] = start_order,
	[PAGE_QR] = start_order,
	[PAGE_KYC] = start_order,
	[PAGE_DECISION] = start_order,
	[PAGE_PAYMENT] = checkout_start,
	[PAGE_PAYMENT_QR] = start_payment_qr,
	[PAGE_REUSABLE] = reusable_start,
	[PAGE_PHOTO] = reusable_photo_start,
	[PAGE_REUSABLE_QR] = start_reusable_qr,
};

static void start(struct page *p, enum public_kind public, struct str token)
{
	int64_t id;

	if (p->kind == PAGE_HOOK) {
		checkout_hook(p, token);
	} else if (public_token_read(p->keys, public, token, &id, &p->unit)) {
		page_send_nothing(p);
	} else {
		starts[p->kind](p, id);
	}
}

bool pages_handle(struct pages *pages, struct http_exchange *x)
{
	struct str token;
	const struct place *place = x->path.p ? place_of(x->path, &token) : NULL;
	bool is_read = str_is(x->method, "GET") || str_is(x->method, "HEAD");

	if (!place)
		return false;
	if (place->kind == PAGE_ESIM && str_is(token, "style.css") && is_read) {
		buf_str(&x->reply, str_of(style));
		send(x, "text/css", "max-age=86400", STR("'none'"));
		return true;
	}
	struct page *p = page_new(pages, x, place->kind);
	if (is_read || place->kind == PAGE_DECISION || (place->takes_forms && str_is(x->method, "POST")))
		start(p, place->public, token);
	else
		page_send_nothing(p);
	return true;
}

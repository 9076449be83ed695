#include "pages/pages_private.h"

#include "http/query.h"
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
	"progress{width:100%;height:.6rem}label{display:block;margin:0 0 .9rem;font-weight:600}"
	"input{display:block;width:100%;padding:.7rem;margin-top:.25rem;font:inherit;border:1px solid #b8c2cc;"
	"border-radius:8px}.notice{background:#fff3d6;color:#5c4300;border-radius:10px;padding:.8rem}"
	"@media(prefers-color-scheme:dark){body{background:#10161d;color:#e8edf2}section,form{background:#1a232d}"
	".plan,dt{color:#9aa8b6}input{background:#10161d;color:inherit;border-color:#3a4754}}";

struct pages *pages_new(const struct pages_options *options)
{
	struct pages *p = calloc(1, sizeof(*p));

	must(p);
	p->options = *options;
	return p;
}

void pages_free(struct pages *p)
{
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

void page_begin(struct page *p, enum word title)
{
	const struct product *product = p->public.get.view.product;
	struct buf *b = &p->x->reply;
	int locale = locale_find(language_code(p->language));

	html_lit(b, "<!doctype html>\n<html lang=\"");
	html_text(b, language_code(p->language));
	html_lit(b, "\"><head><meta charset=\"utf-8\">"
		    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
		    "<meta name=\"robots\" content=\"noindex\"><title>");
	html_text(b, word_in(p->language, title));
	html_lit(b, "</title><link rel=\"stylesheet\" href=\"/e/style.css\"></head><body><main>\n<h1>");
	html_text(b, word_in(p->language, title));
	html_lit(b, "</h1>\n");
	if (!product)
		return;
	html_lit(b, "<p class=\"plan\">");
	html_text(b, product_name(product, locale < 0 ? LOCALE_DEFAULT : locale, NULL));
	html_lit(b, "</p>\n");
}

void page_end(struct page *p)
{
	html_lit(&p->x->reply, "</main></body></html>\n");
}

static void send(struct http_exchange *x, const char *type, bool may_be_kept)
{
	http_reply_header(x, "Content-Type", str_of(type));
	http_reply_header(x, "Content-Security-Policy",
			  STR("default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; "
			      "base-uri 'none'; frame-ancestors 'none'"));
	http_reply_header(x, "X-Content-Type-Options", STR("nosniff"));
	http_reply_header(x, "Referrer-Policy", STR("no-referrer"));
	http_reply_header(x, "Cache-Control", may_be_kept ? STR("max-age=86400") : STR("no-store"));
	http_reply(x);
}

static void send_page(struct page *p, const char *type)
{
	struct http_exchange *x = p->x;

	catalog_release(p->catalog);
	send(x, type, false);
}

static void send_nothing(struct page *p)
{
	p->x->status = 404;
	p->public.get.view.product = NULL;
	buf_clear(&p->x->reply);
	page_begin(p, WORD_NOT_FOUND);
	page_end(p);
	send_page(p, "text/html; charset=utf-8");
}

static void on_done(struct task *t)
{
	struct page *p = t->sender;
	struct http_exchange *x = p->x;

	http_ready(p->pages->options.server, &x, 1);
}

static void submit(struct page *p, const struct verb *verb, void *command, http_handler on_ready)
{
	struct http_exchange *x = p->x;

	p->task = (struct task){ .verb = verb,
				 .command = command,
				 .arena = &x->arena,
				 .catalog = p->catalog,
				 .done = on_done,
				 .sender = p };
	/* Parked first: the task may be done before task_submit returns. */
	http_park(x, on_ready, p->pages);
	if (!task_submit(p->pages->options.engine, &p->task)) {
		p->task.result = ERR_BUSY;
		http_ready(p->pages->options.server, &x, 1);
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
		submit(p, &verb_kyc_submit, &p->submit, form_taken);
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
		submit(p, &verb_kyc_decide, &p->decide, decision_taken);
}

/* ---- pages ---- */

static void have_order(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	if (p->task.result) {
		send_nothing(p);
	} else if (p->kind == PAGE_QR) {
		if (esim_qr(p))
			send_nothing(p);
		else
			send_page(p, "image/png");
	} else if (p->kind == PAGE_KYC && str_is(x->method, "POST")) {
		take_form(p);
	} else {
		(p->kind == PAGE_KYC ? kyc_page : esim_page)(p);
		send_page(p, "text/html; charset=utf-8");
	}
}

/* Which page a path is; the token's rest in *ret_token. */
static bool path_kind(struct str path, enum page_kind *ret_kind, struct str *ret_token)
{
	static const struct str esim = STR("/e/"), kyc = STR("/kyc/"), png = STR(".png");
	static const struct str decision = STR("/decision");
	bool is_kyc = str_starts(path, kyc);

	if (!is_kyc && !str_starts(path, esim))
		return false;
	struct str token = str_skip(path, is_kyc ? kyc.n : esim.n);
	bool is_png = !is_kyc && token.n > png.n && str_eq(str_skip(token, token.n - png.n), png);
	bool is_decision = is_kyc && token.n > decision.n && str_eq(str_skip(token, token.n - decision.n), decision);
	token.n -= is_png ? png.n : is_decision ? decision.n : 0;
	*ret_kind = is_decision ? PAGE_DECISION : is_kyc ? PAGE_KYC : is_png ? PAGE_QR : PAGE_ESIM;
	*ret_token = token;
	return true;
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
	p->language =
		language_of(has_query ? query_find(&q, "lang") : STR_NONE, http_header_find(x, "Accept-Language"));
	p->public.get.lookup = pages->options.lookup;
	x->user = p;
	return p;
}

bool pages_handle(struct pages *pages, struct http_exchange *x)
{
	enum page_kind kind;
	struct str token;
	bool is_read = str_is(x->method, "GET") || str_is(x->method, "HEAD");

	if (!x->path.p || !path_kind(x->path, &kind, &token))
		return false;
	if (kind == PAGE_ESIM && str_is(token, "style.css") && is_read) {
		buf_str(&x->reply, str_of(style));
		send(x, "text/css", true);
		return true;
	}
	struct page *p = page_new(pages, x, kind);
	bool is_allowed = is_read || kind == PAGE_DECISION || (kind == PAGE_KYC && str_is(x->method, "POST"));
	enum public_kind public = kind == PAGE_KYC || kind == PAGE_DECISION ? PUBLIC_KYC : PUBLIC_ESIM;
	if (!is_allowed || public_token_read(p->keys, public, token, &p->public.order_id, &p->unit))
		send_nothing(p);
	else if (kind == PAGE_DECISION)
		take_decision(p);
	else
		submit(p, &verb_esim_public, &p->public, have_order);
	return true;
}

#include "api/mobimatter/webhook.h"

#include "api/mobimatter/errors.h"
#include "api/mobimatter/order.h"
#include "base/crypto_signer.h"

/* "order.esim_replacement.completed" */
static struct str event_type(struct arena *a, const struct order_view *view)
{
	struct str state = arena_printf(a, "%s", mm_state((enum order_state)view->order.state));

	*(char *)state.p |= 32; /* our own copy; the names begin with a capital */
	return arena_printf(a, "order.%s.%.*s", mm_category(view->product->esim->category), STR_ARG(state));
}

/* Over orderId.merchantId.providerName. */
static enum err sign(struct arena *a, const struct keys *keys, const struct order_view *view, struct str *ret)
{
	struct str number = order_reference(&view->order), provider = view->product->op->name;
	struct json doc;

	if (json_read(a, view->extras->details, NULL, &doc))
		return ERR_STORE_FAILED;
	struct str merchant = json_text(a, json_get(json_root(&doc), "merchant"));
	return signer_sign(
		keys, a, arena_printf(a, "%.*s.%.*s.%.*s", STR_ARG(number), STR_ARG(merchant), STR_ARG(provider)), ret);
}

enum err mm_callback_body(struct arena *a, const struct keys *keys, const struct order_view *view, struct str *ret)
{
	struct json_writer w;
	struct mm_rendering r = { &w, a, keys, NULL, NULL, NULL, NULL };
	struct str signature;
	struct buf b;

	if (!view->product || !view->product->esim || !view->extras)
		return ERR_STORE_FAILED;
	enum err e = sign(a, keys, view, &signature);
	if (e)
		return e;
	buf_init(&b, LIMIT_BODY_BYTES * 4);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "eventType", event_type(a, view));
	json_str(&w, "signature", signature);
	e = mm_put_order(&r, "eventData", view);
	if (!e) {
		json_end(&w);
		e = json_finish(&w);
	}
	if (!e)
		*ret = arena_str(a, buf_view(&b));
	buf_done(&b);
	return e;
}

enum err mm_public_key_answer(struct request *rq)
{
	return signer_public(rq->keys).p ? OK : ERR_NOT_FOUND;
}

void mm_public_key_render(struct request *rq, struct json_writer *w)
{
	mm_begin(rq, w);
	json_obj(w, "result");
	json_strz(w, "algorithm", "RSA-SHA256");
	json_str(w, "publicKey", signer_public(rq->keys));
	json_end(w);
	mm_end(w);
}

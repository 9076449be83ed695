/* work/deliver.c: one callback: reads what is to be sent, sends it, commits what came of it.
 *
 * The body is made once, at the first try, and sent again byte for byte. A host lets a few in at a time; behind one
 * that keeps failing only so many wait in memory, and the others are put off, longer each time: they come back one
 * after another and have used no try. */
#include "work/work_private.h"

#include "base/log.h"

#include <assert.h>

/* Of what cannot be sent now for another reason than its own. */
static const int64_t put_off_first_us = 2000000, put_off_most_us = 300000000;

static void result_committed(struct run *r)
{
	struct work_stats *stats = &r->work->stats;

	if (!run_went_well(r))
		return;
	stats->callbacks_delivered += r->callback_result.delivered;
	stats->callbacks_failed += !r->callback_result.delivered && !r->callback_result.put_off;
	run_finish(r);
}

static bool is_of_payment(const struct run *r)
{
	return r->job.kind == JOB_PAYMENT_CALLBACK;
}

static enum dialect dialect_of(const struct run *r)
{
	return is_of_payment(r) ? DIALECT_MOBIP : (enum dialect)r->callback.view.order.dialect;
}

static void commit(struct run *r, const struct webhook_result *result, int64_t next_us)
{
	r->callback_result = (struct callback_result){ .job = r->job,
						       .delivered = result->delivered,
						       .http_status = result->http_status,
						       .error = str_of(result->error),
						       .body = r->body,
						       .next_due_us = next_us,
						       .duration_us = result->duration_us };
	run_submit(r, &verb_callback_result, &r->callback_result, result_committed);
}

static int64_t next_try_us(const struct run *r, int64_t now_us)
{
	const struct work_options *options = &r->work->options;
	const int64_t *waits = options->callback_waits ? options->callback_waits(dialect_of(r)) : NULL;

	if (waits)
		return webhook_next_by(waits, r->callback.tries + 1, now_us);
	return webhook_next_us(r->callback.tries + 1, now_us, crypto_random_u64());
}

static void commit_failed(struct run *r, const struct webhook_result *result)
{
	int64_t now_us = r->work->options.now_us(r->work->options.engine);
	int64_t next_us = next_try_us(r, now_us);

	log_info("callback.failed", "order=%lld callback=%lld try=%d status=%d error=%s%s", (long long)r->job.order_id,
		 (long long)r->callback.id, r->callback.tries + 1, result->http_status, result->error,
		 next_us ? "" : " given_up=yes");
	commit(r, result, next_us);
}

static void webhook_back(struct webhook *webhook, const struct webhook_result *result);

/* Who does not take GET may take a form: the same try, still inside. */
static bool sent_again_as_form(struct run *r)
{
	if (!is_of_payment(r) || !r->webhook.method || r->webhook_result.http_status != 405)
		return false;
	r->webhook.method = NULL;
	r->webhook.content_type = "application/x-www-form-urlencoded";
	r->webhook.url = r->payment_callback.form_url;
	r->webhook.body = r->payment_callback.form;
	webhook_send(r->work->options.client, &r->webhook);
	return true;
}

static void sent(struct run *r)
{
	if (sent_again_as_form(r))
		return;
	run_leave_lane(r, r->webhook_result.overloaded);
	if (r->webhook_result.delivered)
		commit(r, &r->webhook_result, 0);
	else
		commit_failed(r, &r->webhook_result);
}

static void webhook_back(struct webhook *webhook, const struct webhook_result *result)
{
	struct run *r = webhook->sender;

	r->webhook_result = *result;
	run_back(r);
}

/* The key that signs. A secret that is not as it should be is an operator's to repair; the callback goes unsigned
 * rather than not at all, for the dialects' own clients do not look at signatures. */
static struct str signing_key(struct run *r, struct str secret)
{
	struct str key = STR_NONE;

	if (secret.p && webhook_secret_parse(&r->arena, secret, &key))
		log_error("callback.secret", "partner=%lld error=\"malformed webhook secret\"",
			  (long long)r->job.partner_id);
	return key;
}

static void add_own_headers(struct run *r)
{
	const struct work_options *options = &r->work->options;
	struct callback_header own[CALLBACK_HEADERS];

	static_assert((int)CALLBACK_HEADERS == (int)WEBHOOK_OWN_HEADERS, "one each");
	if (!options->callback_headers)
		return;
	r->webhook.own_count = options->callback_headers(options->arg, &r->callback, &r->arena, own);
	for (size_t i = 0; i < r->webhook.own_count; i++)
		r->webhook.own[i] = (struct webhook_header){ own[i].name, own[i].value };
}

static void send(struct run *r)
{
	bool is_get = is_of_payment(r);

	r->webhook =
		(struct webhook){ .url = is_get ? r->payment_callback.get_url : arena_strz(&r->arena, r->callback.url),
				  .method = is_get ? "GET" : NULL,
				  .id = arena_printf(&r->arena, "evt_%lld", (long long)r->callback.id),
				  .body = r->body,
				  .keys = { signing_key(r, r->callback.webhook_secrets[0]),
					    signing_key(r, r->callback.webhook_secrets[1]) },
				  .arena = &r->arena,
				  .done = webhook_back,
				  .sender = r };
	add_own_headers(r);
	r->resume = sent;
	webhook_send(r->work->options.client, &r->webhook);
}

/* Of an earlier try, else made now; absent if it cannot be made. */
static struct str body_of(struct run *r)
{
	const struct work_options *options = &r->work->options;
	enum dialect dialect = dialect_of(r);

	if (r->callback.body.p)
		return r->callback.body;
	return options->callback_body(options->arg, dialect, &r->callback.view, &r->arena);
}

/* Let in: out it goes. */
static void inside(struct run *r)
{
	const struct work_options *options = &r->work->options;

	if (is_of_payment(r)) {
		options->payment_callback(options->arg, &r->callback, &r->arena, &r->payment_callback);
		send(r);
		return;
	}
	r->body = body_of(r);
	if (r->body.p) {
		send(r);
		return;
	}
	run_leave_lane(r, false);
	commit_failed(r, &(struct webhook_result){ .error = "no_body" });
}

static int64_t put_off_until_us(const struct run *r)
{
	const struct work_options *options = &r->work->options;

	return options->now_us(options->engine) + run_backoff_us(r, put_off_first_us, put_off_most_us);
}

/* In its row, because there are more of them than memory is for. */
static void put_off(struct run *r)
{
	r->callback_result =
		(struct callback_result){ .job = r->job, .put_off = true, .next_due_us = put_off_until_us(r) };
	run_submit(r, &verb_callback_result, &r->callback_result, result_committed);
}

static void have_callback(struct run *r)
{
	struct work *w = r->work;

	if (!run_went_well(r))
		return;
	if (!r->callback.live || w->draining) {
		run_finish(r);
		return;
	}
	if (r->callback.blocked) {
		run_wait(r, put_off_until_us(r));
		return;
	}
	struct str origin = webhook_origin(r->callback.url);
	if (!origin.p) { /* it will not get better */
		commit(r, &(struct webhook_result){ .error = "bad_url" }, 0);
		return;
	}
	struct lane *host = lane_of(&w->hosts, origin);
	if (r->called != host && !lane_has_room(&w->hosts, host) && lane_is_crowded(host))
		put_off(r);
	else if (run_enter_lane(r, &w->hosts, host))
		inside(r);
}

void deliver_start(struct run *r)
{
	r->callback.job = r->job;
	run_submit(r, is_of_payment(r) ? &verb_payment_callback_get : &verb_callback_get, &r->callback, have_callback);
}

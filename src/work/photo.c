/* work/photo.c: the picture of a reusable QR code's item, copied once from where its merchant has it. */
#include "work/work_private.h"

#include "base/clock.h"
#include "base/log.h"

static const int64_t waits[] = { SECONDS_US(10), SECONDS_US(100), SECONDS_US(1000), SECONDS_US(3600), 0 };

static void result_committed(struct run *r)
{
	if (run_went_well(r))
		run_finish(r);
}

static void commit(struct run *r)
{
	const struct picture *p = &r->picture;
	int64_t now_us = r->work->options.now_us(r->work->options.engine);
	bool is_over = p->type || p->is_over;

	r->photo_result =
		(struct photo_result){ .job = r->job,
				       .type = p->type,
				       .content = p->content,
				       .next_due_us = is_over ? 0 : webhook_next_by(waits, r->job.tries + 1, now_us) };
	if (!p->type)
		log_info("photo.failed", "reusable=%lld try=%d status=%d error=%s%s", (long long)r->job.order_id,
			 r->job.tries + 1, p->http_status, p->error,
			 r->photo_result.next_due_us ? "" : " given_up=yes");
	run_submit(r, &verb_photo_result, &r->photo_result, result_committed);
}

static void fetched(struct run *r)
{
	run_leave_lane(r, !r->picture.type);
	commit(r);
}

static void picture_back(struct picture *p)
{
	run_back(p->sender);
}

static void have_wanted(struct run *r)
{
	if (!run_went_well(r))
		return;
	if (!r->photo_wanted.live || r->work->draining) {
		run_finish(r);
		return;
	}
	struct str url = r->photo_wanted.url, origin = picture_origin(url);
	r->picture = (struct picture){
		.url = arena_strz(&r->arena, url), .arena = &r->arena, .done = picture_back, .sender = r
	};
	if (!origin.p) { /* it will not get better */
		r->picture.error = "bad_url";
		r->picture.is_over = true;
		commit(r);
		return;
	}
	if (!run_enter_lane(r, &r->work->hosts, lane_of(&r->work->hosts, origin)))
		return;
	r->resume = fetched;
	picture_fetch(r->work->options.client, &r->picture);
}

void photo_start(struct run *r)
{
	r->photo_wanted = (struct photo_wanted){ .job = r->job };
	run_submit(r, &verb_photo_wanted, &r->photo_wanted, have_wanted);
}

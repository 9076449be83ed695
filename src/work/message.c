/* work/message.c: one mail or SMS: claims it, writes it, hands it over, commits what came of it. */
#include "work/work_private.h"

#include "base/log.h"
#include "notify/letter.h"

static void result_committed(struct run *r)
{
	struct work_stats *stats = &r->work->stats;

	if (!run_went_well(r))
		return;
	stats->messages_sent += r->message_result.event == MESSAGE_TAKEN;
	stats->messages_failed += r->message_result.event != MESSAGE_TAKEN;
	run_finish(r);
}

/* What an outcome means depends on the medium: a mail may come twice under one Message-ID, an SMS must not. */
static enum message_event event_of(enum medium medium, enum sending_outcome outcome)
{
	switch (outcome) {
	case SENDING_TAKEN:
		return MESSAGE_TAKEN;
	case SENDING_REFUSED:
		return MESSAGE_GIVE_UP;
	case SENDING_LATER:
		return MESSAGE_AGAIN;
	case SENDING_LOST:
		return medium == MEDIUM_MAIL ? MESSAGE_AGAIN : MESSAGE_LOSE;
	}
	must(!"an outcome");
	return MESSAGE_LOSE;
}

static void commit(struct run *r, enum sending_outcome outcome, int status, const char *error)
{
	const struct message *m = &r->claim.message;
	enum medium medium = (enum medium)m->medium;
	enum message_event event = event_of(medium, outcome);
	int64_t now_us = r->work->options.now_us(r->work->options.engine);
	int64_t next_us = event == MESSAGE_AGAIN ? message_retry_us(medium, m->tries, now_us, crypto_random_u64()) : 0;

	if (event != MESSAGE_TAKEN)
		log_info("message.failed", "subject=%lld message=%lld medium=%s try=%d status=%d error=%s%s",
			 (long long)m->subject_id, (long long)m->id, medium_name(medium), m->tries, status, error,
			 next_us ? "" : " over=yes");
	r->message_result = (struct message_result){
		.job = r->job, .event = event, .status = status, .error = str_of(error), .next_due_us = next_us
	};
	run_submit(r, &verb_message_result, &r->message_result, result_committed);
}

static void sent(struct run *r)
{
	commit(r, r->outgoing.outcome, r->outgoing.status, r->outgoing.error);
}

static void sending_back(struct sending *s)
{
	run_back(s->sender);
}

static void have_claim(struct run *r)
{
	const struct message_claim *c = &r->claim;
	struct letter letter;

	if (!run_went_well(r))
		return;
	if (!c->live) {
		run_finish(r);
		return;
	}
	enum medium medium = (enum medium)c->message.medium;
	struct messenger *messenger =
		r->work->options.messengers ? messengers_for(r->work->options.messengers, medium, c->is_sandbox) : NULL;
	const struct letter_order order = { (enum message_kind)c->message.kind, medium,
					    (enum language)c->message.language, c->values, c->value_count };
	if (!messenger) { /* the settings have changed since it was queued; they may change back */
		commit(r, SENDING_LATER, 0, "no_server");
		return;
	}
	if (letter_write(&r->arena, &order, &letter)) {
		commit(r, SENDING_REFUSED, 0, "no_words");
		return;
	}
	r->outgoing = (struct sending){ .medium = medium,
					.reference = c->reference,
					.date_us = c->message.created_at,
					.to = c->to,
					.name = c->name,
					.subject = letter.subject,
					.text = letter.text,
					.html = letter.html,
					.qr = letter.qr,
					.arena = &r->arena,
					.done = sending_back,
					.sender = r };
	r->resume = sent;
	messenger_send(messenger, &r->outgoing);
}

void message_start(struct run *r)
{
	if (r->work->draining) { /* an unclaimed message costs nothing */
		run_finish(r);
		return;
	}
	/* A server that stalls holds up its own medium alone. */
	struct str medium = str_of(medium_name((enum medium)r->job.currency));
	if (!run_enter_lane(r, &r->work->media, lane_of(&r->work->media, medium)))
		return;
	r->claim = (struct message_claim){ .job = r->job };
	run_submit(r, &verb_message_claim, &r->claim, have_claim);
}

#include "service/message.h"

#include "base/uuid.h"
#include "service/message_unit.h"
#include "service/seals.h"
#include "json/reader.h"
#include "json/writer.h"

enum { DOC_MOST_BYTES = 16 * 1024 };

static const struct message_subject *subject_of(int about)
{
	static const struct message_subject *const subjects[] = {
		[ABOUT_ORDER] = &message_subject_order,
		[ABOUT_PAYMENT] = &message_subject_payment,
	};

	return about > 0 && (size_t)about < ARRAY_LEN(subjects) ? subjects[about] : NULL;
}

static void message_move(struct unit *u, struct message *m, enum message_event event)
{
	must(message_apply(m, event) == OK);
	if (!message_is_open((enum message_state)m->state))
		m->done_at = u->now_us;
	unit_touch(u, m);
}

/* ---- queueing ---- */

void message_need(struct unit *u, int64_t subject_id)
{
	unit_need(u, NOUN_MESSAGE, subject_id);
}

static struct message *first_of(struct unit *u, enum message_about about, int64_t subject_id)
{
	struct message *m = unit_find(u, NOUN_MESSAGE, subject_id);

	while (m && m->about != (int)about)
		m = unit_next(u, m);
	return m;
}

static struct message *next_of(struct unit *u, struct message *m)
{
	int about = m->about;

	do
		m = unit_next(u, m);
	while (m && m->about != about);
	return m;
}

static struct str doc_seal(struct unit *u, int64_t id, const struct message_new *n)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, DOC_MOST_BYTES);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "to", n->to);
	json_str(&w, "name", n->name);
	json_obj(&w, "values");
	for (size_t i = 0; i < n->value_count; i++) {
		if (!n->values[i].value.p)
			continue;
		json_key(&w, n->values[i].name);
		json_str(&w, NULL, n->values[i].value);
	}
	json_end(&w);
	json_end(&w);
	must(json_finish(&w) == OK); /* every value is limited where it is taken in */
	struct str sealed = crypto_seal(u->keys, &u->arena, message_seal_label(&u->arena, id), buf_view(&b));
	buf_done(&b);
	return sealed;
}

/* The end of the quiet hours where the partner lives. */
static int64_t quiet_over(const struct unit *u, int64_t partner_id, int64_t us)
{
	const struct partner *partner = directory_partner(u->directory, partner_id);

	return quiet_over_us(&engine_messages(u->engine)->quiet, partner ? partner->zone : NULL, us);
}

static void add_job(struct unit *u, const struct message *m, int64_t due_us)
{
	unit_none(u, NOUN_JOB, m->id);
	unit_add(u, NOUN_JOB,
		 &(struct job){ .id = m->id,
				.kind = JOB_MESSAGE,
				.order_id = m->subject_id,
				.partner_id = m->partner_id,
				.unit = m->about,
				.currency = m->medium,
				.due_at = due_us,
				.owner = u->node });
}

static int next_no(struct unit *u, enum message_about about, int64_t subject_id)
{
	int no = 1;

	for (struct message *m = first_of(u, about, subject_id); m; m = next_of(u, m))
		no = m->no >= no ? m->no + 1 : no; /* rows come in no order */
	return no;
}

struct message *message_add(struct unit *u, const struct message_new *n)
{
	int64_t due_us = n->due_us > u->now_us ? n->due_us : u->now_us;
	struct message m = { .subject_id = n->subject_id,
			     .about = (int)n->about,
			     .no = next_no(u, n->about, n->subject_id),
			     .id = unit_row_id(u, NOUN_JOB),
			     .partner_id = n->partner_id,
			     .kind = (int)n->kind,
			     .medium = (int)n->medium,
			     .language = (int)n->language,
			     .state = n->waits ? MESSAGE_WAITING : MESSAGE_QUEUED,
			     .planned_at = due_us,
			     .every_us = n->every_us,
			     .repeats = n->repeats,
			     .until_at = n->until_us,
			     .created_at = u->now_us };

	m.doc = doc_seal(u, m.id, n);
	if (!n->waits)
		add_job(u, &m, n->is_quiet ? quiet_over(u, n->partner_id, due_us) : due_us);
	return unit_add(u, NOUN_MESSAGE, &m);
}

bool message_can_leave(const struct unit *u, int64_t partner_id, enum medium medium)
{
	const struct partner *partner = directory_partner(u->directory, partner_id);

	return (partner && partner->sandbox) || engine_messages(u->engine)->media >> medium & 1;
}

static enum err doc_open(const struct unit *u, struct arena *a, const struct message *m, const struct json_token **ret)
{
	struct str plain;
	struct json doc;
	enum err e = crypto_open(u->keys, a, message_seal_label(a, m->id), m->doc, &plain);

	if (!e && json_read(a, plain, NULL, &doc))
		e = ERR_SEALED;
	if (!e)
		*ret = json_root(&doc);
	return e;
}

struct message *message_last(struct unit *u, enum message_about about, int64_t subject_id, enum medium medium,
			     struct str to)
{
	struct message *last = NULL;
	const struct json_token *doc;

	for (struct message *m = first_of(u, about, subject_id); m; m = next_of(u, m)) {
		if (m->medium != (int)medium || (last && m->no < last->no))
			continue;
		if (!to.p || (doc_open(u, &u->arena, m, &doc) == OK && json_text_is(json_get(doc, "to"), to)))
			last = m;
	}
	return last;
}

size_t message_list(struct unit *u, struct arena *a, enum message_about about, int64_t subject_id,
		    const struct message **ret)
{
	size_t n = (size_t)next_no(u, about, subject_id) - 1;
	struct message *copies = ARENA_ARRAY(a, struct message, n + 1);

	*ret = copies;
	for (struct message *m = first_of(u, about, subject_id); m; m = next_of(u, m)) {
		struct message *copy = &copies[m->no - 1];

		*copy = *m;
		copy->doc = STR_NONE;
		copy->error = arena_str(a, m->error);
	}
	return n;
}

void message_release_all(struct unit *u, enum message_about about, int64_t subject_id)
{
	for (struct message *m = first_of(u, about, subject_id); m; m = next_of(u, m)) {
		if (m->state != MESSAGE_WAITING)
			continue;
		message_move(u, m, MESSAGE_RELEASE);
		m->planned_at = u->now_us;
		add_job(u, m, u->now_us);
	}
}

void message_drop_all(struct unit *u, enum message_about about, int64_t subject_id)
{
	/* What is queued is looked at again when its time comes. */
	for (struct message *m = first_of(u, about, subject_id); m; m = next_of(u, m))
		if (m->state == MESSAGE_WAITING)
			message_move(u, m, MESSAGE_DROP);
}

bool message_revive(struct unit *u, struct message *m)
{
	if (m->state != MESSAGE_GIVEN_UP)
		return false;
	message_move(u, m, MESSAGE_REVIVE);
	m->tries = 0;
	m->done_at = 0;
	add_job(u, m, u->now_us);
	return true;
}

void message_value_add(struct message_values *list, const char *name, struct str value)
{
	must(list->n < MESSAGE_VALUES_MOST);
	if (value.p)
		list->items[list->n++] = (struct message_value){ str_of(name), value };
}

/* ---- sending ---- */

static struct message *message_of_job(struct unit *u, const struct job *job)
{
	struct message *m = unit_find(u, NOUN_MESSAGE, job->order_id);

	while (m && m->id != job->id)
		m = unit_next(u, m);
	return m;
}

static struct job *job_held(struct unit *u, const struct job *job)
{
	struct job *held = unit_find(u, NOUN_JOB, job->id);

	return held && held->fence == job->fence ? held : NULL;
}

static void claim_need(struct unit *u, const struct task *t)
{
	const struct message_claim *c = t->command;
	const struct message_subject *subject = subject_of(c->job.unit);

	unit_need_partner(u, c->job.partner_id);
	unit_need(u, NOUN_JOB, c->job.id);
	message_need(u, c->job.order_id);
	if (subject)
		subject->need(u, c->job.order_id);
}

static void claim_need_more(struct unit *u, const struct task *t)
{
	const struct message_claim *c = t->command;
	const struct message_subject *subject = subject_of(c->job.unit);

	if (subject && subject->need_more)
		subject->need_more(u, c->job.order_id);
}

static void tell_operator(struct unit *u, const struct message *m, struct str detail)
{
	unit_add(u, NOUN_TASK,
		 &(struct work_task){ .id = unit_id(u),
				      .kind = TASK_MESSAGE,
				      .order_id = m->about == ABOUT_ORDER ? m->subject_id : 0,
				      .detail = detail,
				      .state = 1,
				      .created_at = u->now_us });
}

static struct str called(struct unit *u, const struct message *m)
{
	return arena_printf(&u->arena, "%s %d (%s) of %s %lld", medium_name((enum medium)m->medium), m->no,
			    message_kind_name((enum message_kind)m->kind),
			    m->about == ABOUT_ORDER ? "order" : "payment", (long long)m->subject_id);
}

static void lose(struct unit *u, struct message *m, struct job *job)
{
	message_move(u, m, MESSAGE_LOSE);
	unit_remove(u, job);
	tell_operator(
		u, m,
		arena_printf(&u->arena, "%.*s may have been sent or not; it is not sent again", STR_ARG(called(u, m))));
}

/* The repetition that follows, once it is clear that this one goes out. */
static void plan_next(struct unit *u, const struct message *m, const struct json_token *doc)
{
	const struct message_plan plan = { m->planned_at, m->every_us, m->repeats, m->until_at };
	struct message_values values = { .n = 0 };
	const struct json_token *open = json_get(doc, "values");
	int left;
	int64_t due_us = message_next_us(&plan, u->now_us, &left);

	if (!due_us)
		return;
	for (const struct json_token *k = json_first(open); k; k = json_next(open, k)) {
		must(values.n < MESSAGE_VALUES_MOST);
		values.items[values.n++] =
			(struct message_value){ json_text(&u->arena, k), json_text(&u->arena, json_value(k)) };
	}
	message_add(u, &(struct message_new){ .about = (enum message_about)m->about,
					      .subject_id = m->subject_id,
					      .partner_id = m->partner_id,
					      .kind = m->kind == MESSAGE_PAYMENT ? MESSAGE_PAYMENT_AGAIN
										 : (enum message_kind)m->kind,
					      .medium = (enum medium)m->medium,
					      .language = (enum language)m->language,
					      .to = json_text(&u->arena, json_get(doc, "to")),
					      .name = json_text(&u->arena, json_get(doc, "name")),
					      .values = values.items,
					      .value_count = values.n,
					      .due_us = due_us,
					      .is_quiet = true,
					      .every_us = m->every_us,
					      .repeats = left,
					      .until_us = m->until_at });
}

static void claim_found(struct unit *u, struct task *t, const struct message *m, const struct json_token *doc,
			struct message_values *list)
{
	struct message_claim *c = t->command;
	const struct partner *partner = directory_partner(u->directory, m->partner_id);
	const struct json_token *open = json_get(doc, "values");
	struct message_value *values;

	c->live = true;
	c->message = *m;
	c->message.doc = c->message.error = STR_NONE;
	c->to = json_text(t->arena, json_get(doc, "to"));
	c->name = json_text(t->arena, json_get(doc, "name"));
	c->reference = uuid_of_id(u->keys, t->arena, "message", m->id);
	c->is_sandbox = !partner || partner->sandbox;
	values = ARENA_ARRAY(t->arena, struct message_value, list->n + json_count(open) + 1);
	c->values = values;
	c->value_count = list->n;
	for (size_t i = 0; i < list->n; i++)
		values[i] = list->items[i];
	for (const struct json_token *k = json_first(open); k; k = json_next(open, k))
		values[c->value_count++] =
			(struct message_value){ json_text(t->arena, k), json_text(t->arena, json_value(k)) };
}

static enum err claim_act(struct unit *u, struct task *t)
{
	struct message_claim *c = t->command;
	struct job *job = job_held(u, &c->job);
	struct message *m = message_of_job(u, &c->job);
	const struct message_subject *subject = m ? subject_of(m->about) : NULL;
	struct message_values list = { .n = 0 };
	const struct json_token *doc = NULL;

	c->live = false;
	if (!job || !m || !subject || !message_has_job((enum message_state)m->state))
		return ERR_CONFLICT;
	bool is_late = m->until_at && u->now_us >= m->until_at;
	bool is_wanted = !is_late && subject->wants(u, m);
	/* A claim without a result: whoever made it ended in mid-send. */
	bool is_lost = m->state == MESSAGE_SENDING && (m->medium == MEDIUM_SMS || !is_wanted);
	bool goes = is_wanted && !is_lost;
	enum err e = goes ? doc_open(u, t->arena, m, &doc) : OK;
	if (!e && goes)
		e = subject->values(u, t->arena, m, &list);
	if (e)
		return e;

	/* From here nothing can fail. */
	if (is_lost) {
		lose(u, m, job);
	} else if (!goes) {
		message_move(u, m, MESSAGE_DROP);
		unit_remove(u, job);
	} else {
		if (!m->tries)
			plan_next(u, m, doc);
		message_move(u, m, MESSAGE_CLAIM);
		m->tries++;
		m->claimed_at = u->now_us;
		claim_found(u, t, m, doc, &list);
	}
	return OK;
}

static void result_need(struct unit *u, const struct task *t)
{
	const struct message_result *r = t->command;

	unit_need_partner(u, r->job.partner_id);
	unit_need(u, NOUN_JOB, r->job.id);
	message_need(u, r->job.order_id);
}

static void give_up(struct unit *u, struct message *m, struct job *job)
{
	message_move(u, m, MESSAGE_GIVE_UP);
	unit_remove(u, job);
	tell_operator(u, m,
		      arena_printf(&u->arena, "%.*s was given up after %d tries: %.*s %d", STR_ARG(called(u, m)),
				   m->tries, STR_ARG(m->error), m->status));
}

static enum err result_act(struct unit *u, struct task *t)
{
	const struct message_result *r = t->command;
	struct job *job = job_held(u, &r->job);
	struct message *m = message_of_job(u, &r->job);

	if (!job || !m || m->state != MESSAGE_SENDING)
		return ERR_CONFLICT;

	/* From here nothing can fail. */
	m->status = r->status;
	m->error = r->error;
	if (r->event == MESSAGE_TAKEN) {
		message_move(u, m, MESSAGE_TAKEN);
		unit_remove(u, job);
	} else if (r->event == MESSAGE_LOSE) {
		lose(u, m, job);
	} else if (r->event == MESSAGE_AGAIN && r->next_due_us) {
		message_move(u, m, MESSAGE_AGAIN);
		job->due_at = r->next_due_us;
		job->tries++;
		unit_take_job(u, job);
		unit_touch(u, job);
	} else {
		give_up(u, m, job);
	}
	return OK;
}

const struct verb verb_message_claim = {
	.name = "message.claim", .need = claim_need, .need_more = claim_need_more, .act = claim_act, .background = true
};
const struct verb verb_message_result = {
	.name = "message.result", .need = result_need, .act = result_act, .background = true
};

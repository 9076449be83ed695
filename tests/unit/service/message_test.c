/* Messages as rows: queued, claimed, sent, lost, tried again, repeated. Against a running engine. */
#include "service/message_unit.h"

#include "service/merchant.h"
#include "service/order_admin.h"

#include "unit/service/fixture.h"

#define MINUTE INT64_C(60000000)
#define DAY (24 * 60 * MINUTE)

/* A verb that has something to say about an order. */
struct say {
	struct message_new message;
};

static void say_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	message_need(u, ((const struct say *)t->command)->message.subject_id);
}

static enum err say_act(struct unit *u, struct task *t)
{
	message_add(u, &((const struct say *)t->command)->message);
	return OK;
}

static const struct verb say_verb = { .name = "test.say", .need = say_need, .act = say_act };

static const struct message_value words[] = { { { "text", 4 }, { "gr\xc3\xbc\xc3\x9f Gott\n\"you\"", 17 } } };

static void say(struct fixture *f, const struct message_new *message)
{
	struct call *c = call_new(f, &say_verb, message->partner_id);
	struct say command = { *message };

	c->task.command = &command;
	check_ok(call_once(c));
}

static struct message_new text_to(int64_t order_id, enum medium medium)
{
	return (struct message_new){ .about = ABOUT_ORDER,
				     .subject_id = order_id,
				     .partner_id = LIVE,
				     .kind = MESSAGE_TEXT,
				     .medium = medium,
				     .to = medium == MEDIUM_MAIL ? STR("who@example.com") : STR("+4712345678"),
				     .name = STR("Who"),
				     .values = words,
				     .value_count = 1 };
}

static enum err message_seen(void *arg, void *row)
{
	struct message *m = arg;

	if (((struct message *)row)->no == m->no)
		*m = *(struct message *)row;
	return OK;
}

static struct message message_now(struct fixture *f, int64_t order_id, int no)
{
	struct message m = { .no = no };
	const struct db_value key = DB_I64(order_id);

	check_ok(db_fetch(f->db, &table_messages, 0, &key, 1, &f->arena, message_seen, &m));
	assert_true(m.id > 0);
	return m;
}

static enum err job_seen(void *arg, void *row)
{
	*(struct job *)arg = *(struct job *)row;
	return OK;
}

static bool job_of(struct fixture *f, const struct message *m, struct job *ret)
{
	const struct db_value key = DB_I64(m->id);

	*ret = (struct job){ 0 };
	check_ok(db_fetch(f->db, &table_jobs, 0, &key, 1, &f->arena, job_seen, ret));
	return ret->id != 0;
}

/* The reference lives in the fixture's arena. */
static enum err claim(struct fixture *f, const struct job *job, struct message_claim *ret)
{
	struct call *c = call_new(f, &verb_message_claim, 0);

	*ret = (struct message_claim){ .job = *job };
	c->task.command = ret;
	enum err e = call_run(c);
	ret->reference = arena_str(&f->arena, ret->reference);
	if (!e && ret->live) {
		check_str(ret->to, ret->message.medium == MEDIUM_MAIL ? "who@example.com" : "+4712345678");
		check_str(ret->name, "Who");
		assert_int_equal(ret->value_count, 1);
		check_str(ret->values[0].name, "text");
		check_str(ret->values[0].value, "gr\xc3\xbc\xc3\x9f Gott\n\"you\"");
		assert_false(ret->is_sandbox);
	}
	call_free(c);
	return e;
}

static enum err tell(struct fixture *f, const struct job *job, enum message_event event, int64_t next_due_us)
{
	struct call *c = call_new(f, &verb_message_result, 0);
	struct message_result r = {
		.job = *job, .event = event, .status = 451, .error = STR("status"), .next_due_us = next_due_us
	};

	c->task.command = &r;
	return call_once(c);
}

static void is_claimed_then_sent(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PLAIN, "a", true);
	struct message_new n = text_to(id, MEDIUM_MAIL);
	struct message_claim c;
	struct job job;

	say(f, &n);
	struct message m = message_now(f, id, 1);
	assert_int_equal(m.state, MESSAGE_QUEUED);
	assert_true(job_of(f, &m, &job));
	assert_int_equal(job.kind, JOB_MESSAGE);
	/* Nothing of whom it is for, or of what it says, stands in the store. */
	assert_null(memmem(m.doc.p, m.doc.n, "example", 7));
	assert_null(memmem(m.doc.p, m.doc.n, "Gott", 4));

	check_err(tell(f, &job, MESSAGE_TAKEN, 0), ERR_CONFLICT); /* it was not claimed */
	check_ok(claim(f, &job, &c));
	assert_true(c.live);
	assert_int_equal(message_now(f, id, 1).state, MESSAGE_SENDING);
	struct job stale = job;
	stale.fence++;
	check_err(tell(f, &stale, MESSAGE_TAKEN, 0), ERR_CONFLICT);
	check_err(claim(f, &stale, &c), ERR_CONFLICT);
	check_ok(tell(f, &job, MESSAGE_TAKEN, 0));
	m = message_now(f, id, 1);
	assert_int_equal(m.state, MESSAGE_SENT);
	assert_int_equal(m.tries, 1);
	assert_true(m.done_at > 0);
	assert_false(job_of(f, &m, &job));
	check_err(claim(f, &stale, &c), ERR_CONFLICT);
}

/* A claim without a result. */
static void a_crash_in_mid_send(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PLAIN, "a", true);
	struct message_new mail = text_to(id, MEDIUM_MAIL), sms = text_to(id, MEDIUM_SMS);
	struct message_claim first, second, lost;
	struct job mail_job, sms_job;
	struct work_task task;

	say(f, &mail);
	say(f, &sms);
	struct message m = message_now(f, id, 1), s = message_now(f, id, 2);
	assert_true(job_of(f, &m, &mail_job) && job_of(f, &s, &sms_job));
	check_ok(claim(f, &mail_job, &first));
	check_ok(claim(f, &sms_job, &lost));
	assert_true(first.live && lost.live);
	assert_false(str_eq(first.reference, lost.reference));
	engine_stop(f->engine);
	engine_again(f);

	check_ok(claim(f, &mail_job, &second));
	assert_true(second.live);
	assert_true(first.reference.n > 0 && str_eq(first.reference, second.reference));
	check_ok(tell(f, &mail_job, MESSAGE_TAKEN, 0));
	assert_int_equal(message_now(f, id, 1).tries, 2);
	assert_int_equal(count_of(f, "SELECT count(*) FROM tasks"), 0);

	check_ok(claim(f, &sms_job, &lost));
	assert_false(lost.live);
	assert_int_equal(message_now(f, id, 2).state, MESSAGE_UNKNOWN);
	assert_int_equal(message_now(f, id, 2).tries, 1);
	assert_false(job_of(f, &s, &sms_job));
	assert_true(find_task(f, id, &task));
	assert_int_equal(task.kind, TASK_MESSAGE);
	assert_non_null(strstr(task.detail.p, "may have been sent or not"));
	assert_null(strstr(task.detail.p, "4712345678"));
}

static void again_until_it_is_given_up(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PLAIN, "a", true);
	struct message_new n = text_to(id, MEDIUM_SMS);
	struct message_claim c;
	struct work_task task;
	struct job job;

	say(f, &n);
	struct message m = message_now(f, id, 1);
	assert_true(job_of(f, &m, &job));
	check_ok(claim(f, &job, &c));
	check_ok(tell(f, &job, MESSAGE_AGAIN, 123456789));
	assert_true(job_of(f, &m, &job));
	assert_int_equal(job.due_at, 123456789);
	assert_int_equal(message_now(f, id, 1).state, MESSAGE_QUEUED);
	assert_int_equal(message_now(f, id, 1).status, 451);
	check_ok(claim(f, &job, &c));
	assert_true(c.live);
	check_ok(tell(f, &job, MESSAGE_AGAIN, 0));
	assert_int_equal(message_now(f, id, 1).state, MESSAGE_GIVEN_UP);
	assert_true(find_task(f, id, &task));
	assert_int_equal(task.kind, TASK_MESSAGE);
	assert_non_null(strstr(task.detail.p, "given up after 2 tries: status 451"));

	/* An operator takes it up again. */
	struct call *retry = call_new(f, &verb_order_retry, 0);
	struct order_retry command = { .by = { STR("test") }, .order_id = id };
	retry->task.command = &command;
	check_ok(call_once(retry));
	assert_int_equal(message_now(f, id, 1).state, MESSAGE_QUEUED);
	assert_true(job_of(f, &m, &job));
	check_ok(claim(f, &job, &c));
	check_ok(tell(f, &job, MESSAGE_TAKEN, 0));
	assert_int_equal(message_now(f, id, 1).state, MESSAGE_SENT);
}

static void repeats_while_there_is_time(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PLAIN, "a", true), start = engine_now_us(f->engine);
	struct message_new n = text_to(id, MEDIUM_MAIL);
	struct message_claim c;
	struct job job;

	n.every_us = DAY;
	n.repeats = 9;
	n.until_us = start + 3 * DAY + DAY / 2;
	say(f, &n);
	struct message m = message_now(f, id, 1);
	assert_true(job_of(f, &m, &job));
	check_ok(claim(f, &job, &c));
	check_ok(tell(f, &job, MESSAGE_AGAIN, start));
	check_ok(claim(f, &job, &c)); /* its second try is no reason for another repetition */
	assert_int_equal(count_of(f, "SELECT count(*) FROM messages"), 2);
	struct message second = message_now(f, id, 2);
	assert_int_equal(second.planned_at, m.planned_at + DAY);
	assert_int_equal(second.repeats, 8);
	assert_true(job_of(f, &second, &job));
	assert_int_equal(job.due_at, second.planned_at);

	/* A standstill of a day and a half: the second goes out late, the third is passed over, the fourth is next. */
	clock_advance(f, 2 * DAY + DAY / 2);
	check_ok(claim(f, &job, &c));
	assert_true(c.live);
	struct message third = message_now(f, id, 3);
	assert_int_equal(third.planned_at, m.planned_at + 3 * DAY);
	assert_int_equal(third.repeats, 6);

	/* Too late, it is dropped, and nothing follows. */
	assert_true(job_of(f, &third, &job));
	clock_advance(f, 2 * DAY);
	check_ok(claim(f, &job, &c));
	assert_false(c.live);
	assert_int_equal(message_now(f, id, 3).state, MESSAGE_DROPPED);
	assert_int_equal(count_of(f, "SELECT count(*) FROM messages"), 3);
}

static void set_zone(struct fixture *f, int64_t partner_id, struct str name)
{
	struct call *c = call_new(f, &verb_merchant_set, partner_id);
	struct merchant_set command = {
		.by = { STR("test") }, .partner_id = partner_id, .set = MERCHANT_TIME_ZONE, .time_zone = name
	};

	c->task.command = &command;
	check_ok(call_once(c));
}

/* Of a partner who has said where he lives, whatever the settings say of everybody else. */
static void quiet_hours_are_the_partners(void **state)
{
	enum { HOURS_AHEAD = 5, DAY_MINUTES = 24 * 60 };
	struct fixture *f = *state;
	int64_t there = engine_now_us(f->engine) / MINUTE + HOURS_AHEAD * 60;
	struct message_new n = text_to(0, MEDIUM_MAIL);
	struct job job;

	/* It is quiet there from ten minutes ago to an hour hence, and not here. */
	f->options.messages.quiet =
		(struct quiet_hours){ (int)((there - 10) % DAY_MINUTES), (int)((there + 60) % DAY_MINUTES), 0 };
	engine_again(f);
	set_zone(f, LIVE, STR("Asia/Karachi"));
	for (int i = 0; i < 2; i++) {
		n.partner_id = i ? OTHER : LIVE;
		n.subject_id = placed(f, n.partner_id, PLAIN, "a", true);
		n.is_quiet = true;
		say(f, &n);
		struct message m = message_now(f, n.subject_id, 1);
		assert_true(job_of(f, &m, &job));
		assert_int_equal(job.due_at, i ? m.planned_at : (there + 60 - HOURS_AHEAD * 60) * MINUTE);
	}
	/* He moves to the other side of the world. What was asked for keeps no hours. */
	set_zone(f, LIVE, STR("America/Bogota"));
	n.partner_id = LIVE;
	n.subject_id = placed(f, LIVE, PLAIN, "b", true);
	say(f, &n);
	struct message m = message_now(f, n.subject_id, 1);
	assert_true(job_of(f, &m, &job));
	assert_int_equal(job.due_at, m.planned_at);
	set_zone(f, LIVE, STR("Asia/Karachi"));
	n.is_quiet = false;
	say(f, &n);
	m = message_now(f, n.subject_id, 2);
	assert_true(job_of(f, &m, &job));
	assert_int_equal(job.due_at, m.planned_at);
}

static void two_at_once_have_numbers_of_their_own(void **state)
{
	enum { N = 5 };
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PLAIN, "a", true);
	struct say command = { text_to(id, MEDIUM_MAIL) };
	struct call *calls[N];

	batch_begin(f);
	for (int i = 0; i < N; i++) {
		calls[i] = call_new(f, &say_verb, LIVE);
		calls[i]->task.command = &command;
		call_submit(calls[i]);
	}
	batch_end(f);
	for (int i = 0; i < N; i++) {
		call_wait(calls[i]);
		check_ok(calls[i]->task.result);
		call_free(calls[i]);
	}
	for (int i = 1; i <= N; i++)
		assert_int_equal(message_now(f, id, i).state, MESSAGE_QUEUED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(is_claimed_then_sent),	   engine_test(a_crash_in_mid_send),
		engine_test(again_until_it_is_given_up),   engine_test(repeats_while_there_is_time),
		engine_test(quiet_hours_are_the_partners), engine_test(two_at_once_have_numbers_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

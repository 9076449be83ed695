#include "admin/metrics.h"

#include "admin/endpoint.h"
#include "base/decimal.h"
#include "service/status.h"

#include <inttypes.h>

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP bodega_%s %s\n# TYPE bodega_%s %s\n", name, help, name, type);
}

static void metric(struct buf *b, const char *name, const char *type, const char *help, int64_t value)
{
	head(b, name, type, help);
	buf_printf(b, "bodega_%s %" PRId64 "\n", name, value);
}

/* Times are microseconds here and seconds there. */
static void seconds(struct buf *b, const char *name, const char *type, const char *help, int64_t us)
{
	head(b, name, type, help);
	buf_printf(b, "bodega_%s ", name);
	decimal_put(b, us > 0 ? us : 0);
	buf_char(b, '\n');
}

static int64_t age_us(const struct tally *tally, int64_t now_us)
{
	return tally->count && now_us > tally->oldest_us ? now_us - tally->oldest_us : 0;
}

static void write_engine(struct buf *b, const struct engine_stats *s)
{
	metric(b, "commits_total", "counter", "Batches committed.", s->commits);
	metric(b, "commands_total", "counter", "Commands in those batches.", s->commands);
	metric(b, "commands_refused_total", "counter", "Commands that their rules refused.", s->refused);
	metric(b, "commands_poisoned_total", "counter", "Commands that the store refused: bugs.", s->poisoned);
	metric(b, "batch_size", "gauge", "Commands in the last batch.", s->batch_last);
	seconds(b, "commit_seconds_total", "counter", "Time spent on batches.", s->commit_us_total);
	seconds(b, "commit_last_seconds", "gauge", "Time that the last batch took.", s->commit_us_last);
	seconds(b, "commit_waiting_seconds", "gauge", "How long the present batch has been under way.", s->stuck_us);
	metric(b, "store_ok", "gauge", "1 while the last batch could be written.", s->store_ok);
	head(b, "queue", "gauge", "Commands that wait, by queue.");
	buf_printf(b, "bodega_queue{queue=\"requests\"} %" PRId64 "\n", s->request_queue);
	buf_printf(b, "bodega_queue{queue=\"results\"} %" PRId64 "\n", s->result_queue);
	buf_printf(b, "bodega_queue{queue=\"reads\"} %" PRId64 "\n", s->read_queue);
	metric(b, "nodes", "gauge", "Nodes that work on the store, this one too.", s->nodes);
	metric(b, "parked", "gauge", "Answers that wait for the end of an order.", s->parked);
	metric(b, "recent_answered_total", "counter", "Reads of an order answered from memory.", s->recent_answered);
	metric(b, "recent_missed_total", "counter", "Reads of an order that went to the store.", s->recent_missed);
	metric(b, "wal_bytes", "gauge", "Write-ahead log in use.", s->db.wal_bytes);
	metric(b, "pages_written_total", "counter", "Pages that commits wrote to the log.", s->db.pages_written);
	metric(b, "checkpoints_total", "counter", "Checkpoints beside the committer.", s->db.checkpoints);
	metric(b, "checkpoint_brakes_total", "counter", "Checkpoints that the committer had to wait for.",
	       s->db.brakes);
}

static const char *const job_kinds[JOB_KINDS] = {
	[JOB_FULFIL] = "fulfil",
	[JOB_EXPIRE] = "expire",
	[JOB_CALLBACK] = "callback",
	[JOB_REVERSE] = "reverse",
	[JOB_PAYMENT] = "payment",
	[JOB_PAYMENT_EXPIRE] = "payment_expire",
	[JOB_PAYMENT_CALLBACK] = "payment_callback",
	[JOB_PAYMENT_REFUND] = "payment_refund",
	[JOB_MESSAGE] = "message",
	[JOB_FORGET] = "forget",
	[JOB_PHOTO] = "photo",
};

static void write_orders(struct buf *b, const struct store_status *s, int64_t now_us)
{
	head(b, "open_orders", "gauge", "Open orders, by state.");
	for (size_t i = 0; i < s->state_count; i++)
		buf_printf(b, "bodega_open_orders{state=\"%s\"} %" PRId64 "\n",
			   order_state_name((enum order_state)s->states[i].key), s->states[i].count);
	head(b, "open_order_oldest_seconds", "gauge", "Age of the oldest open order, by state.");
	for (size_t i = 0; i < s->state_count; i++) {
		buf_printf(b, "bodega_open_order_oldest_seconds{state=\"%s\"} ",
			   order_state_name((enum order_state)s->states[i].key));
		decimal_put(b, age_us(&s->states[i], now_us));
		buf_char(b, '\n');
	}
	metric(b, "unknown_units", "gauge", "Purchases whose supplier is silent.", s->unknown.count);
	seconds(b, "unknown_oldest_seconds", "gauge", "Since when the longest of them has been.",
		age_us(&s->unknown, now_us));
	head(b, "jobs", "gauge", "Jobs in the store, by kind.");
	for (int kind = 1; kind < JOB_KINDS; kind++)
		buf_printf(b, "bodega_jobs{kind=\"%s\"} %" PRId64 "\n", job_kinds[kind], s->jobs[kind].count);
	head(b, "job_overdue_seconds", "gauge", "How long the most overdue job has been due, by kind.");
	for (int kind = 1; kind < JOB_KINDS; kind++) {
		buf_printf(b, "bodega_job_overdue_seconds{kind=\"%s\"} ", job_kinds[kind]);
		decimal_put(b, age_us(&s->jobs[kind], now_us));
		buf_char(b, '\n');
	}
	seconds(b, "outbox_lag_seconds", "gauge", "How long the most overdue callback has been due.",
		age_us(&s->jobs[JOB_CALLBACK], now_us));
	metric(b, "open_tasks", "gauge", "What a person has to look at.", s->open_tasks);
	metric(b, "partners", "gauge", "Partners.", s->partners);
}

static void amount(struct buf *b, const char *name, int currency, int64_t micros)
{
	buf_printf(b, "bodega_%s{currency=\"%.*s\"} ", name, STR_ARG(currency_code((struct currency){ currency })));
	decimal_put(b, micros);
	buf_char(b, '\n');
}

static void write_money(struct buf *b, const struct store_status *s)
{
	head(b, "held", "gauge", "Held in wallets, by currency.");
	for (size_t i = 0; i < s->sum_count; i++)
		amount(b, "held", s->sums[i].currency, s->sums[i].held);
	head(b, "held_unexplained", "gauge", "Held in wallets beyond what open orders hold: anything but 0 is wrong.");
	for (size_t i = 0; i < s->sum_count; i++)
		amount(b, "held_unexplained", s->sums[i].currency, s->sums[i].held - s->sums[i].explained);
	head(b, "supplier_float", "gauge", "Our balance with suppliers, by currency, as far as the ledger knows it.");
	for (size_t i = 0; i < s->sum_count; i++)
		amount(b, "supplier_float", s->sums[i].currency, s->sums[i].supplier_float);
}

static void write_http(struct buf *b, const struct http_server *server)
{
	static const char *const reasons[HTTP_REFUSALS] = { "connection", "header", "target", "headers",
							    "body",	  "slow",   "parser" };
	struct http_counters c;

	http_server_counters(server, &c);
	metric(b, "http_accepted_total", "counter", "Connections accepted.", (int64_t)c.accepted);
	metric(b, "http_connections", "gauge", "Connections open.", (int64_t)c.connections);
	metric(b, "http_parked", "gauge", "Requests that wait without a thread.", (int64_t)c.parked);
	metric(b, "http_requests_total", "counter", "Requests.", (int64_t)c.requests);
	metric(b, "http_replies_total", "counter", "Answers.", (int64_t)c.replies);
	metric(b, "http_received_bytes_total", "counter", "Bytes of request bodies.", (int64_t)c.bytes_in);
	metric(b, "http_sent_bytes_total", "counter", "Bytes of answer bodies.", (int64_t)c.bytes_out);
	metric(b, "http_hung_up_total", "counter", "Clients that left while they waited.", (int64_t)c.hung_up);
	head(b, "http_refused_total", "counter", "Refused before any handler, by reason.");
	for (size_t i = 0; i < HTTP_REFUSALS; i++)
		buf_printf(b, "bodega_http_refused_total{reason=\"%s\"} %" PRIu64 "\n", reasons[i], c.refused[i]);
}

void metrics_write(struct admin_request *rq)
{
	const struct store_status *status = rq->task.command;
	struct engine_stats stats;

	engine_stats(rq->engine, &stats);
	write_engine(rq->reply, &stats);
	write_orders(rq->reply, status, rq->now_us);
	write_money(rq->reply, status);
	admin_write_metrics(rq, write_http);
}

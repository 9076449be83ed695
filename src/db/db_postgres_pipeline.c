/* The queue of what was sent and not yet answered. The connection is always in pipeline mode and never blocks in a
 * send: while we wait to write we also read, so that neither side can wait for the other forever. */
#include "db/db_postgres_private.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>

/* How long past its deadline a statement may stay unanswered: then nobody is at the other end. */
static const int64_t silence_us = SECONDS_US(5);

static void expect(struct postgres *p, struct pg_expected expected)
{
	if (p->expected_count == p->expected_cap) {
		p->expected_cap = p->expected_cap ? p->expected_cap * 2 : 64;
		p->expected = realloc(p->expected, p->expected_cap * sizeof(*p->expected));
		must(p->expected);
	}
	p->expected[p->expected_count++] = expected;
}

enum err postgres_send(struct postgres *p, struct pg_statement *statement, bool is_new,
		       const struct pg_parameters *parameters, struct pg_expected expected)
{
	static const int all_binary[POSTGRES_PARAMETERS_MOST] = { [0 ... POSTGRES_PARAMETERS_MOST - 1] = 1 };

	if (!p->conn)
		return ERR_STORE_UNAVAILABLE;
	if (is_new) {
		if (!PQsendPrepare(p->conn, statement->name, statement->text, (int)statement->parameters,
				   statement->types))
			return postgres_lost(p, PQerrorMessage(p->conn));
		expect(p, (struct pg_expected){ .kind = PG_PREPARE, .text = statement->text, .statement = statement });
	}
	if (!PQsendQueryPrepared(p->conn, statement->name, (int)parameters->n, parameters->values, parameters->lengths,
				 all_binary, 1))
		return postgres_lost(p, PQerrorMessage(p->conn));
	expected.text = statement->text;
	expected.statement = statement;
	expect(p, expected);
	return OK;
}

enum err postgres_send_text(struct postgres *p, const char *text, const struct pg_parameters *parameters,
			    struct pg_expected expected)
{
	static const struct pg_parameters none;
	static const int all_binary[POSTGRES_PARAMETERS_MOST] = { [0 ... POSTGRES_PARAMETERS_MOST - 1] = 1 };

	if (!parameters)
		parameters = &none;
	if (!p->conn)
		return ERR_STORE_UNAVAILABLE;
	if (!PQsendQueryParams(p->conn, text, (int)parameters->n, parameters->types, parameters->values,
			       parameters->lengths, all_binary, 1))
		return postgres_lost(p, PQerrorMessage(p->conn));
	expected.text = text;
	expect(p, expected);
	return OK;
}

enum err postgres_sync(struct postgres *p)
{
	if (!p->conn)
		return ERR_STORE_UNAVAILABLE;
	if (!PQpipelineSync(p->conn))
		return postgres_lost(p, PQerrorMessage(p->conn));
	expect(p, (struct pg_expected){ .kind = PG_SYNC, .text = "SYNC" });
	return OK;
}

enum err postgres_send_deadline(struct postgres *p)
{
	static const char *const text = "SELECT set_config('statement_timeout', $1, true)";
	static const Oid types[] = { 25 };
	char ms[24];
	const char *const values[] = { ms };
	int lengths[1];
	const struct pg_parameters parameters = { 1, types, values, lengths };

	if (!p->db.deadline_us && !p->timed)
		return OK;
	int64_t left_us = p->db.deadline_us ? p->db.deadline_us - clock_mono_us() : 0;
	/* 0 would be no limit at all. */
	int64_t left_ms = !p->db.deadline_us ? 0 : left_us < 1000 ? 1 : left_us / 1000;
	lengths[0] = snprintf(ms, sizeof(ms), "%lld", (long long)left_ms);
	p->timed = p->db.deadline_us != 0;
	return postgres_send_text(p, text, &parameters, (struct pg_expected){ .kind = PG_DONE });
}

/* Milliseconds to wait at most; -1 = for ever, which the connection's own keepalive ends. */
static int patience_ms(const struct postgres *p)
{
	if (!p->db.deadline_us)
		return -1;
	int64_t left_us = p->db.deadline_us + silence_us - clock_mono_us();
	return left_us <= 0 ? 0 : (int)(left_us / 1000) + 1;
}

/* The next result, or NULL at the end of a statement's; the connection is gone when it returns an error. */
static enum err next_result(struct postgres *p, PGresult **ret)
{
	for (;;) {
		int unsent = PQflush(p->conn);

		if (unsent < 0)
			return postgres_lost(p, PQerrorMessage(p->conn));
		if (!PQisBusy(p->conn)) {
			*ret = PQgetResult(p->conn);
			return OK;
		}
		struct pollfd fd = { .fd = PQsocket(p->conn), .events = (short)(POLLIN | (unsent ? POLLOUT : 0)) };
		int ready = poll(&fd, 1, patience_ms(p));
		if (ready == 0)
			return postgres_lost(p, "no answer past the deadline");
		if (ready < 0 && errno != EINTR)
			return postgres_lost(p, "poll failed");
		if (ready > 0 && (fd.revents & (POLLIN | POLLERR | POLLHUP)) && !PQconsumeInput(p->conn))
			return postgres_lost(p, PQerrorMessage(p->conn));
	}
}

static enum err statement_failed(struct postgres *p, const struct pg_expected *expected, const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	struct str code = str_of(sqlstate ? sqlstate : "08006");
	enum err e = postgres_class(p->db.mode, code.p);

	/* Nobody here has set a limit: an administrator ended it. */
	if (e == ERR_TIMEOUT && !p->db.deadline_us)
		e = ERR_STORE_UNAVAILABLE;
	/* The count at the end of a write (put_count_check) was not the number of rows that were sent. */
	if (expected->kind == PG_WRITE && str_is(code, "22P02"))
		e = ERR_CONFLICT;
	/* Whoever shuts down says so before it hangs up; a primary that has become a standby stays on the line. */
	p->leaving |= str_starts(code, STR("57P")) || (str_is(code, "25006") && p->db.mode == DB_WRITE);
	if (p->db.in_tx)
		p->db.tx_failed = true;
	log_event(e == ERR_TIMEOUT || e == ERR_CONFLICT ? LOG_WARN : LOG_ERROR, "db.failed",
		  "engine=postgres sqlstate=%s error=%s message=\"%.200s\" constraint=%s in=\"%.160s\"", code.p,
		  err_name(e), message ? message : PQresultErrorMessage(result), constraint ? constraint : "",
		  expected->text);
	return e;
}

static enum err take_result(struct postgres *p, const struct pg_expected *expected, const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_FATAL_ERROR)
		return statement_failed(p, expected, result);
	if (status == PGRES_EMPTY_QUERY) {
		if (p->db.in_tx)
			p->db.tx_failed = true;
		log_error("db.failed", "engine=postgres message=\"no statement\" in=\"%.160s\"", expected->text);
		return ERR_STORE_FAILED;
	}
	if (expected->kind == PG_ROWS)
		return postgres_rows(p, result, expected);
	if (expected->kind == PG_COUNT) {
		const char *touched = PQcmdTuples((PGresult *)result);
		bool is_write = strncmp(PQcmdStatus((PGresult *)result), "SELECT", 6) != 0;

		p->touched = 0;
		for (; is_write && *touched >= '0' && *touched <= '9'; touched++)
			p->touched = p->touched * 10 + (*touched - '0');
	}
	if (expected->kind == PG_COMMIT)
		p->committed = strcmp(PQcmdStatus((PGresult *)result), "COMMIT") == 0;
	return OK;
}

/* All results of one thing that was sent. *io_first keeps the first error. */
static enum err collect_one(struct postgres *p, const struct pg_expected *expected, enum err *io_first)
{
	PGresult *result = NULL;
	bool was_skipped = false, seen = false;

	for (int nothing = 0;;) {
		enum err e = next_result(p, &result);

		if (e)
			return e;
		if (!result) {
			if (seen)
				break;
			/* The end of what came before. */
			must(nothing++ < 2);
			continue;
		}
		seen = true;
		ExecStatusType status = PQresultStatus(result);
		was_skipped |= status == PGRES_PIPELINE_ABORTED || status == PGRES_FATAL_ERROR;
		if (status != PGRES_PIPELINE_ABORTED && status != PGRES_PIPELINE_SYNC && !expected->ignored) {
			e = take_result(p, expected, result);
			if (!*io_first)
				*io_first = e;
		}
		PQclear(result);
		if (status == PGRES_PIPELINE_SYNC)
			break;
	}
	if (expected->kind == PG_PREPARE && was_skipped)
		postgres_statement_drop(p, expected->statement);
	return PQstatus(p->conn) == CONNECTION_BAD ? postgres_lost(p, PQerrorMessage(p->conn)) : OK;
}

enum err postgres_collect(struct postgres *p)
{
	enum err first = OK;

	while (p->expected_from < p->expected_count) {
		/* A copy: a row function cannot send, but the array may not be trusted to stay once the connection is
		 * lost. */
		struct pg_expected expected = p->expected[p->expected_from++];
		enum err lost = collect_one(p, &expected, &first);

		if (lost)
			return lost;
	}
	p->expected_from = p->expected_count = 0;
	postgres_statements_free_gone(p);
	if (p->leaving)
		return postgres_lost(p, "the server is leaving");
	return first;
}

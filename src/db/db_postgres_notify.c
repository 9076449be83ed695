/* NOTIFY and LISTEN: one channel, no payload. Whoever hears of it reads what there is to know. */
#include "db/db_postgres_private.h"

#include "base/clock.h"

#include <poll.h>

static const char channel_sql[] = "LISTEN bodega", notify_sql[] = "NOTIFY bodega";

enum err postgres_notify(struct db *db)
{
	return postgres_send_text(postgres_of(db), notify_sql, NULL, (struct pg_expected){ .kind = PG_DONE });
}

static enum err start_listening(struct postgres *p)
{
	enum err e = postgres_send_text(p, channel_sql, NULL, (struct pg_expected){ .kind = PG_DONE });

	if (!e)
		e = postgres_sync(p);
	if (!e)
		e = postgres_collect(p);
	p->listening = !e;
	return e;
}

static bool take_notifications(struct postgres *p)
{
	bool heard = false;

	for (PGnotify *notice = PQnotifies(p->conn); notice; notice = PQnotifies(p->conn)) {
		PQfreemem(notice);
		heard = true;
	}
	return heard;
}

/* Returns once the socket has something, wake_fd is readable or the time is up; true for wake_fd. */
static bool wait_for_any(struct postgres *p, int wake_fd, int64_t left_us)
{
	struct pollfd fds[] = { { .fd = wake_fd, .events = POLLIN },
				{ .fd = p->conn ? PQsocket(p->conn) : -1, .events = POLLIN } };

	/* A signal ends the wait early, which does no harm. */
	return poll(fds, ARRAY_LEN(fds), (int)(left_us / 1000) + 1) > 0 && fds[0].revents;
}

enum err postgres_listen(struct db *db, int wake_fd, int64_t timeout_us, bool *ret_heard)
{
	struct postgres *p = postgres_of(db);
	int64_t until = clock_mono_us() + timeout_us;
	enum err e = postgres_connected(p);

	*ret_heard = false;
	if (!e && !p->listening) {
		/* Whatever was told before is read now. */
		*ret_heard = true;
		return start_listening(p);
	}
	for (int64_t left = timeout_us; left > 0; left = until - clock_mono_us()) {
		if (!e && take_notifications(p)) {
			*ret_heard = true;
			return OK;
		}
		if (wait_for_any(p, wake_fd, left))
			break;
		if (!e && !PQconsumeInput(p->conn))
			e = postgres_lost(p, PQerrorMessage(p->conn));
	}
	return e;
}

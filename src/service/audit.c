#include "service/audit.h"

/* More than any field is long: details are made of limited requests. */
enum { AUDIT_BYTES = 1024 * 1024 };

static void put_field(struct buf *b, struct str field)
{
	uint64_t length = field.n;

	for (int shift = 56; shift >= 0; shift -= 8)
		buf_char(b, (char)(length >> shift & 255));
	buf_str(b, field);
}

static void put_number(struct buf *b, int64_t number)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_char(b, (char)((uint64_t)number >> shift & 255));
}

void audit_hash(const struct audit_row *row, unsigned char ret[HASH_BYTES])
{
	struct buf b;

	buf_init(&b, AUDIT_BYTES);
	put_field(&b, row->previous);
	put_number(&b, row->id);
	put_field(&b, row->actor);
	put_field(&b, row->action);
	put_field(&b, row->subject);
	put_field(&b, row->detail);
	put_number(&b, row->created_at);
	must(!b.failed);
	crypto_digest(buf_view(&b), ret);
	buf_done(&b);
}

enum err audited(struct unit *u, const struct by *by, const char *action, struct str subject, struct str detail,
		 enum err result)
{
	static const char zeros[HASH_BYTES];
	unsigned char hash[HASH_BYTES];
	struct audit_row last, row = { .actor = by->actor.p ? by->actor : STR("bodega"),
				       .action = str_of(action),
				       .subject = subject,
				       .detail = detail,
				       .previous = { zeros, sizeof(zeros) } };
	bool found = false;
	void *rows[] = { &row };

	if (result)
		row.detail = arena_printf(&u->arena, "refused: %s; %.*s", err_name(result), STR_ARG(detail));
	/* At once, not with the flush: the next command of the batch chains to it. */
	enum err e = db_lock(u->db, DB_LOCK_AUDIT);
	if (!e)
		e = audit_last(u->db, &u->arena, &last, &found);
	if (e)
		return e;
	if (found) {
		unit_follow(u, last.id);
		row.previous = last.hash;
	}
	row.id = unit_id(u);
	row.created_at = u->now_us;
	audit_hash(&row, hash);
	row.hash = (struct str){ (const char *)hash, sizeof(hash) };
	e = db_insert(u->db, &table_audit, rows, 1);
	return e ? e : result;
}

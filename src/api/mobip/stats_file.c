#include "api/mobip/stats_file.h"

#include "base/clock.h"
#include "base/gzip.h"
#include "service/payment_link.h"
#include "service/payment_stats.h"

enum {
	PARTNER_DIGITS = 14,
	DAY_DIGITS = 6,
	END_DIGITS = 10,
	HEAD_DIGITS = PARTNER_DIGITS + DAY_DIGITS + END_DIGITS,
	MAC_BYTES = 16,
	TOKEN_DIGITS = HEAD_DIGITS + 2 * MAC_BYTES,
	LIFE_SECONDS = 24 * 3600,
};

static const struct str ending = { ".csv.gz", 7 };

struct file {
	int64_t partner_id, day, end_seconds;
};

static void token_make(const struct keys *keys, const struct file *f, char ret[TOKEN_DIGITS])
{
	unsigned char mac[HASH_BYTES];
	char text[HEAD_DIGITS + 16];
	struct buf b = { .p = ret, .cap = TOKEN_DIGITS, .max = TOKEN_DIGITS };

	buf_printf(&b, "%014llx%06llx%010llx", (unsigned long long)f->partner_id, (unsigned long long)f->day,
		   (unsigned long long)f->end_seconds);
	int n = snprintf(text, sizeof(text), "stats %.*s", (int)HEAD_DIGITS, ret);
	crypto_keyed_hash(keys, (struct str){ text, (size_t)n }, mac);
	buf_hex(&b, mac, MAC_BYTES);
	must(!b.failed && b.n == TOKEN_DIGITS);
}

struct str mobip_stats_url(struct request *rq, int64_t day_us)
{
	const struct file f = { rq->credential->partner_id, day_us / SECONDS_US(24 * 3600),
				rq->now_us / SECONDS_US(1) + LIFE_SECONDS };
	char token[TOKEN_DIGITS];

	token_make(rq->keys, &f, token);
	return arena_printf(&rq->x->arena, "%s/api/2.0/stats/%.*s%.*s", rq->settings->public_url, (int)TOKEN_DIGITS,
			    token, STR_ARG(ending));
}

static bool number_read(struct str *rest, size_t digits, int64_t *ret)
{
	int64_t n = 0;

	for (size_t i = 0; i < digits; i++) {
		char c = rest->p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
		n = n << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*rest = str_skip(*rest, digits);
	*ret = n;
	return true;
}

enum err mobip_stats_file_parse(struct request *rq)
{
	struct payment_stats *c = ARENA_NEW(&rq->x->arena, struct payment_stats);
	struct str name = rq->captures[0], token = { name.p, TOKEN_DIGITS }, rest = token;
	char made[TOKEN_DIGITS];
	struct file f;

	rq->task.command = c;
	if (name.n != TOKEN_DIGITS + ending.n || !str_eq(str_skip(name, TOKEN_DIGITS), ending) ||
	    !number_read(&rest, PARTNER_DIGITS, &f.partner_id) || !number_read(&rest, DAY_DIGITS, &f.day) ||
	    !number_read(&rest, END_DIGITS, &f.end_seconds))
		return ERR_NOT_FOUND;
	token_make(rq->keys, &f, made);
	if (!crypto_equal(token, (struct str){ made, TOKEN_DIGITS }) || rq->now_us / SECONDS_US(1) >= f.end_seconds)
		return ERR_NOT_FOUND;
	c->partner_id = f.partner_id;
	c->date_us = f.day * SECONDS_US(24 * 3600);
	return OK;
}

/* In quotes where it must be; what a spreadsheet would run is text. */
static void put_field(struct buf *b, struct str text, bool is_last)
{
	bool is_quoted = false;

	for (size_t i = 0; i < text.n; i++)
		is_quoted |= strchr(",\"\r\n", text.p[i]) != NULL;
	if (is_quoted)
		buf_char(b, '"');
	if (text.n && strchr("=+-@\t\r", text.p[0]))
		buf_char(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			buf_char(b, '"');
		buf_char(b, text.p[i]);
	}
	if (is_quoted)
		buf_char(b, '"');
	buf_str(b, is_last ? STR("\r\n") : STR(","));
}

static struct str moment(struct arena *a, int64_t us)
{
	struct buf b;

	if (!us)
		return STR("");
	buf_init(&b, 64);
	clock_put_rfc3339(&b, us, 0, "Z");
	struct str text = arena_str(a, buf_view(&b));
	buf_done(&b);
	return text;
}

static void put_line(struct request *rq, struct buf *b, const struct payment *p)
{
	struct arena *a = &rq->x->arena;
	struct currency cur = { p->currency };

	put_field(b, payment_trid(rq->keys, a, p->id), false);
	put_field(b, p->track_id, false);
	put_field(b, str_of(mobip_state(p)), false);
	put_field(b, p->item_name, false);
	buf_printf(b, "%lld,", (long long)payment_minor(payment_total(p), cur));
	put_field(b, currency_code(cur), false);
	put_field(b, p->method, false);
	put_field(b, moment(a, p->created_at), false);
	put_field(b, moment(a, p->finished_at), true);
}

void mobip_stats_file_render(struct request *rq, struct json_writer *w)
{
	static const struct str header = STR("trid,track_id,status,item_name,total_amount_in_cents,currency,"
					     "payment_method,created_at,finished_at\r\n");
	const struct payment_stats *s = rq->task.command;
	struct buf plain;

	(void)w;
	buf_init(&plain, LIMIT_RESPONSE_BYTES);
	buf_str(&plain, header);
	for (size_t i = 0; i < s->payment_count; i++)
		put_line(rq, &plain, &s->payments[i]);
	bool is_whole = !plain.failed && gzip_put(&rq->x->reply, buf_view(&plain));
	buf_done(&plain);
	if (!is_whole)
		request_add_fault(rq, ERR_TOO_LARGE, STR_NONE);
}

#include "service/payment_link.h"

#include "base/uuid.h"

enum { URL_BYTES_MOST = 16384 };

static const char trid_kind[] = "payment";
static const char *const names[] = { "resp_code", "trid", "track_id" };

struct str payment_trid(const struct keys *keys, struct arena *a, int64_t id)
{
	return uuid_of_id(keys, a, trid_kind, id);
}

enum err payment_of_trid(const struct keys *keys, struct str trid, int64_t *ret_id)
{
	return uuid_to_id(keys, trid_kind, trid, ret_id) ? ERR_PAYMENT_NOT_FOUND : OK;
}

struct str payment_resp_code(enum payment_state state)
{
	must(payment_is_final(state));
	if (state == PAYMENT_CANCELLED)
		return STR("CANCELLED");
	return state == PAYMENT_ERROR ? STR("ERROR") : STR("PROCESSED");
}

static bool is_ours(struct str parameter)
{
	struct str rest = parameter, name = str_cut(&rest, '=');

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static void put_kept(struct buf *b, struct str query, char *separator)
{
	while (query.p) {
		struct str parameter = str_cut(&query, '&');

		if (!parameter.n || is_ours(parameter))
			continue;
		buf_char(b, *separator);
		buf_str(b, parameter);
		*separator = '&';
	}
}

struct str payment_end_url(const struct keys *keys, struct arena *a, struct str url, const struct payment *p)
{
	const struct str values[] = { payment_resp_code((enum payment_state)p->state), payment_trid(keys, a, p->id),
				      p->track_id };
	struct str query = url, path;
	char separator = '?';
	struct buf b;

	query = str_cut(&query, '#');
	path = str_cut(&query, '?');
	buf_init(&b, URL_BYTES_MOST);
	buf_str(&b, path);
	put_kept(&b, query, &separator);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		buf_printf(&b, "%c%s=", separator, names[i]);
		buf_percent(&b, values[i]);
		separator = '&';
	}
	must(!b.failed);
	struct str whole = arena_str(a, buf_view(&b));
	buf_done(&b);
	return whole;
}

#include "tally.h"

#include "base/clock.h"
#include "wire.h"

void tally_start(struct tally *t, int64_t warmup_ns, int64_t window_ns)
{
	t->start_ns = wire_now_ns();
	t->start_wall_us = clock_wall_us();
	t->window_start_ns = t->start_ns + warmup_ns;
	t->window_end_ns = t->window_start_ns + window_ns;
	t->bytes_min = INT64_MAX;
}

static bool in_window(const struct tally *t, int64_t ns)
{
	return ns >= t->window_start_ns && ns < t->window_end_ns;
}

void tally_ok(struct tally *t, const struct tally_answer *answer)
{
	int64_t second = (answer->now_ns - t->start_ns) / 1000000000, bytes = (int64_t)answer->body_bytes;

	t->ok++;
	t->ok_in_window += in_window(t, answer->now_ns);
	t->bytes += bytes;
	if (bytes < t->bytes_min)
		t->bytes_min = bytes;
	if (bytes > t->bytes_max)
		t->bytes_max = bytes;
	if (second < TALLY_SECONDS)
		t->ok_each_second[second]++;
	if (!in_window(t, answer->due_ns))
		return;
	histogram_add(&t->latency, answer->now_ns - answer->due_ns);
	if (t->by_template)
		histogram_add(&t->by_template[answer->template], answer->now_ns - answer->due_ns);
}

void tally_error(struct tally *t, int64_t now_ns, const char *name)
{
	size_t i = 0;

	t->errors++;
	t->errors_in_window += in_window(t, now_ns);
	while (i < t->kind_count && strcmp(t->kinds[i].name, name))
		i++;
	if (i == t->kind_count) {
		/* The last place collects what no longer fits, so that nothing is lost from the sum. */
		if (t->kind_count == TALLY_KINDS)
			i = TALLY_KINDS - 1;
		else
			t->kind_count++;
		snprintf(t->kinds[i].name, sizeof(t->kinds[i].name), "%s", i == TALLY_KINDS - 1 ? "other" : name);
	}
	t->kinds[i].count++;
}

void tally_refused(struct tally *t, int64_t now_ns, int status, struct str body)
{
	struct str code = wire_json_value(body, "\"code\":");
	char name[48];
	size_t n = 0;

	/* The code goes into a JSON string and into a table: letters, digits and dashes only. */
	while (n < code.n && n < 32 &&
	       (code.p[n] == '_' || code.p[n] == '-' || (code.p[n] >= '0' && code.p[n] <= '9') ||
		((code.p[n] | 0x20) >= 'a' && (code.p[n] | 0x20) <= 'z')))
		n++;
	snprintf(name, sizeof(name), n ? "%d/%.*s" : "%d%.*s", status, (int)n, n ? code.p : "");
	tally_error(t, now_ns, name);
}

void tally_unsent(struct tally *t, int64_t due_ns)
{
	if (!in_window(t, due_ns))
		return;
	t->unsent++;
	histogram_add(&t->latency, t->window_end_ns - due_ns);
}

static void put_seconds(const struct tally *t, struct buf *b)
{
	size_t last = TALLY_SECONDS;

	while (last && t->ok_each_second[last - 1] == 0)
		last--;
	buf_lit(b, "\"ok_each_second\":[");
	for (size_t i = 0; i < last; i++)
		buf_printf(b, i ? ",%lld" : "%lld", (long long)t->ok_each_second[i]);
	buf_char(b, ']');
}

void tally_put_json(const struct tally *t, struct buf *b)
{
	double seconds = (double)(t->window_end_ns - t->window_start_ns) / 1e9;
	double cpu = (double)(t->cpu_end_ns - t->cpu_start_ns);
	int64_t answers = t->ok_in_window + t->errors_in_window;

	buf_printf(b, "\"started_wall_us\":%lld,\"sent\":%lld,\"ok\":%lld,\"ok_in_window\":%lld,\"per_second\":%.1f,",
		   (long long)t->start_wall_us, (long long)t->sent, (long long)t->ok, (long long)t->ok_in_window,
		   (double)t->ok_in_window / seconds);
	buf_lit(b, "\"latency_ms\":");
	histogram_put_json(&t->latency, b);
	buf_printf(b, ",\"errors\":%lld,\"errors_by_kind\":{", (long long)t->errors);
	for (size_t i = 0; i < t->kind_count; i++)
		buf_printf(b, "%s\"%s\":%lld", i ? "," : "", t->kinds[i].name, (long long)t->kinds[i].count);
	buf_printf(b, "},\"reconnects\":%lld,\"behind_max\":%lld,\"unsent\":%lld,", (long long)t->reconnects,
		   (long long)t->behind_max, (long long)t->unsent);
	buf_printf(b, "\"body_bytes\":{\"min\":%lld,\"max\":%lld,\"sum\":%lld},", (long long)(t->ok ? t->bytes_min : 0),
		   (long long)t->bytes_max, (long long)t->bytes);
	buf_printf(b, "\"own_cpu_share\":%.3f,\"own_cpu_us_per_request\":%.1f,", cpu / 1e9 / seconds,
		   answers ? cpu / 1e3 / (double)answers : 0);
	put_seconds(t, b);
}

#include "notify/sms.h"

#include "base/limits.h"
#include "http/client.h"

#include <stdlib.h>

enum { URL_MOST_BYTES = 16 * 1024, ANSWER_BYTES_MOST = 16 * 1024, IN_FLIGHT = 8 };

struct gateway {
	struct messenger messenger;
	struct arena arena; /* of the strings */
	struct sms_config config;
	struct http_client *client;
};

/* The characters beyond ASCII that 7 bits can say, and those of ASCII that they cannot. */
static const char *const gsm_beyond_ascii[] = { "£", "¥", "è", "é", "ù", "ì", "ò", "Ç", "Ø", "ø", "Å", "å", "Δ", "Φ",
						"Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ", "Æ", "æ", "ß", "É", "¤", "¡",
						"Ä", "Ö", "Ñ", "Ü", "§", "¿", "ä", "ö", "ñ", "ü", "à", "€" };

static size_t gsm_length(struct str text)
{
	if ((unsigned char)text.p[0] < 0x80)
		return text.p[0] != '`' && (text.p[0] >= ' ' || text.p[0] == '\n' || text.p[0] == '\r') &&
				       text.p[0] != 0x7f
			       ? 1
			       : 0;
	for (size_t i = 0; i < ARRAY_LEN(gsm_beyond_ascii); i++)
		if (str_starts(text, str_of(gsm_beyond_ascii[i])))
			return strlen(gsm_beyond_ascii[i]);
	return 0;
}

bool sms_is_gsm7(struct str text)
{
	while (text.n) {
		size_t n = gsm_length(text);

		if (!n)
			return false;
		text = str_skip(text, n);
	}
	return true;
}

static void put_parameter(struct buf *b, const char *name, struct str value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	buf_printf(b, "%s=", name);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] && strchr(plain, value.p[i]))
			buf_char(b, value.p[i]);
		else
			buf_printf(b, "%%%02X", (unsigned)(unsigned char)value.p[i]);
	}
}

const char *sms_url(struct arena *a, const struct sms_config *config, struct str to, struct str text)
{
	const struct {
		const char *name;
		struct str value;
	} parameters[] = {
		{ "username", str_of(config->user) },
		{ "password", str_of(config->password) },
		{ "from", str_of(config->sender) },
		{ "to", to },
		{ "charset", STR("UTF-8") },
		{ "coding", sms_is_gsm7(text) ? STR("0") : STR("2") },
		{ "text", text },
	};
	struct buf b;
	char before = strchr(config->url, '?') ? '&' : '?';

	buf_init(&b, URL_MOST_BYTES);
	buf_str(&b, str_of(config->url));
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++) {
		if (!parameters[i].value.p)
			continue;
		buf_char(&b, before);
		put_parameter(&b, parameters[i].name, parameters[i].value);
		before = '&';
	}
	const char *url = b.failed ? NULL : arena_strz(a, buf_view(&b));
	buf_done(&b);
	return url;
}

enum sending_outcome sms_outcome(int status)
{
	if (status >= 200 && status <= 299)
		return SENDING_TAKEN;
	if (status == 401 || status == 403 || status == 429 || status == 503)
		return SENDING_LATER;
	return status >= 400 && status <= 499 ? SENDING_REFUSED : SENDING_LOST;
}

static const char *copy(struct arena *a, const char *text)
{
	return text ? arena_strz(a, str_of(text)) : NULL;
}

static enum err sms_open(const struct messengers_config *config, struct http_client *client, struct messenger **ret)
{
	const struct sms_config *c = &config->sms;

	if (!c->url)
		return OK;
	struct gateway *g = calloc(1, sizeof(*g));
	must(g);
	arena_init(&g->arena);
	g->messenger.driver = &messenger_sendsms;
	g->client = client;
	g->config = (struct sms_config){ copy(&g->arena, c->url), copy(&g->arena, c->user),
					 copy(&g->arena, c->password), copy(&g->arena, c->sender) };
	*ret = &g->messenger;
	return OK;
}

static void sms_close(struct messenger *messenger)
{
	struct gateway *g = (struct gateway *)messenger;

	arena_done(&g->arena);
	free(g);
}

static void sms_done(struct http_request *request, const struct http_response *r)
{
	struct sending *s = request->sender;

	if (r->error == HTTP_ANSWERED || r->error == HTTP_TOO_LARGE) {
		enum sending_outcome outcome = sms_outcome(r->status);

		sending_finish(s, outcome, r->status, outcome == SENDING_TAKEN ? NULL : "status");
		return;
	}
	sending_finish(s, r->sent ? SENDING_LOST : SENDING_LATER, 0, http_error_name(r->error));
}

static void sms_send(struct messenger *messenger, struct sending *s)
{
	struct gateway *g = (struct gateway *)messenger;
	struct http_request *request = ARENA_NEW(s->arena, struct http_request);
	const char *url = sms_url(s->arena, &g->config, s->to, s->text);

	if (!url) {
		sending_finish(s, SENDING_REFUSED, 0, "too_large");
		return;
	}
	*request = (struct http_request){ .method = "GET",
					  .url = url,
					  .timeout_ms = (int64_t)LIMIT_SMS_SECONDS * 1000,
					  .max_response_bytes = ANSWER_BYTES_MOST,
					  .max_per_host = IN_FLIGHT,
					  .once = true,
					  .done = sms_done,
					  .sender = s };
	http_client_submit(g->client, request);
}

const struct messenger_driver messenger_sendsms = { "sendsms", 1u << MEDIUM_SMS, sms_open, sms_close, sms_send };

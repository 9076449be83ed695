#include "http/smtp.h"

#include "base/arena.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 3, CONNECT_MS = 10000, IDLE_SECONDS = 30 };

struct smtp {
	struct arena arena;
	struct smtp_options options;
	const char *url;
	pthread_t threads[THREADS];
	size_t started;

	pthread_mutex_t lock; /* guards what stands up to the blank line */
	pthread_cond_t changed;
	struct smtp_mail *first, **last;

	_Atomic(bool) stopping;
};

static size_t give_bytes(char *to, size_t size, size_t n, void *arg)
{
	struct smtp_mail *m = arg;
	size_t left = m->bytes.n - m->read, take = size * n < left ? size * n : left;

	memcpy(to, m->bytes.p + m->read, take);
	m->read += take;
	return take;
}

/* What the server says is of no interest beyond its codes. */
static size_t pass_over(char *p, size_t size, size_t n, void *arg)
{
	(void)p, (void)arg;
	return size * n;
}

static int look_up_from_work(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct smtp *s = arg;

	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&s->stopping); /* ends the transfer */
}

static bool set_up(struct smtp *s, CURL *e)
{
	const struct smtp_options *o = &s->options;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_URL, s->url);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	bad |= curl_easy_setopt(e, CURLOPT_PROXY, ""); /* not even one from the environment */
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_READFUNCTION, give_bytes);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, pass_over);
	bad |= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	bad |= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
				(long)(o->timeout_ms < CONNECT_MS ? o->timeout_ms : CONNECT_MS));
	bad |= curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)IDLE_SECONDS);
	bad |= curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, look_up_from_work);
	bad |= curl_easy_setopt(e, CURLOPT_XFERINFODATA, s);
	bad |= curl_easy_setopt(e, CURLOPT_USE_SSL,
				(long)(o->security == SMTP_STARTTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	if (o->ca_file)
		bad |= curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);
	if (o->user) {
		bad |= curl_easy_setopt(e, CURLOPT_USERNAME, o->user);
		bad |= curl_easy_setopt(e, CURLOPT_PASSWORD, o->password);
	}
	return bad == CURLE_OK;
}

static const char *error_word(CURLcode code)
{
	static const struct {
		CURLcode code;
		const char *word;
	} words[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, "resolve" },
		{ CURLE_COULDNT_CONNECT, "connect" },
		{ CURLE_OPERATION_TIMEDOUT, "timeout" },
		{ CURLE_LOGIN_DENIED, "login" },
		{ CURLE_USE_SSL_FAILED, "tls" },
		{ CURLE_SSL_CONNECT_ERROR, "tls" },
		{ CURLE_PEER_FAILED_VERIFICATION, "certificate" },
		{ CURLE_SSL_CACERT_BADFILE, "certificate" },
		{ CURLE_ABORTED_BY_CALLBACK, "stopped" },
		{ CURLE_SEND_ERROR, "status" },
		{ CURLE_WEIRD_SERVER_REPLY, "status" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].code == code)
			return words[i].word;
	return "broken";
}

/* Only an answer to this mail's own envelope or text is about this mail; a login that fails is the operator's to
 * repair, and the mail waits for that. */
static void conclude(struct smtp_mail *m, CURLcode code, long status)
{
	bool is_answer = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY;

	m->status = (int)status;
	m->error = code == CURLE_OK ? NULL : error_word(code);
	if (code == CURLE_OK)
		m->outcome = SMTP_TAKEN;
	else if (is_answer && status >= 500 && status <= 599)
		m->outcome = SMTP_REFUSED;
	else if (m->read == m->bytes.n && !(status >= 400 && status <= 499))
		m->outcome = SMTP_LOST;
	else
		m->outcome = SMTP_LATER;
}

static void hand_over(CURL *e, struct smtp_mail *m)
{
	struct curl_slist *to = curl_slist_append(NULL, m->to);
	CURLcode code = CURLE_OK;
	long status = 0;

	must(to);
	m->read = 0;
	code |= curl_easy_setopt(e, CURLOPT_MAIL_FROM, m->from);
	code |= curl_easy_setopt(e, CURLOPT_MAIL_RCPT, to);
	code |= curl_easy_setopt(e, CURLOPT_READDATA, m);
	code |= curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->bytes.n);
	if (!code)
		code = curl_easy_perform(e);
	curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_setopt(e, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	conclude(m, code, status);
	m->done(m);
}

/* NULL at the end, once the queue is empty. */
static struct smtp_mail *take(struct smtp *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->first && !atomic_load(&s->stopping))
		pthread_cond_wait(&s->changed, &s->lock);
	struct smtp_mail *m = s->first;
	if (m)
		s->first = m->next;
	if (!s->first)
		s->last = &s->first;
	pthread_mutex_unlock(&s->lock);
	return m;
}

static void *run(void *arg)
{
	struct smtp *s = arg;
	CURL *e = curl_easy_init();
	struct smtp_mail *m;

	must(e && set_up(s, e));
	while ((m = take(s)))
		hand_over(e, m);
	curl_easy_cleanup(e);
	return NULL;
}

static const char *copy(struct arena *a, const char *text)
{
	return text ? arena_strz(a, str_of(text)) : NULL;
}

enum err smtp_new(const struct smtp_options *options, struct smtp **ret)
{
	struct smtp *s = calloc(1, sizeof(*s));

	must(s);
	arena_init(&s->arena);
	s->last = &s->first;
	s->options = *options;
	s->options.host = copy(&s->arena, options->host);
	s->options.user = copy(&s->arena, options->user);
	s->options.password = copy(&s->arena, options->password);
	s->options.ca_file = copy(&s->arena, options->ca_file);
	s->url = arena_printf(&s->arena, "%s://%s:%d", options->security == SMTP_TLS ? "smtps" : "smtp", options->host,
			      options->port)
			 .p;
	must(pthread_mutex_init(&s->lock, NULL) == 0 && pthread_cond_init(&s->changed, NULL) == 0);
	bool good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	while (good && s->started < THREADS) {
		good = pthread_create(&s->threads[s->started], NULL, run, s) == 0;
		if (good)
			pthread_setname_np(s->threads[s->started++], "smtp");
	}
	if (!good) {
		smtp_free(s);
		return ERR_INTERNAL;
	}
	*ret = s;
	return OK;
}

void smtp_free(struct smtp *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->stopping, true);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->started; i++)
		pthread_join(s->threads[i], NULL);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	arena_done(&s->arena);
	free(s);
}

void smtp_submit(struct smtp *s, struct smtp_mail *m)
{
	pthread_mutex_lock(&s->lock);
	m->next = NULL;
	*s->last = m;
	s->last = &m->next;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

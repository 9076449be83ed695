#include "http/client_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BUCKETS = 1024, FAILURES_BEFORE_SLOW = 3, IDLE_HOSTS_MOST = 4096, POLL_MS = 60000, EVENTS = 64 };

struct http_client {
	struct http_client_options options;
	CURLM *multi;
	int epoll, wake; /* the sockets that libcurl watches, and an eventfd for what is submitted */
	pthread_t thread;

	pthread_mutex_t lock; /* guards what stands up to the blank line */
	struct http_request *inbox, **inbox_last;
	bool woken, stopping;

	/* the thread's own */
	struct host *buckets[BUCKETS];
	size_t host_count;
	struct host *waiting_first, *waiting_last; /* hosts with requests waiting, whose turn it is first */
	struct transfer *free, *active;
	int in_flight, slow_in_flight;
	int64_t due_us; /* when libcurl wants to be called for its own sake (clock_mono_us); INT64_MAX = never */
	unsigned char seed[HASH_SEED_BYTES];

	_Atomic(int64_t) answered, failed, running, queued;
};

static const char *const error_names[] = { "answered", "bad_url", "refused_target", "resolve", "connect",
					   "timeout",  "broken",  "too_large",	    "stopped" };

const char *http_error_name(enum http_error e)
{
	must((size_t)e < ARRAY_LEN(error_names));
	return error_names[e];
}

struct str http_response_header(const struct http_response *r, const char *name)
{
	struct str rest = r->headers;

	while (rest.n) {
		struct str value = str_cut(&rest, '\n');
		struct str key = str_cut(&value, ':');

		if (value.p && str_eq_nocase(key, str_of(name)))
			return str_trim(value);
	}
	return STR_NONE;
}

struct str http_origin(struct str url)
{
	static const struct str schemes[] = { { "http://", 7 }, { "https://", 8 } };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct str scheme = schemes[i];

		if (url.n <= scheme.n || !str_eq_nocase((struct str){ url.p, scheme.n }, scheme))
			continue;
		size_t n = scheme.n;
		while (n < url.n && !strchr("/?#\\", url.p[n]))
			n++;
		return n > scheme.n ? (struct str){ url.p, n } : STR_NONE;
	}
	return STR_NONE;
}

static struct host *host_of(struct http_client *c, struct str origin)
{
	uint64_t hash = crypto_seeded_hash(c->seed, origin);
	struct host **bucket = &c->buckets[hash % BUCKETS];

	for (struct host *h = *bucket; h; h = h->next_in_bucket)
		if (h->hash == hash && str_eq((struct str){ h->origin, h->n }, origin))
			return h;
	struct host *h = calloc(1, sizeof(*h) + origin.n);
	must(h);
	memcpy(h->origin, origin.p, origin.n);
	h->n = origin.n;
	h->hash = hash;
	h->last = &h->first;
	h->next_in_bucket = *bucket;
	*bucket = h;
	c->host_count++;
	return h;
}

/* Forgets hosts with nothing to do, failing ones last remembered with them: names are foreign input. */
static void hosts_sweep(struct http_client *c)
{
	if (c->host_count <= IDLE_HOSTS_MOST)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct host **at = &c->buckets[i]; *at;) {
			struct host *h = *at;

			if (h->in_flight || h->first) {
				at = &h->next_in_bucket;
				continue;
			}
			*at = h->next_in_bucket;
			free(h);
			c->host_count--;
		}
}

static void host_list(struct http_client *c, struct host *h)
{
	h->listed = true;
	h->prev = c->waiting_last;
	h->next = NULL;
	*(h->prev ? &h->prev->next : &c->waiting_first) = h;
	c->waiting_last = h;
}

static void host_unlist(struct http_client *c, struct host *h)
{
	h->listed = false;
	*(h->prev ? &h->prev->next : &c->waiting_first) = h->next;
	*(h->next ? &h->next->prev : &c->waiting_last) = h->prev;
}

static void answer(struct http_client *c, struct http_request *r, const struct http_response *response)
{
	atomic_fetch_add(response->error == HTTP_ANSWERED ? &c->answered : &c->failed, 1);
	r->done(r, response);
}

static void answer_error(struct http_client *c, struct http_request *r, enum http_error error)
{
	answer(c, r, &(struct http_response){ .error = error });
}

static void host_queue(struct http_client *c, struct http_request *r)
{
	struct str origin = http_origin(str_of(r->url));

	if (!origin.p) {
		answer_error(c, r, HTTP_BAD_URL);
		return;
	}
	struct host *h = host_of(c, origin);
	r->next = NULL;
	*h->last = r;
	h->last = &r->next;
	atomic_fetch_add(&c->queued, 1);
	if (!h->listed)
		host_list(c, h);
}

static bool host_is_slow(const struct host *h)
{
	return h->failures >= FAILURES_BEFORE_SLOW;
}

static bool host_may_start(const struct http_client *c, const struct host *h)
{
	if (!host_is_slow(h))
		return h->in_flight < h->first->max_per_host;
	int lane = c->options.max_in_flight / 4;
	return h->in_flight == 0 && c->slow_in_flight < (lane ? lane : 1);
}

static struct http_request *host_take(struct http_client *c, struct host *h)
{
	struct http_request *r = h->first;

	h->first = r->next;
	r->next = NULL;
	if (!h->first)
		h->last = &h->first;
	atomic_fetch_sub(&c->queued, 1);
	/* To the end of the line, so that hosts take turns. */
	host_unlist(c, h);
	if (h->first)
		host_list(c, h);
	return r;
}

static void transfer_start(struct http_client *c, struct host *h)
{
	struct transfer *t = c->free;

	if (t)
		c->free = t->next;
	else
		t = transfer_new(&c->options);
	must(t);
	t->slow = host_is_slow(h);
	t->request = host_take(c, h);
	t->host = h;
	if (transfer_prepare(t) || curl_multi_add_handle(c->multi, t->easy) != CURLM_OK) {
		struct http_request *r = t->request;

		transfer_clear(t);
		t->next = c->free;
		c->free = t;
		answer_error(c, r, HTTP_BAD_URL);
		return;
	}
	t->next_active = c->active;
	t->prev_active = NULL;
	if (c->active)
		c->active->prev_active = t;
	c->active = t;
	h->in_flight++;
	c->in_flight++;
	c->slow_in_flight += t->slow;
	atomic_store(&c->running, c->in_flight);
}

static void start_what_may(struct http_client *c)
{
	struct host *next;

	for (struct host *h = c->waiting_first; h && c->in_flight < c->options.max_in_flight; h = next) {
		next = h->next;
		if (!host_may_start(c, h))
			continue;
		bool last = !next;
		transfer_start(c, h);
		/* A host that may start more stands at the end of the line now. */
		if (last)
			next = h->listed ? h : NULL;
	}
}

static void host_note(struct host *h, const struct http_response *r)
{
	bool failing = r->error != HTTP_ANSWERED ? r->error != HTTP_TOO_LARGE : r->status >= 500 || r->status == 429;

	h->failures = failing ? h->failures + 1 : 0;
}

static void transfer_finish(struct http_client *c, struct transfer *t, const struct http_response *response)
{
	struct http_request *r = t->request;

	curl_multi_remove_handle(c->multi, t->easy);
	*(t->prev_active ? &t->prev_active->next_active : &c->active) = t->next_active;
	if (t->next_active)
		t->next_active->prev_active = t->prev_active;
	t->host->in_flight--;
	c->in_flight--;
	c->slow_in_flight -= t->slow;
	atomic_store(&c->running, c->in_flight);
	if (!c->options.no_slow_lane)
		host_note(t->host, response);
	answer(c, r, response);
	transfer_clear(t);
	t->next = c->free;
	c->free = t;
}

static void collect(struct http_client *c)
{
	struct http_response response;
	struct transfer *t;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left))) {
		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode code = m->data.result;

		must(curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK);
		transfer_result(t, code, &response);
		transfer_finish(c, t, &response);
	}
}

/* Takes what was submitted meanwhile; false when the client is stopping. */
static bool take_inbox(struct http_client *c)
{
	pthread_mutex_lock(&c->lock);
	struct http_request *r = c->inbox;
	bool stopping = c->stopping;
	c->inbox = NULL;
	c->inbox_last = &c->inbox;
	c->woken = false;
	pthread_mutex_unlock(&c->lock);
	while (r) {
		struct http_request *next = r->next;

		host_queue(c, r);
		r = next;
	}
	return !stopping;
}

static void stop_all(struct http_client *c)
{
	while (c->active)
		transfer_finish(c, c->active,
				&(struct http_response){ .error = HTTP_STOPPED, .sent = c->active->sent });
	do
		while (c->waiting_first)
			answer_error(c, host_take(c, c->waiting_first), HTTP_STOPPED);
	while (take_inbox(c) || c->waiting_first); /* what was submitted from within `done` */
}

/* libcurl says which sockets to watch, and from when on it wants a call without one: only those that have something to
 * say are looked at, however many are open. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http_client *c = arg;
	struct epoll_event event = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
	if (epoll_ctl(c->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0)
		return -1;
	return known || curl_multi_assign(c->multi, fd, c) == CURLM_OK ? 0 : -1;
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct http_client *c = arg;

	(void)multi;
	c->due_us = ms < 0 ? INT64_MAX : clock_mono_us() + (int64_t)ms * 1000;
	return 0;
}

static void act_on(struct http_client *c, curl_socket_t fd, int mask)
{
	int running;

	must(curl_multi_socket_action(c->multi, fd, mask, &running) == CURLM_OK);
}

/* libcurl's timer may ask for a call at once, again and again: each of them does something. */
static void act_on_timer(struct http_client *c)
{
	while (c->due_us <= clock_mono_us()) {
		c->due_us = INT64_MAX;
		act_on(c, CURL_SOCKET_TIMEOUT, 0);
	}
}

static void wait_and_act(struct http_client *c)
{
	struct epoll_event events[EVENTS];
	int64_t wait_us = c->due_us - clock_mono_us();
	int wait_ms = wait_us >= (int64_t)POLL_MS * 1000 ? POLL_MS : wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000);
	int n = epoll_wait(c->epoll, events, EVENTS, wait_ms);

	for (int i = 0; i < n; i++) {
		uint32_t e = events[i].events;
		uint64_t count;

		if (events[i].data.fd == c->wake)
			(void)!read(c->wake, &count, sizeof(count));
		else
			act_on(c, events[i].data.fd,
			       (e & EPOLLIN ? CURL_CSELECT_IN : 0) | (e & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
				       (e & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
	}
}

static void *run(void *arg)
{
	struct http_client *c = arg;

	while (take_inbox(c)) {
		start_what_may(c);
		act_on_timer(c);
		collect(c);
		if (c->waiting_first && c->in_flight < c->options.max_in_flight)
			start_what_may(c);
		hosts_sweep(c);
		wait_and_act(c);
	}
	stop_all(c);
	return NULL;
}
static void watch_nothing(struct http_client *c)
{
	if (c->multi)
		curl_multi_cleanup(c->multi);
	if (c->epoll >= 0)
		close(c->epoll);
	if (c->wake >= 0)
		close(c->wake);
}

static bool watch_sockets(struct http_client *c)
{
	struct epoll_event event = { .events = EPOLLIN };
	CURLMcode bad = CURLM_OK;

	c->due_us = INT64_MAX;
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	c->wake = event.data.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		c->multi = curl_multi_init();
	if (c->epoll < 0 || c->wake < 0 || !c->multi || epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->wake, &event) < 0)
		return false;
	bad |= curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 2L * c->options.max_in_flight);
	bad |= curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	bad |= curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	bad |= curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	bad |= curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	return bad == CURLM_OK;
}

enum err http_client_new(const struct http_client_options *options, struct http_client **ret)
{
	struct http_client *c = calloc(1, sizeof(*c));

	must(c && options->max_in_flight > 0);
	c->options = *options;
	c->inbox_last = &c->inbox;
	crypto_random(c->seed, sizeof(c->seed));
	must(pthread_mutex_init(&c->lock, NULL) == 0);
	if (watch_sockets(c) && pthread_create(&c->thread, NULL, run, c) == 0) {
		pthread_setname_np(c->thread, "http client");
		*ret = c;
		return OK;
	}
	watch_nothing(c);
	pthread_mutex_destroy(&c->lock);
	free(c);
	return ERR_INTERNAL;
}

static void wake(struct http_client *c)
{
	uint64_t one = 1;

	(void)!write(c->wake, &one, sizeof(one));
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_mutex_unlock(&c->lock);
	wake(c);
	pthread_join(c->thread, NULL);
	while (c->free) {
		struct transfer *t = c->free;

		c->free = t->next;
		transfer_free(t);
	}
	watch_nothing(c);
	for (size_t i = 0; i < BUCKETS; i++)
		while (c->buckets[i]) {
			struct host *h = c->buckets[i];

			c->buckets[i] = h->next_in_bucket;
			free(h);
		}
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void http_client_submit(struct http_client *c, struct http_request *r)
{
	pthread_mutex_lock(&c->lock);
	r->next = NULL;
	*c->inbox_last = r;
	c->inbox_last = &r->next;
	bool asleep = !c->woken;
	c->woken = true;
	pthread_mutex_unlock(&c->lock);
	if (asleep)
		wake(c);
}

void http_client_stats(struct http_client *c, struct http_client_stats *ret)
{
	*ret = (struct http_client_stats){ .in_flight = atomic_load(&c->running),
					   .queued = atomic_load(&c->queued),
					   .answered = atomic_load(&c->answered),
					   .failed = atomic_load(&c->failed) };
}

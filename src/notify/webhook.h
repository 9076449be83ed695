/* notify/webhook.h: a callback to a partner: its headers, its schedule, and sending it.
 *
 * Signed as Standard Webhooks say, beside whatever a dialect has of its own: the receiver checks that it is ours and
 * not a replay; `webhook-id` is the same at every try, so that it can tell a repetition. */
#pragma once

#include "base/arena.h"

struct http_client;
struct webhook;

enum { WEBHOOK_KEYS = 2, WEBHOOK_HEADERS = 5, WEBHOOK_OWN_HEADERS = 4 };

struct webhook_header {
	const char *name;
	struct str value;
};

/* "whsec_" and base64 of 24 to 64 bytes, in the arena. ERR_BAD_REQUEST otherwise. */
MUST_USE enum err webhook_secret_parse(struct arena *a, struct str text, struct str *ret_key);

/* Headers of one try into ret; how many there are. Each key that is there signs. timestamp_us: the
 * wall clock, because receivers compare it with theirs. */
size_t webhook_headers(struct arena *a, struct str id, int64_t timestamp_us, struct str body,
		       const struct str keys[WEBHOOK_KEYS], struct webhook_header ret[WEBHOOK_HEADERS]);

/* When to try again after `tries` tries (>= 1) have failed, the last of them at now_us: nine waits that triple from
 * 9 s to 16 h, about 24 h in all, each up to a tenth shorter or longer by `random`. 0 = give up. */
int64_t webhook_next_us(int tries, int64_t now_us, uint64_t random);

/* The same by a dialect's own waits after the first, second, ... failure, which end with 0. */
int64_t webhook_next_by(const int64_t *waits_us, int tries, int64_t now_us);

/* What came of one try. */
struct webhook_result {
	bool delivered;	   /* any 2xx */
	bool overloaded;   /* it could not be reached, was silent, or said 429 or 5xx */
	int http_status;   /* 0 = no answer */
	const char *error; /* a short word; NULL = delivered */
	int64_t duration_us;
};

/* One try. The sender owns it and what it points at until `done`, which is called once, on another thread. */
struct webhook {
	const char *url;
	const char *method;				/* "GET"; NULL = POST */
	const char *content_type;			/* NULL = application/json */
	struct str id, body, keys[WEBHOOK_KEYS];	/* each that is there signs; none = not signed */
	struct webhook_header own[WEBHOOK_OWN_HEADERS]; /* a dialect's, beside those of Standard Webhooks */
	size_t own_count;
	struct arena *arena;
	void (*done)(struct webhook *w, const struct webhook_result *result);
	void *sender;
};
void webhook_send(struct http_client *client, struct webhook *w);

/* Whose turn it is: two webhooks of the same origin wait for each other. Absent if the URL is not of http or https. */
struct str webhook_origin(struct str url);

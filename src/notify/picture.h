/* notify/picture.h: a picture from somebody else's site: one try to fetch it.
 *
 * The address came from outside: the HTTP client calls public addresses alone, follows no redirect and reads no more
 * than the limit. What the site calls the file does not count, only its first bytes do. */
#pragma once

#include "base/arena.h"
#include "core/reusable.h"

struct http_client;

struct picture {
	const char *url;
	struct arena *arena;
	void (*done)(struct picture *p); /* called once, on another thread; the result stands below */
	void *sender;
	/* found */
	const char *type;   /* "image/png", ...; NULL = there is none */
	struct str content; /* in the arena */
	bool is_over;	    /* none, and trying again would not help */
	int http_status;    /* 0 = no answer */
	const char *error;  /* a short word for the log; NULL = fetched */
};

/* The sender owns it and what it points at until `done`. */
void picture_fetch(struct http_client *client, struct picture *p);
/* Whose turn it is: two of the same origin wait for each other. Absent if the URL is not of http or https. */
struct str picture_origin(struct str url);

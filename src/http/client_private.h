/* http/client_private.h: hosts and transfers of the client, shared by client.c and client_transfer.c. */
#pragma once

#include "base/buf.h"
#include "http/client.h"

#include <curl/curl.h>

struct host {
	struct host *next_in_bucket;
	struct host *prev, *next; /* of those that have requests waiting */
	bool listed;
	struct http_request *first, **last; /* waiting, oldest first */
	int in_flight;
	int failures; /* in a row */
	uint64_t hash;
	size_t n;
	char origin[]; /* n bytes */
};

/* One request on its way, with the easy handle that it borrows. Recycled. */
struct transfer {
	struct transfer *next; /* free ones */
	struct transfer *prev_active, *next_active;
	struct http_request *request;
	struct host *host;
	CURL *easy;
	struct curl_slist *header_lines;
	struct buf body, headers;
	bool allow_private;
	bool sent, refused, connected, too_large, slow;
	int64_t started_us;
	char curl_error[CURL_ERROR_SIZE];
};

/* NULL if libcurl has no handle to give. */
struct transfer *transfer_new(const struct http_client_options *options);
void transfer_free(struct transfer *t);
/* Sets the handle up for t->request. ERR_BAD_REQUEST if libcurl refuses the URL or an option. */
MUST_USE enum err transfer_prepare(struct transfer *t);
/* Reads the result off the handle. Points into the transfer. */
void transfer_result(struct transfer *t, CURLcode code, struct http_response *ret);
/* Forgets the request; the handle stays. */
void transfer_clear(struct transfer *t);

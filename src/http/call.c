#include "http/call.h"

#include <curl/curl.h>

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct buf *reply = arg;

	buf_put(reply, p, size * n);
	return reply->failed ? 0 : size * n;
}

static void prepare(CURL *curl, const struct http_call *call)
{
	curl_easy_setopt(curl, CURLOPT_URL, call->url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(call->timeout_us / 1000));
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, call->reply);
	if (call->socket_path)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->socket_path);
	if (call->bearer) {
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, call->bearer);
	}
	if (call->body.p) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.p);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
	}
}

enum err http_call(struct http_call *call)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	long status = 0;

	must(curl);
	prepare(curl, call);
	/* No "Expect: 100-continue": it would cost a second where nobody answers it. */
	headers = curl_slist_append(headers, "Expect:");
	headers = curl_slist_append(headers, "Content-Type: application/json");
	must(headers);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (code)
		return code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_IO;
	call->status = (int)status;
	return OK;
}

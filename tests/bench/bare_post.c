/* bare_post: the reference of the webhooks: libcurl posting one body over kept-alive connections, and nothing else.
 *
 * A loop over curl_multi with as many transfers under way as the server lets in at one host. Handles and headers are
 * made once; nothing is read from a store, rendered, signed or written down. What the server does beside it is what the
 * ratio shows. */
#include "base/buf.h"
#include "options.h"
#include "wire.h"

#include <curl/curl.h>
#include <stdio.h>

enum { TRANSFERS_MOST = 64, BODY_MOST = 64 * 1024 };

struct bare_post {
	CURLM *multi;
	int64_t done, failed, end_ns;
};

static size_t drop(char *p, size_t size, size_t n, void *arg)
{
	(void)p;
	(void)arg;
	return size * n;
}

static CURL *transfer(const char *url, struct curl_slist *headers, struct str body)
{
	CURL *e = curl_easy_init();
	CURLcode bad = CURLE_OK;

	must(e);
	bad |= curl_easy_setopt(e, CURLOPT_URL, url);
	bad |= curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	bad |= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, drop);
	bad |= curl_easy_setopt(e, CURLOPT_POST, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)body.n);
	bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDS, body.p);
	must(bad == CURLE_OK);
	return e;
}

/* Every transfer that has ended begins again, until the time is up. */
static void collect(struct bare_post *b)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(b->multi, &left))) {
		CURL *e = m->easy_handle;
		long status = 0;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
		b->done++;
		b->failed += m->data.result != CURLE_OK || status != 204;
		curl_multi_remove_handle(b->multi, e);
		if (wire_now_ns() < b->end_ns)
			must(curl_multi_add_handle(b->multi, e) == CURLM_OK);
	}
}

static void run(struct bare_post *b)
{
	int running = 1;

	while (running) {
		must(curl_multi_perform(b->multi, &running) == CURLM_OK);
		collect(b);
		if (wire_now_ns() < b->end_ns)
			running = 1;
		if (running)
			must(curl_multi_poll(b->multi, NULL, 0, 1000, NULL) == CURLM_OK);
	}
}

static struct str read_body(const char *path, char *bytes)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		fprintf(stderr, "bare_post: cannot read %s\n", path);
		exit(1);
	}
	size_t n = fread(bytes, 1, BODY_MOST, file);
	fclose(file);
	return (struct str){ bytes, n };
}

int main(int argc, char **argv)
{
	static char bytes[BODY_MOST];
	const char *url = NULL, *path = NULL;
	int64_t seconds = 5, connections = 8;
	const struct option_spec specs[] = { { "--url", OPTION_TEXT, &url },
					     { "--body", OPTION_TEXT, &path },
					     { "--seconds", OPTION_INTEGER, &seconds, 1, 600 },
					     { "--connections", OPTION_INTEGER, &connections, 1, TRANSFERS_MOST } };
	struct bare_post b = { 0 };
	CURL *transfers[TRANSFERS_MOST];

	if (argc < 1 || !options_take(specs, ARRAY_LEN(specs), argv + 1) || !url || !path)
		return 2;
	struct str body = read_body(path, bytes);
	must(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	headers = curl_slist_append(headers, "Expect:");
	b.multi = curl_multi_init();
	must(b.multi && headers);
	int64_t start_ns = wire_now_ns();
	b.end_ns = start_ns + seconds * 1000000000;
	for (int64_t i = 0; i < connections; i++) {
		transfers[i] = transfer(url, headers, body);
		must(curl_multi_add_handle(b.multi, transfers[i]) == CURLM_OK);
	}
	run(&b);
	double took = (double)(wire_now_ns() - start_ns) / 1e9;
	printf("{\"per_second\":%.1f,\"done\":%lld,\"failed\":%lld,\"own_cpu_seconds\":%.3f}\n", (double)b.done / took,
	       (long long)b.done, (long long)b.failed, (double)wire_cpu_ns() / 1e9);
	for (int64_t i = 0; i < connections; i++)
		curl_easy_cleanup(transfers[i]);
	curl_multi_cleanup(b.multi);
	curl_slist_free_all(headers);
	curl_global_cleanup();
	return 0;
}

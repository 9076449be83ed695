#include "notify/picture.h"

#include "base/limits.h"
#include "http/client.h"

static const struct http_field headers[] = {
	{ "Accept", STR("image/png, image/jpeg, image/webp, image/gif") },
	{ "User-Agent", STR("bodega") },
};

static void answered(struct picture *p, const struct http_response *r)
{
	const char *type = photo_type_of(r->body);

	if (r->status != 200) {
		p->error = "status";
		p->is_over = r->status != 429 && r->status < 500;
	} else if (!type) {
		p->error = "no_picture";
		p->is_over = true;
	} else {
		p->content = arena_str(p->arena, r->body);
		p->type = type;
	}
}

static void fetched(struct http_request *request, const struct http_response *r)
{
	struct picture *p = request->sender;

	p->http_status = r->status;
	if (r->error == HTTP_ANSWERED) {
		answered(p, r);
	} else {
		p->error = http_error_name(r->error);
		p->is_over =
			r->error == HTTP_BAD_URL || r->error == HTTP_FORBIDDEN_TARGET || r->error == HTTP_TOO_LARGE;
	}
	p->done(p);
}

void picture_fetch(struct http_client *client, struct picture *p)
{
	struct http_request *request = ARENA_NEW(p->arena, struct http_request);

	*request = (struct http_request){ .method = "GET",
					  .url = p->url,
					  .headers = headers,
					  .header_count = ARRAY_LEN(headers),
					  .timeout_ms = (int64_t)LIMIT_PICTURE_SECONDS * 1000,
					  .max_response_bytes = PHOTO_MOST_BYTES,
					  .max_per_host = 2,
					  .done = fetched,
					  .sender = p };
	http_client_submit(client, request);
}

struct str picture_origin(struct str url)
{
	return http_origin(url);
}

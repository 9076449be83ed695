/* http/proxy.h: whom we believe about the client's address.
 *
 * X-Forwarded-For is written by anybody; each proxy appends the address it was called from. So it is read from the
 * right, and only as long as the one who wrote the entry is a proxy of ours. */
#pragma once

#include "http/server.h"

struct proxies;

/* `texts` are addresses or networks, IPv4 or IPv6: "127.0.0.1", "10.0.0.0/8", "fd00::/8". ERR_CONFIG if malformed. */
MUST_USE enum err proxies_new(const char *const *texts, size_t count, struct proxies **ret);
void proxies_free(struct proxies *p); /* NULL is fine */

/* `address` is textual; false for what is not an address. */
bool proxies_trust(const struct proxies *p, struct str address);

/* The client's address: `peer` itself unless it is trusted; else the rightmost entry of the X-Forwarded-For headers
 * that is not a proxy of ours, or the leftmost if all are. A malformed entry ends the search. */
struct str proxies_client(const struct proxies *p, struct str peer, bool peer_is_trusted,
			  const struct http_header *headers, size_t header_count);

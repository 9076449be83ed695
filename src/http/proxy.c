#include "http/proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* IPv4 addresses are kept as IPv4-mapped IPv6, so that there is one kind. */
struct network {
	unsigned char bytes[16];
	unsigned bits;
};

struct proxies {
	size_t count;
	struct network networks[];
};

static bool parse_address(struct str text, unsigned char ret[16], unsigned *ret_offset_bits)
{
	static const unsigned char mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	char z[INET6_ADDRSTRLEN];

	if (text.n >= sizeof(z))
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	if (strlen(z) != text.n)
		return false;
	if (inet_pton(AF_INET, z, ret + 12) == 1) {
		memcpy(ret, mapped, sizeof(mapped));
		*ret_offset_bits = 96;
		return true;
	}
	*ret_offset_bits = 0;
	return inet_pton(AF_INET6, z, ret) == 1;
}

static enum err parse_network(struct str text, struct network *ret)
{
	struct network network;
	unsigned offset;
	int64_t bits;
	struct str rest = text;
	struct str address = str_cut(&rest, '/');

	if (!parse_address(address, network.bytes, &offset))
		return ERR_CONFIG;
	bits = 128 - (int64_t)offset;
	if (rest.p && str_to_i64(rest, 0, bits, &bits))
		return ERR_CONFIG;
	network.bits = (unsigned)bits + offset;
	*ret = network;
	return OK;
}

enum err proxies_new(const char *const *texts, size_t count, struct proxies **ret)
{
	struct proxies *p = calloc(1, sizeof(*p) + count * sizeof(p->networks[0]));

	must(p);
	for (size_t i = 0; i < count; i++) {
		enum err e = parse_network(str_of(texts[i]), &p->networks[i]);

		if (e) {
			free(p);
			return e;
		}
	}
	p->count = count;
	*ret = p;
	return OK;
}

void proxies_free(struct proxies *p)
{
	free(p);
}

static bool network_has(const struct network *network, const unsigned char address[16])
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;

	if (memcmp(network->bytes, address, whole) != 0)
		return false;
	return rest == 0 || (network->bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
}

bool proxies_trust(const struct proxies *p, struct str address)
{
	unsigned char bytes[16];
	unsigned offset;

	if (!parse_address(address, bytes, &offset))
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (network_has(&p->networks[i], bytes))
			return true;
	return false;
}

/* Takes the last comma-separated entry off *list. */
static struct str cut_last(struct str *list)
{
	size_t at = list->n;

	while (at && list->p[at - 1] != ',')
		at--;
	struct str last = { list->p + at, list->n - at };
	list->n = at ? at - 1 : 0;
	return str_trim(last);
}

struct str proxies_client(const struct proxies *p, struct str peer, bool peer_is_trusted,
			  const struct http_header *headers, size_t header_count)
{
	struct str client = peer;
	bool trusted = peer_is_trusted || proxies_trust(p, peer);

	for (size_t i = header_count; i-- && trusted;) {
		struct str list = headers[i].value;

		if (!str_eq_nocase(headers[i].name, STR("X-Forwarded-For")))
			continue;
		while (list.n && trusted) {
			unsigned char bytes[16];
			unsigned offset;
			struct str entry = cut_last(&list);

			if (!parse_address(entry, bytes, &offset))
				return client;
			client = entry;
			trusted = proxies_trust(p, entry);
		}
	}
	return client;
}

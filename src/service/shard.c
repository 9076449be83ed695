#include "service/shard.h"

#include <string.h>

void shard_nodes_add(struct shard_nodes *all, int64_t token, int64_t batch_no, struct str address)
{
	if (!address.n || address.n >= SHARD_ADDRESS_BYTES || all->count == LIMIT_NODE_SLOTS)
		return;
	struct shard_node *node = &all->nodes[all->count++];
	*node = (struct shard_node){ .token = token, .batch_no = batch_no };
	memcpy(node->address, address.p, address.n);
}

/* Ids of partners differ in few bits. The steps are those of MurmurHash3's finalizer. */
static uint64_t spread(uint64_t x)
{
	x = (x ^ x >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
	x = (x ^ x >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
	return x ^ x >> 33;
}

const struct shard_node *shard_owner(const struct shard_nodes *all, int64_t partner_id)
{
	return all->count ? &all->nodes[spread((uint64_t)partner_id) % all->count] : NULL;
}

/* service/shard.h: which node owns which partner, where several share a store and hand requests on to one another.
 *
 * The owner of a partner is one of the living nodes that have said where they are called (nodes.address): hash(partner)
 * mod n of them, in the order of their slots. Owning is for speed alone, so that two nodes do not wait for each other's
 * locks on a partner's rows: every node may write for every partner at any time, and while nodes come and go two of
 * them hold different views for a moment. The watch writes, any thread asks. */
#pragma once

#include "base/limits.h"
#include "base/str.h"

enum { SHARD_ADDRESS_BYTES = 64 };

struct shard_node {
	int64_t token;	  /* node_token() */
	int64_t batch_no; /* as last seen: one that grows is proof of life */
	char address[SHARD_ADDRESS_BYTES];
};

struct shard_nodes {
	struct shard_node nodes[LIMIT_NODE_SLOTS]; /* by slot */
	size_t count;
};

/* Adds a node to what is being collected; an address that is absent or too long leaves it out. */
void shard_nodes_add(struct shard_nodes *all, int64_t token, int64_t batch_no, struct str address);
/* Whose the partner is; NULL when there are no nodes. */
const struct shard_node *shard_owner(const struct shard_nodes *all, int64_t partner_id);

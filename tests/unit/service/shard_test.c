/* Who owns which partner. */
#include "service/shard.h"

#include "support/test.h"

enum { PARTNERS = 1000 };

static struct shard_nodes nodes_of(int count)
{
	struct shard_nodes all = { 0 };

	for (int i = 0; i < count; i++)
		shard_nodes_add(&all, 32 + i, 0, STR("10.0.0.1:8090"));
	return all;
}

/* Every node that looks at the same nodes names the same owner, and each has about its part of the partners. */
static void partners_are_spread(void **state)
{
	(void)state;
	for (int count = 1; count <= 4; count++) {
		struct shard_nodes all = nodes_of(count), same = nodes_of(count);
		int owned[4] = { 0 };

		for (int64_t id = 1; id <= PARTNERS; id++) {
			/* Ids of partners are multiples of small powers of two. */
			const struct shard_node *owner = shard_owner(&all, id << 12);

			assert_int_equal(owner->token, shard_owner(&same, id << 12)->token);
			owned[owner->token - 32]++;
		}
		for (int i = 0; i < count; i++)
			assert_in_range(owned[i], PARTNERS / count * 8 / 10, PARTNERS / count * 12 / 10);
	}
}

static void only_who_can_be_called_owns(void **state)
{
	struct shard_nodes all = { 0 };
	char long_address[SHARD_ADDRESS_BYTES + 1];

	(void)state;
	assert_null(shard_owner(&all, 1));
	memset(long_address, '1', sizeof(long_address) - 1);
	long_address[sizeof(long_address) - 1] = 0;
	shard_nodes_add(&all, 32, 7, STR_NONE);
	shard_nodes_add(&all, 33, 7, str_of(long_address));
	assert_null(shard_owner(&all, 1));
	shard_nodes_add(&all, 34, 7, STR("[::1]:8090"));
	for (int64_t id = 1; id < 100; id++)
		assert_int_equal(shard_owner(&all, id)->token, 34);
	assert_string_equal(all.nodes[0].address, "[::1]:8090");
	assert_int_equal(all.nodes[0].batch_no, 7);
	for (int i = 0; i < LIMIT_NODE_SLOTS + 3; i++)
		shard_nodes_add(&all, 35 + i, 0, STR("10.0.0.1:8090"));
	assert_int_equal(all.count, LIMIT_NODE_SLOTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partners_are_spread),
		cmocka_unit_test(only_who_can_be_called_owns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A rotation of the master key beside other nodes: what they do not know, what they still seal with, what they write.
 */
#include "unit/service/fixture.h"

#include "base/crypto_ring.h"
#include "service/key_rotation.h"
#include "service/order_unit.h"
#include "service/seals.h"
#include "store/nodes.h"

#include <stdio.h>

enum { STEPS_MOST = 200, OTHER_SLOT = 9 };

static void run_sql(struct fixture *f, const char *sql)
{
	struct db *db;

	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &db));
	check_ok(db_begin(db));
	check_ok(db_exec(db, sql, NULL, 0, NULL));
	check_ok(db_commit(db));
	db_close(db);
}

static void other_says(struct fixture *f, const char *what, int id)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql), "UPDATE nodes SET %s = %d WHERE slot = %d", what, id, OTHER_SLOT);
	run_sql(f, sql);
}

static void add_other(struct fixture *f, const char *lease_until)
{
	char sql[192];

	(void)snprintf(sql, sizeof(sql),
		       "INSERT INTO nodes (slot, fence, id_high, batch_no, lease_until) VALUES (%d, 1, 0, 0, %s)",
		       OTHER_SLOT, lease_until);
	run_sql(f, sql);
}

static struct key_rotation rotation_run(struct fixture *f, const struct verb *verb)
{
	struct key_rotation command = { .by = { STR("test") } };
	struct call *c = call_new(f, verb, 0);

	c->task.command = &command;
	check_ok(call_once(c));
	return command;
}

/* The id of the new key. */
static int begin(struct fixture *f)
{
	unsigned char seal[KEY_BYTES];

	f->keys.ring = key_ring_new();
	struct key_rotation c = rotation_run(f, &verb_key_begin);
	keys_derive_seal(c.master, seal);
	return keys_id(seal);
}

/* As far as it goes by itself; the stage where it waits, or is done. */
static int rotate(struct fixture *f)
{
	struct key_rotation c = { .waits = false };

	for (int i = 0; i < STEPS_MOST && c.at.stage != ROTATION_WHOLE; i++)
		c = rotation_run(f, &verb_key_step);
	return c.at.stage;
}

static void another_node_is_waited_for(void **state)
{
	struct fixture *f = *state;

	add_other(f, "9000000000000000000");
	int id = begin(f);
	assert_int_equal(rotate(f), ROTATION_BEGUN);
	other_says(f, "key_known", id);
	assert_int_equal(rotate(f), ROTATION_SEALING);
	other_says(f, "key_used", id);
	assert_int_equal(rotate(f), ROTATION_WHOLE);
	assert_int_equal(count_of(f, "SELECT fence FROM nodes WHERE slot = 9"), 1);
}

/* It may be asleep with a batch that it decided long ago. */
static void a_dead_node_loses_its_slot(void **state)
{
	struct fixture *f = *state;

	add_other(f, "1");
	(void)begin(f);
	assert_int_equal(rotate(f), ROTATION_WHOLE);
	assert_true(count_of(f, "SELECT fence FROM nodes WHERE slot = 9") > 1);
}

static void touch_need(struct unit *u, const struct task *t)
{
	order_need_view(u, ((const struct order_change *)t->command)->order_id);
}

static enum err touch_act(struct unit *u, struct task *t)
{
	unit_touch(u, unit_find(u, NOUN_UNIT, ((const struct order_change *)t->command)->order_id));
	return OK;
}

static const struct verb touch_verb = { .name = "test.touch", .need = touch_need, .act = touch_act };

/* What was read before somebody sealed it again, and is written after. */
static void nothing_is_written_back_with_the_old_key(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PIN, "sold", true);
	unsigned char master[KEY_BYTES] = { 1 }, seal[KEY_BYTES];
	struct call *c = result_new(f, id, OUTCOME_DELIVERED);
	struct str plain;

	c->result.delivery = STR("{\"code\":\"4711\"}");
	check_ok(call_once(c));
	f->keys.ring = key_ring_new();
	keys_derive_seal(master, seal);
	check_ok(key_ring_learn(&f->keys, seal));
	key_ring_use(&f->keys, keys_id(seal));
	check_ok(call_once(change_new(f, &touch_verb, LIVE, id)));
	struct str delivery = unit_now(f, id).delivery;
	assert_int_equal((unsigned char)delivery.p[0], keys_id(seal));
	check_ok(crypto_open(&f->keys, &f->arena, unit_seal_label(&f->arena, id, 1), delivery, &plain));
	check_str(plain, "{\"code\":\"4711\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(another_node_is_waited_for),
		engine_test(a_dead_node_loses_its_slot),
		engine_test(nothing_is_written_back_with_the_old_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

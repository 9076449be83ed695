/* tests/postgres/node.h: a second node on the store of a fixture, in the same process: an engine of its own. */
#pragma once

#include "unit/service/fixture.h"

#include <stdlib.h>

/* Callers of its own; its books are checked with the first one's. */
static inline struct fixture *node_open(const struct fixture *f)
{
	struct fixture *node = calloc(1, sizeof(*node));

	must(node);
	snprintf(node->path, sizeof(node->path), "%s", f->path);
	node->keys = f->keys;
	node->options = (struct engine_options){ .uri = node->path, .keys = &node->keys, .sandbox_clock = true };
	must(!pthread_mutex_init(&node->lock, NULL) && !pthread_cond_init(&node->changed, NULL));
	arena_init(&node->arena);
	check_ok(engine_open(&node->options, &node->engine));
	engine_start(node->engine);
	check_ok(db_open(&(struct db_options){ .uri = node->path, .mode = DB_READ }, &node->db));
	return node;
}

static inline void node_close(struct fixture *node)
{
	engine_stop(node->engine);
	engine_free(node->engine);
	db_close(node->db);
	arena_done(&node->arena);
	pthread_mutex_destroy(&node->lock);
	pthread_cond_destroy(&node->changed);
	free(node);
}

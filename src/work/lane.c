#include "work/lane.h"

enum {
	FAILURES_BEFORE_FAILING = 3,
	FAILING_WIDTH = 2,
	PARKED_MOST = 10000,
	FAILING_PARKED_MOST = 256,
	IDLE_LANES_MOST = 4096,
};

void lanes_init(struct lanes *s, int width)
{
	*s = (struct lanes){ .width = width };
	crypto_random(s->seed, sizeof(s->seed));
}

void lanes_done(struct lanes *s)
{
	for (size_t i = 0; i < LANE_BUCKETS; i++)
		while (s->buckets[i]) {
			struct lane *l = s->buckets[i];

			s->buckets[i] = l->next_in_bucket;
			free(l);
		}
}

struct lane *lane_of(struct lanes *s, struct str name)
{
	uint64_t hash = crypto_seeded_hash(s->seed, name);
	struct lane **bucket = &s->buckets[hash % LANE_BUCKETS];

	for (struct lane *l = *bucket; l; l = l->next_in_bucket)
		if (l->hash == hash && str_eq((struct str){ l->name, l->n }, name))
			return l;
	struct lane *l = calloc(1, sizeof(*l) + name.n);
	must(l);
	memcpy(l->name, name.p, name.n);
	l->n = name.n;
	l->hash = hash;
	l->last = &l->first;
	l->next_in_bucket = *bucket;
	*bucket = l;
	s->count++;
	return l;
}

bool lane_is_failing(const struct lane *l)
{
	return l->failures >= FAILURES_BEFORE_FAILING;
}

bool lane_has_room(const struct lanes *s, const struct lane *l)
{
	return l->inside + l->coming < (lane_is_failing(l) ? FAILING_WIDTH : s->width);
}

bool lane_is_crowded(const struct lane *l)
{
	return l->parked >= (lane_is_failing(l) ? FAILING_PARKED_MOST : PARKED_MOST);
}

void lane_enter(struct lane *l)
{
	l->inside++;
}

void lane_leave(struct lane *l, bool failed)
{
	must(l->inside > 0);
	l->inside--;
	l->failures = failed ? l->failures + 1 : 0;
}

void lane_park(struct lanes *s, struct lane *l, struct job_node *node)
{
	node->place = JOB_PARKED;
	node->next = NULL;
	*l->last = node;
	l->last = &node->next;
	l->parked++;
	s->parked++;
}

struct job_node *lane_call(struct lanes *s, struct lane *l)
{
	struct job_node *node = l->first;

	if (!node || !lane_has_room(s, l))
		return NULL;
	l->first = node->next;
	if (!l->first)
		l->last = &l->first;
	l->parked--;
	s->parked--;
	l->coming++;
	node->next = NULL;
	node->place = JOB_RUNNING;
	return node;
}

void lane_arrived(struct lane *l)
{
	must(l->coming > 0);
	l->coming--;
}

void lanes_sweep(struct lanes *s)
{
	if (s->count <= IDLE_LANES_MOST)
		return;
	for (size_t i = 0; i < LANE_BUCKETS; i++)
		for (struct lane **at = &s->buckets[i]; *at;) {
			struct lane *l = *at;

			if (l->inside || l->coming || l->first) {
				at = &l->next_in_bucket;
				continue;
			}
			*at = l->next_in_bucket;
			free(l);
			s->count--;
		}
}

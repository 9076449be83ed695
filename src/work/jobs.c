#include "work/jobs.h"

enum { FIRST_BUCKETS = 1024 };

void jobs_init(struct jobs *s)
{
	*s = (struct jobs){ .bucket_count = FIRST_BUCKETS };
	s->buckets = calloc(s->bucket_count, sizeof(struct job_node *));
	must(s->buckets);
}

static void free_list(struct job_node *node)
{
	while (node) {
		struct job_node *next = node->next;

		free(node);
		node = next;
	}
}

void jobs_done(struct jobs *s)
{
	for (size_t i = 0; i < s->bucket_count; i++)
		while (s->buckets[i]) {
			struct job_node *node = s->buckets[i];

			s->buckets[i] = node->next_in_bucket;
			free(node);
		}
	free_list(s->free);
	for (int kind = 0; kind < JOB_KINDS; kind++)
		free(s->heaps[kind].nodes);
	free(s->buckets);
	*s = (struct jobs){ 0 };
}

/* Ids are times with a counter: multiplied, their low bits spread over the table. */
static size_t bucket_of(const struct jobs *s, int64_t id)
{
	return (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 20) & (s->bucket_count - 1);
}

static struct job_node *find(const struct jobs *s, int64_t id)
{
	struct job_node *node = s->buckets[bucket_of(s, id)];

	while (node && node->job.id != id)
		node = node->next_in_bucket;
	return node;
}

bool jobs_knows(const struct jobs *s, int64_t id)
{
	return find(s, id) != NULL;
}

static void grow_table(struct jobs *s)
{
	struct job_node **old = s->buckets;
	size_t n = s->bucket_count;

	s->bucket_count = n * 2;
	s->buckets = calloc(s->bucket_count, sizeof(struct job_node *));
	must(s->buckets);
	for (size_t i = 0; i < n; i++)
		while (old[i]) {
			struct job_node *node = old[i];
			struct job_node **bucket = &s->buckets[bucket_of(s, node->job.id)];

			old[i] = node->next_in_bucket;
			node->next_in_bucket = *bucket;
			*bucket = node;
		}
	free(old);
}

static bool before(const struct job_node *a, const struct job_node *b)
{
	return a->wake_us < b->wake_us || (a->wake_us == b->wake_us && a->job.id < b->job.id);
}

static void heap_set(struct job_heap *h, size_t at, struct job_node *node)
{
	h->nodes[at] = node;
	node->heap_at = at;
}

static void heap_up(struct job_heap *h, size_t at, struct job_node *node)
{
	while (at && before(node, h->nodes[(at - 1) / 2])) {
		heap_set(h, at, h->nodes[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_set(h, at, node);
}

static void heap_down(struct job_heap *h, size_t at, struct job_node *node)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < h->n && before(h->nodes[child + 1], h->nodes[child]))
			child++;
		if (child >= h->n || !before(h->nodes[child], node))
			break;
		heap_set(h, at, h->nodes[child]);
		at = child;
	}
	heap_set(h, at, node);
}

static void heap_remove(struct job_heap *h, struct job_node *node)
{
	size_t at = node->heap_at;
	struct job_node *last = h->nodes[--h->n];

	if (last == node)
		return;
	if (at && before(last, h->nodes[(at - 1) / 2]))
		heap_up(h, at, last);
	else
		heap_down(h, at, last);
}

static struct job_heap *heap_of(struct jobs *s, const struct job_node *node)
{
	must(node->job.kind > 0 && node->job.kind < JOB_KINDS);
	return &s->heaps[node->job.kind];
}

static void heap_add(struct jobs *s, struct job_node *node, int64_t wake_us)
{
	struct job_heap *h = heap_of(s, node);

	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 256;
		h->nodes = realloc(h->nodes, h->cap * sizeof(struct job_node *));
		must(h->nodes);
	}
	node->place = JOB_WAITING;
	node->renewed = false;
	node->wake_us = wake_us;
	heap_up(h, h->n++, node);
}

static void add(struct jobs *s, const struct job *job)
{
	struct job_node *node = s->free;

	if (node)
		s->free = node->next;
	else
		node = malloc(sizeof(*node));
	must(node);
	*node = (struct job_node){ .job = *job };
	if (s->count + s->gone_count >= s->bucket_count)
		grow_table(s);
	struct job_node **bucket = &s->buckets[bucket_of(s, job->id)];
	node->next_in_bucket = *bucket;
	*bucket = node;
	s->count++;
	heap_add(s, node, job->due_at);
}

static void forget(struct jobs *s, struct job_node *node)
{
	struct job_node **at = &s->buckets[bucket_of(s, node->job.id)];

	while (*at != node)
		at = &(*at)->next_in_bucket;
	*at = node->next_in_bucket;
	node->next = s->free;
	s->free = node;
}

static void revive(struct jobs *s, struct job_node *node)
{
	struct job_node **at = &s->gone;

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	s->gone_count--;
	s->count++;
	heap_add(s, node, node->job.due_at);
}

void jobs_put(struct jobs *s, const struct job *job)
{
	struct job_node *node = find(s, job->id);

	if (!node) {
		add(s, job);
		return;
	}
	node->job = *job;
	node->patience = 0;
	switch (node->place) {
	case JOB_WAITING:
		heap_remove(heap_of(s, node), node);
		heap_add(s, node, job->due_at);
		break;
	case JOB_RUNNING:
	case JOB_PARKED:
		node->renewed = true;
		break;
	case JOB_GONE:
		revive(s, node);
		break;
	}
}

bool jobs_found(struct jobs *s, const struct job *job)
{
	if (find(s, job->id))
		return false;
	add(s, job);
	return true;
}

void jobs_reading_begin(struct jobs *s)
{
	s->reading = true;
}

void jobs_reading_end(struct jobs *s)
{
	s->reading = false;
	while (s->gone) {
		struct job_node *node = s->gone;

		s->gone = node->next;
		forget(s, node);
	}
	s->gone_count = 0;
}

struct job_node *jobs_take(struct jobs *s, int kind, int64_t now_us)
{
	struct job_heap *h = &s->heaps[kind];

	if (!h->n || h->nodes[0]->wake_us > now_us)
		return NULL;
	struct job_node *node = h->nodes[0];
	heap_remove(h, node);
	node->place = JOB_RUNNING;
	return node;
}

int64_t jobs_next_us(const struct jobs *s, int kind)
{
	const struct job_heap *h = &s->heaps[kind];

	return h->n ? h->nodes[0]->wake_us : INT64_MAX;
}

void jobs_wait(struct jobs *s, struct job_node *node, int64_t wake_us)
{
	must(node->place == JOB_RUNNING || node->place == JOB_PARKED);
	node->patience = node->renewed ? 0 : node->patience + 1;
	heap_add(s, node, node->renewed ? node->job.due_at : wake_us);
}

void jobs_finish(struct jobs *s, struct job_node *node)
{
	must(node->place == JOB_RUNNING || node->place == JOB_PARKED);
	if (node->renewed) {
		heap_add(s, node, node->job.due_at);
		return;
	}
	s->count--;
	if (!s->reading) {
		forget(s, node);
		return;
	}
	node->place = JOB_GONE;
	node->next = s->gone;
	s->gone = node;
	s->gone_count++;
}

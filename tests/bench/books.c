#include "books.h"

static size_t place_of(const struct books_table *t, int64_t id)
{
	size_t at = (size_t)(((uint64_t)id * 0x9e3779b97f4a7c15u) >> 20) & (t->size - 1);

	while (t->places[at].id && t->places[at].id != id)
		at = (at + 1) & (t->size - 1);
	return at;
}

static void grow(struct books_table *t)
{
	struct books_table larger = { .size = t->size ? t->size * 2 : 1024, .n = t->n };

	larger.places = calloc(larger.size, sizeof(*larger.places));
	must(larger.places);
	for (size_t i = 0; i < t->size; i++)
		if (t->places[i].id)
			larger.places[place_of(&larger, t->places[i].id)] = t->places[i];
	free(t->places);
	*t = larger;
}

struct books_entry *books_find(struct books_table *t, int64_t id)
{
	must(id != 0);
	if (t->n * 2 >= t->size)
		grow(t);
	struct books_entry *entry = &t->places[place_of(t, id)];
	if (!entry->id) {
		entry->id = id;
		t->n++;
	}
	return entry;
}

static int64_t change(struct books *b, int64_t account, int64_t delta)
{
	bool hold = account & 1;
	struct books_entry *entry = books_find(&b->accounts, account & ~(int64_t)1);

	entry->first += delta;
	if (hold)
		entry->second += delta;
	entry->dirty = true;
	return hold ? entry->second : entry->first - entry->second;
}

void books_post(struct books *b, struct books_move *move)
{
	change(b, move->debit, -move->amount);
	move->credit_after = change(b, move->credit, move->amount);
	/* Read again: both sides may be of the same row. */
	move->debit_after = change(b, move->debit, 0);
}

void books_done(struct books *b)
{
	free(b->accounts.places);
	free(b->counters.places);
	*b = (struct books){ 0 };
}

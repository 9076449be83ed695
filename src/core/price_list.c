#include "core/price_list.h"

#include <pthread.h>
#include <string.h>

static char names[PRICE_LISTS_MAX][33];
static int count; /* written under the lock after the name, so whoever reads it sees the name too */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int price_list_find(struct str name)
{
	int n = __atomic_load_n(&count, __ATOMIC_ACQUIRE);

	for (int i = 0; i < n; i++)
		if (str_is(name, names[i]))
			return i;
	return -1;
}

enum err price_list_number(struct str name, int *ret)
{
	enum err e = OK;
	int found;

	if (name.n >= sizeof(names[0]))
		return ERR_TOO_LARGE;
	pthread_mutex_lock(&lock);
	found = price_list_find(name);
	if (found < 0 && count == PRICE_LISTS_MAX) {
		e = ERR_TOO_LARGE;
	} else if (found < 0) {
		found = count;
		memcpy(names[found], name.p, name.n);
		__atomic_store_n(&count, found + 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
	if (!e)
		*ret = found;
	return e;
}

struct str price_list_name(int list)
{
	must(list >= 0 && list < __atomic_load_n(&count, __ATOMIC_ACQUIRE));
	return str_of(names[list]);
}

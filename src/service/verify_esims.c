/* service/verify_esims.c: every eSIM held against its order: its root, what was bought for it, its ICCID, its check. */
#include "service/verify_private.h"

#include "store/verify.h"

struct esim_pass {
	struct verify *v;
	const char *words;
};

static enum err fault_seen(void *arg, void *row)
{
	const struct esim_pass *pass = arg;
	const struct esim_fault *fault = row;

	verify_difference(pass->v, "order %lld-%lld: %s", (long long)fault->order_id, (long long)fault->no,
			  pass->words);
	return OK;
}

enum err verify_all_esims(struct verify *v)
{
	enum err e = verify_esim_count(v->db, &v->result.esims);

	for (size_t i = 0; i < VERIFY_ESIM_FAULTS && !e; i++) {
		struct esim_pass pass = { v, verify_esim_words(i) };

		arena_reset(&v->page);
		e = verify_esims(v->db, &v->page, i, fault_seen, &pass);
		if (v->options->progress)
			v->options->progress(v->options->arg, "esims", (int64_t)i);
	}
	return e;
}

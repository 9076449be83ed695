/* service/repeat.h: requests that may come twice and count once: a key that the caller gave, kept for 24 hours, and
 * what was made under it. For the verbs that make something, on their unit. */
#pragma once

#include "service/unit.h"

struct repeat {
	int64_t partner_id;
	enum dialect dialect;
	struct str key; /* absent: the caller gave none, and everything here does nothing */
	int64_t hash;	/* of the request: under one key it must be the same */
};

void repeat_need(struct unit *u, const struct task *t, const struct repeat *r);
/* The id of what was made under the key, by whatever request; 0 = nothing, or so long ago that it does not count. */
int64_t repeat_id(struct unit *u, const struct task *t, const struct repeat *r);
/* The same. ERR_CONFLICT, said in the task's detail: the key was used with another request. */
MUST_USE enum err repeat_known(struct unit *u, struct task *t, const struct repeat *r, int64_t *ret_id);
void repeat_remember(struct unit *u, const struct task *t, const struct repeat *r, int64_t id);

/* service/task_list.h: what a person has to look at (rows of tasks): shown, and closed once it is seen to. */
#pragma once

#include "service/audit.h"
#include "service/task.h"

/* Stored in tasks.state: append, never renumber. */
enum { TASK_OPEN = 1, TASK_CLOSED = 2 };
enum { TASKS_SHOWN_MAX = 1000 };

struct task_list {
	bool closed_too;
	int64_t most;
	/* found, oldest first */
	struct work_task *rows;
	size_t count;
};

/* ERR_NOT_FOUND; closing a closed one again changes nothing. */
struct task_close {
	struct by by;
	int64_t id;
};

extern const struct verb verb_task_list, verb_task_close;

const char *task_kind_name(enum task_kind kind);

/* cli/progress.h: how far a long thing has come, for a person: nothing is printed unless stderr is a terminal. */
#pragma once

#include "base/str.h"

struct progress {
	const char *what;
	int64_t all; /* 0 = not known */
	bool visible;
};

struct progress progress_start(const char *what, int64_t all);
void progress_step(void *progress, size_t done);
void progress_end(struct progress *p); /* clears the line */

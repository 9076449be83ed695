#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 40 };

struct progress progress_start(const char *what, int64_t all)
{
	return (struct progress){ what, all, isatty(STDERR_FILENO) };
}

void progress_step(void *progress, size_t done)
{
	const struct progress *p = progress;
	int64_t at = (int64_t)done;

	if (!p->visible)
		return;
	if (p->all <= 0) {
		fprintf(stderr, "\r%s: %lld", p->what, (long long)at);
		return;
	}
	if (at > p->all)
		at = p->all;
	int filled = (int)(at * BAR / p->all);
	fprintf(stderr, "\r%s [%.*s%*s] %3d %%", p->what, filled, "########################################",
		BAR - filled, "", (int)(at * 100 / p->all));
}

void progress_end(struct progress *p)
{
	if (p->visible)
		fprintf(stderr, "\r%*s\r", BAR + 40, "");
	p->visible = false;
}

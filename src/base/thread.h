/* base/thread.h: how a thread stands to the others. */
#pragma once

/* From now on the calling thread runs when the others leave it time: for work that nobody's answer waits for in
 * microseconds, beside threads whose every answer does. It is not starved. */
void thread_step_back(const char *name);

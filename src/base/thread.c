#include "base/thread.h"

#include "base/log.h"

#include <sys/resource.h>
#include <unistd.h>

enum { BACKGROUND_NICE = 10 };

void thread_step_back(const char *name)
{
	/* On Linux this is the calling thread alone. */
	if (setpriority(PRIO_PROCESS, (id_t)gettid(), BACKGROUND_NICE))
		log_warn("thread.priority", "thread=\"%s\" stays at the priority of the others", name);
}

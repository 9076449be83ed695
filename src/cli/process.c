#include "cli/process.h"

#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* Bits of core(5): the headers of programs, and no memory that holds data. */
static const char core_parts[] = "0x10";

/* Whoever takes a core of the running process all the same (gcore honours this too) finds no heap in it. */
static bool empty_cores(void)
{
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, core_parts, sizeof(core_parts) - 1) == (ssize_t)sizeof(core_parts) - 1;

	if (fd >= 0)
		close(fd);
	return good;
}

void process_harden(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none))
		log_warn("process.limits", "core dumps cannot be turned off");
	if (!empty_cores())
		log_warn("process.limits", "what a core holds cannot be limited");
		/* The leak checker of sanitized builds looks into its own process from outside. */
#ifndef __SANITIZE_ADDRESS__
	if (prctl(PR_SET_DUMPABLE, 0))
		log_warn("process.limits", "the process stays dumpable");
#endif
	signal(SIGPIPE, SIG_IGN);
}

static sigset_t handled_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	return set;
}

void process_block_signals(void)
{
	sigset_t set = handled_signals();

	must(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
}

static void *wait_for_signals(void *arg)
{
	struct process_signals *s = arg;
	sigset_t set = handled_signals();
	int number;

	while (sigwait(&set, &number) == 0 && number == SIGHUP) {
		log_info("server.reload", "signal=%d", number);
		s->reload(s->reload_arg);
	}
	log_info("server.stopping", "signal=%d", number);
	sd_notify(0, "STOPPING=1");
	s->drain(s->drain_arg);
	return NULL;
}

void process_ready(struct process_signals *s)
{
	must(pthread_create(&s->thread, NULL, wait_for_signals, s) == 0);
	sd_notify(0, "READY=1");
	log_info("server.ready", "version=%s", BODEGA_VERSION);
}

void process_stopping(struct process_signals *s)
{
	must(pthread_join(s->thread, NULL) == 0);
	log_info("server.stopped", "drained=1");
}

void process_end(void)
{
	kill(getpid(), SIGTERM);
}

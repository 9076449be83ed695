/* cli/process.h: the process and the system around it: signals, limits, core dumps, the service manager. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

/* No core dumps, and nobody of the same user reads the memory: keys are in it. */
void process_harden(void);

/* In the main thread, before any other is started: signals come to process_signals alone. */
void process_block_signals(void);

struct process_signals {
	void (*drain)(void *arg); /* once, at SIGTERM or SIGINT, on a thread of its own */
	void *drain_arg;
	void (*reload)(void *arg); /* at each SIGHUP */
	void *reload_arg;
	pthread_t thread;
};

/* Starts the thread and tells the service manager that we are ready. */
void process_ready(struct process_signals *s);
/* After the loop has ended: waits until `drain` has returned. */
void process_stopping(struct process_signals *s);

/* From any thread: ends like any other stop. What is parked is answered, and whoever supervises us starts us anew. */
void process_end(void);

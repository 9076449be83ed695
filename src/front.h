/* front.h: what others connect to: one HTTP server with the partners' APIs and the operators' API, on the addresses of
 * the settings. Wiring, like main.c. */
#pragma once

#include "cli/cli.h"

struct work;
struct providers;

struct front {
	struct http_server *http;
	struct api *api;
	struct pages *pages;
	struct admin *admin;
	struct work *work;	/* whoever opened it has it */
	int port;		/* of the partners' first address */
	char shard_address[64]; /* where other nodes hand requests on to; empty: nowhere */
	char public_url[320];
};

/* Listens; nobody is answered before http_server_run(). Close it either way. ERR_* of what it opens. */
MUST_USE enum err front_open(struct front *f, const struct serve_options *options, struct engine *engine,
			     struct work *work, const struct providers *providers);
/* Thread-safe. The settings were read before, so they are well-formed. */
void front_apply(struct front *f, const struct serve_settings *settings);
void front_close(struct front *f); /* after the engine has stopped; one that is all zero is fine */

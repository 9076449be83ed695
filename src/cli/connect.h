/* cli/connect.h: the way from a command to the one writer: the control socket of a running server, an admin address
 * from afar, or, when nobody runs, the same admin API in this very process under the folder's lock. */
#pragma once

#include "base/buf.h"
#include "cli/options.h"

struct connection;

/* Where to; the first that is given wins. */
struct where {
	const char *server, *token; /* URL of an admin address; its token may be in BODEGA_TOKEN */
	const char *data;	    /* a folder; NULL: BODEGA_DATA, else /var/lib/bodega */
};

/* Rows for the option table of a command. */
#define WHERE_ROWS(w)                                                                                 \
	{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &(w)->data }, \
		{ "server", "URL", "an admin address of a server elsewhere", .text = &(w)->server },  \
	{                                                                                             \
		"token", "TOKEN", "the operator's token for it (BODEGA_TOKEN)", .text = &(w)->token   \
	}

/* Says on stderr why not. ERR_*. */
MUST_USE enum err connect_open(const struct where *where, const char *command, struct connection **ret);
void connect_close(struct connection *c); /* NULL is fine */

/* The answer's body is appended to `reply`, its status is *ret_status. ERR_* when there is no answer. */
MUST_USE enum err connect_call(struct connection *c, const char *method, struct str target, struct str body,
			       struct buf *reply, int *ret_status);

const char *where_data(const struct where *where); /* the folder that counts */

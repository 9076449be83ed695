/* base/limits.h: every limit has a name and stands here. */
#pragma once

enum {
	LIMIT_BODY_BYTES = 256 * 1024,		/* of a request; imports stream and have their own */
	LIMIT_FORM_BYTES = 1024 * 1024,		/* of a call that takes forms (mobip.md 2) */
	LIMIT_INVOICES_BYTES = 4 * 1024 * 1024, /* of one that takes invoices */
	LIMIT_LARGE_BODIES = 64,       /* bodies larger than their listener's limit, where a call takes them, at once */
	LIMIT_HEADER_BYTES = 8 * 1024, /* all headers of a request together */
	LIMIT_HEADERS = 64,	       /* how many of them */
	LIMIT_TARGET_BYTES = 4 * 1024, /* path and query */
	LIMIT_REQUEST_SECONDS = 20,    /* from the first byte of a request to its last */
	LIMIT_IDLE_SECONDS = 75,       /* a kept-alive connection without a request */
	LIMIT_REPLY_SECONDS = 120,     /* from an answer to its last byte taken by the client */
	LIMIT_CONNECTIONS = 8192,      /* open at once; RLIMIT_NOFILE is set to fit */
	LIMIT_RESPONSE_BYTES = 64 * 1024 * 1024,
	LIMIT_JSON_DEPTH = 16,
	LIMIT_JSON_TOKENS = 65536,
	LIMIT_FIELD_ERRORS = 32,    /* reported in one answer */
	LIMIT_PAGE_ROWS = 100,	    /* per_page of the paged dialects */
	LIMIT_BATCH = 128,	    /* commands in one commit */
	LIMIT_REQUEST_QUEUE = 4096, /* commands waiting for the committer; full = 503 at once */
	LIMIT_RESULT_QUEUE = 65536, /* results of background work waiting for the committer */
	LIMIT_READ_QUEUE = 4096,    /* read-only requests waiting for a reader */
	LIMIT_READ_SECONDS = 2,	    /* a filtered list is ended after this */
	LIMIT_PARKED = 4096,	    /* synchronous creates held at once */
	LIMIT_PARKED_PER_CREDENTIAL = 1024,
	LIMIT_SYNC_HOLD_SECONDS = 180,	  /* dvs.md 5.5 */
	LIMIT_COMPLETE_HOLD_SECONDS = 25, /* the default of complete_wait: clients give up at 30 */
	LIMIT_COMPLETE_HOLD_MOST_SECONDS = 180,
	LIMIT_FIRST_READS = 1024,     /* orders whose first read waits to be marked */
	LIMIT_ESIM_DELAY_SECONDS = 3, /* the default of esim_delay: what the sandbox takes for a profile */
	LIMIT_ESIM_DELAY_MOST_SECONDS = 3600,
	LIMIT_QR_PAYMENTS = 60, /* the default of qr_payments: begun by one address in a minute */
	LIMIT_QR_PAYMENTS_MOST = 100000,
	LIMIT_INDEXED_ORDERS = 4000000,	       /* newest orders kept in memory for filtered lists, 64 bytes each */
	LIMIT_RECENT_BYTES = 64 * 1024 * 1024, /* images of the orders just written, 1 to 2 KB each */
	LIMIT_SESSION_SECONDS = 12 * 3600,     /* how long an operator who logged in stays so */
	LIMIT_IMPORT_CHUNK_ROWS = 2000,	       /* one committer turn of a long write */
	LIMIT_IMPORT_LINE_BYTES = 64 * 1024,
	LIMIT_EXPORT_LINE_BYTES = 16 * 1024 * 1024, /* one row of an exported store */
	LIMIT_EXTERNAL_SOURCES = 100,		    /* systems that a merchant keeps invoices in */
	LIMIT_EXTERNAL_INVOICES = 100000,	    /* of one of them */
	LIMIT_STOCK_CHUNK_ROWS = 500,		    /* the same of stock, whose rows are sealed one by one */
	LIMIT_STOCK_SHOWN = 100,		    /* more than so many left are shown as so many */
	LIMIT_STOCK_SHOWN_SECONDS = 5,		    /* what is shown as left may be so old */
	LIMIT_CALLBACK_TRIES = 10,
	LIMIT_CALLBACK_SECONDS = 10,
	LIMIT_MAIL_SECONDS = 60,
	LIMIT_SMS_SECONDS = 20,
	LIMIT_PICTURE_SECONDS = 60,	  /* to copy the picture of an item */
	LIMIT_MESSAGE_BYTES = 256 * 1024, /* a mail with its picture */
	LIMIT_WEBHOOKS_IN_FLIGHT = 256,
	LIMIT_WEBHOOKS_PER_HOST = 8,
	LIMIT_KEPT_DAYS = 30,		     /* events of the feed, bodies of webhooks that were given up */
	LIMIT_DRAIN_SECONDS = 10,	     /* after SIGTERM */
	LIMIT_WAL_BYTES = 256 * 1024 * 1024, /* SQLite: the committer itself checkpoints past this */
	LIMIT_NODE_SLOTS = 32,
	LIMIT_RELAY_SECONDS = 5,     /* a request handed on to another node, without what its answer is held for */
	LIMIT_RELAYS_PER_NODE = 512, /* of them under way at once; what comes above is done where it came in */
	LIMIT_RELAY_MESSAGES = 2,    /* to one node at once, each of what gathered meanwhile */
	LIMIT_RELAY_BYTES = LIMIT_INVOICES_BYTES + LIMIT_BODY_BYTES, /* of a message; small requests fill half a body */
};

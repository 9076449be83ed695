/* http/smtp.h: handing mail to one server, the one that the operator has named.
 *
 * A few threads, each with a connection that it keeps for a while: that is what a submission server allows one sender,
 * and a mail can wait. Certificates are checked, STARTTLS is demanded where it is asked for, time is limited.
 *
 * The sender owns the mail and all it points at, and must not touch it between submit and `done`. */
#pragma once

#include "base/buf.h"

enum smtp_security { SMTP_PLAIN, SMTP_STARTTLS, SMTP_TLS };

struct smtp_options {
	const char *host;
	int port;
	enum smtp_security security;
	const char *user, *password; /* NULL: nobody signs in */
	const char *ca_file;	     /* NULL: the system's certificates */
	int64_t timeout_ms;	     /* of a whole mail */
};

enum smtp_outcome {
	SMTP_TAKEN = 1,
	SMTP_REFUSED, /* for good: trying again would change nothing */
	SMTP_LATER,   /* it was not taken */
	SMTP_LOST,    /* all of it was sent, and no answer came */
};

struct smtp_mail {
	const char *from, *to; /* addresses of the envelope: checked by the sender, no line break stands in them */
	struct str bytes;      /* the whole mail with CRLF at the ends of its lines */
	void (*done)(struct smtp_mail *m);
	void *sender;
	/* found */
	enum smtp_outcome outcome;
	int status;	   /* the server's last word, 250; 0 = none */
	const char *error; /* a short word; NULL = taken */
	/* the threads' own */
	struct smtp_mail *next;
	size_t read;
};

struct smtp;

/* ERR_INTERNAL if libcurl or a thread does not start. Strings are copied. */
MUST_USE enum err smtp_new(const struct smtp_options *options, struct smtp **ret);
/* Every mail that is not done gets SMTP_LATER or SMTP_LOST; ends the threads. NULL is fine. */
void smtp_free(struct smtp *s);
/* Thread-safe. The queue is as long as its senders make it. `done` is called once, on another thread: be quick. */
void smtp_submit(struct smtp *s, struct smtp_mail *m);

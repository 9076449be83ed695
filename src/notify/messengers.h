/* notify/messengers.h: the seam to those who carry messages to people: a mail server, an SMS gateway, a folder.
 *
 * No thread waits: a driver takes a message and reports through its `done`, at once or later, on any thread. It decides
 * nothing: it says what is certain, and what is not. The operator has named its targets, so private addresses are fine.
 */
#pragma once

#include "base/arena.h"
#include "core/message.h"
#include "http/smtp.h"

struct http_client;

enum sending_outcome {
	SENDING_TAKEN = 1,
	SENDING_REFUSED, /* for good */
	SENDING_LATER,	 /* definitely not taken */
	SENDING_LOST,	 /* it may have been taken */
};

/* One try of one message. The caller owns it and all it points at until `done`; meanwhile the arena is the driver's. */
struct sending {
	enum medium medium;
	struct str reference; /* of the message: the same at each try */
	int64_t date_us;      /* likewise */
	struct str to, name;  /* checked; the name may be absent or anything */
	struct str subject, text, html;
	struct str qr; /* what the picture in the mail says; absent = there is none */
	struct arena *arena;
	void (*done)(struct sending *s); /* once, on any thread: be quick */
	void *sender;
	/* found */
	enum sending_outcome outcome;
	int status;	   /* of SMTP or HTTP; 0 = none */
	const char *error; /* a short word; NULL = taken */
};

struct mail_config {
	const char *host; /* NULL: no mail server */
	int64_t port;
	int security;		     /* enum smtp_security */
	const char *user, *password; /* NULL: nobody signs in */
	const char *ca_file;
	const char *from, *from_name; /* the name may be NULL */
};
struct sms_config {
	const char *url; /* of sendsms; NULL: no gateway */
	const char *user, *password;
	const char *sender; /* number or name that the SMS come from; NULL: the gateway's own */
};
struct messengers_config {
	struct mail_config mail;
	struct sms_config sms;
	const char *outbox; /* a folder, made when it is needed */
	bool is_sandbox;    /* of a sandbox store: who has no server to be sent by goes into the folder */
};

struct messenger;
struct messenger_driver {
	const char *name;
	unsigned media; /* bit per enum medium */
	/* *ret stays as it is if the configuration has nothing for it. ERR_INTERNAL if it does not start. */
	enum err (*open)(const struct messengers_config *config, struct http_client *client, struct messenger **ret);
	void (*close)(struct messenger *m);
	void (*send)(struct messenger *m, struct sending *s);
};
/* A driver that is open. Drivers put this first in a struct of their own. */
struct messenger {
	const struct messenger_driver *driver;
};
extern const struct messenger_driver messenger_smtp, messenger_sendsms, messenger_outbox;

enum { MESSENGERS_MOST = 3 };
struct messengers {
	struct messenger *items[MESSENGERS_MOST];
	size_t count;
	struct http_client *client; /* its own: it may call private addresses */
	bool is_sandbox;
};

/* ERR_INTERNAL if one does not start; close either way. */
MUST_USE enum err messengers_open(struct messengers *s, const struct messengers_config *config);
void messengers_close(struct messengers *s); /* what is under way is ended; `done` is called for all of it */

/* Who carries a message; a sandbox partner's stay in the folder of a live store. NULL if nobody does. */
struct messenger *messengers_for(const struct messengers *s, enum medium medium, bool is_sandbox_partner);
/* Bit per medium that goes out for partners that are no sandboxes. */
unsigned messengers_media(const struct messengers_config *config);
void messenger_send(struct messenger *m, struct sending *s);
/* For drivers: the picture of the QR code as PNG, in the arena; absent if there is none. */
struct str sending_picture(struct sending *s);
/* For drivers: says what became of it. */
void sending_finish(struct sending *s, enum sending_outcome outcome, int status, const char *error);

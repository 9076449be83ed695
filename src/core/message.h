/* core/message.h: mails and SMS to people, as a noun: states, when to try again, when to repeat, when to be quiet.
 *
 * A message is about an order or a payment request. It is claimed in a committed row before a byte of it leaves, so
 * that a crash in between is known afterwards: a mail goes again under the same Message-ID, an SMS does not, for nobody
 * could tell the second one from the first; it is UNKNOWN, and an operator is told. Only message_apply() changes a
 * state, and only by the table. Pure: no clock, no store. */
#pragma once

#include "base/zone.h"
#include "core/language.h"

/* What follows is stored in messages: append, never renumber. */
enum message_about { ABOUT_ORDER = 1, ABOUT_PAYMENT = 2 };
enum medium { MEDIUM_MAIL = 1, MEDIUM_SMS = 2 };
enum message_kind {
	MESSAGE_ESIM = 1,	   /* an eSIM that was delivered, with its code */
	MESSAGE_TOP_UP = 2,	   /* a top-up that was delivered */
	MESSAGE_KYC = 3,	   /* an order waits for an identity check: where to go */
	MESSAGE_KYC_REMINDER = 4,  /* the same, once more before its time is over */
	MESSAGE_TEXT = 5,	   /* a partner's own words */
	MESSAGE_PAYMENT = 6,	   /* a request to pay: where to go */
	MESSAGE_PAYMENT_AGAIN = 7, /* the same, once more */
	MESSAGE_RECEIPT = 8,	   /* a payment that was made */
	MESSAGE_KINDS,		   /* how many there are */
};
enum message_state {
	MESSAGE_WAITING = 1,  /* for what it is about */
	MESSAGE_QUEUED = 2,   /* for its time */
	MESSAGE_SENDING = 3,  /* claimed: a byte of it may have left */
	MESSAGE_SENT = 4,     /* a server has taken it */
	MESSAGE_UNKNOWN = 5,  /* it may have been taken, and does not go again */
	MESSAGE_GIVEN_UP = 6, /* nobody took it */
	MESSAGE_DROPPED = 7,  /* there was nothing to say any more */
	MESSAGE_STATES,	      /* how many there are */
};

enum message_event {
	MESSAGE_RELEASE = 1, /* what it waited for has come */
	MESSAGE_CLAIM,	     /* it is about to leave */
	MESSAGE_TAKEN,	     /* a server has taken it */
	MESSAGE_AGAIN,	     /* it was not taken, or is a mail: it goes again later */
	MESSAGE_LOSE,	     /* nobody knows */
	MESSAGE_GIVE_UP,
	MESSAGE_DROP,
	MESSAGE_REVIVE, /* an operator wants it tried again */
	MESSAGE_EVENTS, /* how many there are */
};

struct message {
	int64_t subject_id; /* of the order or the payment request */
	int about;	    /* enum message_about */
	int no;		    /* that one's first, second, ... */
	int64_t id;	    /* its job has it too, and its Message-ID is made of it */
	int64_t partner_id;
	int kind, medium, language;
	int state;
	int tries, status; /* how often it was claimed; what the server said last: of SMTP or HTTP, 0 = nothing */
	struct str error;  /* a short word for the operator; absent = none */
	struct str doc;	   /* sealed JSON: to, name, values */
	int64_t planned_at;
	int64_t every_us;			 /* of a plan of repetitions: the next one is so much later */
	int repeats;				 /* how many are still to come after this one */
	int64_t until_at;			 /* from then on it is not sent; 0 = whenever */
	int64_t created_at, claimed_at, done_at; /* business us; 0 = not yet */
};

/* A word of a message that its wording leaves open: {name} there. */
struct message_value {
	struct str name, value;
};

/* ERR_ILLEGAL_STATE when the table does not have it for that state and medium. */
MUST_USE enum err message_apply(struct message *m, enum message_event event);
bool message_is_open(enum message_state state); /* something is still to come of it */
/* Whether a job is to send it. */
bool message_has_job(enum message_state state);
const char *message_state_name(enum message_state state);
const char *message_kind_name(enum message_kind kind);
const char *medium_name(enum medium medium);

/* When to try again after `tries` tries (>= 1) have failed, the last of them at now_us, each wait up to a tenth longer
 * by `random`; 0 = give up. */
int64_t message_retry_us(enum medium medium, int tries, int64_t now_us, uint64_t random);

/* A plan of repetitions: the k-th is due k times `every_us` after the first, whenever the others were sent. After a
 * standstill the next one is still to come, none is made up for. Returns the first after now_us (*ret_left: how many
 * follow it), 0 when there is none before `until_us` (0 = no end). */
struct message_plan {
	int64_t planned_us, every_us; /* of the one that is being sent */
	int repeats;
	int64_t until_us;
};
int64_t message_next_us(const struct message_plan *plan, int64_t now_us, int *ret_left);

/* Hours in which nobody is disturbed: from minute to minute of a day that is `offset` minutes ahead of UTC, over
 * midnight if `from` is after `to`; none if they are equal. */
struct quiet_hours {
	int from, to, offset;
};
/* The moment itself, or the end of the quiet hours that it falls into: hours of that zone, and without one (NULL) of
 * days that are `offset` ahead. */
int64_t quiet_over_us(const struct quiet_hours *quiet, const struct zone *zone, int64_t us);

/* When somebody may ask for the message again, whose last one was made at last_us: a minute later. */
int64_t message_again_us(int64_t last_us);

/* An address as it may stand in an envelope and in a header: ASCII, one @, no space, quote, bracket or line break, at
 * most 254 bytes. */
bool mail_address_is_ok(struct str text);
/* The same, at a host with a dot in its name: what a stranger may give as his. */
bool mail_address_is_public(struct str text);
/* + and 7 to 15 digits. */
bool phone_number_is_ok(struct str text);

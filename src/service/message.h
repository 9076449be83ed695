/* service/message.h: mails and SMS as rows: claimed, sent, and what became of them; those about an order.
 *
 * The work loop claims a message in a commit of its own, sends it with no transaction open, and commits the result. A
 * claim that finds the message claimed already is the trace of a crash in mid-send: a mail goes again under the same
 * reference, an SMS ends as UNKNOWN with a task for an operator. Verbs that queue messages: service/message_unit.h. */
#pragma once

#include "core/message.h"
#include "service/esim.h"

/* The message is about to leave: committed before its first byte. ERR_CONFLICT when the job is no longer ours. */
struct message_claim {
	struct job job;
	/* found */
	bool live;		/* false: nothing is to be sent, and the job is gone */
	struct message message; /* without its doc */
	struct str to, name;	/* address and name of whom it is for; `name` may be absent */
	const struct message_value *values;
	size_t value_count;
	struct str reference; /* the same at each try, and nobody else's: a UUID */
	bool is_sandbox;      /* of a sandbox partner: nothing of it leaves for the world from a live store */
};

/* ERR_CONFLICT: the job is no longer ours, or the message is not being sent. */
struct message_result {
	struct job job;
	enum message_event event; /* MESSAGE_TAKEN, _AGAIN (at next_due_us; 0 = it is given up), _LOSE, _GIVE_UP */
	int status;
	struct str error; /* a short word; absent = none */
	int64_t next_due_us;
};

/* A mail about an eSIM order to its customer: at once if the order is completed, else when it is; for an order that
 * waits for an identity check also where to go, now and again before its time is over. The same address twice for one
 * order within a minute is one mail. ERR_ORDER_NOT_FOUND; ERR_ILLEGAL_STATE when the order can bring nothing any more
 * or is not confirmed; ERR_BAD_REQUEST for an address; ERR_METHOD_NOT_SUPPORTED when the server sends no mail. `detail`
 * says it. */
struct order_mail {
	struct order_name name;
	const char *base_url;	 /* of links */
	struct str to, customer; /* address, name; the name may be absent */
	struct str copy_to;	 /* who gets one too; absent = nobody */
	bool is_queued;		 /* found: it waits for the order */
};

/* An SMS with the buyer's words to the number of an order's eSIM. ERR_ORDER_NOT_FOUND; ERR_ILLEGAL_STATE without a
 * completed eSIM that has a number; ERR_RATE_LIMITED within a minute of the one before; ERR_METHOD_NOT_SUPPORTED. */
struct order_sms {
	struct order_name name;
	struct str text;
};

extern const struct verb verb_message_claim;  /* struct message_claim */
extern const struct verb verb_message_result; /* struct message_result */
extern const struct verb verb_order_mail;     /* struct order_mail */
extern const struct verb verb_order_sms;      /* struct order_sms */

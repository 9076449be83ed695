/* service/message_unit.h: queueing messages within a unit of work, and what each subject adds to them.
 *
 * Private to service/. A verb that wants something said needs the subject's messages, checks addresses and media, and
 * after its line of no return adds the message: row and job are written with whatever caused them. */
#pragma once

#include "service/message.h"
#include "service/unit.h"

/* In need: brings all messages of an order or a payment request, which message_add() numbers on from. */
void message_need(struct unit *u, int64_t subject_id);

struct message_new {
	enum message_about about;
	int64_t subject_id, partner_id;
	enum message_kind kind;
	enum medium medium;
	enum language language;
	struct str to, name; /* mail_address_is_ok() or phone_number_is_ok() was asked before; `name` may be absent */
	const struct message_value *values; /* for the wording (notify/wording.c) */
	size_t value_count;
	int64_t due_us; /* business time; 0 = now */
	bool waits;	/* until message_release(); due_us does not count */
	bool is_quiet;	/* it keeps the quiet hours where the partner lives: reminders and repetitions, not what was
			   asked for */
	/* A plan: so many more of the kind that repeats it, every_us apart, while it is wanted. */
	int64_t every_us;
	int repeats;
	int64_t until_us; /* from then on it is not sent; 0 = whenever */
};
/* Cannot fail. Everything is copied. */
struct message *message_add(struct unit *u, const struct message_new *m);

/* Whether that partner's messages can leave by the medium. */
bool message_can_leave(const struct unit *u, int64_t partner_id, enum medium medium);

/* The newest message of that medium about the subject, NULL if there is none. `to` absent: whomever it is for. */
struct message *message_last(struct unit *u, enum message_about about, int64_t subject_id, enum medium medium,
			     struct str to);

/* All about the subject, oldest first, without their docs; in the arena. Returns how many. */
size_t message_list(struct unit *u, struct arena *a, enum message_about about, int64_t subject_id,
		    const struct message **ret);

/* What waits goes out now; what is not sent yet is dropped. All of the subject's. */
void message_release_all(struct unit *u, enum message_about about, int64_t subject_id);
void message_drop_all(struct unit *u, enum message_about about, int64_t subject_id);
/* Takes up one that was given up. False if it was not. */
bool message_revive(struct unit *u, struct message *m);

enum { MESSAGE_VALUES_MOST = 24 };
struct message_values {
	struct message_value items[MESSAGE_VALUES_MOST];
	size_t n;
};
/* Past the most it aborts: wordings are ours. An absent value is left out. */
void message_value_add(struct message_values *list, const char *name, struct str value);

/* What a subject knows of its messages. */
struct message_subject {
	/* Names the rows that follow; those of the subject itself first. */
	void (*need)(struct unit *u, int64_t subject_id);
	void (*need_more)(struct unit *u, int64_t subject_id); /* may be NULL */
	/* Whether there is still something to say. */
	bool (*wants)(struct unit *u, const struct message *m);
	/* Appends what only the moment of sending knows, in the arena. What cannot be read now is an error, and the
	 * claim with it. */
	enum err (*values)(struct unit *u, struct arena *a, const struct message *m, struct message_values *list);
};
extern const struct message_subject message_subject_order, message_subject_payment;

/* After each change of an order's state: lets out what waited for it, or drops it. */
void message_follow_order(struct unit *u, const struct order *o);

/* service/session.h: operators who log in with e-mail and password, and are given a token that ends.
 *
 * Two steps, because argon2id is too slow for the committer: the password is checked on a reader's thread, then the
 * session is written and audited. Refused attempts are audited too. */
#pragma once

#include "service/audit.h"
#include "service/task.h"

struct operator_login {
	struct by by;
	struct str email, password;
	struct str token; /* fresh, plain; kept as a keyed hash */
	struct str peer;  /* where the attempt comes from, for the audit */
	/* found */
	int64_t operator_id; /* by the check; 0: no active operator has this e-mail and password */
	int64_t expires_at;  /* business us */
};

/* On a reader. OK whatever it finds, which takes the same time. */
extern const struct verb verb_operator_check;
/* After it. ERR_UNAUTHORIZED. */
extern const struct verb verb_operator_login;

/* The sessions that have not ended, with their operators' e-mails. */
struct session_list {
	/* found */
	struct known_session *rows;
	size_t count;
};
struct known_session {
	struct str email, token_hash;
	int64_t expires_at;
};
enum { SESSIONS_MAX = 256 };
extern const struct verb verb_session_list;

/* notify/wording.h: what messages say, as data: a row for each kind and language. {name} stands for a value. */
#pragma once

#include "core/message.h"

enum { WORDING_LINES = 4, WORDING_ROWS = 6 };

struct wording {
	const char *subject;		  /* of a mail; NULL: the kind is an SMS alone */
	const char *lines[WORDING_LINES]; /* of a mail, one paragraph each; NULL after the last */
	const char *button;		  /* what leads to {link}; NULL = nothing does */
	const char *scan;		  /* below the picture of {lpa}; NULL = there is none */
	struct {
		const char *label, *value; /* value: its name */
	} rows[WORDING_ROWS];		   /* what has no value is left out */
	const char *sms;		   /* NULL: the kind is a mail alone */
};

const struct wording *wording_of(enum message_kind kind, enum language language);
/* Below every mail. */
const char *wording_foot(enum language language);

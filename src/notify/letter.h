/* notify/letter.h: a wording and its values make what is sent: subject, text and HTML of a mail, or the text of an SMS.
 */
#pragma once

#include "base/arena.h"
#include "core/message.h"

struct letter_order {
	enum message_kind kind;
	enum medium medium;
	enum language language;
	const struct message_value *values;
	size_t value_count;
};

struct letter {
	struct str subject, text, html; /* of an SMS text alone */
	struct str qr;			/* what the picture says; absent = there is none */
};

/* In the arena. ERR_BAD_REQUEST when the kind has no wording for the medium, ERR_TOO_LARGE. Values are escaped in HTML
 * and lose their line breaks and other control characters everywhere but in a partner's own text. */
MUST_USE enum err letter_write(struct arena *a, const struct letter_order *order, struct letter *ret);

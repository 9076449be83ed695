/* notify/mail.h: a mail as bytes (RFC 5322, MIME): text and HTML, and in the HTML a QR code.
 *
 * Nothing that comes from elsewhere can make a header or a part of its own: header values lose their control characters
 * and are encoded (RFC 2047), bodies are quoted-printable, the picture is base64. */
#pragma once

#include "base/buf.h"

struct mail {
	const char *from;     /* address */
	struct str from_name; /* may be absent */
	struct str to;	      /* address */
	struct str to_name;   /* may be absent */
	struct str reference; /* of letters, digits and '-': the Message-ID is this and the domain of `from` */
	int64_t date_us;
	struct str subject, text, html; /* UTF-8; `html` shows the picture as cid:MAIL_PICTURE */
	struct str picture;		/* PNG; absent = none */
};
#define MAIL_PICTURE "qr"

/* Appends it, with CRLF at the ends of its lines, none longer than 76 bytes but for addresses. */
void mail_write(struct buf *b, const struct mail *m);

/* For tests and the folder alike: "Name" <address>, folded after `used` bytes of the line. */
void mail_put_address(struct buf *b, struct str name, struct str address);
/* As RFC 2047 has it where that is needed: text of any kind as a header's value. */
void mail_put_text(struct buf *b, struct str text);
/* RFC 2045, 6.7. Line ends of any kind become CRLF. */
void mail_put_quoted_printable(struct buf *b, struct str text);

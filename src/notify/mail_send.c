/* notify/mail_send.c: mail by the operator's server. */
#include "notify/messengers.h"

#include "base/limits.h"
#include "base/qr.h"
#include "notify/mail.h"

#include <stdlib.h>

struct mailer {
	struct messenger messenger;
	struct arena arena; /* of the addresses */
	struct smtp *smtp;
	const char *from;
	struct str from_name;
};

/* One mail on its way, in the sending's arena. */
struct mailing {
	struct smtp_mail mail;
	struct sending *sending;
	struct buf bytes;
};

struct str sending_picture(struct sending *s)
{
	struct str picture = STR_NONE;
	struct buf b;

	if (!s->qr.p)
		return STR_NONE;
	buf_init(&b, LIMIT_MESSAGE_BYTES);
	if (qr_png(&b, s->qr) == OK && !b.failed)
		picture = arena_str(s->arena, buf_view(&b));
	buf_done(&b);
	return picture;
}

static enum err mail_open(const struct messengers_config *config, struct http_client *client, struct messenger **ret)
{
	const struct mail_config *c = &config->mail;

	(void)client;
	if (!c->host)
		return OK;
	const struct smtp_options options = { c->host,	   (int)c->port, (enum smtp_security)c->security,   c->user,
					      c->password, c->ca_file,	 (int64_t)LIMIT_MAIL_SECONDS * 1000 };
	struct mailer *m = calloc(1, sizeof(*m));
	must(m);
	enum err e = smtp_new(&options, &m->smtp);
	if (e) {
		free(m);
		return e;
	}
	arena_init(&m->arena);
	m->messenger.driver = &messenger_smtp;
	m->from = arena_strz(&m->arena, str_of(c->from));
	m->from_name = arena_str(&m->arena, str_of(c->from_name));
	*ret = &m->messenger;
	return OK;
}

static void mail_close(struct messenger *messenger)
{
	struct mailer *m = (struct mailer *)messenger;

	smtp_free(m->smtp);
	arena_done(&m->arena);
	free(m);
}

static void mail_done(struct smtp_mail *mail)
{
	static const enum sending_outcome outcomes[] = { [SMTP_TAKEN] = SENDING_TAKEN,
							 [SMTP_REFUSED] = SENDING_REFUSED,
							 [SMTP_LATER] = SENDING_LATER,
							 [SMTP_LOST] = SENDING_LOST };
	struct mailing *g = mail->sender;

	buf_done(&g->bytes);
	sending_finish(g->sending, outcomes[mail->outcome], mail->status, mail->error);
}

static void mail_send(struct messenger *messenger, struct sending *s)
{
	struct mailer *m = (struct mailer *)messenger;
	struct mailing *g = ARENA_NEW(s->arena, struct mailing);

	g->sending = s;
	buf_init(&g->bytes, LIMIT_MESSAGE_BYTES);
	mail_write(&g->bytes, &(struct mail){ .from = m->from,
					      .from_name = m->from_name,
					      .to = s->to,
					      .to_name = s->name,
					      .reference = s->reference,
					      .date_us = s->date_us,
					      .subject = s->subject,
					      .text = s->text,
					      .html = s->html,
					      .picture = sending_picture(s) });
	if (g->bytes.failed) {
		buf_done(&g->bytes);
		sending_finish(s, SENDING_REFUSED, 0, "too_large");
		return;
	}
	g->mail = (struct smtp_mail){ .from = m->from,
				      .to = arena_strz(s->arena, s->to),
				      .bytes = buf_view(&g->bytes),
				      .done = mail_done,
				      .sender = g };
	smtp_submit(m->smtp, &g->mail);
}

const struct messenger_driver messenger_smtp = { "smtp", 1u << MEDIUM_MAIL, mail_open, mail_close, mail_send };

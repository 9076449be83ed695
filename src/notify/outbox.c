/* notify/outbox.c: the folder in place of the world: every message is a file named after its reference. */
#include "notify/messengers.h"

#include "base/limits.h"
#include "notify/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct outbox {
	struct messenger messenger;
	char *folder;
};

static enum err outbox_open(const struct messengers_config *config, struct http_client *client, struct messenger **ret)
{
	(void)client;
	if (!config->outbox)
		return OK;
	struct outbox *o = calloc(1, sizeof(*o));
	must(o);
	o->messenger.driver = &messenger_outbox;
	o->folder = strdup(config->outbox);
	must(o->folder);
	*ret = &o->messenger;
	return OK;
}

static void outbox_close(struct messenger *messenger)
{
	struct outbox *o = (struct outbox *)messenger;

	free(o->folder);
	free(o);
}

static void write_sms(struct buf *b, struct sending *s)
{
	buf_lit(b, "To: ");
	buf_str(b, s->to);
	buf_lit(b, "\n\n");
	buf_str(b, s->text);
	buf_char(b, '\n');
}

static void write_mail(struct buf *b, struct sending *s)
{
	mail_write(b, &(struct mail){ .from = "bodega@localhost",
				      .to = s->to,
				      .to_name = s->name,
				      .reference = s->reference,
				      .date_us = s->date_us,
				      .subject = s->subject,
				      .text = s->text,
				      .html = s->html,
				      .picture = sending_picture(s) });
}

static bool write_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = str_skip(bytes, (size_t)n);
	}
	return true;
}

/* Whoever looks into the folder sees whole files: they get their names last. */
static bool write_file(const struct outbox *o, struct sending *s, struct str bytes)
{
	const char *ending = s->medium == MEDIUM_MAIL ? "eml" : "txt";
	const char *path = arena_printf(s->arena, "%s/%.*s.%s", o->folder, STR_ARG(s->reference), ending).p;
	const char *temporary = arena_printf(s->arena, "%s/.%.*s", o->folder, STR_ARG(s->reference)).p;

	if (mkdir(o->folder, 0700) && errno != EEXIST)
		return false;
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool good = write_all(fd, bytes);
	good = close(fd) == 0 && good;
	return good && rename(temporary, path) == 0;
}

static void outbox_send(struct messenger *messenger, struct sending *s)
{
	struct buf b;

	buf_init(&b, LIMIT_MESSAGE_BYTES);
	(s->medium == MEDIUM_MAIL ? write_mail : write_sms)(&b, s);
	bool good = !b.failed && write_file((struct outbox *)messenger, s, buf_view(&b));
	buf_done(&b);
	sending_finish(s, good ? SENDING_TAKEN : SENDING_LATER, 0, good ? NULL : "file");
}

const struct messenger_driver messenger_outbox = { "outbox", 1u << MEDIUM_MAIL | 1u << MEDIUM_SMS, outbox_open,
						   outbox_close, outbox_send };

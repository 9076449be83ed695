#include "notify/messengers.h"

#include "http/client.h"

enum { SMS_IN_FLIGHT = 8 };

/* The folder comes last: it takes what nobody else takes. */
static const struct messenger_driver *const drivers[] = { &messenger_smtp, &messenger_sendsms, &messenger_outbox };
_Static_assert(ARRAY_LEN(drivers) <= MESSENGERS_MOST, "room for all drivers");

enum err messengers_open(struct messengers *s, const struct messengers_config *config)
{
	const struct http_client_options options = { .allow_private = true, .max_in_flight = SMS_IN_FLIGHT };
	enum err e = http_client_new(&options, &s->client);

	s->is_sandbox = config->is_sandbox;
	for (size_t i = 0; i < ARRAY_LEN(drivers) && !e; i++) {
		struct messenger *m = NULL;

		e = drivers[i]->open(config, s->client, &m);
		if (m)
			s->items[s->count++] = m;
	}
	return e;
}

void messengers_close(struct messengers *s)
{
	http_client_free(s->client);
	while (s->count) {
		struct messenger *m = s->items[--s->count];

		m->driver->close(m);
	}
}

static bool goes_to_world(const struct messenger_driver *driver)
{
	return driver != &messenger_outbox;
}

struct messenger *messengers_for(const struct messengers *s, enum medium medium, bool is_sandbox_partner)
{
	bool stays = is_sandbox_partner && !s->is_sandbox, folder = stays || s->is_sandbox;

	for (size_t i = 0; i < s->count; i++) {
		const struct messenger_driver *driver = s->items[i]->driver;

		if (driver->media >> medium & 1 && (goes_to_world(driver) ? !stays : folder))
			return s->items[i];
	}
	return NULL;
}

unsigned messengers_media(const struct messengers_config *config)
{
	unsigned all = 1u << MEDIUM_MAIL | 1u << MEDIUM_SMS;
	unsigned named = (config->mail.host ? 1u << MEDIUM_MAIL : 0) | (config->sms.url ? 1u << MEDIUM_SMS : 0);

	return config->is_sandbox ? all : named;
}

void messenger_send(struct messenger *m, struct sending *s)
{
	m->driver->send(m, s);
}

void sending_finish(struct sending *s, enum sending_outcome outcome, int status, const char *error)
{
	s->outcome = outcome;
	s->status = status;
	s->error = error;
	s->done(s);
}

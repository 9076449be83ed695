/* A mail server that accepts and says nothing, and none at all: the mail waits, and nobody waits for it for ever. */
#include "http/smtp.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room in the backlog is all that connecting needs. */
static int listen_silently(int *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, n) == 0 && listen(fd, 8) == 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

struct sent {
	struct smtp_mail mail;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_done;
};

static void mail_done(struct smtp_mail *m)
{
	struct sent *s = m->sender;

	pthread_mutex_lock(&s->lock);
	s->is_done = true;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void send_to(int port, enum smtp_security security, struct sent *s)
{
	struct smtp *smtp;

	*s = (struct sent){ .mail = { .from = "a@example.com",
				      .to = "b@example.com",
				      .bytes = STR("Subject: none\r\n\r\nnothing\r\n"),
				      .done = mail_done,
				      .sender = s },
			    .lock = PTHREAD_MUTEX_INITIALIZER,
			    .changed = PTHREAD_COND_INITIALIZER };
	check_ok(smtp_new(
		&(struct smtp_options){ .host = "127.0.0.1", .port = port, .security = security, .timeout_ms = 200 },
		&smtp));
	smtp_submit(smtp, &s->mail);
	pthread_mutex_lock(&s->lock);
	while (!s->is_done)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	smtp_free(smtp);
}

static void a_silent_server_is_given_up(void **state)
{
	static const enum smtp_security all[] = { SMTP_PLAIN, SMTP_STARTTLS, SMTP_TLS };
	struct sent s;
	int port, fd = listen_silently(&port);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		send_to(port, all[i], &s);
		assert_int_equal(s.mail.outcome, SMTP_LATER);
		assert_string_equal(s.mail.error, "timeout");
		assert_int_equal(s.mail.status, 0);
	}
	close(fd);
}

static void nobody_is_there(void **state)
{
	struct sent s;
	int port, fd = listen_silently(&port);

	(void)state;
	close(fd);
	send_to(port, SMTP_TLS, &s);
	assert_int_equal(s.mail.outcome, SMTP_LATER);
	assert_string_equal(s.mail.error, "connect");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_server_is_given_up),
		cmocka_unit_test(nobody_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

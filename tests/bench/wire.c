#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static bool take_header(struct str line, struct wire_head *head, bool *has_length)
{
	static const struct str length = { "content-length", 14 }, connection = { "connection", 10 };
	struct str rest = line;
	struct str name = str_cut(&rest, ':');
	int64_t value;

	if (name.n == length.n && str_eq_nocase(name, length)) {
		if (str_to_i64(str_trim(rest), 0, INT32_MAX, &value))
			return false;
		head->body_bytes = (size_t)value;
		*has_length = true;
	} else if (name.n == connection.n && str_eq_nocase(name, connection)) {
		head->close = str_eq_nocase(str_trim(rest), STR("close"));
	}
	return true;
}

enum wire_state wire_parse_head(struct str bytes, bool length_needed, struct wire_head *ret)
{
	const char *end = bytes.n ? memmem(bytes.p, bytes.n, "\r\n\r\n", 4) : NULL;
	struct wire_head head = { .bytes = 0 };
	bool has_length = false;

	if (!end)
		return WIRE_PARTIAL;
	head.bytes = (size_t)(end - bytes.p) + 4;
	struct str rest = { bytes.p, head.bytes - 2 };
	head.first_line = str_trim(str_cut(&rest, '\n'));
	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		char first = line.n ? (char)(line.p[0] | 0x20) : 0;

		if (first == 'c' && !take_header(line, &head, &has_length))
			return WIRE_BROKEN;
	}
	if (length_needed && !has_length)
		return WIRE_BROKEN;
	*ret = head;
	return WIRE_DONE;
}

int wire_status(struct str line)
{
	int64_t status;

	if (!str_starts(line, STR("HTTP/1.1 ")) || line.n < 12)
		return 0;
	if (str_to_i64((struct str){ line.p + 9, 3 }, 100, 599, &status))
		return 0;
	return (int)status;
}

struct str wire_json_value(struct str body, const char *name)
{
	size_t name_bytes = strlen(name), n = 0;
	const char *at = body.n ? memmem(body.p, body.n, name, name_bytes) : NULL;

	if (!at)
		return STR_NONE;
	at += name_bytes;
	const char *end = body.p + body.n;
	while (at < end && (*at == ' ' || *at == '"'))
		at++;
	while (at + n < end && !memchr(",]}\"", at[n], 4))
		n++;
	return (struct str){ at, n };
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

int wire_listen(int port)
{
	struct sockaddr_in address = loopback(port);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1024)) {
		close(fd);
		return -1;
	}
	return fd;
}

int wire_connect(int port)
{
	struct sockaddr_in address = loopback(port);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* Connecting waits: on loopback it takes microseconds, and the generator needs no state for it. */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on))) {
		close(fd);
		return -1;
	}
	return fd;
}

int wire_port(int fd)
{
	struct sockaddr_in address;
	socklen_t bytes = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &bytes) ? -1 : ntohs(address.sin_port);
}

int64_t wire_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t wire_cpu_ns(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000 +
	       ((int64_t)used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
}

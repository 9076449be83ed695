#include "cli/folder.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FILE_MOST = 1024 * 1024 };

static const char *join(struct arena *a, const char *path, const char *name)
{
	return arena_printf(a, "%s/%s", path, name).p;
}

/* The folder and those above it. */
static bool make_folders(struct arena *a, const char *path)
{
	char *copy = (char *)arena_str(a, str_of(path)).p;

	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, 0700) && errno != EEXIST)
			return false;
		*at = '/';
	}
	return mkdir(copy, 0700) == 0 || errno == EEXIST;
}

enum err folder_open(struct arena *a, const char *path, bool create, struct folder *ret)
{
	struct stat st;

	if (create && !make_folders(a, path))
		return ERR_IO;
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return ERR_NOT_FOUND;
	const char *uri_file = join(a, path, "store.uri");
	struct str uri = STR_NONE;
	enum err e = file_read(a, uri_file, &uri);
	if (e && e != ERR_NOT_FOUND)
		return e;
	*ret = (struct folder){ .path = path,
				.store = uri.n ? arena_strz(a, str_trim(uri)) : join(a, path, "store.db"),
				.store_uri = uri_file,
				.key = join(a, path, "master.key"),
				.socket = join(a, path, "control.sock"),
				.demo_secrets = join(a, path, "demo-credentials.json"),
				.lock_fd = -1 };
	return OK;
}

const char *folder_trouble(enum err e)
{
	static const struct {
		enum err code;
		const char *sentence;
	} sentences[] = {
		{ ERR_BUSY, "another bodega is running with this folder" },
		{ ERR_NOT_FOUND, "there is no store here; see bodega init --help" },
		{ ERR_CONFLICT, "this folder has another store than the setting says" },
		{ ERR_IO, "cannot be read or written: look at its owner, its rights and the space left" },
		{ ERR_STORE_UNAVAILABLE, "the store cannot be reached or written now (store_unavailable)" },
		{ ERR_STORE_FAILED, "the store does not work, see the log above (store_failed)" },
		{ ERR_STORE_NEWER, "the store was made by a newer bodega: use that one" },
		{ ERR_SEALED, "the master key is not this store's (cannot_open_sealed)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
		if (sentences[i].code == e)
			return sentences[i].sentence;
	return err_name(e);
}

static bool is_uri(const char *store)
{
	return strstr(store, "://");
}

bool folder_has_store(const struct folder *f)
{
	return is_uri(f->store) || access(f->store, F_OK) == 0;
}

enum err folder_take_store(struct arena *a, struct folder *f, const char *uri)
{
	struct str text = str_of(uri);

	if (!text.p)
		return OK;
	if (str_is(text, "sqlite"))
		return is_uri(f->store) ? ERR_CONFLICT : OK;
	if (!str_starts(text, STR("postgres://")) && !str_starts(text, STR("postgresql://")))
		return ERR_CONFIG;
	if (!is_uri(f->store) && folder_has_store(f))
		return ERR_CONFLICT;
	if (str_is(text, f->store))
		return OK;
	enum err e = file_write(a, f->store_uri, arena_printf(a, "%s\n", uri));
	if (!e)
		f->store = arena_strz(a, text);
	return e;
}

enum err folder_lock(struct folder *f)
{
	struct arena a;

	arena_init(&a);
	f->lock_fd = open(join(&a, f->path, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	arena_done(&a);
	if (f->lock_fd < 0)
		return ERR_IO;
	/* A server that was just killed keeps its lock until the kernel has cleared it away. */
	int64_t until = clock_mono_us() + SECONDS_US(2);
	int failed = 0;
	while (flock(f->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		failed = errno;
		if (failed != EWOULDBLOCK || clock_mono_us() > until) {
			close(f->lock_fd);
			f->lock_fd = -1;
			return failed == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
		}
		poll(NULL, 0, 10);
	}
	return OK;
}

const char *folder_socket_path(struct arena *a, const struct folder *f)
{
	if (strlen(f->socket) < sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return f->socket;
	int fd = open(f->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? f->socket : arena_printf(a, "/proc/self/fd/%d/control.sock", fd).p;
}

enum err file_read(struct arena *a, const char *path, struct str *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	char *text = arena_alloc(a, FILE_MOST + 1);
	ssize_t got = 1;
	while (got > 0 && n < FILE_MOST) {
		got = read(fd, text + n, FILE_MOST - n);
		if (got > 0)
			n += (size_t)got;
	}
	close(fd);
	if (got < 0 || n == FILE_MOST)
		return ERR_IO;
	*ret = (struct str){ text, n };
	return OK;
}

enum err file_write(struct arena *a, const char *path, struct str text)
{
	const char *beside = arena_printf(a, "%s.%d.new", path, (int)getpid()).p;
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return ERR_IO;
	bool good = fchmod(fd, 0600) == 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
	good = close(fd) == 0 && good && rename(beside, path) == 0;
	if (good)
		return OK;
	int why = errno;
	unlink(beside);
	errno = why;
	return ERR_IO;
}

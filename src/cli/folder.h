/* cli/folder.h: the data folder: the store, its key, its lock and its control socket.
 *
 * The store is the file store.db, or the PostgreSQL database whose uri is in the file store.uri (mode 0600: there may
 * be a password in it), so that every command needs to be told the folder only.
 *
 * Whoever writes to the store holds the lock; everybody else asks the holder over the control socket. */
#pragma once

#include "base/arena.h"

struct folder {
	const char *path;
	const char *store;	  /* what db_open takes: a path or a uri; never to be printed */
	const char *store_uri;	  /* store.uri */
	const char *key, *socket; /* master.key, control.sock */
	const char *demo_secrets; /* demo-credentials.json */
	int lock_fd;		  /* -1: not locked */
};

/* Names everything; makes the folder (mode 0700) when `create`. ERR_NOT_FOUND, ERR_IO. */
MUST_USE enum err folder_open(struct arena *a, const char *path, bool create, struct folder *ret);
/* What keeps a command from a folder's store, as a sentence for a person. */
const char *folder_trouble(enum err e);
/* Whether there is a store, as far as the folder knows. */
bool folder_has_store(const struct folder *f);
/* From now on the store is the one of this uri; NULL changes nothing. ERR_CONFIG when it is neither "sqlite" nor a uri
 * of PostgreSQL; ERR_CONFLICT when the folder has a store of the other kind. */
MUST_USE enum err folder_take_store(struct arena *a, struct folder *f, const char *uri);
/* ERR_BUSY when another process has it. Held until the process ends. */
MUST_USE enum err folder_lock(struct folder *f);

/* A path that fits into a socket address even where the folder's own is too long for it. */
const char *folder_socket_path(struct arena *a, const struct folder *f);

/* The whole file; ERR_NOT_FOUND, ERR_IO. At most 1 MB. */
MUST_USE enum err file_read(struct arena *a, const char *path, struct str *ret);
/* Writes beside it and renames, mode 0600: nobody ever sees half of it. ERR_IO, errno says why. */
MUST_USE enum err file_write(struct arena *a, const char *path, struct str text);

/* cli/verify.c: prints the differences of a folder's store; an exit code. */
int verify_folder(const char *command, const struct folder *folder, bool as_json);

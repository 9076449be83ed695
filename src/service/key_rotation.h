/* service/key_rotation.h: another master key, while everything runs.
 *
 * begin makes the key and offers it through the store. Once every node that lives has said that it knows it
 * (store/nodes.h) it seals. step seals again what the old key has sealed, a page of one table a call; how far it has
 * come is a row, so that it goes on after a crash, on any node. It goes over everything until a whole pass finds
 * nothing; a pass begins when every node has said that it seals with the new key. finish, after a whole pass, makes the
 * old key worthless. Until then either key file starts a server. */
#pragma once

#include "service/audit.h"
#include "service/store_key.h"

/* For all verbs. */
struct key_rotation {
	struct by by;
	/* found */
	struct rotation at;
	int64_t rows;			 /* state: how many there are to look at */
	unsigned char master[KEY_BYTES]; /* begin: the new one, also when it was begun before */
	bool waits;			 /* step: nothing was done, a node has not said yet what it has to */
};

extern const struct verb verb_key_begin;  /* ERR_BUSY: too many rotations since this server was started */
extern const struct verb verb_key_step;	  /* ERR_ILLEGAL_STATE: there is no rotation. ERR_SEALED: damaged bytes */
extern const struct verb verb_key_finish; /* ERR_ILLEGAL_STATE: not before a whole pass */
extern const struct verb verb_key_state;  /* read-only */

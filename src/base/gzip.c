#include "base/gzip.h"

#include <limits.h>
#include <zlib.h>

/* Three quarters of what the best level saves, in a fifth of its time. */
enum { LEVEL = 3, WINDOW_BITS = 15, AS_GZIP = 16, MEMORY_LEVEL = 8 };

bool gzip_put(struct buf *out, struct str plain)
{
	z_stream z = { 0 };

	if (plain.n > UINT_MAX ||
	    deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_BITS + AS_GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	size_t room = deflateBound(&z, plain.n);
	int result = Z_OK;
	if (buf_reserve(out, room)) {
		z.next_in = (Bytef *)(uintptr_t)plain.p;
		z.avail_in = (uInt)plain.n;
		z.next_out = (Bytef *)out->p + out->n;
		z.avail_out = (uInt)room;
		result = deflate(&z, Z_FINISH);
		out->n += z.total_out;
	}
	deflateEnd(&z);
	return result == Z_STREAM_END;
}

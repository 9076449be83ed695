#include "core/external_invoice.h"

#include "base/must.h"

static const char *const names[EXTERNAL_STATUSES] = { "pending", "due", "fully_paid", "partially_paid" };

const char *external_status_name(enum external_status status)
{
	must(status < EXTERNAL_STATUSES);
	return names[status];
}

const char *external_status_of(const struct external_source *source, struct str word)
{
	for (int i = 0; i < EXTERNAL_STATUSES && word.n; i++)
		if (str_eq(source->words[i], word))
			return names[i];
	return "";
}

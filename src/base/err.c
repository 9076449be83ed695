#include "base/err.h"

#include "base/must.h"

static const struct {
	enum err code;
	const char *name;
	enum err_fault fault;
} errs[] = {
#define X(id, number, name, fault) { ERR_##id, name, ERR_FAULT_##fault },
	ERR_LIST(X)
#undef X
};

const char *err_name(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(errs); i++)
		if (errs[i].code == e)
			return errs[i].name;
	return "ok";
}

enum err_fault err_fault(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(errs); i++)
		if (errs[i].code == e)
			return errs[i].fault;
	return ERR_FAULT_US;
}

enum err err_at(size_t i)
{
	return i < ARRAY_LEN(errs) ? errs[i].code : OK;
}

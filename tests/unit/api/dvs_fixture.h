/* tests/unit/api/dvs_fixture.h: a request without a connection, and what it was refused with, as text. */
#pragma once

#include "api/dvs/errors.h"
#include "api/endpoint.h"
#include "support/test.h"

struct fixture {
	struct http_exchange x;
	struct partner partner;
	struct credential credential;
	struct api_settings settings;
	struct request rq;
	struct buf said;
};

static inline void fixture_init(struct fixture *f)
{
	*f = (struct fixture){ 0 };
	arena_init(&f->x.arena);
	buf_init(&f->x.reply, 1024 * 1024);
	buf_init(&f->said, 64 * 1024);
	f->x.status = 200;
	f->x.method = STR("POST");
	f->x.body = STR("");
	f->partner = (struct partner){ .id = 5, .price_list = STR("standard"), .active = true, .locale = STR("en") };
	f->credential = (struct credential){ .id = 9, .partner_id = 5, .partner = &f->partner };
	f->rq = (struct request){
		.x = &f->x, .settings = &f->settings, .credential = &f->credential, .now_us = INT64_C(1767323045678901)
	}; /* 2026-01-02T03:04:05.678901Z */
	f->rq.task.arena = &f->x.arena;
}

static inline void fixture_done(struct fixture *f)
{
	arena_done(&f->x.arena);
	buf_done(&f->x.reply);
	buf_done(&f->said);
}

/* "1000400 external_id: must ...; 1005003 ..." */
static inline struct str fixture_faults(struct fixture *f)
{
	buf_clear(&f->said);
	for (size_t i = 0; i < f->rq.fault_count; i++) {
		const struct dvs_error *error = dvs_error(f->rq.faults[i].code);
		struct str message = f->rq.faults[i].message;

		buf_printf(&f->said, "%s%d %.*s", i ? "; " : "", error->number,
			   STR_ARG(message.p ? message : str_of(error->message)));
	}
	buf_str(&f->said, STR(""));
	return f->said.n ? buf_view(&f->said) : STR("");
}

/* api/dvs/errors.h: how the DVS API says no: one row for every code of ours. */
#pragma once

#include "api/endpoint.h"

struct dvs_error {
	enum err code;
	int status;	     /* HTTP */
	int number;	     /* of the DVS table of codes */
	const char *message; /* its words */
};

/* Never NULL: a code without a row is an internal fault (a test refuses it). */
const struct dvs_error *dvs_error(enum err code);

/* dialect_api.refuse: {"errors":[{"code":..,"message":..}]} and nothing else: an official client fails on any other
 * key. The first fault decides the status. */
void dvs_refuse(struct request *rq);

/* base/zone.h: time zones: what a day is where somebody lives. From the system's tzdata.
 *
 * A local time is microseconds as if its clock were UTC's, so that dates are reckoned with base/clock.h. What was true
 * at a time stays true of it: summer time begins and ends, and a country that changed its mind did. */
#pragma once

#include "base/arena.h"

struct zone;

/* "Europe/Paris"; an absent name is UTC. In the arena. ERR_NOT_FOUND when the system has no such zone, or has it
 * without the years to come. */
MUST_USE enum err zone_load(struct arena *a, struct str name, const struct zone **ret);

/* The time that clocks show there. */
int64_t zone_local(const struct zone *z, int64_t us);
/* The first moment at which clocks there show that, or later when they never do: 02:30 of a spring morning, or midnight
 * where summer time begins at midnight. */
int64_t zone_moment(const struct zone *z, int64_t local_us);

/* supplier/sandbox/esim.h: the life of a sandbox's eSIM after its sale: a pure function of ICCID and business time.
 *
 * Ten to thirty minutes after delivery a phone installs the profile, five minutes later it is in use. Packages are used
 * one after another, each from when the one before is over, at a pace that leaves a fifth of the time: so moving the
 * clock forward installs, uses up and expires, and asking twice gives the same answer. */
#pragma once

#include "core/lookup.h"

/* When a phone will have installed it. */
int64_t sandbox_installed_us(struct str iccid, int64_t delivered_us);

MUST_USE enum err sandbox_esim(void *arg, struct arena *a, struct str iccid, int64_t delivered_us, int64_t now_us,
			       struct esim_usage *usage);

/* {"code","serial","imsi","msisdn","pin","puk","apn"}: made from order and unit alone. */
struct str sandbox_profile(struct arena *a, int64_t order_id, int unit);
struct str sandbox_iccid(struct arena *a, int64_t order_id, int unit);

/* notify/sms.h: an SMS as a gateway takes it, in the form of Kannel's sendsms (its user guide, chapter 6): a GET whose
 * answer says whether the message was accepted for delivery. */
#pragma once

#include "notify/messengers.h"

/* The address to call; in the arena. */
const char *sms_url(struct arena *a, const struct sms_config *config, struct str to, struct str text);
/* Whether the text can be written in the GSM's 7 bits (3GPP TS 23.038), its extension included. */
bool sms_is_gsm7(struct str text);
/* What the gateway's status says. 202 is its word for accepted; 503, 429 and a login that fails are about it and not
 * about this message; whatever else is no success is said of the message, or says nothing. */
enum sending_outcome sms_outcome(int status);

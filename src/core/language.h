/* core/language.h: the languages that we speak with people: on pages, in mails and SMS. */
#pragma once

#include "base/str.h"

/* Stored in messages.language: append, never renumber. */
enum language { LANGUAGE_EN, LANGUAGE_FR, LANGUAGES };

/* "en", "fr": for the lang attribute. */
struct str language_code(enum language language);
/* What is asked for, else the first language of an Accept-Language header; English otherwise. */
enum language language_of(struct str asked, struct str accept_language);

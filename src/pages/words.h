/* pages/words.h: what the pages say, in the languages that they speak. */
#pragma once

#include "base/str.h"

enum language { LANGUAGE_EN, LANGUAGE_FR, LANGUAGES };

enum word {
	WORD_ESIM,
	WORD_SCAN,
	WORD_IOS,
	WORD_ANDROID,
	WORD_MANUAL,
	WORD_HOST,
	WORD_CODE,
	WORD_ICCID,
	WORD_APN,
	WORD_PIN,
	WORD_PUK,
	WORD_DATA,
	WORD_LEFT,
	WORD_UNLIMITED,
	WORD_UNTIL,
	WORD_NOT_STARTED,
	WORD_WITHDRAWN,
	WORD_NOT_FOUND,
	WORD_KYC,
	WORD_KYC_WHY,
	WORD_KYC_MISSING,
	WORD_KYC_SENT,
	WORD_KYC_DONE,
	WORD_KYC_OVER,
	WORD_SEND,
	WORD_FULL_NAME,
	WORD_DATE_OF_BIRTH,
	WORD_NATIONALITY,
	WORD_DOCUMENT_TYPE,
	WORD_DOCUMENT_NUMBER,
	WORD_ADDRESS,
	WORD_EMAIL,
	WORDS,
};

struct str word_in(enum language language, enum word word);
/* "en", "fr": for the lang attribute. */
struct str language_code(enum language language);
/* What is asked for with ?lang=, else the first language of an Accept-Language header; English otherwise. */
enum language language_of(struct str asked, struct str accept_language);

#include "pages/words.h"

static const char *const words[LANGUAGES][WORDS] = {
	[LANGUAGE_EN] = {
		[WORD_ESIM] = "Your eSIM",
		[WORD_SCAN] = "Scan this code with the phone that shall have the eSIM.",
		[WORD_IOS] = "Install on an iPhone",
		[WORD_ANDROID] = "Install on Android",
		[WORD_MANUAL] = "Or type it in",
		[WORD_HOST] = "SM-DP+ address",
		[WORD_CODE] = "Activation code",
		[WORD_ICCID] = "ICCID",
		[WORD_APN] = "Access point (APN)",
		[WORD_PIN] = "PIN",
		[WORD_PUK] = "PUK",
		[WORD_DATA] = "Data",
		[WORD_LEFT] = "left",
		[WORD_UNLIMITED] = "Unlimited",
		[WORD_UNTIL] = "until",
		[WORD_NOT_STARTED] = "not started yet",
		[WORD_WITHDRAWN] = "This eSIM was refunded and no longer works.",
		[WORD_NOT_FOUND] = "There is nothing at this address.",
		[WORD_KYC] = "Verify your identity",
		[WORD_KYC_WHY] = "The law of the country asks for it before the eSIM can be activated.",
		[WORD_KYC_MISSING] = "Please fill in every field.",
		[WORD_KYC_SENT] = "Thank you. Your details are being checked.",
		[WORD_KYC_DONE] = "Your identity is verified.",
		[WORD_KYC_OVER] = "This check is over: the order was cancelled.",
		[WORD_SEND] = "Send",
		[WORD_FULL_NAME] = "Full name",
		[WORD_DATE_OF_BIRTH] = "Date of birth",
		[WORD_NATIONALITY] = "Nationality",
		[WORD_DOCUMENT_TYPE] = "Document",
		[WORD_DOCUMENT_NUMBER] = "Document number",
		[WORD_ADDRESS] = "Address",
		[WORD_EMAIL] = "E-mail",
	},
	[LANGUAGE_FR] = {
		[WORD_ESIM] = "Votre eSIM",
		[WORD_SCAN] = "Scannez ce code avec le téléphone qui doit recevoir l'eSIM.",
		[WORD_IOS] = "Installer sur un iPhone",
		[WORD_ANDROID] = "Installer sur Android",
		[WORD_MANUAL] = "Ou saisissez les codes",
		[WORD_HOST] = "Adresse SM-DP+",
		[WORD_CODE] = "Code d'activation",
		[WORD_ICCID] = "ICCID",
		[WORD_APN] = "Point d'accès (APN)",
		[WORD_PIN] = "PIN",
		[WORD_PUK] = "PUK",
		[WORD_DATA] = "Données",
		[WORD_LEFT] = "restants",
		[WORD_UNLIMITED] = "Illimité",
		[WORD_UNTIL] = "jusqu'au",
		[WORD_NOT_STARTED] = "pas encore commencé",
		[WORD_WITHDRAWN] = "Cette eSIM a été remboursée et ne fonctionne plus.",
		[WORD_NOT_FOUND] = "Il n'y a rien à cette adresse.",
		[WORD_KYC] = "Vérifiez votre identité",
		[WORD_KYC_WHY] = "La loi du pays l'exige avant l'activation de l'eSIM.",
		[WORD_KYC_MISSING] = "Veuillez remplir tous les champs.",
		[WORD_KYC_SENT] = "Merci. Vos informations sont en cours de vérification.",
		[WORD_KYC_DONE] = "Votre identité est vérifiée.",
		[WORD_KYC_OVER] = "Cette vérification est terminée : la commande a été annulée.",
		[WORD_SEND] = "Envoyer",
		[WORD_FULL_NAME] = "Nom complet",
		[WORD_DATE_OF_BIRTH] = "Date de naissance",
		[WORD_NATIONALITY] = "Nationalité",
		[WORD_DOCUMENT_TYPE] = "Document",
		[WORD_DOCUMENT_NUMBER] = "Numéro du document",
		[WORD_ADDRESS] = "Adresse",
		[WORD_EMAIL] = "Adresse e-mail",
	},
};
static const char *const codes[LANGUAGES] = { "en", "fr" };

struct str word_in(enum language language, enum word word)
{
	must(words[language][word]);
	return str_of(words[language][word]);
}

struct str language_code(enum language language)
{
	return str_of(codes[language]);
}

enum language language_of(struct str asked, struct str accept_language)
{
	struct str wanted = asked.n ? asked : accept_language;

	for (int i = 0; i < LANGUAGES; i++)
		if (wanted.n >= 2 && str_eq_nocase((struct str){ wanted.p, 2 }, str_of(codes[i])))
			return (enum language)i;
	return LANGUAGE_EN;
}

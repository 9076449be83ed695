#include "notify/wording.h"

static const struct wording wordings[MESSAGE_KINDS][LANGUAGES] = {
	[MESSAGE_ESIM] = {
		[LANGUAGE_EN] = {
			.subject = "Your eSIM is ready: {product}",
			.lines = { "Thank you for your order {order} at {merchant}. Your eSIM \"{product}\" is "
				   "ready.",
				   "Install it while you are connected to the internet, on the phone that "
				   "shall have it." },
			.button = "Install the eSIM",
			.scan = "Scan this code with the phone that shall have the eSIM.",
			.rows = { { "SM-DP+ address", "host" }, { "Activation code", "code" }, { "ICCID", "iccid" },
				  { "Access point (APN)", "apn" }, { "PIN", "pin" } },
		},
		[LANGUAGE_FR] = {
			.subject = "Votre eSIM est prête : {product}",
			.lines = { "Merci pour votre commande {order} chez {merchant}. Votre eSIM « {product} "
				   "» est prête.",
				   "Installez-la en étant connecté à internet, sur le téléphone qui doit la "
				   "recevoir." },
			.button = "Installer l'eSIM",
			.scan = "Scannez ce code avec le téléphone qui doit recevoir l'eSIM.",
			.rows = { { "Adresse SM-DP+", "host" }, { "Code d'activation", "code" }, { "ICCID", "iccid" },
				  { "Point d'accès (APN)", "apn" }, { "PIN", "pin" } },
		},
	},
	[MESSAGE_TOP_UP] = {
		[LANGUAGE_EN] = {
			.subject = "Your top-up is active: {product}",
			.lines = { "Thank you for your order {order} at {merchant}. \"{product}\" was added to "
				   "your eSIM.",
				   "There is nothing to install." },
			.button = "See what is left",
			.rows = { { "ICCID", "iccid" } },
		},
		[LANGUAGE_FR] = {
			.subject = "Votre recharge est active : {product}",
			.lines = { "Merci pour votre commande {order} chez {merchant}. « {product} » a été "
				   "ajouté à votre eSIM.",
				   "Il n'y a rien à installer." },
			.button = "Voir ce qui reste",
			.rows = { { "ICCID", "iccid" } },
		},
	},
	[MESSAGE_KYC] = {
		[LANGUAGE_EN] = {
			.subject = "Please verify your identity: {product}",
			.lines = { "Thank you for your order {order} at {merchant}.",
				   "The law of the country asks for your identity before \"{product}\" can be "
				   "activated. "
				   "Please give your details by {until}; after that the order is cancelled and "
				   "the money "
				   "is given back.",
				   "Your eSIM follows in a second mail once they are checked." },
			.button = "Verify your identity",
		},
		[LANGUAGE_FR] = {
			.subject = "Vérifiez votre identité : {product}",
			.lines = { "Merci pour votre commande {order} chez {merchant}.",
				   "La loi du pays exige votre identité avant l'activation de « {product} ». "
				   "Indiquez vos "
				   "informations avant le {until} ; passé ce délai, la commande est annulée et "
				   "l'argent "
				   "rendu.",
				   "Votre eSIM suivra dans un second message une fois la vérification terminée." },
			.button = "Vérifier votre identité",
		},
	},
	[MESSAGE_KYC_REMINDER] = {
		[LANGUAGE_EN] = {
			.subject = "Reminder: your identity is needed by {until}",
			.lines = { "Your order {order} at {merchant} still waits for your details.",
				   "Without them it is cancelled at {until} and the money is given back." },
			.button = "Verify your identity",
		},
		[LANGUAGE_FR] = {
			.subject = "Rappel : votre identité est attendue avant le {until}",
			.lines = { "Votre commande {order} chez {merchant} attend toujours vos informations.",
				   "Sans elles, elle sera annulée le {until} et l'argent rendu." },
			.button = "Vérifier votre identité",
		},
	},
	[MESSAGE_TEXT] = {
		[LANGUAGE_EN] = { .sms = "{text}" },
		[LANGUAGE_FR] = { .sms = "{text}" },
	},
	[MESSAGE_PAYMENT] = {
		[LANGUAGE_EN] = {
			.subject = "{merchant}: {amount} for {item}",
			.lines = { "{merchant} asks you to pay {amount} for {item}." },
			.button = "Pay {amount}",
			.scan = "Or scan this code with your phone.",
			.sms = "{merchant}: {amount} for {item}. Pay here: {link}",
		},
		[LANGUAGE_FR] = {
			.subject = "{merchant} : {amount} pour {item}",
			.lines = { "{merchant} vous demande de payer {amount} pour {item}." },
			.button = "Payer {amount}",
			.scan = "Ou scannez ce code avec votre téléphone.",
			.sms = "{merchant} : {amount} pour {item}. Payez ici : {link}",
		},
	},
	[MESSAGE_PAYMENT_AGAIN] = {
		[LANGUAGE_EN] = {
			.subject = "Reminder: {amount} for {item}, {merchant}",
			.lines = { "{merchant} still waits for {amount} for {item}. If you have paid "
				   "meanwhile, thank you." },
			.button = "Pay {amount}",
			.scan = "Or scan this code with your phone.",
			.sms = "Reminder from {merchant}: {amount} for {item}. Pay here: {link}",
		},
		[LANGUAGE_FR] = {
			.subject = "Rappel : {amount} pour {item}, {merchant}",
			.lines = { "{merchant} attend toujours {amount} pour {item}. Si vous avez payé "
				   "entre-temps, merci." },
			.button = "Payer {amount}",
			.scan = "Ou scannez ce code avec votre téléphone.",
			.sms = "Rappel de {merchant} : {amount} pour {item}. Payez ici : {link}",
		},
	},
	[MESSAGE_RECEIPT] = {
		[LANGUAGE_EN] = {
			.subject = "Receipt: {amount} for {item}",
			.lines = { "Thank you. You have paid {amount} to {merchant} for {item}." },
			.sms = "Paid: {amount} to {merchant} for {item}. Thank you.",
		},
		[LANGUAGE_FR] = {
			.subject = "Reçu : {amount} pour {item}",
			.lines = { "Merci. Vous avez payé {amount} à {merchant} pour {item}." },
			.sms = "Payé : {amount} à {merchant} pour {item}. Merci.",
		},
	},
};

const struct wording *wording_of(enum message_kind kind, enum language language)
{
	must(kind > 0 && kind < MESSAGE_KINDS && language < LANGUAGES);
	return &wordings[kind][language];
}

const char *wording_foot(enum language language)
{
	static const char *const feet[LANGUAGES] = {
		[LANGUAGE_EN] = "This mail was sent by a machine; please do not reply.",
		[LANGUAGE_FR] = "Ce message est automatique ; merci de ne pas y répondre.",
	};

	return feet[language];
}

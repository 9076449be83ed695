/* cli/cli.h: `bodega COMMAND ...`: the table of commands, and what the program lends to those that serve.
 *
 * Exit codes: 0 done; 1 refused, or differences were found; 2 wrong usage; 3 the server or the store cannot be used. */
#pragma once

#include "base/arena.h"
#include "notify/messengers.h"
#include "payment/provider.h"
#include "service/engine.h"
#include "supplier/supplier.h"

struct json_token;
struct kyc_provider;

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNUSABLE = 3 };

/* What stands in the way of serving, as a sentence for a person; empty when only the log knows. */
struct serve_fault {
	char text[256];
};

/* What can change while a server runs. Lives until the next reload. */
struct serve_settings {
	const char *const *trusted_proxies;
	size_t trusted_proxy_count;
};

/* How to serve. Strings are NUL-terminated and outlive the server. */
struct serve_options {
	const char *uri, *key_file;
	bool makes_key;		    /* the key is made if it is not there */
	const char *control_socket; /* NULL: none */
	const char *const *listen;
	size_t listen_count;
	const char *const *admin_listen;
	size_t admin_listen_count;
	/* Where other nodes hand on requests of partners that this one owns; as they reach it. NULL: it takes and hands
	 * on none. */
	const char *shard_listen;
	const char *const *trusted_proxies;
	size_t trusted_proxy_count;
	const char *public_url; /* what partners and their customers call us by; NULL: made of the first address */
	const struct supplier_config *suppliers; /* beside the sandbox */
	size_t supplier_count;
	const struct kyc_provider *kyc_providers; /* who outside may decide identity checks */
	size_t kyc_provider_count;
	int64_t complete_wait_seconds; /* 0 = the default */
	int64_t qr_payments;	       /* begun at pages of reusable codes, a minute and address; 0 = no limit */
	struct provider_config stripe;
	struct messengers_config messengers;
	struct quiet_hours quiet;
	bool empty_list_is_200;
	const char
		*ca_file; /* PEM: whom callbacks and suppliers may be certified by beside the system's; NULL: nobody */
	bool allow_private;	    /* callbacks and suppliers may be on loopback and in private networks */
	bool sandbox;		    /* the business clock may be advanced */
	int64_t time_scale;	    /* of the sandbox, like the next */
	int64_t esim_delay_seconds; /* the longest that a profile takes; 0 = at once */
	/* Called once the engine runs and before anybody can connect; may be NULL. An error ends the start. */
	enum err (*prepare)(void *arg, struct engine *e);
	/* Called once connections are accepted; may be NULL. `port`: of the first address. */
	enum err (*ready)(void *arg, int port);
	/* SIGHUP: reads the settings again; false when nothing is to change. May be NULL. */
	bool (*reload)(void *arg, struct serve_settings *ret);
	void *arg;
	struct serve_fault *fault; /* written when the start fails */
};

/* A sentence for whoever starts us, printed when the start fails. */
void serve_explain(const struct serve_options *options, const char *sentence);
/* The master key of the options; what is wrong with its file is explained. ERR_CONFIG. */
MUST_USE enum err serve_keys(const struct serve_options *options, struct keys **ret);

struct program {
	const char *name; /* as it was called, for commands to paste */
	/* Serves until SIGTERM or SIGINT, then drains. The error is logged. */
	enum err (*serve)(const struct serve_options *options);
	/* Appends purchases to paste into a shell, one an API, with the credentials of a demo's partner. */
	void (*print_samples)(struct buf *b, const struct json_token *partner, const char *base_url);
};

int cli_main(const struct program *program, int argc, char **argv);

/* One command: a file of this folder each. argv[0] is its name. */
struct cli_command {
	const char *name, *summary;
	int (*run)(const struct program *program, int argc, char **argv);
};
extern const struct cli_command command_init, command_partner, command_credential, command_wallet, command_catalog,
	command_stock, command_order, command_payment, command_kyc, command_webhook, command_task, command_verify,
	command_backup, command_restore, command_sandbox, command_demo, command_serve, command_status, command_login,
	command_export, command_import, command_key, command_version;

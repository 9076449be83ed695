/* cli/config.h: the file that `bodega serve` reads: sections, settings, and nothing that is not known.
 *
 *	[server]  data, listen, admin_listen, trusted_proxies, public_url, log_level, master_key, store,
 *	          empty_list, complete_wait, esim_delay, ca_file, allow_private_targets, shard_listen,
 *	          qr_payments
 *	[supplier NAME]  driver, url, key, secret or secret_file
 *	[kyc NAME]  secret or secret_file
 *	[payment stripe]  key_file, webhook_secret_file, url
 *	[mail]  host, port, security, user, password or password_file, ca_file, from, from_name
 *	[sms]  url, user, password or password_file, sender
 *	[messages]  quiet_hours, time_zone
 * config/bodega.ini explains each. Everything lives in the config's arena. */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "cli/cli.h"
#include "service/kyc.h"

enum { CONFIG_LIST_MAX = 16, CONFIG_SUPPLIERS_MAX = 16 };

struct config_list {
	const char *items[CONFIG_LIST_MAX];
	size_t count;
};

struct config {
	struct arena arena;
	const char *data;
	struct config_list listen, admin_listen, trusted_proxies;
	const char *ca_file;	  /* NULL: the system's certificates alone */
	const char *public_url;	  /* NULL: the first address of `listen` */
	const char *master_key;	  /* NULL: in the data folder */
	const char *store;	  /* NULL: what the data folder says */
	const char *shard_listen; /* NULL: nothing is handed on between nodes */
	int log_level;		  /* enum log_level */
	int64_t complete_wait;	  /* seconds; 0 = the default */
	int64_t esim_delay;	  /* seconds */
	int64_t qr_payments;	  /* a minute and address; 0 = no limit */
	bool empty_list_is_200, allow_private_targets;
	struct supplier_config suppliers[CONFIG_SUPPLIERS_MAX];
	size_t supplier_count;
	struct kyc_provider kyc_providers[KYC_PROVIDERS_MAX];
	size_t kyc_provider_count;
	struct provider_config stripe;
	struct mail_config mail;
	struct sms_config sms;
	struct quiet_hours quiet;
};

/* ERR_CONFIG: `message` (of `room` bytes) says where and why: "bodega.ini:7: listen: is not an address". On success the
 * caller calls config_done(). */
MUST_USE enum err config_read(const char *path, struct config *ret, char *message, size_t room);
/* The same of a file that need not say what to serve: [mail], [sms] and [messages] are what counts. */
MUST_USE enum err config_read_messages(const char *path, struct config *ret, char *message, size_t room);
/* Appends the names of the settings that differ, with commas between: of those that count while the server runs, or of
 * those that need a restart ("supplier" stands for all of them). */
void config_differences(const struct config *from, const struct config *to, bool reloadable, struct buf *names);
void config_done(struct config *c);

#include "core/message.h"

#include <string.h>

static const int64_t second_us = 1000000, minute_us = 60 * second_us, day_us = 24 * 60 * minute_us;
enum { ADDRESS_MOST = 254, LOCAL_PART_MOST = 64, LABEL_MOST = 63, DIGITS_LEAST = 7, DIGITS_MOST = 15 };

#define MAIL (1u << MEDIUM_MAIL)
#define BOTH (1u << MEDIUM_MAIL | 1u << MEDIUM_SMS)

static const struct {
	enum message_state from;
	enum message_event event;
	enum message_state to;
	unsigned media;
} rules[] = {
	{ MESSAGE_WAITING, MESSAGE_RELEASE, MESSAGE_QUEUED, BOTH },
	{ MESSAGE_WAITING, MESSAGE_DROP, MESSAGE_DROPPED, BOTH },
	{ MESSAGE_QUEUED, MESSAGE_CLAIM, MESSAGE_SENDING, BOTH },
	{ MESSAGE_QUEUED, MESSAGE_DROP, MESSAGE_DROPPED, BOTH },
	{ MESSAGE_SENDING, MESSAGE_CLAIM, MESSAGE_SENDING, MAIL }, /* after a crash: under the same Message-ID */
	{ MESSAGE_SENDING, MESSAGE_TAKEN, MESSAGE_SENT, BOTH },
	{ MESSAGE_SENDING, MESSAGE_AGAIN, MESSAGE_QUEUED, BOTH },
	{ MESSAGE_SENDING, MESSAGE_LOSE, MESSAGE_UNKNOWN, BOTH },
	{ MESSAGE_SENDING, MESSAGE_GIVE_UP, MESSAGE_GIVEN_UP, BOTH },
	{ MESSAGE_GIVEN_UP, MESSAGE_REVIVE, MESSAGE_QUEUED, BOTH },
};

enum err message_apply(struct message *m, enum message_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].from == (enum message_state)m->state && rules[i].event == event &&
		    rules[i].media >> m->medium & 1) {
			m->state = (int)rules[i].to;
			return OK;
		}
	return ERR_ILLEGAL_STATE;
}

bool message_is_open(enum message_state state)
{
	return state == MESSAGE_WAITING || message_has_job(state);
}

bool message_has_job(enum message_state state)
{
	return state == MESSAGE_QUEUED || state == MESSAGE_SENDING;
}

const char *message_state_name(enum message_state state)
{
	static const char *const names[MESSAGE_STATES] = { "",	   "waiting", "queued",	  "sending",
							   "sent", "unknown", "given_up", "dropped" };

	return names[state];
}

const char *message_kind_name(enum message_kind kind)
{
	static const char *const names[MESSAGE_KINDS] = { "",	  "esim",    "top_up",	      "kyc",	"kyc_reminder",
							  "text", "payment", "payment_again", "receipt" };

	return names[kind];
}

const char *medium_name(enum medium medium)
{
	return medium == MEDIUM_MAIL ? "mail" : "sms";
}

/* In minutes. A mail is tried for a day, as mail servers do; an SMS of yesterday is of no use. */
static const int mail_waits[] = { 1, 5, 15, 60, 120, 240, 480, 480, 0 }, sms_waits[] = { 1, 2, 10, 30, 60, 120, 0 };

int64_t message_retry_us(enum medium medium, int tries, int64_t now_us, uint64_t random)
{
	const int *wait = medium == MEDIUM_MAIL ? mail_waits : sms_waits;

	must(tries >= 1);
	for (int i = 1; i < tries && *wait; i++)
		wait++;
	if (!*wait)
		return 0;
	int64_t us = *wait * minute_us;
	return now_us + us + (int64_t)(random % (uint64_t)(us / 10 + 1));
}

int64_t message_next_us(const struct message_plan *plan, int64_t now_us, int *ret_left)
{
	*ret_left = 0;
	if (plan->repeats <= 0 || plan->every_us <= 0)
		return 0;
	/* How many have come due meanwhile; they count as repetitions that were made. */
	int64_t passed = now_us > plan->planned_us ? (now_us - plan->planned_us) / plan->every_us : 0;
	if (passed >= plan->repeats)
		return 0;
	int64_t at = plan->planned_us + (passed + 1) * plan->every_us;
	if (plan->until_us && at >= plan->until_us)
		return 0;
	*ret_left = plan->repeats - (int)passed - 1;
	return at;
}

int64_t quiet_over_us(const struct quiet_hours *quiet, const struct zone *zone, int64_t us)
{
	int64_t from = quiet->from * minute_us, length = (quiet->to - quiet->from) * minute_us;

	if (length < 0)
		length += day_us;
	/* How long the quiet hours, of this day or of the one before, have been going on by the clocks there. */
	int64_t local = zone ? zone_local(zone, us) : us + quiet->offset * minute_us;
	int64_t since = (local - from) % day_us;
	if (since < 0)
		since += day_us;
	if (since >= length)
		return us;
	int64_t over = zone ? zone_moment(zone, local + length - since) : us + length - since;
	/* Where clocks go back, the hour has been before, too. */
	return over > us ? over : us + length - since;
}

int64_t message_again_us(int64_t last_us)
{
	return last_us + minute_us;
}

static bool is_one_of(char c, const char *set)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(set, c));
}

/* Parts with dots between them, none of them empty, of letters, digits and what is in `set`. */
static bool is_dotted(struct str text, const char *set, size_t part_most)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '.') {
			if (!n)
				return false;
			n = 0;
		} else if (!is_one_of(text.p[i], set) || ++n > part_most) {
			return false;
		}
	}
	return n > 0;
}

bool mail_address_is_ok(struct str text)
{
	struct str domain = text, local = str_cut(&domain, '@');

	return text.n <= ADDRESS_MOST && local.n <= LOCAL_PART_MOST && domain.p && text.p[0] != '-' &&
	       is_dotted(local, "!#$%&'*+-/=?^_`{|}~", LOCAL_PART_MOST) && domain.n && domain.p[0] != '-' &&
	       is_dotted(domain, "-", LABEL_MOST);
}

bool mail_address_is_public(struct str text)
{
	struct str domain = text;

	str_cut(&domain, '@');
	return mail_address_is_ok(text) && memchr(domain.p, '.', domain.n);
}

bool phone_number_is_ok(struct str text)
{
	if (text.n < 1 + DIGITS_LEAST || text.n > 1 + DIGITS_MOST || text.p[0] != '+' || text.p[1] == '0')
		return false;
	for (size_t i = 1; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return true;
}

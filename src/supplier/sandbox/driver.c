/* supplier/sandbox/driver.c: the supplier that sells nothing: outcome.c behind the seam.
 *
 * It keeps no state. Before an outcome is due it answers WAIT, and the same call made then gives it; so nothing needs
 * to be committed in between, and query is submit. */
#include "supplier/supplier.h"

#include "supplier/sandbox/esim.h"
#include "supplier/sandbox/outcome.h"

struct sandbox {
	struct supplier supplier;
	struct sandbox_pace pace;
	char name[];
};

static enum err sandbox_open(const struct supplier_config *config, const struct supplier_env *env,
			     struct supplier **ret)
{
	struct sandbox *s = calloc(1, sizeof(*s) + config->name.n);

	must(s && env->pace.time_scale >= 1 && env->pace.esim_most_us >= 0);
	if (config->name.n)
		memcpy(s->name, config->name.p, config->name.n);
	s->supplier = (struct supplier){ &supplier_sandbox, { s->name, config->name.n } };
	s->pace = env->pace;
	*ret = &s->supplier;
	return OK;
}

static void sandbox_close(struct supplier *supplier)
{
	free(supplier);
}

static void sandbox_submit(struct supplier *supplier, struct supplier_call *call)
{
	const struct sandbox *s = (const struct sandbox *)supplier;
	const struct order *o = call->order;
	struct sandbox_outcome r = sandbox_outcome(o, call->product, call->attempt->sku, s->pace);
	int unit = call->attempt->unit;

	if (sandbox_refuses_unit(call->attempt->sku, unit)) {
		r.delivered = false;
		r.reason = REASON_OPERATOR_UNAVAILABLE;
	}
	call->answer = (struct supplier_answer){ .supplier_reference = supplier_call_reference(call) };
	if (call->now_us < r.due_us) {
		call->answer.outcome = SUPPLIER_WAIT;
		call->answer.next_us = r.due_us;
	} else if (!r.delivered) {
		call->answer.outcome = SUPPLIER_REFUSED;
		call->answer.reason = r.reason;
	} else {
		call->answer.outcome = SUPPLIER_DELIVERED;
		call->answer.operator_reference = sandbox_operator_reference(call->arena, o->id, unit);
		if (r.pin)
			call->answer.delivery = sandbox_delivery(call->arena, o->id, unit, r.esim);
	}
	call->done(call);
}

/* It takes back what no phone has installed. */
static void sandbox_take_back(struct supplier *supplier, struct supplier_call *call)
{
	const struct order *o = call->order;
	struct str iccid = sandbox_iccid(call->arena, o->id, call->attempt->unit);
	bool is_installed = call->now_us >= sandbox_installed_us(iccid, o->completed_at);

	(void)supplier;
	call->answer = (struct supplier_answer){ .outcome = is_installed ? SUPPLIER_REFUSED : SUPPLIER_DELIVERED };
	call->done(call);
}

const struct supplier_driver supplier_sandbox = {
	.name = "sandbox",
	.can = SUPPLIER_KNOWS_REFERENCE,
	.open = sandbox_open,
	.close = sandbox_close,
	.submit = sandbox_submit,
	.query = sandbox_submit,
	.take_back = sandbox_take_back,
};

// tests/e2e/node/client.js: the official DVS client walks through the DVS API, one scenario a run.
//
// Usage: node client.js SCENARIO CREDENTIALS_FILE
// Ends with 0 if all it asserts is true. The demo's delays must be short (--time-scale 1000).
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { DVS, DVSAPIError } = require('@dtone/dvs');

// Numbers of Singapore; the last three digits tell the sandbox what shall happen.
const COMPLETES = '+6595123100';
const IS_DECLINED = '+6595123102';

const CREATED = 1;
const CANCELLED = 4;
const COMPLETED = 7;
const DECLINED = 9;
const NOT_FINAL = [1, 2, 5];
const POLL_MS = 20;
const HANG_MS = 60000;

function clientOf(credentials, partner, changes = {}) {
  const { key, secret } = credentials.partners[partner].dvs;
  return new DVS({ apiKey: key, apiSecret: secret, baseUrl: credentials.base_url + '/v1', ...changes });
}

// All elements of a list, over all pages; the pages must agree about their number.
async function all(pages) {
  const items = [];
  let last;
  for await (const page of pages) {
    assert.ok(page.metaData.page >= 1);
    if (last) {
      assert.equal(page.metaData.page, last.page + 1);
      assert.equal(page.metaData.total, last.total);
    }
    last = page.metaData;
    items.push(...page.data);
  }
  assert.equal(last.page, last.totalPages);
  assert.equal(items.length, last.total);
  return items;
}

async function refused(promise, status, code) {
  await assert.rejects(promise, (problem) => {
    assert.ok(problem instanceof DVSAPIError, String(problem));
    assert.equal(problem.status, status);
    assert.equal(problem.data.errors[0].code, code);
    assert.equal(typeof problem.data.errors[0].message, 'string');
    assert.deepEqual(Object.keys(problem.data), ['errors']);
    return true;
  });
}

async function first(pages) {
  for await (const page of pages) {
    return page.data;
  }
}

// A top-up of Singapore that needs nothing but a mobile number.
async function topUp(dvs) {
  const params = { type: 'FIXED_VALUE_RECHARGE', countryIsoCode: 'SGP', perPage: 100 };
  const products = await all(dvs.discovery.products.get({ params }));
  const product = products.find((p) => p.requiredCreditPartyIdentifierFields.some(
    (fields) => fields.length === 1 && fields[0] === 'mobile_number') && !p.requiredSenderFields);
  assert.ok(product, 'the demo sells no such product');
  return product;
}

let orders = 0;

function order(product, mobileNumber, more = {}) {
  return {
    data: {
      externalId: `client-${process.pid}-${Date.now()}-${++orders}`,
      productId: product.id,
      creditPartyIdentifier: { mobileNumber },
      ...more
    }
  };
}

async function untilFinal(dvs, transactionId) {
  for (const started = Date.now(); Date.now() - started < HANG_MS;) {
    const { data } = await dvs.transactions.getByTransactionId({ transactionId });
    assert.equal(data.id, transactionId);
    if (!NOT_FINAL.includes(data.status.class.id)) {
      return data;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  assert.fail(`transaction ${transactionId} did not end`);
}

async function balance(dvs, unit) {
  const [found] = await all(dvs.account.balances.get({ params: { unitType: 'CURRENCY', unit } }));
  assert.equal(found.unit, unit);
  return found;
}

// Amounts cross JavaScript as doubles here, so differences are compared to the millionth.
function near(actual, expected) {
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
}

function moved(before, after, available, holding) {
  near(after.available - before.available, available);
  near(after.holding - before.holding, holding);
}

function cost(product) {
  return product.prices.wholesale.amount + product.prices.wholesale.fee;
}

const scenarios = {
  async discovery(dvs) {
    const services = await all(dvs.discovery.services.get({ params: { perPage: 2 } }));
    const mobile = services.find((service) => service.name === 'Mobile');
    assert.equal(mobile.id, 1);
    assert.deepEqual((await dvs.discovery.services.getByServiceId({ serviceId: 1 })).data, mobile);

    const countries = await all(dvs.discovery.countries.get({ params: { perPage: 50 } }));
    const singapore = countries.find((country) => country.isoCode === 'SGP');
    assert.deepEqual((await dvs.discovery.countries.getByCountryIsoCode({ countryIsoCode: 'SGP' })).data, singapore);

    const operators = await all(dvs.discovery.operators.get({ params: { countryIsoCode: 'SGP', perPage: 1 } }));
    for (const operator of operators) {
      assert.equal(operator.country.isoCode, 'SGP');
      assert.deepEqual((await dvs.discovery.operators.getByOperatorId({ operatorId: operator.id })).data, operator);
    }
    const types = await all(dvs.discovery.benefitTypes.get({ params: {} }));
    assert.ok(types.every((type) => Object.keys(type).join() === 'name'));
  },

  async products(dvs) {
    const products = await all(dvs.discovery.products.get({ params: { perPage: 7 } }));
    const ids = products.map((product) => product.id);
    assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
    assert.ok(products.length > 7, 'more than a page');
    const { data } = await dvs.discovery.products.getByProductId({ productId: ids[0] });
    assert.deepEqual(data, products[0]);
  },

  async promotions(dvs) {
    const promotions = await all(dvs.discovery.promotions.get({ params: {} }));
    const promotionId = promotions[0].id;
    assert.deepEqual((await dvs.discovery.promotions.getByPromotionId({ promotionId })).data, promotions[0]);
    await refused(dvs.discovery.promotions.getByPromotionId({ promotionId: 2147483647 }), 404, 1003201);
  },

  async balances(dvs) {
    for (const found of await all(dvs.account.balances.get({ params: { perPage: 1 } }))) {
      assert.equal(found.unitType, 'CURRENCY');
      for (const number of [found.available, found.holding, found.creditLimit]) {
        assert.equal(typeof number, 'number');
      }
    }
  },

  async lookup(dvs) {
    const found = await all(dvs.lookup.mobileNumber.getByMobileNumber({ mobileNumber: COMPLETES, params: {} }));
    assert.ok(found.every((operator) => operator.country.isoCode === 'SGP'));
    assert.ok(found.every((operator) => typeof operator.identified === 'boolean'));
    await refused(first(dvs.lookup.mobileNumber.getByMobileNumber({ mobileNumber: '+1', params: {} })), 400, 1005003);
  },

  async confirm(dvs) {
    const product = await topUp(dvs);
    const unit = product.prices.wholesale.unit;
    const before = await balance(dvs, unit);
    const request = order(product, COMPLETES);
    const { data: created } = await dvs.transactions.async.create(request);
    assert.equal(created.status.class.id, CREATED);
    assert.equal(created.externalId, request.data.externalId);
    assert.equal(created.product.id, product.id);
    assert.ok(Number.isSafeInteger(created.id));
    moved(before, await balance(dvs, unit), -cost(product), cost(product));

    const { data: confirmed } = await dvs.transactions.async.confirm({ transactionId: created.id });
    assert.notEqual(confirmed.status.class.id, CREATED);
    const final = await untilFinal(dvs, created.id);
    assert.equal(final.status.class.id, COMPLETED);
    assert.ok(final.confirmationDate);
    moved(before, await balance(dvs, unit), -cost(product), 0);
    await refused(dvs.transactions.async.confirm({ transactionId: created.id }), 400, 1007002);
    await refused(dvs.transactions.cancel({ transactionId: created.id }), 400, 1007007);
  },

  async autoConfirm(dvs) {
    const request = order(await topUp(dvs), COMPLETES, { autoConfirm: true });
    const { data: created } = await dvs.transactions.async.create(request);
    assert.notEqual(created.status.class.id, CREATED);
    assert.equal((await untilFinal(dvs, created.id)).status.class.id, COMPLETED);
  },

  async declined(dvs) {
    const product = await topUp(dvs);
    const unit = product.prices.wholesale.unit;
    const before = await balance(dvs, unit);
    const { data: created } = await dvs.transactions.async.create(order(product, IS_DECLINED, { autoConfirm: true }));
    const final = await untilFinal(dvs, created.id);
    assert.equal(final.status.class.id, DECLINED);
    assert.equal(final.status.message, 'DECLINED-INVALID-CREDIT-PARTY');
    moved(before, await balance(dvs, unit), 0, 0);
  },

  async cancel(dvs) {
    const product = await topUp(dvs);
    const unit = product.prices.wholesale.unit;
    const before = await balance(dvs, unit);
    const { data: created } = await dvs.transactions.async.create(order(product, COMPLETES));
    const { data: cancelled } = await dvs.transactions.cancel({ transactionId: created.id });
    assert.equal(cancelled.status.class.id, CANCELLED);
    moved(before, await balance(dvs, unit), 0, 0);
    await refused(dvs.transactions.cancel({ transactionId: created.id }), 400, 1007005);
    await refused(dvs.transactions.async.confirm({ transactionId: created.id }), 400, 1007004);
  },

  async externalId(dvs) {
    const request = order(await topUp(dvs), COMPLETES);
    const { data: created } = await dvs.transactions.async.create(request);
    const params = { externalId: request.data.externalId };
    const found = await all(dvs.transactions.get({ params }));
    assert.deepEqual(found.map((transaction) => transaction.id), [created.id]);
    await refused(dvs.transactions.async.create(request), 400, 1007001);
    await refused(first(dvs.transactions.get({ params: { externalId: 'nobody-used-this' } })), 404, 1008004);
  },

  async sync(dvs) {
    const request = order(await topUp(dvs), COMPLETES, { autoConfirm: true });
    const { data } = await dvs.transactions.sync.create(request);
    assert.equal(data.status.class.id, COMPLETED);
  },

  async errors(dvs, credentials) {
    const product = await topUp(dvs);
    await refused(dvs.transactions.async.create(order({ id: 2147483647 }, COMPLETES)), 404, 1003001);
    await refused(dvs.discovery.products.getByProductId({ productId: 2147483647 }), 404, 1003001);
    await refused(dvs.transactions.async.create(order(product, COMPLETES, { externalId: ' ' })), 400, 1000400);
    await refused(first(dvs.discovery.services.get({ params: { perPage: 101 } })), 400, 1000400);
    await refused(dvs.transactions.getByTransactionId({ transactionId: 1 }), 404, 1008004);
    const stranger = clientOf(credentials, 'main', { apiSecret: 'wrong' });
    await refused(first(stranger.discovery.services.get({ params: {} })), 401, 1000401);
    const poor = clientOf(credentials, 'empty');
    await refused(poor.transactions.async.create(order(product, COMPLETES)), 400, 1006001);
  },

  async otherPartner(dvs, credentials) {
    const second = clientOf(credentials, 'second');
    const request = order(await topUp(dvs), COMPLETES);
    const { data: created } = await dvs.transactions.async.create(request);
    await refused(second.transactions.getByTransactionId({ transactionId: created.id }), 404, 1008004);
    await refused(second.transactions.cancel({ transactionId: created.id }), 404, 1008004);
    const { data: own } = await second.transactions.async.create(request);
    assert.notEqual(own.id, created.id);
  }
};

async function main() {
  const [name, file] = process.argv.slice(2);
  if (name === '--list') {
    console.log(Object.keys(scenarios).join('\n'));
    return;
  }
  const credentials = JSON.parse(fs.readFileSync(file, 'utf8'));
  await scenarios[name](clientOf(credentials, 'main'), credentials);
}

main().catch((problem) => {
  console.error(problem);
  process.exitCode = 1;
});

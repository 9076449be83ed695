"""What the orders buy."""

# Countries whose numbers are easily made: the fixed beginning; X digits count, and three more
# say what the sandbox does.
NUMBERS = {
    "SGP": "+659XXXX", "MEX": "+5255XXXXX", "PHL": "+63917XXXX", "IND": "+9198XXXXX", "BGD": "+88017XXXXX",
    "NGA": "+234803XXXX", "IDN": "+62812XXXX", "KEN": "+254712XXX", "AFG": "+9370XXXX", "USA": "+1212555X",
}
PARTY_FIELDS = ["required_debit_party_identifier_fields", "required_sender_fields", "required_beneficiary_fields",
                "required_statement_identifier_fields", "required_additional_identifier_fields"]


def _country(product):
    return ((product.get("operator") or {}).get("country") or {}).get("iso_code")


def _usable(product):
    """A fixed recharge that needs a mobile number and nothing else."""
    return (product["type"] == "FIXED_VALUE_RECHARGE" and _country(product) in NUMBERS
            and ["mobile_number"] in (product["required_credit_party_identifier_fields"] or [])
            and not any(product[field] for field in PARTY_FIELDS))


def choose(server):
    """The cheapest usable product that both partners may buy, and its number pattern without the last three digits."""
    found, page = [], 1
    while page:
        answer = server.get("/v1/products", type="FIXED_VALUE_RECHARGE", per_page=100, page=page)
        found += [product for product in answer.json() if _usable(product)]
        page = int(answer.headers.get("X-Next-Page") or 0)
        if len(found) >= 100:
            break
    for product in sorted(found, key=lambda one: (one["prices"]["wholesale"]["amount"], one["id"])):
        if server.request("GET", f"/v1/products/{product['id']}", partner="second").status == 200:
            return product, NUMBERS[_country(product)]
    raise RuntimeError("no fixed recharge for a mobile number that both partners may buy")

"""Partners and money, put into a store that nobody has open.

A thousand partners are made by copying the main one. Each copy has a name, a DVS key, a wallet and top-ups of its own;
the secret is the main partner's, because a credential holds the hash of the secret alone. The common accounts are
charged with the top-ups, so the books add up.
"""

import sqlite3

# core/account.h: partner (33 bits) | currency (10) | kind (4) | node (5) | hold (1).
PARTNER_SHIFT = 20
DIALECT_DVS = 1


def key_of(number):
    return f"bench-partner-{number}"


def _insert(db, table, row, **changes):
    row = {**row, **changes}
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def _rows(db, sql, *values):
    cursor = db.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def copy_partner(path, key, count):
    """Copies the partner whose DVS key this is so many times."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        credential = _rows(db, "SELECT * FROM credentials WHERE dialect = ? AND public_id = ?", DIALECT_DVS, key)[0]
        original = credential["partner_id"]
        partner = _rows(db, "SELECT * FROM partners WHERE id = ?", original)[0]
        accounts = _rows(db, "SELECT * FROM accounts WHERE id >> ? = ?", PARTNER_SHIFT, original)
        openings = _rows(db, "SELECT * FROM ledger WHERE order_id IS NULL AND wallet_id >> ? = ?", PARTNER_SHIFT,
                         original)
        counter = _rows(db, "SELECT * FROM counters WHERE partner_id = ?", original)[0]
        first_partner = db.execute("SELECT max(id) FROM partners").fetchone()[0] + 1
        credential_id = db.execute("SELECT max(id) FROM credentials").fetchone()[0]
        ledger_id = db.execute("SELECT max(id) FROM ledger").fetchone()[0]
        for number in range(count):
            copy = first_partner + number
            credential_id += 1
            _insert(db, "partners", partner, id=copy, name=key_of(number))
            _insert(db, "credentials", credential, id=credential_id, partner_id=copy, public_id=key_of(number))
            _insert(db, "counters", counter, partner_id=copy)
            for account in accounts:
                _insert(db, "accounts", account, id=_moved(account["id"], original, copy))
            for row in openings:
                ledger_id += 1
                _copy_opening(db, row, ledger_id, original, copy)
        db.execute("COMMIT")
    finally:
        db.close()


def fill_wallets(path, keys, micros):
    """One more top-up for every wallet of these partners, as their first one was, of so much money: no row is to end
    because a demo partner has run out of it."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        for key in keys:
            partner = _rows(db, "SELECT partner_id FROM credentials WHERE dialect = ? AND public_id = ?", DIALECT_DVS,
                            key)[0]["partner_id"]
            for row in _rows(db, "SELECT * FROM ledger WHERE order_id IS NULL AND credit = wallet_id "
                             "AND wallet_id >> ? = ? GROUP BY wallet_id", PARTNER_SHIFT, partner):
                _top_up(db, row, partner, micros)
        db.execute("COMMIT")
    finally:
        db.close()


def _top_up(db, row, partner, micros):
    new = db.execute("SELECT max(id) + 1 FROM ledger").fetchone()[0]
    after = {}
    for side, sign in (("debit", -1), ("credit", 1)):
        db.execute("UPDATE accounts SET balance = balance + ?, version = version + 1 WHERE id = ?",
                   (sign * micros, row[side]))
        after[side + "_after"] = db.execute("SELECT balance - held FROM accounts WHERE id = ?",
                                            (row[side],)).fetchone()[0]
    db.execute("UPDATE counters SET movement_seq = movement_seq + 1, version = version + 1 WHERE partner_id = ?",
               (partner,))
    seq = db.execute("SELECT movement_seq FROM counters WHERE partner_id = ?", (partner,)).fetchone()[0]
    _insert(db, "ledger", row, id=new, posting=new, amount=micros, seq=seq, **after)


def _moved(account, original, copy):
    return account + ((copy - original) << PARTNER_SHIFT) if account >> PARTNER_SHIFT == original else account


def _copy_opening(db, row, ledger_id, original, copy):
    """One top-up of the copy: its own side is as it was, the common side holds that much less."""
    debit, credit = (_moved(row[side], original, copy) for side in ("debit", "credit"))
    changes = {"id": ledger_id, "posting": ledger_id, "wallet_id": _moved(row["wallet_id"], original, copy),
               "debit": debit, "credit": credit}
    for side, account, sign in (("debit", debit, -1), ("credit", credit, 1)):
        if account >> PARTNER_SHIFT != copy:
            db.execute("UPDATE accounts SET balance = balance + ?, version = version + 1 WHERE id = ?",
                       (sign * row["amount"], account))
            changes[side + "_after"] = db.execute("SELECT balance FROM accounts WHERE id = ?", (account,)).fetchone()[0]
    _insert(db, "ledger", row, **changes)

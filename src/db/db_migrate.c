/* The schema: files of sql/, embedded, each applied once, in order, in a transaction of its own. */
#include "db/db_private.h"

#include "base/clock.h"
#include "base/log.h"

enum { SCRIPT_STATEMENT_BYTES = 256 * 1024 };

static const char schema_sql[] = "CREATE TABLE IF NOT EXISTS schema_migrations("
				 "version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)";

static const char version_sql[] = "SELECT COALESCE(MAX(version), 0) FROM schema_migrations";
static const char applied_sql[] = "INSERT INTO schema_migrations(version, name, applied_at) VALUES($1, $2, $3)";

static enum err apply(struct db *db, const struct db_migration *migration)
{
	struct str text = str_of(migration->text);
	struct buf statement;
	enum err e = OK;

	buf_init(&statement, SCRIPT_STATEMENT_BYTES);
	while (!e && db_script_next(&text, db->engine, &statement))
		e = statement.failed ? ERR_STORE_FAILED : db->engine->run(db, statement.p);
	buf_done(&statement);
	if (e)
		return e;
	const struct db_value params[] = { DB_I64(migration->version), DB_TEXT(str_of(migration->name)),
					   DB_I64(clock_wall_us()) };
	return db_exec(db, applied_sql, params, ARRAY_LEN(params), NULL);
}

/* Applies the first migration that the store does not have; *ret_more = false when it has them all. The version is read
 * in the transaction that writes it: of two processes that start together, each migration is applied by one. */
static enum err step(struct db *db, const struct db_migration *migrations, bool *ret_more)
{
	const struct db_migration *next = migrations;
	int64_t version = 0;
	enum err e;

	if ((e = db_lock(db, DB_LOCK_SCHEMA)) || (e = db->engine->run(db, schema_sql)) ||
	    (e = db_number(db, version_sql, NULL, 0, &version)))
		return e;
	while (next->version && next->version <= version)
		next++;
	if (!next->version && version > (next == migrations ? 0 : next[-1].version)) {
		log_error("db.newer", "schema=%lld message=\"the store was made by a newer bodega than this one\"",
			  (long long)version);
		return ERR_STORE_NEWER;
	}
	if (next->version && (e = apply(db, next)))
		return e;
	if ((e = db_commit(db)))
		return e;
	if (next->version)
		log_info("db.migrated", "version=%d name=%s", next->version, next->name);
	*ret_more = next->version != 0;
	return OK;
}

enum err db_migrate_to(struct db *db, const struct db_migration *migrations)
{
	bool more = true;

	while (more) {
		enum err e = db_begin(db);

		if (!e)
			e = step(db, migrations, &more);
		if (e) {
			db_rollback(db);
			return e;
		}
	}
	return OK;
}

enum err db_migrate(struct db *db)
{
	return db_migrate_to(db, db_migrations);
}

/* A line without its comment, and whether the comment marks it as another engine's. */
static struct str line_for(struct str line, const struct db_engine *engine, bool *ret_other)
{
	bool quoted = false;
	struct str comment = STR_NONE;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\'')
			quoted = !quoted;
		if (!quoted && line.p[i] == '-' && i + 1 < line.n && line.p[i + 1] == '-') {
			comment = str_trim(str_skip(line, i + 2));
			line.n = i;
			break;
		}
	}
	*ret_other = (str_is(comment, "sqlite") || str_is(comment, "postgres")) && !str_is(comment, engine->name);
	return str_trim(line);
}

static bool is_word_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static const struct db_word *word_at(struct str rest, const struct db_word *words)
{
	for (; words->text; words++) {
		struct str text = str_of(words->text);

		if (str_starts(rest, text) && (rest.n == text.n || !is_word_byte(rest.p[text.n])))
			return words;
	}
	return NULL;
}

static void put_line(struct buf *out, struct str line, const struct db_word *words)
{
	bool in_word = false;

	while (line.n) {
		const struct db_word *word = in_word ? NULL : word_at(line, words);

		if (word) {
			buf_str(out, str_of(word->here));
			line = str_skip(line, str_of(word->text).n);
			in_word = true;
		} else {
			in_word = is_word_byte(line.p[0]);
			buf_char(out, line.p[0]);
			line = str_skip(line, 1);
		}
	}
}

bool db_script_next(struct str *text, const struct db_engine *engine, struct buf *out)
{
	bool other, ends = false;

	buf_clear(out);
	while (text->n && !ends) {
		struct str line = line_for(str_cut(text, '\n'), engine, &other);

		if (other || line.n == 0)
			continue;
		ends = line.p[line.n - 1] == ';';
		line.n -= ends;
		put_line(out, line, engine->words);
		buf_char(out, '\n');
	}
	bool found = !str_is_blank(buf_view(out));
	buf_char(out, '\0');
	out->n -= !out->failed;
	/* A lone semicolon is no statement, but not the end either. */
	return found || (ends && db_script_next(text, engine, out));
}

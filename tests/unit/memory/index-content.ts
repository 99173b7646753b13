import Database from 'better-sqlite3';

/** All that an index says, whatever ids it has given: equal for equal content. */
export function indexContent(path: string): unknown {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const files = db.prepare('SELECT path, language, size, hex(digest) AS digest, why FROM files ORDER BY path').all();
    const chunks = db
      .prepare(
        `SELECT files.path, from_at, to_at, first_line, last_line, kind, name,
           (SELECT group_concat(lower(names.name) || ' ' || role, '|' ORDER BY lower(names.name), role)
            FROM symbols JOIN names ON names.id = symbols.name WHERE chunk = chunks.id) AS symbols
         FROM chunks JOIN files ON files.id = chunks.file ORDER BY files.path, from_at`,
      )
      .all();
    db.exec("CREATE VIRTUAL TABLE temp.terms USING fts5vocab ('main', 'words', 'col')");
    const words = db.prepare('SELECT term, col, doc, cnt FROM temp.terms ORDER BY term, col').all();
    return { files, chunks, words };
  } finally {
    db.close();
  }
}

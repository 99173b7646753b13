import { SnowError } from '../../errors/snow-error.js';
import type { MemoryAsker, MemoryRecord, NamespaceChoice, NewMemory, StoreMemoryOutcome } from '../memory-store.js';
import type { Engine } from './engine.js';
import { ALIVE, MEMORY_COLUMNS, type MemoryRow, memoryOf } from './memory-row.js';
import { documentTerms, likenessTerm, matching, seqOf } from './memory-terms.js';
import { type Namespace, noMemory, prepareNamespaceAccess } from './namespace-access.js';

/** Memories deleted in one transaction, so that other operations come in between. */
const DELETED_AT_ONCE = 200;

/** Memories that say the same, named to who stores another. */
const SIMILAR_TOLD = 5;

export interface MemoryWrites {
  store(asker: MemoryAsker, where: NamespaceChoice, memory: NewMemory): StoreMemoryOutcome;
  update(
    asker: MemoryAsker,
    where: NamespaceChoice,
    version: number,
    content: Omit<NewMemory, 'createdAt'>,
  ): MemoryRecord;
  remove(asker: MemoryAsker, where: NamespaceChoice, ids: readonly string[]): number;
}

/** What has grown must be allowed: throws where the owner would keep more than it may. */
export type CheckStored = (namespace: Namespace, asker: MemoryAsker) => void;

export function prepareMemoryWrites(engine: Engine, checkStored: CheckStored): MemoryWrites {
  const { db, now } = engine;
  const access = prepareNamespaceAccess(db);
  const addOwn = db.prepare(
    `INSERT INTO namespaces (kind, name, owner, created_at) VALUES ('own', @name, nullif(@name, ''), @now)`,
  );
  const takePlace = db.prepare<[], number>('UPDATE memory_places SET last = last + 1 RETURNING last').pluck();
  const insert = db.prepare(
    `INSERT INTO memories (seq, namespace, id, version, text, tags, links, source, metadata, author, created_at, updated_at,
       expires_at, words, digest, operation)
     VALUES (@seq, @namespace, @id, @version, @text, @tags, @links, @source, @metadata, @author, @createdAt, @updatedAt,
       @expiresAt, @words, @digest, @operation)`,
  );
  const index = db.prepare('INSERT INTO memory_index (rowid, terms) VALUES (?, ?)');
  const find = db.prepare<{ namespace: number; id: string; now: number }, MemoryRow & { operation: string | null }>(
    `SELECT ${MEMORY_COLUMNS}, operation FROM memories WHERE namespace = @namespace AND id = @id AND ${ALIVE}`,
  );
  const equal = db.prepare<{ namespace: number; digest: Buffer; now: number }, MemoryRow>(
    `SELECT ${MEMORY_COLUMNS} FROM memories INDEXED BY memories_by_digest
     WHERE namespace = @namespace AND digest = @digest AND ${ALIVE} LIMIT 1`,
  );
  const alike = db
    .prepare<[string, number], number>(
      `SELECT rowid FROM memory_index WHERE memory_index MATCH ? ORDER BY rowid DESC LIMIT ?`,
    )
    .pluck();
  const idOf = db
    .prepare<{ seq: number; now: number }, string>(`SELECT id FROM memories WHERE seq = @seq AND ${ALIVE}`)
    .pluck();
  // A memory whose time is over gives way to what takes its id.
  const drop = db.prepare<[number, string]>('DELETE FROM memories WHERE namespace = ? AND id = ?');
  const dropAt = db.prepare<[number]>('DELETE FROM memories WHERE seq = ?');

  const ownMade = (asker: MemoryAsker): Namespace => {
    addOwn.run({ name: asker.owner, now: now() });
    return access.writable(asker, 'own') as Namespace;
  };

  function write(
    asker: MemoryAsker,
    namespace: Namespace,
    content: Omit<NewMemory, 'createdAt'>,
    kept: { readonly version: number; readonly createdAt: number },
  ): MemoryRecord {
    const { indexed, labels, marks } = content;
    const row = {
      seq: seqOf(takePlace.get() as number, indexed.words.length),
      namespace: namespace.id,
      id: content.id,
      version: kept.version,
      text: indexed.text,
      tags: JSON.stringify(labels.tags),
      links: JSON.stringify(labels.links),
      source: labels.source ?? null,
      metadata: labels.metadata === undefined ? null : JSON.stringify(labels.metadata),
      author: asker.client,
      createdAt: kept.createdAt,
      updatedAt: now(),
      expiresAt: content.expiresAt ?? null,
      words: indexed.words.length,
      digest: indexed.digest,
      operation: content.operation ?? null,
    };
    insert.run(row);
    index.run(row.seq, documentTerms(namespace.id, indexed.words, marks));
    checkStored(namespace, asker);
    return memoryOf(
      { ...row, created_at: row.createdAt, updated_at: row.updatedAt, expires_at: row.expiresAt },
      namespace.name,
    );
  }

  return {
    store(asker, where, memory) {
      const namespace = access.writable(asker, where) ?? ownMade(asker);
      const there = find.get({ namespace: namespace.id, id: memory.id, now: now() });
      if (there !== undefined && there.operation !== null && there.operation === memory.operation)
        return { stored: true, memory: memoryOf(there, namespace.name), similar: [] };
      const duplicate = there ?? equal.get({ namespace: namespace.id, digest: memory.indexed.digest, now: now() });
      if (duplicate !== undefined) return { stored: false, duplicate: memoryOf(duplicate, namespace.name) };
      const similar = alike
        .all(matching(likenessTerm(namespace.id, memory.marks.likeness)), SIMILAR_TOLD)
        .flatMap((seq) => idOf.get({ seq, now: now() }) ?? []);
      drop.run(namespace.id, memory.id);
      const stored = write(asker, namespace, memory, { version: 1, createdAt: memory.createdAt ?? now() });
      return { stored: true, memory: stored, similar };
    },
    update(asker, where, version, content) {
      const namespace = access.writable(asker, where);
      const there = namespace && find.get({ namespace: namespace.id, id: content.id, now: now() });
      if (namespace === undefined || there === undefined) throw noMemory(content.id);
      if (there.version === version + 1 && there.operation !== null && there.operation === content.operation)
        return memoryOf(there, namespace.name);
      if (there.version !== version) throw otherVersion(content.id, version, there.version);
      const same = equal.get({ namespace: namespace.id, digest: content.indexed.digest, now: now() });
      if (same !== undefined && same.id !== content.id) throw sameText(same.id);
      dropAt.run(there.seq);
      return write(asker, namespace, content, { version: version + 1, createdAt: there.created_at });
    },
    remove(asker, where, ids) {
      const namespace = access.writable(asker, where);
      if (namespace === undefined) return 0;
      return ids.slice(0, DELETED_AT_ONCE).reduce((sum, id) => {
        const there = find.get({ namespace: namespace.id, id, now: now() });
        return there === undefined ? sum : sum + (dropAt.run(there.seq).changes > 0 ? 1 : 0);
      }, 0);
    },
  };
}

function otherVersion(id: string, asked: number, present: number): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The memory ${id} was changed meanwhile: it has version ${present}, not ${asked}.`,
    hint: `Look at it again, and give version ${present} with what is to be changed.`,
  });
}

function sameText(id: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The memory ${id} has this text already.`,
    hint: 'Change that one, or delete this one.',
  });
}

import { existsSync } from 'node:fs';
import { cut } from './chunks/cut.js';
import { type IndexCounts, IndexDraft, indexVersionOf } from './index-draft.js';
import { indexPath } from './index-path.js';
import { INDEX_VERSION } from './index-schema.js';
import { type IndexChanges, type KnownFile, knownFilesAt, NO_CHANGES } from './known-files.js';
import { languageOf } from './languages.js';
import { type NotText, type TextFile, TextReader } from './read-text.js';
import { type FoundFile, Skipped, type SkipReason, type WalkLimits, walkFolder } from './walk.js';

export interface SyncRequest {
  /** The repository's folder, a path without symbolic links. */
  readonly folder: string;
  /** Where the repository's index files lie, one for each generation; it exists. */
  readonly indexFolder: string;
  /** What is published; 0 for nothing. */
  readonly generation: number;
  readonly fence: number;
  readonly limits: WalkLimits;
  /** Reads every file, whatever its size and time of change say. */
  readonly full: boolean;
}

/** How far a sync is, for whoever looks. */
export interface SyncProgress {
  readonly phase: 'walking' | 'indexing' | 'finishing';
  readonly files: number;
  /** Known once the folder has been walked. */
  readonly totalFiles?: number;
  readonly bytes: number;
  readonly totalBytes?: number;
}

export interface SyncReport {
  /** To be published; the one of the request when nothing has changed. */
  readonly generation: number;
  readonly changes: IndexChanges;
  /** Files left out, by reason. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Some of those that somebody may want to know of. */
  readonly examples: readonly { readonly path: string; readonly why: SkipReason }[];
  /** Absent when nothing has changed. */
  readonly counts?: IndexCounts;
}

export interface SyncControl {
  /** What it throws ends the sync; what has been indexed so far is gone on with next time. */
  look(): void;
  progress(progress: SyncProgress): void;
}

/** A transaction takes no further file after so many ms, or so much text. */
const STEP_MS = 50;
const STEP_BYTES = 512 * 1024;

/** A file changed so shortly before it was read, in ms, may change again without another time of change to show for it. */
const RACY_MS = 2_000;

/** So many files with another time of change and the same content are worth an index of their own. */
const WORTHWHILE_TOUCHES = 100;

/**
 * Brings the index of a folder up to date, in a file of its own that is published by whoever called. Files are read that are
 * new or have another size or time of change, and indexed when their content is another. A file that cannot be read keeps
 * nothing in the index, one that changes while it is read is left as it was for the next sync; both are reported.
 */
export function syncFolder(request: SyncRequest, control: SyncControl): SyncReport {
  return new Sync(request, control).run();
}

type Change =
  | { readonly kind: 'text'; readonly file: FoundFile; readonly before?: KnownFile; readonly read: TextFile }
  | { readonly kind: 'none'; readonly file: FoundFile; readonly before?: KnownFile; readonly why: NotText }
  | { readonly kind: 'touch'; readonly before: KnownFile; readonly modified: number };

class Sync {
  readonly #request: SyncRequest;
  readonly #control: SyncControl;
  readonly #skipped = new Skipped();
  readonly #reader: TextReader;
  #draft: IndexDraft | undefined;

  constructor(request: SyncRequest, control: SyncControl) {
    this.#request = request;
    this.#control = control;
    this.#reader = new TextReader(request.folder, request.limits.fileBytes);
  }

  run(): SyncReport {
    const { folder, limits, generation, full } = this.#request;
    const draftPath = indexPath(this.#request.indexFolder, generation + 1);
    try {
      const found = walkFolder(folder, limits, this.#skipped, (files) => {
        this.#control.look();
        this.#control.progress({ phase: 'walking', files, bytes: 0 });
      });
      // An earlier attempt has found changes already.
      if (existsSync(draftPath)) this.#open();
      const known = this.#knownFiles();
      const paths = new Set(found.files.map(({ path }) => path));
      const gone = [...known].filter(([path]) => !paths.has(path)).map(([, file]) => file);
      const usable = this.#draft !== undefined || this.#base() !== undefined || generation === 0;
      const unread = found.files.filter((file) => full || !isUnchanged(file, known.get(file.path), this.#skipped));
      this.#index(unread, known, found);
      this.#drop(gone);
      if (this.#draft === undefined && generation > 0 && usable) return this.#report(generation);
      const draft = this.#open();
      this.#control.progress({ phase: 'finishing', ...totalsOf(found) });
      const changes = draft.changesSince(this.#base());
      const counts = draft.finish(() => this.#control.look());
      this.#draft = undefined;
      return this.#report(generation + 1, changes, counts);
    } finally {
      this.#draft?.close();
    }
  }

  #report(generation: number, changes = NO_CHANGES, counts?: IndexCounts): SyncReport {
    return {
      generation,
      changes,
      skipped: this.#skipped.counts,
      examples: this.#skipped.examples,
      ...(counts === undefined ? {} : { counts }),
    };
  }

  /** What is published, if it is there and of this version. */
  #base(): string | undefined {
    const { generation, indexFolder } = this.#request;
    const path = indexPath(indexFolder, generation);
    return generation > 0 && indexVersionOf(path) === INDEX_VERSION ? path : undefined;
  }

  #open(): IndexDraft {
    if (this.#draft !== undefined) return this.#draft;
    const { indexFolder, generation, fence } = this.#request;
    const base = this.#base();
    this.#draft = IndexDraft.open({
      path: indexPath(indexFolder, generation + 1),
      fence,
      look: () => this.#control.look(),
      ...(base === undefined ? {} : { base }),
    });
    return this.#draft;
  }

  #knownFiles(): ReadonlyMap<string, KnownFile> {
    return this.#draft === undefined ? this.#published() : this.#draft.knownFiles();
  }

  #published(): ReadonlyMap<string, KnownFile> {
    const base = this.#base();
    return base === undefined ? new Map() : knownFilesAt(base);
  }

  #index(
    unread: readonly FoundFile[],
    known: ReadonlyMap<string, KnownFile>,
    found: { readonly files: readonly FoundFile[]; readonly bytes: number },
  ): void {
    let bytes = found.bytes - unread.reduce((sum, { size }) => sum + size, 0);
    let done = found.files.length - unread.length;
    const touches: Extract<Change, { kind: 'touch' }>[] = [];
    for (let at = 0; at < unread.length; ) {
      this.#control.look();
      this.#control.progress({
        phase: 'indexing',
        files: done,
        totalFiles: found.files.length,
        bytes,
        totalBytes: found.bytes,
      });
      const step: Change[] = [];
      const until = performance.now() + STEP_MS;
      let stepBytes = 0;
      for (; at < unread.length && performance.now() < until && stepBytes < STEP_BYTES; at += 1) {
        const file = unread[at] as FoundFile;
        const change = this.#changeOf(file, known.get(file.path));
        done += 1;
        bytes += file.size;
        stepBytes += file.size;
        if (change?.kind === 'touch') touches.push(change);
        else if (change !== undefined) step.push(change);
      }
      this.#apply(step);
    }
    if (this.#draft !== undefined || touches.length >= WORTHWHILE_TOUCHES) this.#apply(touches);
  }

  /** What has become of a file; `undefined` when it is to stay as it was. */
  #changeOf(file: FoundFile, before: KnownFile | undefined): Change | undefined {
    const read = this.#reader.read(file);
    const prior = before === undefined ? {} : { before };
    if (typeof read !== 'string') {
      const same = before?.why === null && before.digest?.equals(read.digest) === true;
      if (!same) return { kind: 'text', file, read, ...prior };
      const modified = safeTime(read);
      return modified === before.modified ? undefined : { kind: 'touch', before, modified };
    }
    this.#skipped.add(file.path, read);
    // Left for the next time, which will look at it again: its time of change is another.
    if (read === 'changing') return undefined;
    if (isSettled(read) && before?.why === read)
      return before.modified === file.modified ? undefined : { kind: 'touch', before, modified: file.modified };
    return !isSettled(read) && before === undefined ? undefined : { kind: 'none', file, why: read, ...prior };
  }

  #apply(changes: readonly Change[]): void {
    const cuts = changes.map((change) => {
      this.#control.look();
      return change.kind === 'text' ? cut(change.read.text, change.file.path, languageOf(change.file.path)) : [];
    });
    // Cutting may have taken long: whoever has come meanwhile need not wait for what is written now.
    for (let at = 0; at < changes.length; ) {
      const draft = this.#open();
      this.#control.look();
      const until = performance.now() + STEP_MS;
      at = draft.transaction(() => {
        let next = at;
        for (; next < changes.length && performance.now() < until; next += 1)
          this.#applyOne(draft, changes[next] as Change, cuts[next] ?? []);
        return next;
      });
    }
  }

  #applyOne(draft: IndexDraft, change: Change, chunks: ReturnType<typeof cut>): void {
    if (change.kind === 'touch') return draft.touch(change.before, change.modified);
    const { file, before } = change;
    if (change.kind === 'text') {
      const { size, digest } = change.read;
      const modified = safeTime(change.read);
      const row = { path: file.path, language: languageOf(file.path), size, modified, digest, why: null };
      return draft.put(row, change.read.text, chunks, before);
    }
    if (!isSettled(change.why)) {
      if (before !== undefined) draft.drop(before);
      return;
    }
    const row = {
      path: file.path,
      language: '',
      size: file.size,
      modified: file.modified,
      digest: null,
      why: change.why,
    };
    draft.put(row, '', [], before);
  }

  #drop(gone: readonly KnownFile[]): void {
    for (let at = 0; at < gone.length; ) {
      const draft = this.#open();
      this.#control.look();
      const until = performance.now() + STEP_MS;
      at = draft.transaction(() => {
        let next = at;
        for (; next < gone.length && performance.now() < until; next += 1) draft.drop(gone[next] as KnownFile);
        return next;
      });
    }
  }
}

function isUnchanged(file: FoundFile, known: KnownFile | undefined, skipped: Skipped): boolean {
  const same = known !== undefined && known.size === file.size && known.modified === file.modified;
  if (same && known.why !== null) skipped.add(file.path, known.why as SkipReason);
  return same;
}

/** It stays so until the file changes; what could not be read may be readable next time, whatever its time of change. */
function isSettled(why: NotText): boolean {
  return why === 'binary' || why === 'too-large';
}

/** 0 for a time that another change could share. */
function safeTime({ modified }: TextFile): number {
  return Date.now() - modified < RACY_MS ? 0 : modified;
}

function totalsOf({ files, bytes }: { readonly files: readonly FoundFile[]; readonly bytes: number }) {
  return { files: files.length, totalFiles: files.length, bytes, totalBytes: bytes };
}

import { resolve } from 'node:path';
import { type RestoreReport, restoreStore } from '../store/sqlite/restore.js';
import type { GlobalOptions } from './global-options.js';
import { loadSettings } from './settings.js';
import { startStep } from './step.js';
import { terminal } from './terminal.js';

function lines(db: string, file: string, report: RestoreReport): string {
  const { queued, asked, unknown, kept } = report;
  return [
    `${db} is what ${file} holds (schema version ${report.schema}).`,
    kept === undefined ? undefined : `The file that was there is now ${kept}`,
    queued > 0 ? `Reads that had not ended, and run when a worker is there: ${queued}` : undefined,
    asked > 0 ? `Writes that had just been sent; the next worker asks what became of them: ${asked}` : undefined,
    unknown > 0 ? `Writes that may have run since the backup; failed with OUTCOME_UNKNOWN: ${unknown}` : undefined,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

/** Puts a backup at the place of the database; refused while a process uses it. */
export async function restore(file: string, options: GlobalOptions): Promise<void> {
  const { db } = await loadSettings(options);
  const source = resolve(file);
  const step = await startStep(`restoring ${db}`, options);
  try {
    const report = await restoreStore(db, source, {
      onProgress: (share) => step.update(`restoring ${db}: ${Math.round(share * 100)} %`),
    });
    step.end();
    await terminal({ json: options.json ?? false, color: options.color }).result({ db, file: source, ...report }, () =>
      lines(db, source, report),
    );
  } finally {
    step.end();
  }
}

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { examineStore, type StoreExamination } from '../../store/sqlite/examine.js';
import { storeFailure } from '../../store/sqlite/failure.js';
import { type Finding, ok, warning, wrong } from './finding.js';

/** From here on somebody has been reading for long, or nobody checkpoints (bytes). */
const LARGE_WAL = 256 * 1024 * 1024;
const LITTLE_SPACE = 256 * 1024 * 1024;
const NO_SPACE = 16 * 1024 * 1024;

/** What statfs(2) calls file systems of other machines. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
]);

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

/** A folder that is not there yet is judged by the one it would be made in. */
function nearestFolder(path: string): string {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** The folder: may it be written, how much room is there, and is it on this machine? */
export function databaseFolder(path: string): readonly Finding[] {
  const check = 'folder';
  const folder = nearestFolder(path);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (failure) {
    throw storeFailure(failure, folder);
  }
  const { bavail, bsize, type } = statfsSync(folder);
  const free = bavail * bsize;
  const findings: Finding[] = [];
  const network = NETWORK_FILE_SYSTEMS.get(type >>> 0);
  if (network !== undefined)
    findings.push(
      warning(
        check,
        `${folder} is on ${network}`,
        'Locks and leases work on one machine only: keep the database on a local disk, and let other machines in over HTTP.',
      ),
    );
  const room = `${megabytes(free)} free in ${folder}`;
  if (free < NO_SPACE) findings.push(wrong(check, room, 'Free some space: nothing can be queued any more.'));
  else if (free < LITTLE_SPACE) findings.push(warning(check, room, 'Free some space, or move the database (--db).'));
  else findings.push(ok(check, room));
  return findings;
}

function owned(path: string): readonly Finding[] {
  if (process.platform === 'win32') return [];
  return ['', '-wal', '-shm', '-bell'].flatMap((suffix): Finding[] => {
    const found = statSync(path + suffix, { throwIfNoEntry: false });
    if (found === undefined) return [];
    const me = process.getuid?.();
    if (me !== undefined && found.uid !== me)
      return [
        warning(
          'database',
          `${path}${suffix} belongs to another user (uid ${found.uid})`,
          'All processes of a database run as one user; others come in over HTTP.',
        ),
      ];
    if ((found.mode & 0o077) !== 0)
      return [
        warning(
          'database',
          `${path}${suffix} can be used by others (mode ${(found.mode & 0o777).toString(8)})`,
          `It holds statements and results: chmod 600 ${path}${suffix}`,
        ),
      ];
    return [];
  });
}

function bell(path: string): readonly Finding[] {
  const file = `${path}-bell`;
  if (!existsSync(file)) return [];
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return statSync(file).isFile() ? [] : [wrong('bell', `${file} is no file`, `Remove it: rm -r ${file}`)];
  } catch {
    return [wrong('bell', `${file} cannot be written`, `Processes wake each other with it: chmod 600 ${file}`)];
  }
}

function schema(path: string, { schema: current, latest }: StoreExamination): readonly Finding[] {
  if (current === latest) return [];
  if (current < latest)
    return [
      warning(
        'database',
        `${path} has schema version ${current} of ${latest}`,
        'The next process that opens it migrates it, or do it now: mcp-snow migrate. Older versions that run are told to restart.',
      ),
    ];
  return [
    warning(
      'database',
      `${path} has schema version ${current}, newer than this mcp-snow (${latest})`,
      'Upgrade this one: npm install mcp-snow@latest',
    ),
  ];
}

/** The files themselves. `undefined` of the examination: there is nothing to look into yet, or nothing can be read. */
export async function databaseFile(
  path: string,
  overdueMs: number,
): Promise<{ readonly findings: readonly Finding[]; readonly examination?: StoreExamination }> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    const left = ['-wal', '-shm'].filter((suffix) => existsSync(path + suffix));
    const findings =
      left.length === 0
        ? [ok('database', `${path} will be made on first use`)]
        : [
            wrong(
              'database',
              `${path} is gone, but ${left.map((suffix) => path + suffix).join(' and ')} ${left.length > 1 ? 'are' : 'is'} there`,
              'It was deleted while in use: end the processes that have it open, then bring back a backup with mcp-snow restore.',
            ),
          ];
    return { findings };
  }
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const findings: Finding[] = [...owned(path), ...bell(path)];
  if (wal > LARGE_WAL)
    findings.push(
      warning(
        'database',
        `${path}-wal has ${megabytes(wal)}`,
        'A program reads it for long (an SQLite shell, a stopped process): end that one.',
      ),
    );
  if (found.size === 0) return { findings: [...findings, ok('database', `${path} is empty and will be filled`)] };
  const examination = await examineStore(path, overdueMs);
  if (examination.integrity !== 'ok')
    return {
      findings: [
        ...findings,
        wrong(
          'database',
          `${path} is damaged: ${examination.integrity}`,
          'End all its processes, keep a copy of it, and bring back a backup with mcp-snow restore.',
        ),
      ],
    };
  findings.push(...schema(path, examination));
  if (findings.every((finding) => finding.state === 'ok'))
    findings.push(ok('database', `${path}: ${megabytes(found.size)}, schema version ${examination.schema}, whole`));
  return { findings, examination };
}

import { localHostState } from '../local-host-state.js';
import { version } from '../version.js';
import { type Finding, ok, warning, wrong } from './finding.js';

const CHECK = 'local Snowflake';

export async function localSnowflake(dataDir: string): Promise<readonly Finding[]> {
  const host = await localHostState(dataDir);
  if (host === undefined) return [ok(CHECK, 'not running; it is started when it is needed')];
  if (host.state === 'dead') return [ok(CHECK, 'ended without notice; the next one that needs it starts it again')];
  if (host.state !== 'alive')
    return [
      wrong(
        CHECK,
        `process ${host.pid} is ${host.state} and holds the data`,
        `Let it go on with kill -CONT ${host.pid}, or end it with kill -9 ${host.pid}.`,
      ),
    ];
  const found = `alive at ${host.url} (process ${host.pid})`;
  if (host.version === version()) return [ok(CHECK, found)];
  return [
    warning(
      CHECK,
      `${found}, version ${host.version}; this is ${version()}`,
      `The next version is started once nobody has used it for a while, or end it now: kill ${host.pid}`,
    ),
  ];
}

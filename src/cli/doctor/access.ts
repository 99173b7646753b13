import { connect } from 'node:net';
import { FLAGS, type FlagName } from '../../config/flags.js';
import type { Store } from '../../store/store.js';
import { type Finding, ok, warning } from './finding.js';

const HTTP_PORT = 8420;
const PATIENCE_MS = 500;

/** Whether something listens there on this machine. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(PATIENCE_MS, () => answer(false));
    socket.on('connect', () => answer(true));
    socket.on('error', () => answer(false));
  });
}

/** Over HTTP a client proves with a token who it is. */
export async function httpAccess(store: Store): Promise<readonly Finding[]> {
  const check = 'http';
  const [taken, clients] = await Promise.all([listens(HTTP_PORT), store.listClients()]);
  const port = `port ${HTTP_PORT} is ${taken ? 'taken (by serve --http, or another program)' : 'free'}`;
  const registered = clients.filter((client) => client.registered);
  const tokens = await Promise.all(registered.map((client) => store.listTokens(client.name)));
  const without = registered.filter((_, n) => tokens[n]?.every((token) => token.revokedAt !== undefined));
  if (taken && without.length > 0)
    return [
      warning(
        check,
        `${port}; ${without.length} clients have no token: ${without
          .slice(0, 5)
          .map((client) => client.name)
          .join(', ')}`,
        'Make one for each that comes over HTTP: mcp-snow client token NAME',
      ),
    ];
  return [ok(check, port)];
}

/** Flags somebody has switched on though this version has the off side only. */
export async function flags(store: Store): Promise<readonly Finding[]> {
  const settings = await store.flagSettings();
  const missing = settings.filter(({ flag, on }) => on && FLAGS[flag as FlagName]?.built !== true);
  if (missing.length === 0) return [ok('flags', settings.length === 0 ? 'all as they come' : `${settings.length} set`)];
  return [
    warning(
      'flags',
      `${[...new Set(missing.map(({ flag }) => flag))].join(', ')} switched on, which this version does not have`,
      'It changes nothing; set it back with: mcp-snow flag set NAME unset',
    ),
  ];
}

/** Connections that are not tried at the moment. */
export async function breakers(store: Store): Promise<readonly Finding[]> {
  const all = await store.breakers();
  const open = all.filter(({ state }) => state !== 'closed');
  if (open.length === 0) return [ok('breakers', 'closed')];
  return open.map(({ profile, state, held, reason }) =>
    warning(
      'breakers',
      `${profile} is ${state}${held ? ' by hand' : ''}${reason === undefined ? '' : `: ${reason}`}`,
      held
        ? `Close it again with: mcp-snow breaker close ${profile}`
        : 'It closes by itself when the warehouse answers.',
    ),
  );
}

import { SnowError } from '../errors/snow-error.js';
import type { ClientRecord, TokenRecord } from '../store/client-store.js';
import { type ClientOptions, clientChange } from './client-settings.js';
import { tokenTable } from './client-tokens.js';
import type { GlobalOptions } from './global-options.js';
import { clientJson, tokenJson } from './json-names.js';
import { knownClient, unknownClient } from './known-client.js';
import { table } from './table.js';
import { terminal } from './terminal.js';
import { withStore } from './with-store.js';

export async function addClient(name: string, options: ClientOptions): Promise<void> {
  const added = await withStore(storeOptions(options), async (store) => {
    const there = await store.findClient(name);
    if (there?.registered && there.removedAt === undefined)
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `There is a client "${name}" already.`,
        hint: 'Change it with client limit, or remove it first.',
      });
    return await store.saveClient(name, clientChange(options, {}));
  });
  await talk(options).result(clientJson(added), () => `The client "${name}" is added.\n${settingsText(added)}`);
}

export async function limitClient(name: string, options: ClientOptions): Promise<void> {
  const changed = await withStore(storeOptions(options), async (store) => {
    const { permissions } = await knownClient(store, name);
    return await store.saveClient(name, clientChange(options, permissions));
  });
  await talk(options).result(clientJson(changed), () => settingsText(changed));
}

export async function listClients(options: GlobalOptions): Promise<void> {
  const clients = await withStore(options, (store) => store.listClients());
  await talk(options).result({ clients: clients.map(clientJson) }, () => {
    if (clients.length === 0) return 'No clients yet. Add one: mcp-snow client add NAME.';
    return table(
      [
        { title: 'CLIENT' },
        { title: 'GROUP' },
        { title: 'WEIGHT', align: 'right' },
        { title: 'RUNNING', align: 'right' },
        { title: 'QUEUED', align: 'right' },
        { title: 'MAY' },
      ],
      clients.map((client) => [
        client.registered ? client.name : `${client.name} (not added)`,
        client.group ?? '-',
        String(client.weight),
        client.maxRunning === undefined ? '-' : String(client.maxRunning),
        client.maxQueued === undefined ? '-' : String(client.maxQueued),
        permissionsText(client),
      ]),
    );
  });
}

export async function showClient(name: string, options: GlobalOptions): Promise<void> {
  const { client, tokens } = await withStore(options, async (store) => ({
    client: await knownClient(store, name),
    tokens: await store.listTokens(name),
  }));
  const shown = { ...clientJson(client), tokens: tokens.map(tokenJson) };
  await talk(options).result(shown, () => `${client.name}\n${settingsText(client)}${tokensText(tokens)}`);
}

export async function removeClient(name: string, options: GlobalOptions): Promise<void> {
  const removed = await withStore(options, (store) => store.removeClient(name));
  if (!removed) throw unknownClient(name);
  await talk(options).result({ removed: name }, () => `The client "${name}" is removed: its tokens are void.`);
}

/** Without `allow`, which is a setting of the server elsewhere. */
function storeOptions({ allow, ...options }: ClientOptions): GlobalOptions {
  return options;
}

function talk(options: GlobalOptions) {
  return terminal({ json: options.json ?? false, color: options.color });
}

function settingsText(client: ClientRecord): string {
  const lines = [
    ['group', client.group ?? 'none'],
    ['weight', String(client.weight)],
    ['running jobs', client.maxRunning === undefined ? 'as the queue allows' : `at most ${client.maxRunning}`],
    ['queued jobs', client.maxQueued === undefined ? 'as the queue allows' : `at most ${client.maxQueued}`],
    ['beyond limits', client.smooth ? 'its jobs wait' : 'its jobs are refused'],
    ['may', permissionsText(client)],
  ];
  return lines.map(([what = '', value]) => `  ${what.padEnd(14)}${value}`).join('\n');
}

function permissionsText({ permissions }: ClientRecord): string {
  const parts = Object.entries(permissions).map(([member, names]) => `${member}: ${names.join(', ') || 'none'}`);
  return parts.length === 0 ? 'everything the server allows' : parts.join('; ');
}

function tokensText(tokens: readonly TokenRecord[]): string {
  return tokens.length === 0 ? '\n\nNo tokens.' : `\n\n${tokenTable(tokens)}`;
}

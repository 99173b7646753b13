import type { Store } from '../store/store.js';
import { openStore } from './open-store.js';
import type { SettingOptions } from './settings.js';

/** Opens the store for one command and closes it again. */
export async function withStore<Result>(
  options: SettingOptions,
  use: (store: Store) => Promise<Result>,
): Promise<Result> {
  const { store } = await openStore(options);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

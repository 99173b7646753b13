import { instantCell } from '../../engine/result-table.js';
import { columns, type Listing } from './listing.js';

/** SHOW TRANSACTIONS: the session's own. */
export const transactions: Listing = {
  scope: 'account',
  async list(_place, { state }) {
    const open = state.transaction?.current;
    return {
      columns: columns('#id user #session name @started_on state scope'),
      rows:
        open === undefined
          ? []
          : [[open.id, state.user, state.id, open.name, instantCell(open.startedAt), 'running', '0']],
    };
  },
};

// The official driver, quietened as our own adapter quietens it.
import { openConnection } from '../../dist/warehouse/snowflake/connection.js';

const optionsOf = (url) => ({ accessUrl: url, account: 'local', username: 'bench', password: 'bench' });

export async function connectDriver(url) {
  const options = optionsOf(url);
  // Opened and closed once by our own adapter, which sets up the driver.
  await (await openConnection({ name: 'local', local: true, options })).close();
  const { default: driver } = await import('snowflake-sdk');
  const connection = driver.createConnection(options);
  await new Promise((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return {
    ask: (sqlText, binds) =>
      new Promise((resolve, reject) => {
        connection.execute({
          sqlText,
          ...(binds === undefined ? {} : { binds }),
          complete: (error, _statement, rows) => (error ? reject(error) : resolve(rows)),
        });
      }),
    /** Reads all rows one by one, keeping none; resolves to their number. */
    stream: (sqlText) =>
      new Promise((resolve, reject) => {
        connection.execute({
          sqlText,
          streamResult: true,
          complete: (error, statement) => {
            if (error) return reject(error);
            let rows = 0;
            statement
              .streamRows()
              .on('error', reject)
              .on('data', () => {
                rows += 1;
              })
              .on('end', () => resolve(rows));
          },
        });
      }),
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  };
}

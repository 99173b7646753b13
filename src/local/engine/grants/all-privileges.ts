/** What GRANT ALL stands for, by the type that the grant names; OWNERSHIP is never part of it. */
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  ACCOUNT: ['CREATE DATABASE', 'CREATE ROLE', 'CREATE USER', 'CREATE WAREHOUSE', 'MANAGE GRANTS', 'MONITOR USAGE'],
  DATABASE: ['CREATE SCHEMA', 'MODIFY', 'MONITOR', 'USAGE'],
  SCHEMA: [
    'CREATE FILE FORMAT',
    'CREATE FUNCTION',
    'CREATE MASKING POLICY',
    'CREATE MATERIALIZED VIEW',
    'CREATE PIPE',
    'CREATE PROCEDURE',
    'CREATE ROW ACCESS POLICY',
    'CREATE SEQUENCE',
    'CREATE STAGE',
    'CREATE STREAM',
    'CREATE TABLE',
    'CREATE TAG',
    'CREATE TASK',
    'CREATE VIEW',
    'MODIFY',
    'MONITOR',
    'USAGE',
  ],
  TABLE: ['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'TRUNCATE', 'UPDATE'],
  VIEW: ['REFERENCES', 'SELECT'],
  MATERIALIZED_VIEW: ['REFERENCES', 'SELECT'],
  MASKING_POLICY: ['APPLY'],
  PIPE: ['MONITOR', 'OPERATE'],
  ROW_ACCESS_POLICY: ['APPLY'],
  STAGE: ['READ', 'USAGE', 'WRITE'],
  STREAM: ['SELECT'],
  TAG: ['APPLY'],
  TASK: ['MONITOR', 'OPERATE'],
  USER: ['MONITOR'],
  WAREHOUSE: ['MODIFY', 'MONITOR', 'OPERATE', 'USAGE'],
};

const OTHER = ['USAGE'];

export function allPrivileges(type: string): readonly string[] {
  return BY_TYPE[type] ?? OTHER;
}

/** Why the local Snowflake's process can't be used, and what to do about it. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

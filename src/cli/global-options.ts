/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly db?: string;
  readonly config?: string;
  readonly connection?: string;
  readonly json?: boolean;
  readonly logLevel?: string;
  readonly color: boolean;
}

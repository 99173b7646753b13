/** A name as SQL wants it: as it stands where Snowflake reads it back the same, else in quotes. */
export function writtenName(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : quotedName(name);
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

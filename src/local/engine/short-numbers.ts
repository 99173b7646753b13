/** Whether DuckDB's 64-bit decimals overflowed, where 128 bits may be enough. */
export function overflowedShortNumbers(error: unknown): boolean {
  return (
    error instanceof Error && /Overflow in (addition|subtraction|multiplication) of DECIMAL\(18\)/i.test(error.message)
  );
}

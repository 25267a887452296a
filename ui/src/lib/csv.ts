// Rows as CSV that a spreadsheet shows and does not run.

/** A cell that would be read as a formula gets an apostrophe before it. */
export function csvCell(value: string): string {
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** Lines ended as RFC 4180 wants them. */
export function csvOf(rows: string[][]): string {
  return rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("");
}

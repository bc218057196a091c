/** Makes texts from files that anybody may have written harmless for a terminal, and for the eyes of who reads it. */

/** Control characters, and those that change the direction of a text, are written out: `\u{1b}`. */
export const harmless = (text: string): string => text.toWellFormed().replace(harmful(), written)

/** The same for a text of several lines, which stay lines. */
export const harmlessLines = (text: string): string =>
  text.split(/\r?\n/).map((line) => harmless(line.replaceAll("\t", "    "))).join("\n")

// In a function, since to read what it means takes a millisecond that most calls of the command can do without.
const harmful = () =>
  /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}\p{Default_Ignorable_Code_Point}]/gu

const written = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`

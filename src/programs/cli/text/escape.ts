/** Writes out the characters of a text that would change the terminal, or how a person reads the text. */

/** Control characters, and those that change the direction of a text, are written as `\u{1b}`. */
export const escapeControls = (text: string): string =>
  text.toWellFormed().replace(controls, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)

/** Does the same to each line of a text. */
export const escapeControlsInLines = (text: string): string =>
  text.split(/\r?\n/).map((line) => escapeControls(line.replaceAll("\t", "    "))).join("\n")

const controls = /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}\p{Default_Ignorable_Code_Point}]/gu

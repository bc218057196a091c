/** Words of a command line that is printed to be copied into a shell. */

/** A text as one word of a shell (bash, zsh, ksh), which reads it as it is. */
export const shellWord = (text: string): string => {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text
  // A control character would be acted upon by the terminal before a shell sees it.
  return /\p{C}/u.test(text)
    ? `$'${text.replaceAll(/[\\']|\p{C}/gu, escaped)}'`
    : `'${text.replaceAll("'", `'\\''`)}'`
}

const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  return /\p{C}/u.test(char) ? `\\U${code.toString(16).padStart(8, "0")}` : `\\${char}`
}

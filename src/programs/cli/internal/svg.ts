/** Draws a diagram as an SVG picture. */
import type { ContainerBox, Diagram, NetworkBox } from "./diagram.ts"

const width = 960
const margin = 20
const gap = 16
const boxWidth = 380
const line = 20
const pad = 12
const right = width - margin - boxWidth

/** Networks at the left, containers at the right, a curve for each attachment. */
export const svg = ({ containers, networks }: Diagram): string => {
  const left = stacked(networks, () => 2)
  const there = stacked(containers, ({ links }) => 1 + links.length)
  const height = Math.max(left.height, there.height)
  const parts = [
    ...containers.flatMap((box, at) => curves(box, there.tops[at] ?? 0, left.tops)),
    ...networks.map((box, at) => networkBox(box, left.tops[at] ?? 0)),
    ...containers.map((box, at) => containerBox(box, there.tops[at] ?? 0)),
    ...(networks.length + containers.length === 0 ? [text("no networks", margin, margin + line, "")] : [])
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13">`,
    `  <title>Networks and attachments</title>`,
    `  <rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts.map((part) => `  ${part}`),
    "</svg>",
    ""
  ].join("\n")
}

/** Where boxes of so many lines begin that stand below each other, and where the last one ends. */
const stacked = <A>(boxes: ReadonlyArray<A>, linesOf: (box: A) => number) => {
  let y = margin
  const tops = boxes.map((box) => {
    const top = y
    y += heightOf(linesOf(box)) + gap
    return top
  })
  return { tops, height: Math.max(2 * margin + line, y - gap + margin) }
}

const heightOf = (lines: number): number => lines * line + pad

const networkBox = ({ subtitle, title }: NetworkBox, top: number): string =>
  frame(margin, top, 2, "#dbeafe", 6) + text(title, margin + pad, top + line, "bold") +
  text(subtitle, margin + pad, top + 2 * line, "")

const containerBox = ({ links, title }: ContainerBox, top: number): string =>
  frame(right, top, 1 + links.length, "#dcfce7", 16) + text(title, right + pad, top + line, "bold") +
  links.map(({ label }, at) => text(label, right + pad, top + (at + 2) * line, "")).join("")

const curves = ({ links }: ContainerBox, top: number, networkTops: ReadonlyArray<number>): ReadonlyArray<string> =>
  links.map(({ isFine, network }, at) => {
    const from = { x: margin + boxWidth, y: (networkTops[network] ?? 0) + heightOf(2) / 2 }
    const to = { x: right, y: top + (at + 2) * line - 4 }
    const middle = (from.x + to.x) / 2
    const colour = isFine ? `stroke="#475569"` : `stroke="#dc2626" stroke-dasharray="5 4"`
    return `<path d="M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}" fill="none" ${colour}/>`
  })

const frame = (x: number, y: number, lines: number, fill: string, radius: number): string =>
  `<rect x="${x}" y="${y}" width="${boxWidth}" height="${
    heightOf(lines)
  }" rx="${radius}" fill="${fill}" stroke="#475569"/>`

const text = (content: string, x: number, y: number, weight: "bold" | ""): string =>
  `<text x="${x}" y="${y}"${weight === "" ? "" : ` font-weight="${weight}"`}>${escaped(content)}</text>`

const escaped = (content: string): string =>
  content.replace(/[\ufffe\uffff]/g, "\ufffd").replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

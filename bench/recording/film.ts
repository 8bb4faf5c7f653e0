/**
 * Frames of a terminal as an SVG that moves by itself: they stand side by side, and CSS shows one after another, as on a strip
 * of film. Where nothing may move, or no CSS is obeyed, the last one is shown. A row that several frames share is there once.
 *
 * @module
 */

import type { Span } from "./screen.ts";

/** What the screen showed from a time on. */
export interface Frame {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly rows: readonly (readonly Span[])[];
}

const FONT = 14;
const CELL = FONT * 0.6;
const LINE = 20;
const MARGIN = 14;
/** The select graphic rendition parameters that the command uses. */
const STYLES: Readonly<Record<string, string>> = {
  "32": 'fill="#7ee787"',
  "1;31": 'fill="#ff7b72" font-weight="bold"',
  "1": 'font-weight="bold"',
  "36": 'fill="#79c0ff"',
};

/**
 * Draws them.
 *
 * @param frames The frames, in their order; at least one.
 * @param options The screen's columns, what it shows in words, and for how many seconds the last frame stands.
 * @returns The text of an SVG file.
 */
export function film(
  frames: readonly Frame[],
  { columns, title, rest }: { readonly columns: number; readonly title: string; readonly rest: number },
): string {
  const width = Math.round(columns * CELL + 2 * MARGIN);
  const height = Math.max(...frames.map(({ rows }) => rows.length)) * LINE + 2 * MARGIN;
  const seconds = frames[frames.length - 1].at + rest;
  const rows = new Map<string, string>();
  const strip = frames.map((frame, index) => {
    const uses = frame.rows.map((spans, row) => {
      if (spans.length === 0) return "";
      const drawn = `<text y="${MARGIN + row * LINE + FONT}">${spans.map(span).join("")}</text>`;
      if (!rows.has(drawn)) rows.set(drawn, `r${rows.size}`);
      return `<use href="#${rows.get(drawn)}"/>`;
    });
    return `<g transform="translate(${index * width})">${uses.join("")}</g>`;
  });
  const keys = frames.map(({ at }, index) => `${percent(at / seconds)}{transform:translateX(${-index * width}px)}`);
  const last = `transform:translateX(${-(frames.length - 1) * width}px)`;
  const defined = [...rows].map(([drawn, id]) => drawn.replace("<text", `<text id="${id}" x="${MARGIN}"`));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" \
font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="${FONT}" fill="#e6edf3" xml:space="preserve">
<title>${escaped(title)}</title>
<style>
text{white-space:pre}
.film{animation:film ${seconds.toFixed(2)}s steps(1,end) infinite}
@keyframes film{${keys.join("")}to{${last}}}
@media (prefers-reduced-motion:reduce){.film{animation:none}}
</style>
<defs>
${defined.join("\n")}
</defs>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<svg width="${width}" height="${height}"><g class="film" transform="translate(${-(frames.length - 1) * width})">
${strip.join("\n")}
</g></svg>
</svg>
`;
}

function span({ text, style }: Span): string {
  if (style === "") return escaped(text);
  const attributes = STYLES[style];
  if (attributes === undefined) throw new Error(`no colour is known for ESC [ ${style} m`);
  return `<tspan ${attributes}>${escaped(text)}</tspan>`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * What the pages of all our webviews have in common (`docs/design/editor.md`). The extension writes a page for one
 * subject, a portfolio for example; the page says that it is ready; then each side parses what it receives from the
 * other.
 */
import * as z from 'zod/mini';

/** The first message of every page, sent again when VS Code has created the page again. */
export const pageReady = z.strictObject({ type: z.literal('ready') });

/** What VS Code keeps of a page while it is hidden and over a reload of the window. */
export const pageMemory = z.strictObject({
  /** What the page is about, so that its panel can be brought back. */
  subject: z.string(),
  /** How the person left it; each page knows its own. */
  memory: z.unknown(),
});
export type PageMemory = z.infer<typeof pageMemory>;

/** The style sheets of each page: files of `media` without `.css`, in the order in which later ones win. */
export const PAGE_SHEETS = {
  board: ['page', 'board/board', 'board/toolbar', 'board/tasks', 'board/columns', 'board/detail', 'board/modes'],
  graph: ['page', 'picture', 'graph/graph'],
  timeline: ['page', 'picture', 'timeline/timeline', 'timeline/budgets'],
  transcript: ['page', 'picture', 'transcript/transcript'],
  doctor: ['page', 'doctor/doctor'],
} as const;

/** A page with a script. */
export type PageName = Exclude<keyof typeof PAGE_SHEETS, 'doctor'>;

/** The script of each page in `dist/webview`. Most are in one file, because each has the parsers of messages. */
export const PAGE_SCRIPTS: Readonly<Record<PageName, string>> = {
  board: 'board',
  graph: 'pages',
  timeline: 'pages',
  transcript: 'pages',
};

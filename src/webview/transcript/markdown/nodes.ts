/** What a text in Markdown becomes: a tree of a few known elements. Markup of the text itself is never among them. */

export type Tag =
  | 'p'
  | 'heading'
  | 'pre'
  | 'ul'
  | 'ol'
  | 'li'
  | 'blockquote'
  | 'hr'
  | 'table'
  | 'tr'
  | 'th'
  | 'td'
  | 'strong'
  | 'em'
  | 'del'
  | 'code'
  | 'a';

export interface MarkdownNode {
  readonly tag: Tag;
  readonly children: readonly MarkdownPart[];
  /** Of a link: an address of the web. */
  readonly href?: string;
  /** The level of a heading, or the first number of a list. */
  readonly number?: number;
}

export type MarkdownPart = MarkdownNode | string;

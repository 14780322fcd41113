/** Markdown of anybody as safe HTML: no HTML of its own, no pictures, links to the web and to mail only. */
import { micromark } from 'micromark';

/** A picture would be fetched from elsewhere, which the page's policy refuses; what it says of itself is kept as a link. */
const NO_PICTURES = { disable: { null: ['labelStartImage'] } };

export function safeHtml(markdown: string): string {
  return micromark(markdown, { extensions: [NO_PICTURES] });
}

/**
 * A text with attachments as the content of a prompt: embedded where the agent takes that, else as text. Says what was
 * left out of the bounds. Pure.
 */
import { pathToFileURL } from 'node:url';
import type { Attachment } from '../../../contract/attachments';

export type PromptBlock =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'resource';
      readonly resource: { readonly uri: string; readonly mimeType: string; readonly text: string };
    }
  | { readonly type: 'resource_link'; readonly uri: string; readonly name: string };

/** `canEmbed`: whether the agent takes embedded content. */
export function promptBlocks(text: string, attachments: readonly Attachment[], canEmbed: boolean): PromptBlock[] {
  return [{ type: 'text', text }, ...attachments.flatMap((attached) => blocksOf(attached, canEmbed))];
}

/** The same for an agent that takes text only. */
export function promptText(text: string, attachments: readonly Attachment[]): string {
  return [text, ...attachments.map((attached) => `${heading(attached)}${fenced(attached)}`)].join('\n\n');
}

function blocksOf(attached: Attachment, canEmbed: boolean): PromptBlock[] {
  const { name, text } = attached;
  const uri = uriOf(attached);
  if (text === null) {
    return [
      { type: 'text', text: heading(attached) },
      { type: 'resource_link', uri, name },
    ];
  }
  if (!canEmbed) return [{ type: 'text', text: `${heading(attached)}${fenced(attached)}` }];
  return [
    { type: 'text', text: heading(attached) },
    { type: 'resource', resource: { uri, mimeType: 'text/plain', text } },
  ];
}

function uriOf({ path, lines }: Attachment): string {
  const { href } = pathToFileURL(path);
  return lines === undefined ? href : `${href}#L${lines.from}-L${lines.to}`;
}

function heading({ name, what, lines, text, bytes }: Attachment): string {
  const of =
    what === 'file' ? `File ${name}` : what === 'selection' ? `Selection of ${name}` : `Diagnostics of ${name}`;
  const where = lines === undefined ? '' : `, lines ${lines.from} to ${lines.to}`;
  if (text === null) return `${of}${where} (${bytes} bytes, not included: it is not text, or too long)`;
  const included = Buffer.byteLength(text);
  return `${of}${where}${included < bytes ? ` (only the first ${included} of ${bytes} bytes)` : ''}:`;
}

/** A fence that is longer than any in the text. */
function fenced({ text }: Attachment): string {
  if (text === null) return '';
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `\n${fence}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}

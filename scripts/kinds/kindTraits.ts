/** What real agents did in sessions, as the long run saw it: `kindTraits.json`, and the table in docs/sessions.md. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { inProject } from '../../tools/project';

const kindTraits = z.strictObject({
  /** As it names itself. */
  agent: z.string(),
  /** The ask mode was set and read back. */
  asks: z.boolean(),
  /** It asked for a command, and ran it once it was allowed. */
  allows: z.boolean(),
  /** It asked for a command, and did not run it once that was denied. */
  denies: z.boolean(),
  /** Whether the turn continues after a denial. */
  afterDenial: z.enum(['continues', 'ends']),
  /** A turn was canceled, and the session took another prompt. */
  cancels: z.boolean(),
  /** It reports that it takes texts during a turn. */
  steers: z.boolean(),
  /** How a new process continued the session, with all that was said before. */
  continues: z.enum(['resume', 'load', 'no']),
  /** Of a turn with two requests, each with 1000 new, 200 cached, and 40 written tokens. */
  usage: z.strictObject({ input: z.number(), output: z.number(), cached: z.number() }).nullable(),
  images: z.boolean(),
  embeddedContext: z.boolean(),
});
export type KindTraits = z.infer<typeof kindTraits>;

const seenKind = z.strictObject({
  kind: z.string(),
  package: z.string(),
  version: z.string(),
  /** When the version was published. */
  published: z.iso.date(),
  traits: kindTraits,
});
export type SeenKind = z.infer<typeof seenKind>;

export const TRAITS_FILE = 'scripts/kinds/kindTraits.json';

export function seenKinds(): SeenKind[] {
  return z.array(seenKind).parse(JSON.parse(readFileSync(inProject(TRAITS_FILE), 'utf8')));
}

const COLUMNS = [
  ...['Agent kind', 'Package', 'Published', 'Ask mode read back', 'Allow', 'Deny', 'After a denial', 'Cancel'],
  ...['Text in a turn', 'Continue later', 'Usage of a turn', 'Images', 'Embedded files'],
];

export function kindTable(kinds: readonly SeenKind[]): string {
  const rows = kinds.map(({ kind, package: name, version, published, traits }) => [
    ...[`\`${kind}\``, `${name} ${version}`, published, mark(traits.asks), mark(traits.allows), mark(traits.denies)],
    ...[`the turn ${traits.afterDenial}`, mark(traits.cancels), mark(traits.steers), traits.continues],
    ...[usageText(traits.usage), mark(traits.images), mark(traits.embeddedContext)],
  ]);
  return [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function mark(isSo: boolean): string {
  return isSo ? 'yes' : 'no';
}

function usageText(usage: KindTraits['usage']): string {
  return usage === null ? 'not reported' : `${usage.input} in, ${usage.cached} cached, ${usage.output} out`;
}

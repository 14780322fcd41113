/**
 * `ic discovery submit|status|list|search|score|promote|dismiss`: discoveries that may become work
 * (`docs/design/formats.md#discoveries`).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readFailure } from '../../../host/files/fileErrors';
import type { Discovery } from '../../../kernel/discovery/model';
import {
  dismissDiscovery,
  getDiscovery,
  listDiscoveries,
  promoteDiscovery,
  scoreDiscovery,
  searchDiscoveries,
  submitDiscovery,
} from '../../../kernel/discovery/service';
import { UsageError, type FlagSpec } from '../../grammar/argv';
import type { CliCommand, CliContext } from '../../command/command';
import { EXIT } from '../../command/command';
import { exactText } from '../../command/texts';
import type { JsonValue } from '../../output/output';
import { present, struct } from '../../output/output';
import { integerOf, numberOf, positional, textOf } from '../../grammar/values';

/** The value of a flag, or the bytes of the file in `@FILE`. */
export async function literalOrFile({ args, cwd }: CliContext, name: string): Promise<Buffer | undefined> {
  const text = textOf(args, name);
  if (text?.startsWith('@') !== true) return text === undefined ? undefined : Buffer.from(text);
  const file = path.resolve(cwd, text.slice(1));
  try {
    return await readFile(file);
  } catch (error) {
    throw readFailure(file, error);
  }
}

/**
 * The same for text, which is not trimmed: JSON may have white space around it.
 * @throws KernelError `INVALID_ARGUMENT`
 */
export async function textOrFile(context: CliContext, name: string): Promise<string | undefined> {
  const bytes = await literalOrFile(context, name);
  return bytes === undefined ? undefined : exactText(bytes, name);
}

/** @throws UsageError naming the flag */
export function required<T>(value: T | undefined, flag: string): T {
  if (value === undefined) throw new UsageError(`--${flag} is required`);
  return value;
}

const EMBEDDING_FLAG: FlagSpec = { name: 'embedding', value: 'X', doc: '32-bit floats, usually as @FILE' };
const FILTER_FLAGS: readonly FlagSpec[] = [
  { name: 'source', value: 'SOURCE', doc: 'Only discoveries of this source' },
  { name: 'status', value: 'STATUS', doc: 'Only discoveries with this status' },
  { name: 'tier', value: 'TIER', doc: 'Only discoveries of this tier: high, medium, low, discard' },
];

/** The original's struct; a list leaves out the raw metadata. */
function discoveryJson(discovery: Discovery, withMetadata: boolean): { [key: string]: JsonValue } {
  const filled = (text: string | null): string | undefined => (text === null || text === '' ? undefined : text);
  return struct(
    present({
      id: discovery.id,
      source: discovery.source,
      source_id: discovery.sourceId,
      title: discovery.title,
      summary: filled(discovery.summary),
      url: filled(discovery.url),
      raw_metadata: withMetadata ? filled(discovery.rawMetadata) : undefined,
      relevance_score: discovery.relevanceScore,
      confidence_tier: discovery.confidenceTier,
      status: discovery.status,
      run_id: filled(discovery.runId),
      bead_id: filled(discovery.beadId),
      discovered_at: discovery.discoveredAt,
      promoted_at: discovery.promotedAt,
      reviewed_at: discovery.reviewedAt,
    }),
  );
}

function rowOf(discovery: Discovery): readonly string[] {
  const { id, source, title, status, relevanceScore, confidenceTier } = discovery;
  return [id, source, title, status, relevanceScore.toFixed(2), confidenceTier];
}

const submit: CliCommand = {
  words: ['discovery', 'submit'],
  summary: 'Record a discovery, or print a similar one that exists.',
  json: true,
  flags: [
    { name: 'source', value: 'SOURCE', doc: 'The source', isRequired: true },
    { name: 'source-id', value: 'ID', doc: 'Its id in the source', isRequired: true },
    { name: 'title', value: 'TEXT', doc: 'The title', isRequired: true },
    { name: 'summary', value: 'TEXT', doc: 'A summary' },
    { name: 'url', value: 'URL', doc: 'Its address' },
    { name: 'metadata', value: 'X', doc: 'JSON, or @FILE' },
    EMBEDDING_FLAG,
    { name: 'score', value: '0-1', doc: 'Relevance (0)' },
    { name: 'dedup-threshold', value: '0-1', doc: 'Similarity from which two discoveries are the same' },
  ],
  exits: { 1: 'a discovery with this id of the source exists' },
  async run(context) {
    const { args, flags, out } = context;
    const source = required(textOf(args, 'source'), 'source');
    const sourceId = required(textOf(args, 'source-id'), 'source-id');
    const title = required(textOf(args, 'title'), 'title');
    const [score, dedupThreshold] = [numberOf(args, 'score'), numberOf(args, 'dedup-threshold')];
    const metadata = await textOrFile(context, 'metadata');
    const embedding = await literalOrFile(context, 'embedding');
    const [summary, url] = [textOf(args, 'summary'), textOf(args, 'url')];
    const session = await context.session();
    const { discovery } = await session.write((unit) =>
      submitDiscovery(unit, { source, sourceId, title, summary, url, metadata, embedding, score, dedupThreshold }),
    );
    if (flags.json) out.map({ id: discovery.id });
    else out.line(discovery.id);
    return EXIT.ok;
  },
};

const status: CliCommand = {
  words: ['discovery', 'status'],
  summary: 'Show a discovery.',
  operands: '<discovery>',
  json: true,
  exits: { 1: 'no such discovery' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    const discovery = session.read((reader) => getDiscovery(reader, id));
    if (context.flags.json) context.out.json(discoveryJson(discovery, true));
    else context.out.row(...rowOf(discovery));
    return EXIT.ok;
  },
};

const list: CliCommand = {
  words: ['discovery', 'list'],
  summary: 'List discoveries, best first.',
  json: true,
  flags: [...FILTER_FLAGS, { name: 'limit', value: 'N', doc: 'Maximum number of discoveries (100)' }],
  async run(context) {
    const { args, flags, out } = context;
    const filter = {
      source: textOf(args, 'source'),
      status: textOf(args, 'status'),
      tier: textOf(args, 'tier'),
      limit: integerOf(args, 'limit', { wanted: 'integer' }),
    };
    const session = await context.session();
    const { discoveries } = session.read((reader) => listDiscoveries(reader, filter));
    if (flags.json)
      out.json(discoveries.length === 0 ? null : discoveries.map((discovery) => discoveryJson(discovery, false)));
    else for (const discovery of discoveries) out.row(...rowOf(discovery));
    return EXIT.ok;
  },
};

const search: CliCommand = {
  words: ['discovery', 'search'],
  summary: 'List discoveries by similarity, most similar first.',
  json: true,
  flags: [
    EMBEDDING_FLAG,
    ...FILTER_FLAGS,
    { name: 'min-score', value: '0-1', doc: 'Minimum similarity' },
    { name: 'limit', value: 'N', doc: 'Maximum number of discoveries (10)' },
  ],
  async run(context) {
    const { args, flags, out } = context;
    const embedding = required(await literalOrFile(context, 'embedding'), 'embedding');
    const request = {
      embedding,
      source: textOf(args, 'source'),
      status: textOf(args, 'status'),
      tier: textOf(args, 'tier'),
      minScore: numberOf(args, 'min-score'),
      limit: integerOf(args, 'limit', { wanted: 'integer' }),
    };
    const session = await context.session();
    const found = session.read((reader) => searchDiscoveries(reader, request));
    if (flags.json) {
      const rows = found.map(({ discovery, similarity }) => ({ ...discoveryJson(discovery, false), similarity }));
      out.json(rows.length === 0 ? null : rows);
    } else {
      for (const { discovery, similarity } of found) {
        const { id, source, title, relevanceScore, confidenceTier } = discovery;
        out.row(id, source, title, relevanceScore.toFixed(2), similarity.toFixed(4), confidenceTier);
      }
    }
    return EXIT.ok;
  },
};

const score: CliCommand = {
  words: ['discovery', 'score'],
  summary: 'Set the score of a discovery, and its tier with it.',
  operands: '<discovery>',
  flags: [{ name: 'score', value: '0-1', doc: 'The score', isRequired: true }],
  exits: { 1: 'it was promoted or dismissed, or no such discovery' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const value = required(numberOf(context.args, 'score'), 'score');
    const session = await context.session();
    const scored = await session.write((unit) => scoreDiscovery(unit, id, value));
    context.out.line(`scored ${id}: ${scored.relevanceScore.toFixed(2)} (${scored.confidenceTier})`);
    return EXIT.ok;
  },
};

const promote: CliCommand = {
  words: ['discovery', 'promote'],
  summary: 'Promote a discovery to work, and record its bead.',
  operands: '<discovery>',
  flags: [
    { name: 'bead-id', value: 'BEAD', doc: 'The bead', isRequired: true },
    { name: 'force', doc: 'Promote it even with a score below 0.5' },
  ],
  exits: { 1: 'its score is too low, it was dismissed, or no such discovery' },
  async run(context) {
    const { args, out } = context;
    const id = positional(args, 0, context.usage);
    const beadId = required(textOf(args, 'bead-id'), 'bead-id');
    const session = await context.session();
    const { outcome, discovery } = await session.write((unit) =>
      promoteDiscovery(unit, id, { beadId, force: args.switches.has('force') }),
    );
    if (outcome === 'blocked') {
      const held = discovery.relevanceScore.toFixed(2);
      out.message(`discovery promote: gate blocked: score ${held} is below 0.5; use --force to override`);
      return EXIT.negative;
    }
    out.line(`promoted ${id} → ${discovery.beadId ?? beadId}`);
    return EXIT.ok;
  },
};

const dismiss: CliCommand = {
  words: ['discovery', 'dismiss'],
  summary: 'Dismiss a discovery permanently.',
  operands: '<discovery>',
  exits: { 1: 'no such discovery' },
  async run(context) {
    const id = positional(context.args, 0, context.usage);
    const session = await context.session();
    await session.write((unit) => dismissDiscovery(unit, id));
    context.out.line(`dismissed ${id}`);
    return EXIT.ok;
  },
};

export const DISCOVERY_COMMANDS: readonly CliCommand[] = [submit, status, list, search, score, promote, dismiss];

/**
 * The transcript of a dispatch as its panel draws it, and the messages between the panel's page and the extension
 * (`docs/design/sessions.md#transcripts`). Both sides parse what they receive. The extension puts everything into
 * words. The page holds only the rows that it shows, and asks for others.
 */
import * as z from 'zod/mini';

export const ROW_KINDS = [
  'agent',
  'person',
  'thought',
  'tool',
  'plan',
  'request',
  'usage',
  'note',
  'error',
  'output',
] as const;
export const ROW_STATES = ['none', 'running', 'good', 'bad', 'dim'] as const;

const step = z.strictObject({
  text: z.string(),
  state: z.enum(['pending', 'inProgress', 'completed']),
  spoken: z.string(),
});

const transcriptRow = z.strictObject({
  kind: z.enum(ROW_KINDS),
  state: z.enum(ROW_STATES),
  /** One line. */
  head: z.string(),
  /** The state in words, and what else is short. */
  meta: z.string(),
  body: z.string(),
  /** Whether the body has more than was sent. */
  isCut: z.boolean(),
  /** Whether the body is shown on demand only. */
  isFolded: z.boolean(),
  steps: z.array(step),
  /** Names of changes, each of which opens in the diff editor. */
  diffs: z.array(z.string()),
});
export type TranscriptRow = z.infer<typeof transcriptRow>;
export type TranscriptStep = z.infer<typeof step>;

const transcriptFrame = z.strictObject({
  title: z.string(),
  summary: z.string(),
  notice: z.string(),
  count: z.int(),
  /** The plan of the agent as it is now. */
  plan: z.nullable(z.strictObject({ title: z.string(), steps: z.array(step) })),
});
export type TranscriptFrame = z.infer<typeof transcriptFrame>;

/** What the extension sends to the page. */
export const transcriptCommand = z.discriminatedUnion('type', [
  /** `changed`: the rows that are new or different, or all. */
  z.strictObject({
    type: z.literal('frame'),
    frame: transcriptFrame,
    changed: z.union([z.literal('all'), z.array(z.int())]),
  }),
  z.strictObject({ type: z.literal('rows'), from: z.int(), rows: z.array(transcriptRow) }),
  /** Rows with a text, in order. */
  z.strictObject({ type: z.literal('found'), text: z.string(), indexes: z.array(z.int()), isComplete: z.boolean() }),
]);
export type TranscriptCommand = z.infer<typeof transcriptCommand>;

export const MOST_ROWS = 200;
const index = z.int().check(z.minimum(0));

const MOST_ADDRESS = 8192;
const WEB = /^https?:\/\//;

/** What the page sends to the extension. */
export const transcriptEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('range'), from: index, count: z.int().check(z.minimum(1), z.maximum(MOST_ROWS)) }),
  /** The row with its whole body. */
  z.strictObject({ type: z.literal('whole'), index }),
  z.strictObject({ type: z.literal('diff'), index, diff: index }),
  /** An address in a message, which the person is asked about: its words may name another one. */
  z.strictObject({ type: z.literal('link'), address: z.string().check(z.maxLength(MOST_ADDRESS), z.regex(WEB)) }),
  z.strictObject({ type: z.literal('search'), text: z.string().check(z.maxLength(1000)) }),
  z.strictObject({ type: z.literal('export') }),
  z.strictObject({ type: z.literal('log') }),
]);
export type TranscriptEvent = z.infer<typeof transcriptEvent>;

/** What VS Code keeps of the page while it is hidden and over a reload of the window. */
export const transcriptMemory = z.strictObject({
  /** The first row that is seen; absent while the end is followed. */
  top: z.optional(z.int()),
  /** Rows that the person unfolded, the last of them. */
  unfolded: z.array(z.int()),
});
export type TranscriptMemory = z.infer<typeof transcriptMemory>;

/** The texts that the page's script needs, in the editor's language. */
export const transcriptPageTexts = z.object({
  /** `{0}` of `{1}` rows that were found. */
  found: z.string(),
  /** As `found`, where there are more. */
  foundMore: z.string(),
  notFound: z.string(),
  showAll: z.string(),
  openDiff: z.string(),
  loading: z.string(),
});
export type TranscriptPageTexts = z.infer<typeof transcriptPageTexts>;

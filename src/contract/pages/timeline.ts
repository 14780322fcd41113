/**
 * The timeline of a run as its panel draws it, and the messages between the panel's page and the extension
 * (`docs/design/editor.md`). Both sides parse what they receive. The extension puts everything into words, so the page
 * needs no translation and knows nothing of runs. All moments are unix seconds.
 */
import * as z from 'zod/mini';

/** What a shape says besides its sign: `dim` is what counts no more. */
export const TONES = ['neutral', 'active', 'good', 'bad', 'warning', 'dim'] as const;
export type Tone = (typeof TONES)[number];

/** The signs of moments; a bar has none, it has a length. */
export const SIGNS = [
  'advance',
  'skip',
  'pause',
  'block',
  'cancel',
  'set',
  'rollback',
  'override',
  'allow',
  'deny',
  'artifact',
  'other',
] as const;
export type Sign = (typeof SIGNS)[number];

const shared = {
  /** Unique in the picture and the same in every picture of the run. */
  id: z.string(),
  /** Index of its lane. */
  lane: z.int(),
  from: z.int(),
  tone: z.enum(TONES),
  /** What it is, in a sentence: for screen readers, and above the explanation. */
  spoken: z.string(),
};

const timelineItem = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('bar'),
    ...shared,
    /** Null while it lasts. */
    to: z.nullable(z.int()),
    label: z.string(),
  }),
  z.strictObject({ kind: z.literal('mark'), ...shared, sign: z.enum(SIGNS) }),
]);
export type TimelineItem = z.infer<typeof timelineItem>;

const usePoint = z.strictObject({
  at: z.int(),
  /** Used by then, all before it included. */
  amount: z.int(),
  /** False where part of the step up to here was not reported: an estimate, or nothing known at all. */
  isReported: z.boolean(),
});
export type UsePoint = z.infer<typeof usePoint>;

/** Of the length of a gauge, from 0 to 1. */
const share = z.number().check(z.minimum(0), z.maximum(1));

/** One measure of what was used, over time and against its limit. */
const budgetPicture = z.strictObject({
  measure: z.enum(['tokens', 'cost']),
  label: z.string(),
  points: z.array(usePoint),
  /** In tokens or micro-dollars. */
  limit: z.nullable(z.int()),
  /** What running dispatches hold beyond what they have used, and since when. */
  reserved: z.optional(z.strictObject({ from: z.int(), amount: z.int() })),
  level: z.enum(['ok', 'warning', 'exceeded']),
  /** Where there is a limit: the parts of a bar that is as long as the limit, or as what is over it. */
  gauge: z.optional(z.strictObject({ reported: share, estimated: share, reserved: share, limit: share })),
  /** Used, reserved, unknown and limit in words. */
  spoken: z.string(),
});
export type BudgetPicture = z.infer<typeof budgetPicture>;

const lane = z.strictObject({
  /** Empty on the further lanes of a kind. */
  label: z.string(),
  height: z.enum(['bar', 'marks']),
});

/** Everything but the items, which are many. */
const timelineFrame = z.strictObject({
  /** The run's goal, or what to show instead of a timeline. */
  title: z.string(),
  /** Its phase, status, length and tokens. */
  summary: z.string(),
  notices: z.array(z.strictObject({ tone: z.enum(['info', 'warning']), text: z.string() })),
  /** From the first to the last moment; a run that lasts goes up to now. */
  range: z.strictObject({ from: z.int(), to: z.int() }),
  isLive: z.boolean(),
  /** Stretches in which nothing happened, drawn short; each with its length in words. */
  folds: z.array(z.strictObject({ from: z.int(), to: z.int(), text: z.string() })),
  lanes: z.array(lane),
  /** Measures that have a limit, or of which something was used. */
  budgets: z.array(budgetPicture),
  /** The signs and tones that occur. */
  legend: z.array(z.strictObject({ sign: z.optional(z.enum(SIGNS)), tone: z.enum(TONES), text: z.string() })),
});
export type TimelineFrame = z.infer<typeof timelineFrame>;

export interface TimelinePicture {
  readonly frame: TimelineFrame;
  /** By lane, then by time. */
  readonly items: readonly TimelineItem[];
}

/** What the extension tells the page. `seq` grows by one with every picture that a panel is sent. */
export const timelineCommand = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('draw'), seq: z.int(), frame: timelineFrame, items: z.array(timelineItem) }),
  /** What differs from picture `seq - 1`; a page that shows another one asks for all of it. */
  z.strictObject({
    type: z.literal('change'),
    seq: z.int(),
    frame: timelineFrame,
    items: z.array(timelineItem),
    removed: z.array(z.string()),
  }),
  /** Why an item is what it is. */
  z.strictObject({
    type: z.literal('explained'),
    item: z.string(),
    title: z.string(),
    lines: z.array(z.string()),
  }),
]);
export type TimelineCommand = z.infer<typeof timelineCommand>;

export const EXPORT_FORMATS = ['svg', 'markdown'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What the page tells the extension. */
export const timelineEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('explain'), item: z.string() }),
  /** The person wants to see the whole of it: its log, its evidence, its file. */
  z.strictObject({ type: z.literal('open'), item: z.string() }),
  z.strictObject({ type: z.literal('export') }),
]);
export type TimelineEvent = z.infer<typeof timelineEvent>;

/** What VS Code keeps of the page while it is hidden and over a reload of the window. */
export const timelineMemory = z.strictObject({
  /** Absent while all of it is fitted into the panel. `scale` in pixels a second, `left` in pixels from the beginning. */
  camera: z.optional(z.strictObject({ scale: z.number(), left: z.number() })),
  /** The lane and the moment that the keyboard was at. */
  current: z.optional(z.strictObject({ lane: z.int(), at: z.number() })),
});
export type TimelineMemory = z.infer<typeof timelineMemory>;

/** The texts that the page's script needs, in the editor's language. */
export const timelinePageTexts = z.object({
  /** `{0}`: how many moments are too close together to distinguish. */
  several: z.string(),
  hint: z.string(),
});
export type TimelinePageTexts = z.infer<typeof timelinePageTexts>;

/** What is attached to a text for an agent: files, selections, and diagnostics. */
import * as z from 'zod';

const what = z.enum(['file', 'selection', 'diagnostics']);
const lines = z.strictObject({ from: z.int().min(1), to: z.int().min(1) });

const MAX_ATTACHMENTS = 50;
/** Of a text that a caller gives; the agent gets less. */
const MAX_GIVEN_TEXT = 2_000_000;

/** As a caller gives it. `text` left out: the file is read, which must be inside the project. */
const given = z.strictObject({
  path: z.string().min(1).max(4096),
  what: what.optional(),
  lines: lines.optional(),
  text: z.string().max(MAX_GIVEN_TEXT).optional(),
});
export type GivenAttachment = z.infer<typeof given>;

export const givenAttachments = z.array(given).max(MAX_ATTACHMENTS).optional();

/** As the agent gets it, within bounds. */
export const attachment = z.object({
  /** Absolute. */
  path: z.string(),
  /** The path in the project, or the whole path outside of it. */
  name: z.string(),
  what,
  lines: lines.optional(),
  /** Null where there is no text, or no room for it. */
  text: z.string().nullable(),
  /** Of the whole text or file. */
  bytes: z.int().min(0),
});
export type Attachment = z.infer<typeof attachment>;

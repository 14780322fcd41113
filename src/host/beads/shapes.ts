/** The output of `bd … --json` about an issue, in both formats (`docs/design/beads.md`). */
import * as z from 'zod';
import { storableText } from '../../kernel/text/storableText';

/** Longer than any text of an issue in the record. */
const MOST_TEXT = 1_000_000;

/** Other programs write issues, so their texts are made storable here. */
const text = z.string().transform((written) => storableText(written, MOST_TEXT));

const textOrNone = text.default(storableText('', 0));

const relation = z.object({
  id: z.string(),
  dependency_type: z.string().optional(),
});

const comment = z.object({
  /** A number in older versions, a UUID in newer ones. */
  id: z.union([z.int(), z.string()]).transform(String),
  author: textOrNone,
  text,
});

const issue = z.object({
  id: z.string().min(1),
  title: text,
  description: textOrNone,
  design: textOrNone,
  acceptance_criteria: textOrNone,
  status: z.string(),
  issue_type: z.string().default('task'),
  created_at: z.string(),
  close_reason: textOrNone,
  dependent_count: z.int().optional(),
  comment_count: z.int().optional(),
  dependencies: z.array(relation).nullish(),
  comments: z.array(comment).nullish(),
});

/** An issue as `show` prints it: its dependencies are the other issues, each with the kind of relation. */
export type Issue = z.infer<typeof issue>;
export type Comment = z.infer<typeof comment>;

/** `show`: an array, although some versions document a single object. */
export const shownIssues = z.union([z.array(issue), issue.transform((one) => [one])]);

/**
 * `list`: older versions print `null` for none. The format of its dependencies varies, so they are read with `show`.
 */
export const listedIssues = z
  .array(issue.omit({ dependencies: true }))
  .nullable()
  .transform((found) => found ?? []);

export const comments = z
  .array(comment)
  .nullable()
  .transform((found) => found ?? []);

/**
 * Documents about the record (`docs/design/editor.md`), read-only but for subtasks that are edited. Any program may open
 * one: `vscode.open` or `openTextDocument` with the text of `documentUri`, parsed.
 */
import * as z from 'zod';

/** Reports written from the database. */
export const RECORD_SCHEME = 'intercore';
/** The log of a dispatch, followed while it grows. */
export const LOG_SCHEME = 'intercore-log';
/** The newest report of the doctor. */
export const DOCTOR_SCHEME = 'intercore-doctor';
/** The title of its editor tab is the last part. */
export const DOCTOR_URI = `${DOCTOR_SCHEME}:/Intercore%20Doctor.txt`;
/** A subtask as a text that can be edited: saving it changes the plan. */
export const SUBTASK_SCHEME = 'intercore-subtask';
/** A file as it is in a commit of a project. */
export const GIT_SCHEME = 'intercore-git';

const inFolder = { folder: z.string().min(1) };
const ofRun = { ...inFolder, runId: z.string().min(1) };
const ofPortfolio = { portfolioId: z.string().min(1) };

/** What a document shows. `gate`: what the current phase's gate says now; `evidence`: what it said at an event. */
export const documentTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), ...ofRun }),
  z.object({ kind: z.literal('gate'), ...ofRun }),
  z.object({ kind: z.literal('events'), ...ofRun }),
  z.object({ kind: z.literal('evidence'), ...ofRun, eventId: z.coerce.number().int().positive() }),
  z.object({ kind: z.literal('log'), ...inFolder, dispatchId: z.string().min(1) }),
  z.object({ kind: z.literal('task'), ...inFolder, taskId: z.string().min(1) }),
  z.object({ kind: z.literal('subtask'), ...inFolder, subtaskId: z.string().min(1) }),
  z.object({ kind: z.literal('portfolio'), ...ofPortfolio }),
  z.object({ kind: z.literal('portfolioGate'), ...ofPortfolio }),
]);
export type DocumentTarget = z.infer<typeof documentTarget>;

/** The title of the editor tab, which is the last part of the address; no user text but ids. */
function documentName(target: DocumentTarget): string {
  switch (target.kind) {
    case 'run':
      return `Run ${target.runId}.txt`;
    case 'gate':
      return `Gate of ${target.runId}.txt`;
    case 'events':
      return `Events of ${target.runId}.txt`;
    case 'evidence':
      return `Evidence ${target.eventId} of ${target.runId}.txt`;
    case 'log':
      return `Dispatch ${target.dispatchId}.log`;
    case 'task':
      return `Task ${target.taskId}.txt`;
    case 'subtask':
      return `Subtask ${target.subtaskId}.txt`;
    case 'portfolio':
      return `Portfolio ${target.portfolioId}.txt`;
    case 'portfolioGate':
      return `Gate of ${target.portfolioId}.txt`;
  }
}

/** The address of a document, in the form that `vscode.Uri.parse` reads. */
export function documentUri(target: DocumentTarget): string {
  const scheme = target.kind === 'log' ? LOG_SCHEME : RECORD_SCHEME;
  const path = encodeURIComponent(documentName(target));
  return `${scheme}:/${path}?${encodeURIComponent(JSON.stringify(target))}`;
}

const subtaskFile = z.object({ ...inFolder, subtaskId: z.string().min(1) });
export type SubtaskFile = z.infer<typeof subtaskFile>;

/** The query of the address of a subtask that is edited. */
export function subtaskFileQuery(file: SubtaskFile): string {
  return JSON.stringify(file);
}

export function parseSubtaskFile(query: string): SubtaskFile | undefined {
  return parsed(query, subtaskFile);
}

const gitFile = z.object({
  clonePath: z.string().min(1),
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  /** Relative to the repository, with slashes. */
  path: z.string().min(1),
});
export type GitFile = z.infer<typeof gitFile>;

/** The query of the address of a file in a commit. Its path is what the editor shows and takes the language from. */
export function gitFileQuery(file: GitFile): string {
  return JSON.stringify(file);
}

export function parseGitFile(query: string): GitFile | undefined {
  return parsed(query, gitFile);
}

/** The document that the decoded query of an address names; undefined if it is not one of ours. */
export function parseDocumentQuery(query: string): DocumentTarget | undefined {
  return parsed(query, documentTarget);
}

function parsed<T>(query: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(query)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

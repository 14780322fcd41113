/**
 * The agent kinds of the editor's settings, handed to `ic` as a file that an environment variable names. Only the
 * editor knows which settings are trusted, so `ic` reads kinds from nowhere else: a repository's own settings file can
 * never make it run a program (`docs/design/agents.md#agent-kinds`).
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { agentKind, type AgentKind } from '../../contract/agentKinds';
import { KernelError, problemOf } from '../../kernel/errors/errors';
import { because, type Problem } from '../../kernel/errors/reasons/problem';
import { ifThere, readFailure } from '../files/fileErrors';
import { renameOver } from '../files/renames';

/** Names the file. Terminals and dispatches have it. */
export const AGENT_KINDS_VARIABLE = 'INTERCORE_AGENT_KINDS';

const kindsFile = z.array(agentKind);

/** Replaces the file. Only its owner can read it, because kinds may set secret variables. */
export async function writeAgentKinds(file: string, kinds: readonly AgentKind[]): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, JSON.stringify(kinds), { mode: 0o600 });
    await renameOver(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * The kinds of the file that `environment` names; none without one.
 * @throws KernelError `INVALID_ARGUMENT` for a relative path and for invalid content; `FILE_UNREADABLE`
 */
export async function readAgentKinds(environment: NodeJS.ProcessEnv): Promise<readonly AgentKind[]> {
  const file = environment[AGENT_KINDS_VARIABLE] ?? '';
  if (file === '') return [];
  if (!path.isAbsolute(file)) throw invalid(because('"{text}" is not an absolute path', { text: file }));
  const text = await ifThere(readFile(file, 'utf8')).catch((error: unknown) => {
    throw readFailure(file, error);
  });
  if (text === undefined) return [];
  const parsed = kindsFile.safeParse(parsedJson(text, file));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const said = issue?.message ?? parsed.error.message;
  throw invalid(because('{file}: {path}: {said}', { file, path: issue?.path.join('.') ?? '', said }));
}

function parsedJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(because('{file}: {said}', { file, said: problemOf(error) }));
  }
}

function invalid(problem: Problem<'INVALID_ARGUMENT'>): KernelError {
  return new KernelError('INVALID_ARGUMENT', { argument: AGENT_KINDS_VARIABLE, problem });
}

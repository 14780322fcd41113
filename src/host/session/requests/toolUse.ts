/** What an agent asks permission for: read from its request, merged with the tool call that came before it. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ToolUse } from '../../../contract/permissions/model';
import type { RequestedDiff } from '../../../contract/sessions';
import { startOf } from '../../../kernel/text/storableText';
import { filesOfOwnCommand } from './ownCommand';
import type { ToolCall } from '../connection/protocol';
import { defined } from '../../../kernel/defined';

/** Longer texts of a diff are cut in what a person is shown; the log has them whole. */
const MAX_DIFF_LENGTH = 10_000;
const MAX_DIFFS = 5;
const MAX_TITLE_LENGTH = 300;
const MAX_PATHS = 100;

/** Git's own files decide what its next command does, so they are outside. */
const GIT_FOLDER = '.git';

/** In place of paths that were not resolved. */
const UNKNOWN_PATH = { path: '…', isInside: false, below: '…' };

/** Fields of a tool's input that name a path, as agents call them. */
const PATH_FIELDS = ['file_path', 'filePath', 'path', 'abs_path', 'absolute_path', 'notebook_path', 'directory'];

/** The newer fields of a call, over what is known of it. A list replaces the list before. */
export function mergedCall(known: ToolCall | undefined, newer: ToolCall): ToolCall {
  const given = Object.entries(newer).filter(([, value]) => value !== undefined);
  return { ...(known ?? newer), ...Object.fromEntries(given) };
}

/** `folder`: the worktree, below which paths are inside. */
export async function toolUseOf(call: ToolCall, folder: string, project: string): Promise<ToolUse> {
  const root = await realpath(folder).catch(() => path.resolve(folder));
  const named = pathsOf(call);
  const paths = await Promise.all(named.slice(0, MAX_PATHS).map((file) => resolved(root, file)));
  // What was not resolved counts as outside.
  if (named.length > MAX_PATHS) paths.push(UNKNOWN_PATH);
  const command = commandOf(call);
  for (const file of command === undefined ? [] : filesOfOwnCommand(command)) {
    paths.push(file === null ? UNKNOWN_PATH : await resolved(root, file));
  }
  const mcpTool = [call.name, call.title].find((name) => name !== undefined && /^mcp__\w+/.test(name));
  return {
    kind: call.kind ?? 'other',
    project,
    paths,
    ...defined({ command, mcpTool }),
  };
}

/** What a person is shown as the title of a request. */
export function titleOf(call: ToolCall): string {
  const title = (call.title ?? call.name ?? commandOf(call) ?? '').replace(/\s+/g, ' ').trim();
  return title.length > MAX_TITLE_LENGTH ? `${startOf(title, MAX_TITLE_LENGTH)}…` : title;
}

export function diffsOf(call: ToolCall): RequestedDiff[] {
  const diffs = (call.content ?? []).flatMap(({ type, path: file, oldText, newText }) => {
    if (type !== 'diff' || file === undefined || newText === undefined) return [];
    const isCut = newText.length > MAX_DIFF_LENGTH || (oldText ?? '').length > MAX_DIFF_LENGTH;
    return [
      {
        path: file,
        oldText: typeof oldText === 'string' ? startOf(oldText, MAX_DIFF_LENGTH) : null,
        newText: startOf(newText, MAX_DIFF_LENGTH),
        isCut,
      },
    ];
  });
  return diffs.slice(0, MAX_DIFFS);
}

function pathsOf(call: ToolCall): readonly string[] {
  const input = fieldsOf(call.rawInput);
  const named = PATH_FIELDS.map((field) => input[field]).filter((value) => typeof value === 'string');
  const located = (call.locations ?? []).map((location) => location.path);
  const changed = (call.content ?? []).flatMap((content) => (content.type === 'diff' ? (content.path ?? []) : []));
  return [...new Set([...located, ...changed, ...named])].filter((file) => file !== '');
}

/** Only from the input: a title is the agent's own words. */
function commandOf(call: ToolCall): string | undefined {
  const { command, cmd } = fieldsOf(call.rawInput);
  const given = command ?? cmd;
  if (typeof given === 'string') return given;
  if (!Array.isArray(given)) return undefined;
  const words: readonly string[] = given.map(String);
  // A shell that is given its script runs the script.
  const [shell = '', flag = '', script, ...rest] = words;
  const isScript = /^(?:.*\/)?(?:ba|z|da|k)?sh$/.test(shell) && /^-l?c$/.test(flag) && rest.length === 0;
  return isScript && script !== undefined ? script : words.join(' ');
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Links are followed as far as the path exists. */
async function resolved(root: string, file: string): Promise<ToolUse['paths'][number]> {
  const real = await realFile(path.resolve(root, file));
  const below = path.relative(root, real);
  const parts = below.split(path.sep);
  const isBelow = below !== '' && parts[0] !== '..' && !path.isAbsolute(below);
  const isInside = below === '' || (isBelow && !parts.some((part) => part.toLowerCase() === GIT_FOLDER));
  return { path: real, isInside, below: parts.join('/') };
}

async function realFile(file: string): Promise<string> {
  for (let above = file, rest: string[] = []; ; rest = [path.basename(above), ...rest], above = path.dirname(above)) {
    const real = await realpath(above).catch(() => undefined);
    if (real !== undefined) return path.join(real, ...rest);
    if (path.dirname(above) === above) return file;
  }
}

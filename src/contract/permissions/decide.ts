/** Decides about the use of a tool by a policy and rules. Pure: paths are resolved before. */
import picomatch from 'picomatch';
import { matchesForm } from './commandForms';
import type { PermissionAnswer, PermissionDecision, PermissionPolicy, PermissionRule, ToolUse } from './model';

/**
 * Commands that a worker needs to hand over its work, and that write nowhere else. Each is one command without options
 * that name a program or a file.
 */
const COMMITS: readonly PermissionRule[] = [
  'git status',
  'git status --short',
  'git add *',
  'git commit -m *',
  'git commit -am *',
].map((command) => ({ tools: ['execute'], command, then: 'allow' }));

/** A worker reads what was done before it. Another option of `git log` could write a file. */
const HISTORY = 'git log --oneline <revision>..HEAD';

/** Commands with which planners write their plan, and workers report. `ic` itself refuses what only a person may do. */
const REPORTS: readonly PermissionRule[] = [
  'ic subtask list',
  'ic subtask show *',
  'ic subtask create *',
  'ic subtask edit *',
  'ic subtask depend *',
  'ic subtask remove *',
  'ic subtask note *',
  'ic subtask close',
  'ic subtask close *',
].map((command) => ({ tools: ['execute'], command, then: 'allow' }));

const FREE_INSIDE: readonly PermissionRule[] = [
  { tools: ['read', 'search', 'edit', 'delete', 'move'], where: 'inside', then: 'allow' },
  { tools: ['think'], then: 'allow' },
];

/** Not for a request that names a path outside. */
const FREE_COMMANDS: readonly PermissionRule[] = [...COMMITS, ...REPORTS];

/** Whether work inside the worktree is free, after the person's rules, and the answer to everything else. */
const POLICIES: Readonly<Record<PermissionPolicy, { readonly isFree: boolean; readonly otherwise: PermissionAnswer }>> =
  {
    askAll: { isFree: false, otherwise: 'ask' },
    freeInside: { isFree: true, otherwise: 'ask' },
    denyAsked: { isFree: true, otherwise: 'deny' },
    allowAll: { isFree: false, otherwise: 'allow' },
  };

/**
 * In `denyAsked` no rule asks: no person is there to answer.
 * @param commands forms of commands that are free beyond those of every worktree
 */
export function decide(
  policy: PermissionPolicy,
  rules: readonly PermissionRule[],
  use: ToolUse,
  commands: readonly string[] = [],
): PermissionDecision {
  const { isFree, otherwise } = POLICIES[policy];
  const number = rules.findIndex((rule) => applies(rule, use)) + 1;
  const own = rules[number - 1];
  if (own !== undefined) {
    const answer = own.then === 'ask' && policy === 'denyAsked' ? 'deny' : own.then;
    return { answer, by: { kind: 'rule', number } };
  }
  return { answer: isFree && isFreeInside(use, commands) ? 'allow' : otherwise, by: { kind: 'policy', policy } };
}

function isFreeInside(use: ToolUse, commands: readonly string[]): boolean {
  if (FREE_INSIDE.some((rule) => applies(rule, use))) return true;
  if (!use.paths.every(({ isInside }) => isInside)) return false;
  if (FREE_COMMANDS.some((rule) => applies(rule, use))) return true;
  const { kind, command } = use;
  return (
    kind === 'execute' && command !== undefined && [HISTORY, ...commands].some((form) => matchesForm(form, command))
  );
}

export function applies(rule: PermissionRule, use: ToolUse): boolean {
  const { paths, command, mcpTool } = use;
  if (rule.folder !== undefined && rule.folder !== use.project) return false;
  if (rule.tools !== undefined && !rule.tools.includes(use.kind)) return false;
  if (rule.where === 'inside' && !(paths.length > 0 && paths.every(({ isInside }) => isInside))) return false;
  if (rule.where === 'outside' && paths.every(({ isInside }) => isInside)) return false;
  if (rule.path !== undefined) {
    const matches = picomatch(rule.path, { dot: true });
    // One path that matches is enough to ask or deny; to allow, all must.
    const isMatch = ({ below, isInside }: ToolUse['paths'][number]): boolean => isInside && matches(below);
    if (!(rule.then === 'allow' ? paths.length > 0 && paths.every(isMatch) : paths.some(isMatch))) return false;
  }
  if (rule.command !== undefined && !matchesCommand(rule, command)) return false;
  return rule.mcpTool === undefined || (mcpTool !== undefined && textMatcher(rule.mcpTool)(mcpTool));
}

/** Characters by which a shell runs more than one command, writes files, or replaces text. */
const SHELL_CONTROL = /[;&|<>`\n\r\0]|\$[({]/;

function matchesCommand({ command: wanted = '', then }: PermissionRule, command: string | undefined): boolean {
  if (command === undefined) return false;
  const matches = textMatcher(wanted);
  if (then === 'allow') return !SHELL_CONTROL.test(command) && matches(command.trim());
  // What asks or denies applies to each command of several.
  return [command, ...command.split(/[;&|\n`]|\$\(/)].some((part) => matches(part.trim()));
}

/** `*` is any text. Takes linear time, whatever the pattern is. */
export function textMatcher(wanted: string): (text: string) => boolean {
  const [start = '', ...rest] = wanted.split(/\*+/);
  const end = rest.pop();
  if (end === undefined) return (text) => text === start;
  return (text) => {
    if (!text.startsWith(start)) return false;
    let from = start.length;
    for (const part of rest) {
      const found = text.indexOf(part, from);
      if (found < 0) return false;
      from = found + part.length;
    }
    return text.length - end.length >= from && text.endsWith(end);
  };
}

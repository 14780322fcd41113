/** Rules that would allow a permission request from now on, from narrow to wide, for a person to choose from. Pure. */
import { decide } from './decide';
import type { PermissionRule, ToolKind, ToolUse } from './model';
import { defined } from '../../kernel/defined';

/** A permission request, as far as a rule can name it. */
export interface RequestedTool {
  readonly tool: ToolKind;
  readonly command?: string | undefined;
  readonly mcpTool?: string | undefined;
  readonly paths: readonly { readonly path: string; readonly isInside: boolean; readonly below?: string | undefined }[];
}

/** What a rule allows: one command, all of a program, an MCP tool, all of its server, or a tool inside the worktree. */
export type SuggestedScope = 'command' | 'program' | 'mcpTool' | 'mcpServer' | 'inside';

export interface SuggestedRule {
  readonly scope: SuggestedScope;
  /** The command, program, MCP tool, server, or kind of tool. */
  readonly subject: string;
  readonly rule: PermissionRule;
}

/** The tools whose reach is their paths. A command is not: it has a folder, and does what it does anywhere. */
const BOUND_BY_PATHS: readonly ToolKind[] = ['read', 'search', 'edit', 'delete', 'move'];

/** Programs that run what their arguments say: all of one would be all of every program. */
const RUNS_ANYTHING = new Set(
  [
    'sh bash zsh dash ash ksh mksh csh tcsh fish nu elvish busybox toybox cmd powershell pwsh wsl',
    'node nodejs deno bun tsx ts-node python pypy ruby jruby perl php lua luajit tclsh expect java groovy scala kotlin',
    'julia r rscript erl elixir iex ghci runghc ocaml swift guile racket sbcl clojure osascript wscript cscript mshta',
    'awk gawk mawk nawk sed ed ex vi vim nvim emacs env sudo doas su runuser pkexec setpriv xargs parallel find fd',
    'nohup nice ionice time timeout stdbuf setsid script watch flock chroot unshare nsenter strace ltrace gdb lldb',
    'eval exec command builtin source trap alias ssh scp sftp rsync docker podman nerdctl kubectl npx pnpx bunx uvx',
    'npm pnpm yarn corepack pip pip3 uv poetry pipenv conda cargo go make gmake cmake ninja just task rake bundle gem',
    'composer mvn gradle ant sbt dotnet bazel nx turbo lerna',
    'pipx git start rundll32 regsvr32 systemd-run crontab at batch tmux screen',
  ].flatMap((names) => names.split(' ')),
);

/** Programs that destroy what their arguments name, wherever that is. */
const DESTROYS_ANYTHING = 'rm rmdir unlink shred truncate dd mv chmod chown chgrp kill killall pkill mkfs'.split(' ');

const PROGRAM = /^[A-Za-z0-9_][\w+-]*(?:\.[\w+-]+)*$/;
const NAME = /^[\w-]+$/;
const MCP = 'mcp__';

/** The longest pattern of a rule. */
const MAX_PATTERN = 500;

/** @param project the folder that the rules are limited to */
export function suggest(request: RequestedTool, project: string): readonly SuggestedRule[] {
  const use = useOf(request, project);
  return [...ofCommand(use), ...ofMcpTool(use), ...ofTool(use)].filter(({ rule }) => allows(rule, use));
}

/** Whether the rule alone allows this very request, where everything else is asked. */
function allows(rule: PermissionRule, use: ToolUse): boolean {
  return decide('askAll', [rule], use).answer === 'allow';
}

/** Suggested rules name no path, so they need not know where it is below the worktree. */
export function useOf({ tool, command, mcpTool, paths }: RequestedTool, project: string): ToolUse {
  return {
    kind: tool,
    project,
    paths: paths.map((named) => ({ ...named, below: named.below ?? '' })),
    ...defined({ command, mcpTool }),
  };
}

/** A rule has no way to mean a `*` itself, so a command with one cannot be named exactly. */
function* ofCommand({ kind, project, command }: ToolUse): Iterable<SuggestedRule> {
  const line = command?.trim() ?? '';
  if (line === '' || line.length > MAX_PATTERN) return;
  const base = { folder: project, tools: [kind] };
  if (!line.includes('*')) {
    yield { scope: 'command', subject: line, rule: { ...base, command: line, then: 'allow' } };
  }
  const [program = ''] = line.split(' ', 1);
  if (!PROGRAM.test(program) || isTooMuch(program)) return;
  yield { scope: 'program', subject: program, rule: { ...base, command: `${program} *`, then: 'allow' } };
}

/** Versions and the endings of Windows are left out: `python3.12`, `node.exe`. */
function isTooMuch(program: string): boolean {
  const name = program.toLowerCase().replace(/\.(?:exe|cmd|bat|com|ps1)$/, '');
  const [start = ''] = name.split(/[-.\d]/, 1);
  return [name, start].some((one) => RUNS_ANYTHING.has(one) || DESTROYS_ANYTHING.includes(one));
}

function* ofMcpTool({ project, mcpTool }: ToolUse): Iterable<SuggestedRule> {
  if (mcpTool?.startsWith(MCP) !== true || mcpTool.length > MAX_PATTERN || !NAME.test(mcpTool)) return;
  const [server = '', ...tool] = mcpTool.slice(MCP.length).split('__');
  if (server === '' || tool.join('__') === '') return;
  yield { scope: 'mcpTool', subject: mcpTool, rule: { folder: project, mcpTool, then: 'allow' } };
  const ofServer = `${MCP}${server}__*`;
  yield { scope: 'mcpServer', subject: server, rule: { folder: project, mcpTool: ofServer, then: 'allow' } };
}

function* ofTool({ kind, project, command, mcpTool }: ToolUse): Iterable<SuggestedRule> {
  if (command !== undefined || mcpTool !== undefined || !BOUND_BY_PATHS.includes(kind)) return;
  yield { scope: 'inside', subject: kind, rule: { folder: project, tools: [kind], where: 'inside', then: 'allow' } };
}

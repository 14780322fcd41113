/** A dispatch as text and as JSON (`docs/design/agents.md#commands-on-dispatches`). */
import type { Dispatch } from '../../kernel/dispatch/model';
import type { AlteredFile } from '../../contract/results/records';
import type { CliContext } from '../command/command';
import type { JsonValue } from '../output/output';
import { present } from '../output/output';

/** Altered files are shown only if there are any, so that everything else is as the original prints it. */
export function dispatchMap(dispatch: Dispatch, altered: readonly AlteredFile[] = []): JsonValue {
  return {
    id: dispatch.id,
    agent_type: dispatch.agentType,
    status: dispatch.status,
    project_dir: dispatch.projectDir,
    turns: dispatch.turns,
    commands: dispatch.commands,
    messages: dispatch.messages,
    in_tokens: dispatch.inputTokens,
    out_tokens: dispatch.outputTokens,
    created_at: dispatch.createdAt,
    ...present({
      prompt_file: dispatch.promptFile,
      output_file: dispatch.outputFile,
      pid: dispatch.pid,
      exit_code: dispatch.exitCode,
      name: dispatch.name,
      model: dispatch.model,
      started_at: dispatch.startedAt,
      completed_at: dispatch.completedAt,
      verdict_status: dispatch.verdictStatus,
      verdict_summary: dispatch.verdictSummary,
      error_message: dispatch.errorMessage,
      cache_hits: dispatch.cacheHits,
      scope_id: dispatch.scopeId,
      parent_id: dispatch.parentId,
    }),
    ...(altered.length === 0 ? {} : { altered: [...altered] }),
  };
}

function lines(dispatch: Dispatch, altered: readonly AlteredFile[]): string[] {
  const { turns, commands, messages, inputTokens, outputTokens, cacheHits } = dispatch;
  const stats = turns + commands + messages > 0;
  const tokens = inputTokens + outputTokens > 0;
  const cache = cacheHits !== null && cacheHits > 0 ? ` / ${cacheHits} cache` : '';
  const rows: readonly (readonly [string, string | number | null | undefined])[] = [
    ['ID', dispatch.id],
    ['Status', dispatch.status],
    ['Type', dispatch.agentType],
    ['Name', dispatch.name],
    ['PID', dispatch.pid],
    ['Project', dispatch.projectDir],
    ['Prompt', dispatch.promptFile],
    ['Output', dispatch.outputFile],
    ['Stats', stats ? `${turns} turns, ${commands} commands, ${messages} messages` : undefined],
    ['Tokens', tokens ? `${inputTokens} in / ${outputTokens} out${cache}` : undefined],
    ['Verdict', dispatch.verdictStatus],
    ['Summary', dispatch.verdictSummary],
    ['Exit', dispatch.exitCode],
    ['Error', dispatch.errorMessage],
    ['Altered', altered.length === 0 ? undefined : altered.join(', ')],
  ];
  return rows.flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`${`${name}:`.padEnd(9)}${value}`],
  );
}

export function printDispatch(
  { flags, out }: Pick<CliContext, 'flags' | 'out'>,
  dispatch: Dispatch,
  altered: readonly AlteredFile[] = [],
): void {
  if (flags.json) out.map(dispatchMap(dispatch, altered));
  else for (const line of lines(dispatch, altered)) out.line(line);
}

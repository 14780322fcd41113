/**
 * Reads one dispatch's log, live or afterwards: from bytes to the agent's report
 * (`docs/design/agents.md#from-start-to-end`).
 */
import type { AgentKind } from '../../contract/agentKinds';
import { proven, readOutput } from '../../host/launcher/launchRecord';
import { LogTail } from '../../host/launcher/log/logTail';
import { readSmallFile } from '../../host/files/smallFile';
import type { DispatchFiles } from '../../host/launcher/dispatchFiles';
import { DecisionReading } from '../../host/session/files/decisionFile';
import type { KernelError } from '../../kernel/errors/errors';
import { LineCutter } from './output/lines';
import type { AgentReport, OutputReader, UnrecordedDecisions } from './output/report';
import { tokensInSummary, verdictInFile, verdictInMessage, type Verdict } from './output/verdict';
import { AGENT_PROGRAMS } from './programs';

export class LogReading {
  private readonly reader: OutputReader;
  private readonly cutter: LineCutter;
  private readonly tail: LogTail;
  /** Of a session. They are whole, where those in the log are not. */
  readonly left: DecisionReading;

  constructor(
    private readonly files: DispatchFiles,
    readonly kind: AgentKind,
    onGrown: () => void,
    onProblem: (error: KernelError) => void,
  ) {
    this.left = new DecisionReading(files);
    this.reader = AGENT_PROGRAMS[kind.parser].reader();
    this.cutter = new LineCutter((line) => this.reader.read(line), { shortensJson: kind.parser !== 'plain' });
    this.tail = new LogTail(files.log, { onBytes: (bytes) => this.cutter.push(bytes), onGrown, onProblem });
  }

  get report(): AgentReport {
    return this.reader.report;
  }

  get otherLines(): readonly string[] {
    return this.reader.otherLines;
  }

  get decisions(): UnrecordedDecisions | undefined {
    return this.reader.decisions;
  }

  get drift(): ReadonlyMap<string, number> {
    const { dropped } = this.cutter;
    // Plain output has no figures.
    if (dropped === 0 || this.kind.parser === 'plain') return this.reader.drift;
    return new Map([...this.reader.drift, ['line: longer than 1 MB', dropped]]);
  }

  /** Follows the log until `dispose`. */
  follow(): void {
    this.tail.start();
  }

  /** Reads the rest after the agent has ended, and finds its verdict: from the file, else from its last message. */
  async finish(): Promise<{ report: AgentReport; verdict: Verdict | undefined }> {
    await this.tail.drain();
    this.cutter.end();
    const { verdict: verdictFile, summary: summaryFile } = await sidecarsOf(this.files);
    const summary = summaryFile === undefined ? undefined : tokensInSummary(await smallFile(summaryFile));
    const report = summary === undefined ? this.report : { ...this.report, ...summary, tokensReported: true };
    const verdict = verdictInFile(await smallFile(verdictFile)) ?? verdictInMessage(report.finalMessage ?? '');
    return { report, verdict };
  }

  dispose(): Promise<void> {
    return this.tail.dispose();
  }
}

/** Next to the output file that was named at the start, else in the dispatch's own folder. */
async function sidecarsOf(files: DispatchFiles): Promise<{ readonly verdict: string; readonly summary?: string }> {
  const named = proven(await readOutput(files))?.outputFile;
  if (named === undefined) return { verdict: files.verdict };
  return { verdict: verdictFileOf(files, named), summary: `${named}.summary` };
}

/** The verdict file. */
export function verdictFileOf(files: DispatchFiles, outputFile: string | undefined): string {
  return outputFile === undefined ? files.verdict : `${outputFile}.verdict`;
}

/** The agent may leave anything there; only a small regular file is read (`docs/design/agents.md#endings`). */
async function smallFile(file: string): Promise<string> {
  return (await readSmallFile(file).catch(() => undefined)) ?? '';
}

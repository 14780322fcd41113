/** Reading one dispatch's log, live or afterwards: from bytes to the agent's report (design §8). */
import { readFile, stat } from 'node:fs/promises';
import type { AgentKind } from '../../contract/agentKinds';
import type { DispatchFiles } from '../../host/launchRecord';
import { LogTail } from '../../host/logTail';
import type { KernelError } from '../../kernel/errors';
import { readerOf } from '../agents/kinds';
import { LineCutter, MAX_LINE_BYTES } from '../agents/lines';
import type { AgentReport } from '../agents/report';
import { tokensInSummary, type TokenCounts } from '../agents/summary';
import { verdictInFile, verdictInMessage, type Verdict } from '../agents/verdict';

export class LogReading {
  private readonly reader;
  private readonly cutter: LineCutter;
  private readonly tail: LogTail;

  constructor(
    private readonly files: DispatchFiles,
    readonly kind: AgentKind,
    onGrown: () => void,
    onProblem: (error: KernelError) => void,
  ) {
    this.reader = readerOf(kind);
    this.cutter = new LineCutter((line) => this.reader.read(line));
    this.tail = new LogTail(files.log, { onBytes: (bytes) => this.cutter.push(bytes), onGrown, onProblem });
  }

  get report(): AgentReport {
    return this.reader.report;
  }

  /** Follows the log until `dispose`. */
  follow(): void {
    this.tail.start();
  }

  /** Reads what is left, once the agent has ended, and finds its verdict: the file's, else its last message's. */
  async finish(): Promise<{ report: AgentReport; verdict: Verdict | undefined }> {
    await this.tail.drain();
    this.cutter.end();
    const summary = await this.summaryFile();
    const report = summary === undefined ? this.report : { ...this.report, ...summary, tokensReported: true };
    return { report, verdict: (await this.verdictFile()) ?? verdictInMessage(report.finalMessage ?? '') };
  }

  dispose(): Promise<void> {
    return this.tail.dispose();
  }

  /** What the agent left there may be anything; only a small regular file is a verdict (`spec/kernel.md` §4.4). */
  private async verdictFile(): Promise<Verdict | undefined> {
    return verdictInFile(await smallFile(this.files.verdict));
  }

  private async summaryFile(): Promise<TokenCounts | undefined> {
    return this.files.summary === undefined ? undefined : tokensInSummary(await smallFile(this.files.summary));
  }
}

/** Empty where there is no such file, or one that is no small regular file. */
async function smallFile(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MAX_LINE_BYTES) return '';
  return readFile(file, 'utf8').catch(() => '');
}

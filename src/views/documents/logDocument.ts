/** A dispatch's log as a document that follows the file. Knows files, not the editor. */
import { shownReason } from '../../kernel/errors/shownReason';
import { LogTail } from '../../host/launcher/log/logTail';
import { inWords } from '../../kernel/errors/reasons/fill';
import type { OwnStorageFile } from '../../host/trusted/insideFolder';
import type { OutputParser } from '../../contract/agentKinds';
import type { KernelError } from '../../kernel/errors/errors';
import { LineCutter } from '../../services/agents/output/lines';
import { LogText } from '../../services/agents/logText';
import type { AlteredFile } from '../../contract/results/records';
import type { Localizer } from '../rows/localizer';

/** Characters shown at most; beyond, the oldest lines go. */
export const MAX_TEXT_LENGTH = 2_000_000;
/** How much is removed at once, so that a full document is not rewritten at its start with every line. */
const DROP_LENGTH = MAX_TEXT_LENGTH / 4;

export interface LogDocumentDeps {
  readonly path: OwnStorageFile;
  readonly parser: OutputParser;
  readonly l10n: Localizer;
  /** The text has changed. */
  readonly onChange: () => void;
}

export class LogDocument {
  private readonly tail: LogTail;
  private readonly cutter: LineCutter;
  private readonly rendering: LogText;
  private lines: string[] = [];
  private notices: readonly string[] = [];
  private held = 0;
  private leftOut = 0;
  private tooLong = 0;
  private problem: KernelError | undefined;

  constructor(private readonly deps: LogDocumentDeps) {
    this.rendering = new LogText(deps.parser);
    // A long line of a session is shown without its long parts.
    this.cutter = new LineCutter((line) => this.take(line), { shortensJson: deps.parser === 'acp' });
    this.tail = new LogTail(deps.path, {
      onBytes: (bytes) => this.cutter.push(bytes),
      onGrown: () => {
        this.problem = undefined;
        deps.onChange();
      },
      onProblem: (error) => {
        this.problem = error;
        deps.onChange();
      },
    });
  }

  /** Reads what is there and follows the file. */
  async open(): Promise<void> {
    await this.tail.drain();
    this.tail.start();
  }

  /** Reads the rest, with a last line that has no end: the agent writes no more. */
  async finish(): Promise<void> {
    await this.tail.drain();
    this.cutter.end();
    this.noteTooLong();
    this.add(this.rendering.end());
    this.deps.onChange();
  }

  /** A note at the start about what was changed since the agent ended. */
  markAltered(altered: readonly AlteredFile[]): void {
    const { l10n } = this.deps;
    const notices = [
      altered.includes('log') ? l10n.t('(This log was changed after the agent ended.)') : undefined,
      altered.includes('exit')
        ? l10n.t('(The record of how this agent ended was changed, so this log cannot be verified.)')
        : undefined,
    ];
    this.notices = notices.filter((notice) => notice !== undefined);
    if (this.notices.length > 0) this.deps.onChange();
  }

  /** Characters held now. */
  get length(): number {
    return this.held;
  }

  text(): string {
    const { l10n, path } = this.deps;
    if (this.lines.length === 0) {
      const reason =
        this.problem === undefined
          ? l10n.t('The log is still empty: {0}', path)
          : shownReason(l10n, this.problem.message);
      return [...this.notices, reason].join('\n');
    }
    const left = inWords(l10n, '({0} older lines are not shown; the full log is {1})', this.leftOut, path);
    return [...this.notices, ...(this.leftOut === 0 ? [] : [left]), ...this.lines].join('\n');
  }

  async dispose(): Promise<void> {
    await this.tail.dispose();
  }

  private take(line: string): void {
    this.noteTooLong();
    this.add(this.rendering.render(line));
  }

  private noteTooLong(): void {
    if (this.cutter.dropped === this.tooLong) return;
    this.tooLong = this.cutter.dropped;
    this.add([this.deps.l10n.t('(a line of more than a million bytes is not shown)')]);
  }

  private add(lines: readonly string[]): void {
    for (const line of lines) {
      // A document does not start with the empty line that sets parts off.
      if (line === '' && this.lines.length === 0) continue;
      this.lines.push(line);
      this.held += line.length + 1;
    }
    if (this.held > MAX_TEXT_LENGTH) this.dropOldest();
  }

  private dropOldest(): void {
    let dropped = 0;
    let count = 0;
    while (dropped < DROP_LENGTH && count < this.lines.length) {
      dropped += (this.lines[count]?.length ?? 0) + 1;
      count += 1;
    }
    this.lines = this.lines.slice(count);
    this.held -= dropped;
    this.leftOut += count;
  }
}

/** What the host of a session noted, in words. */
import { inWords } from '../../kernel/errors/reasons/fill';
import { personWords } from '../../contract/personWords';
import type { SessionCommand } from '../../contract/sessions';
import type { SessionNote } from '../../contract/transcript';
import type { Localizer } from '../rows/localizer';

export function noteWords(l10n: Localizer, note: SessionNote): string {
  switch (note.kind) {
    case 'opened':
      return [openedWords(l10n, note.how), ...note.details].join(' · ');
    case 'command': {
      const { command, by, problem } = note;
      const who = personWords(by, (name) => l10n.t(name));
      const words = isCommand(command) ? commandWords(l10n, command, who) : l10n.t('Command {0}', command);
      if (problem === null) return words;
      return [words, l10n.t('refused'), ...(problem === '' ? [] : [problem])].join(' · ');
    }
    case 'skipped':
      return inWords(l10n, 'A line of {0} bytes is not shown', note.bytes);
    case 'mode':
      return l10n.t('Mode: {0}', note.mode);
    case 'turnEnded': {
      const { turn, reason } = note;
      if (turn === 0) return l10n.t('The session was not opened');
      const words = reason === 'canceled' ? l10n.t('canceled') : reason;
      return words === '' ? l10n.t('Turn {0} ended', turn) : l10n.t('Turn {0} ended: {1}', turn, words);
    }
  }
}

function openedWords(l10n: Localizer, how: 'new' | 'load' | 'resume'): string {
  switch (how) {
    case 'new':
      return l10n.t('Session started');
    case 'load':
      return l10n.t('Session loaded');
    case 'resume':
      return l10n.t('Session resumed');
  }
}

type Command = SessionCommand['kind'];

function commandWords(l10n: Localizer, command: Command, by: string): string {
  const words: Readonly<Record<Command, () => string>> = {
    answer: () => l10n.t('Answer from {0}', by),
    say: () => l10n.t('Text from {0}', by),
    edit: () => l10n.t('Waiting text changed by {0}', by),
    cancel: () => l10n.t('Turn canceled by {0}', by),
    pause: () => l10n.t('Pause requested by {0}', by),
    resume: () => l10n.t('Resumed by {0}', by),
    close: () => l10n.t('Session closed by {0}', by),
    rules: () => l10n.t('Permission rules changed by {0}', by),
  };
  return words[command]();
}

const COMMANDS: readonly string[] = ['answer', 'say', 'edit', 'cancel', 'pause', 'resume', 'close', 'rules'];

/** A file of another program may have any name. */
function isCommand(name: string): name is Command {
  return COMMANDS.includes(name);
}

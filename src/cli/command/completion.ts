/** Shell completion for bash, zsh and fish, made from the command table. */
import type { CliCommand } from './command';
import { GLOBAL_FLAGS } from './usage';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script for a shell to evaluate: `eval "$(ic completion bash)"`. */
export function completionScript(shell: Shell, commands: readonly CliCommand[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

/** What may follow each prefix of words: subcommands, or the flags of a whole command. */
function continuations(commands: readonly CliCommand[]): Map<string, string[]> {
  const after = new Map<string, Set<string>>();
  const add = (prefix: string, word: string): void => {
    const words = after.get(prefix) ?? new Set<string>();
    words.add(word);
    after.set(prefix, words);
  };
  for (const command of commands) {
    command.words.forEach((word, i) => {
      add(command.words.slice(0, i).join(' '), word);
    });
    for (const flag of command.flags ?? []) {
      add(command.words.join(' '), flag.value === undefined ? `--${flag.name}` : `--${flag.name}=`);
    }
  }
  return new Map([...after].map(([prefix, words]) => [prefix, [...words]]));
}

function bash(commands: readonly CliCommand[]): string {
  const cases = [...continuations(commands)].map(([prefix, words]) => `    '${prefix}') words='${words.join(' ')}' ;;`);
  const globals = GLOBAL_FLAGS.map((flag) => (flag.value === undefined ? `--${flag.name}` : `--${flag.name}=`)).join(
    ' ',
  );
  return `_ic() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    case "$word" in
      -*) ;;
      *) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words ${globals}" -- "$cur"))
  [[ \${COMPREPLY[0]-} == *= ]] && command -v compopt >/dev/null && compopt -o nospace
  return 0
}
complete -F _ic ic`;
}

function fish(commands: readonly CliCommand[]): string {
  const quote = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;
  const lines = [
    'function __ic_at',
    '  set -l words (commandline -opc | string match -v -- "-*")[2..-1]',
    '  test "$words" = "$argv"',
    'end',
    'function __ic_in',
    '  set -l words (commandline -opc | string match -v -- "-*")[2..-1]',
    '  string match -q -- "$argv *" "$words "',
    'end',
    'complete -c ic -f',
  ];
  const seen = new Set<string>();
  for (const command of commands) {
    command.words.forEach((word, i) => {
      const prefix = command.words.slice(0, i).join(' ');
      const summary = i === command.words.length - 1 ? ` -d ${quote(command.summary)}` : '';
      if (seen.has(`${prefix}/${word}`)) return;
      seen.add(`${prefix}/${word}`);
      lines.push(`complete -c ic -n ${quote(`__ic_at ${prefix}`.trim())} -a ${quote(word)}${summary}`);
    });
    for (const flag of command.flags ?? []) {
      const condition = quote(`__ic_in ${command.words.join(' ')}`);
      const value = flag.value === undefined ? '' : ' -r';
      lines.push(`complete -c ic -n ${condition} -l ${flag.name}${value} -d ${quote(flag.doc)}`);
    }
  }
  for (const flag of GLOBAL_FLAGS) lines.push(`complete -c ic -l ${flag.name} -d ${quote(flag.doc)}`);
  return lines.join('\n');
}

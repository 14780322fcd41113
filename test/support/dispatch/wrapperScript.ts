/** A script that replaces a project's `dispatch.sh`: it takes the same arguments and writes the same files. */
import { readFile } from 'node:fs/promises';

/** The end of a wrapper, after it has read its arguments: a report, a summary with token counts, and a verdict. */
export const PASSES = `echo 'The work is done' > "$output"
echo 'Tokens: 1200 in / 80 out' > "$output.summary"
printf -- '--- VERDICT ---\\nSTATUS: pass\\nFILES: 2\\nFINDINGS: 0\\nSUMMARY: all is well\\n---\\n' > "$output.verdict"
`;

/**
 * Refuses every argument that it does not know, notes what it was called with beside its output, and then does what
 * `work` says, which may use `$project`, `$output` and `$prompt`.
 */
export function wrapperScript(work: string): string {
  return `set -u
arguments=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    -C) project=$2 ;;
    -o) output=$2 ;;
    --prompt-file) prompt=$2 ;;
    -n | -m | --sandbox | --timeout) ;;
    *) echo "unknown argument: $1" >&2; exit 64 ;;
  esac
  shift 2
done
printf '%s\\0' "\${arguments[@]}" > "$output.argv"
env -0 > "$output.env"
pwd -P > "$output.cwd"
cat "$prompt" > "$output.prompt"
${work}`;
}

/** What a call of the script left beside its output. */
export interface WrapperCall {
  readonly argv: readonly string[];
  /** Without variables that bash sets on its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly prompt: string;
}

const SET_BY_BASH = new Set(['PWD', 'OLDPWD', 'SHLVL', '_']);

export async function readWrapperCall(output: string): Promise<WrapperCall> {
  const read = (extension: string): Promise<string> => readFile(`${output}.${extension}`, 'utf8');
  const entries = (await read('env'))
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    });
  return {
    argv: (await read('argv')).split('\0').slice(0, -1),
    env: Object.fromEntries(entries.filter(([name]) => !SET_BY_BASH.has(name))),
    cwd: (await read('cwd')).trim(),
    prompt: await read('prompt'),
  };
}
